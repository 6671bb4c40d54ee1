#!/usr/bin/python3
"""SELECT * FROM t LIMIT n, 1 at the beginning and at the end of the table, in turns; prints the ratio of the medians."""
import statistics
import sys
import time

import pymysql

host, port = sys.argv[1].split(":")
c = pymysql.connect(host=host, port=int(port), user="u", password="p", database="pinterest_data").cursor()
times = {0: [], 11153: []}
for _ in range(1500):
    for n, seen in times.items():
        began = time.perf_counter()
        c.execute(f"SELECT * FROM pinterest_data LIMIT {n}, 1")
        c.fetchall()
        seen.append(time.perf_counter() - began)
first, last = (statistics.median(t) * 1e6 for t in times.values())
print(f"{last / first:.2f} {first:.0f} {last:.0f}")
