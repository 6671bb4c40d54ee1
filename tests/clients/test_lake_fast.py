#!/usr/bin/python3
"""tarn query by its fast texts and by --portable: the same answers, after each variant about duplicates, a partial clean, a restart."""
import json
import os
import random

from tarn import FIXTURES, Stack, call, done, ok

stack = Stack(only="s3,lake")


def tarn(*args):
    r = stack.run(*args)
    return r.stdout if r.returncode == 0 else f"exit {r.returncode}: {r.stderr}"


def rows(n):
    r = random.Random(n)
    pin, geo, user = [], [], []
    for _ in range(n):
        i = r.randrange(n * 3 // 4)
        r2 = random.Random(i // 2 if r.random() < 0.9 else r.random())
        pin.append({"index": i, "category": r2.choice(["art", "quotes", "travel"]), "poster_name": r2.choice(["Ann", "Bob", "User Info Error"]),
                    "follower_count": r2.choice(["1k", "12", "3M", "User Info Error", "77k"])})
        geo.append({"ind": i, "country": r2.choice(["Albania", "Peru", "Chad"]), "timestamp": f"20{r2.randrange(16, 24)}-02-03T04:05:06", "latitude": 1.5, "longitude": -2})
        user.append({"ind": i, "first_name": "A", "last_name": "B", "age": r2.randrange(15, 65), "date_joined": f"{r2.randrange(2014, 2022)}-01-02 03:04:05"})
    return pin, geo, user


def same(name):
    quick, plain = tarn("query", "all", "--json"), tarn("query", "all", "--json", "--portable")
    answers = json.loads(quick)["data"]["queries"] if quick.startswith("{") else []
    ok(quick == plain and len(answers) == 9 and all(a["rows"] for a in answers), name, quick + plain)


for topic, data in zip(("pin", "geo", "user"), rows(400)):
    stack.put_rows(topic, 0, data)
ok("rows" in tarn("clean", "--json"), "a clean run")
same("the usual rules")
marks = json.loads(tarn("sql", "SELECT dataset FROM tarn_fact WHERE name = 'whole' ORDER BY 1", "--json"))["data"]["rows"]
ok(marks == [["geo"], ["pin"], ["users"]], "every table has its facts", marks)
for variant in ("row", "ind", "none"):
    ok("rows" in tarn("clean", "--json", "--variant", f"duplicates={variant}"), f"duplicates={variant}")
    n, distinct = json.loads(tarn("sql", "SELECT COUNT(*), COUNT(DISTINCT ind) FROM geo", "--json"))["data"]["rows"][0]
    ok((n == distinct) == (variant == "ind") and n >= distinct, f"duplicates={variant}: rows of geo", (n, distinct))
    same(f"duplicates={variant}")
stack.put_rows("geo", 0, rows(300)[1])
r = call("POST", stack.at["lake"] + "/api/tarn/clean?dataset=geo", b"")
ok(r.status == 200 and len(r.json()["datasets"]) == 1, "one dataset is cleaned alone")
same("and the others' facts stay")
before = tarn("query", "all", "--json")
stack.stop()
stack.up()
same("after a restart")
ok(tarn("query", "all", "--json") == before, "they are what they were")
sql = open(os.path.join(FIXTURES, "pinterest/queries/q1_top_category_by_country.sql")).read()
ok(tarn("sql", sql) == tarn("sql", sql, "--portable") != "", "tarn sql knows the text, too")
ok("no column" not in tarn("sql", "SELECT k1, n FROM fact_groups('country')"), "fact_groups may be asked", tarn("sql", "SELECT k1, n FROM fact_groups('country')"))
done()
