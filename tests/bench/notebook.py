"""The batch path's notebook over 11,000 posts, one object each: time of the whole process and peak of memory on the stack's lake, beside the same
cells on PySpark over the same objects as local files, in one run; what they show is compared. See notebook.sh."""
import collections
import http.client
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse
import xml.etree.ElementTree as ET

TARN, POSTS, USER = os.environ["TARN"], os.environ.get("POSTS", "11000"), "0affea73130b"
HERE = os.path.dirname(os.path.abspath(__file__))
NOTEBOOK, BUCKET = os.path.join(HERE, "notebook_batch.py"), f"user-{USER}-bucket"
tmp = tempfile.mkdtemp(prefix="tarn-bench-notebook-")
DATA = os.path.join(tmp, "data")


def tarn(*args):
    return subprocess.run([TARN, *args, "--data", DATA], check=True, capture_output=True, text=True).stdout


def tree_kib(pid, seen):
    """Peaks of a process and all below it, by pid."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as f:
            seen[pid] = max(seen.get(pid, 0), int(re.search(r"VmHWM:\s+(\d+)", f.read()).group(1)))
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
            for child in f.read().split():
                tree_kib(int(child), seen)
    except (OSError, AttributeError):
        pass


def measured(argv, **more):
    """-> (seconds, MiB of the process and all below it at their peaks, stdout)"""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        began, seen = time.monotonic(), {}
        p = subprocess.Popen(argv, stdout=out, stderr=err, text=True, cwd=tmp, **more)
        while p.poll() is None:
            tree_kib(p.pid, seen)
            time.sleep(0.05)
        seconds = time.monotonic() - began
        out.seek(0)
        err.seek(0)
        if p.returncode:
            sys.exit(f"{argv[0]} ended with {p.returncode}: {(out.read() + err.read())[-2000:]}")
        return seconds, sum(seen.values()) / 1024, out.read()


def copy_objects(address, folder):
    """The topics' objects as files."""
    at, n, token = urllib.parse.urlsplit(address), 0, None
    c = http.client.HTTPConnection(at.hostname, at.port)

    def get(path):
        c.request("GET", path)
        r = c.getresponse()
        body = r.read()
        if r.status != 200:
            sys.exit(f"GET {path}: {r.status} {body[:300]}")
        return body
    while True:
        page = ET.fromstring(get(f"/{BUCKET}?list-type=2&prefix=topics/" + (f"&continuation-token={urllib.parse.quote(token, safe='')}" if token else "")))
        space = page.tag[:page.tag.index("}") + 1]
        for key in page.iter(space + "Key"):
            path = os.path.join(folder, key.text)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as f:
                f.write(get(f"/{BUCKET}/" + urllib.parse.quote(key.text)))
            n += 1
        token = page.findtext(space + "NextContinuationToken")
        if not token:
            return n


def shown(report):
    return [o["metadata"]["application/vnd.databricks.v1+output"] for c in report["cells"] for o in c["outputs"] if o.get("metadata")]


def alike(table, theirs):
    """A display of more than two megabytes shows the first rows only."""
    rows = plain(table["data"])
    return rows == theirs or (table["overflow"] and not collections.Counter(rows) - collections.Counter(theirs))


def plain(rows):
    """Rows that both wrote as JSON; times and doubles as they come from each."""
    return sorted(json.dumps([str(v).replace("T", " ").replace("Z", "").replace("+00:00", "") if isinstance(v, str) else v for v in row]) for row in rows)


def ours(address):
    report = os.path.join(tmp, "report")
    with open(os.path.join(DATA, "pid"), encoding="ascii") as f:
        pid = int(f.read())
    argv = [TARN, "notebook", "run", "--data", DATA, "--param", f"root=s3a://{BUCKET}", "--param", f"user={USER}", "--report", report, NOTEBOOK]
    seconds, mib, _ = measured(argv)
    server = {}
    tree_kib(pid, server)
    with open(report, encoding="utf-8") as f:
        return seconds, mib + sum(server.values()) / 1024, shown(json.load(f))


def spark(python, folder):
    argv = [python, os.path.join(HERE, "notebook_spark.py"), NOTEBOOK, f"root=file://{folder}", f"user={USER}"]
    seconds, mib, out = measured(argv, env={**os.environ, "SPARK_LOCAL_IP": "127.0.0.1"})
    return seconds, mib, [plain(json.loads(line)) for line in out.splitlines() if line.startswith("[")]


def main(python):
    address = dict(re.findall(r"(\w+)='([^']*)'", tarn("env")))["AWS_ENDPOINT_URL_S3"]
    tarn("seed")
    tarn("emit", "pinterest", "--count", POSTS)
    a = ours(address)
    print(f"notebook over {POSTS} posts   {a[0]:7.2f} s  {a[1]:7.0f} MiB (the stack's server in it)")
    if not python:
        print("SKIP: the same on PySpark: it isn't here (make clients, or SPARK_PYTHON=the python that has it)")
        return 0
    folder = os.path.join(tmp, "objects")
    n = copy_objects(address, folder)
    b = spark(python, folder)
    same = len(a[2]) == len(b[2]) and all(map(alike, a[2], b[2]))
    print(f"PySpark, {n} local files {b[0]:7.2f} s  {b[1]:7.0f} MiB")
    print(f"ratio of time 1/{b[0] / a[0]:.1f} (aim 1/20), of memory 1/{b[1] / a[1]:.1f} (aim 1/10); {len(a[2])} tables {'equal' if same else 'DIFFER'}")
    for i, (table, y) in enumerate(zip(a[2], b[2])):
        x = plain(table["data"])
        if not alike(table, y):
            print(f"  table {i}: {len(x)} and {len(y)} rows; {[r for r in x if r not in y][:2]} {[r for r in y if r not in x][:2]}")
    return 0 if same else 1


try:
    subprocess.run([TARN, "up", "-d", "--wait", "--ports", "auto", "--data", DATA], check=True, capture_output=True)
    sys.exit(main(os.environ.get("SPARK_PYTHON")))
finally:
    subprocess.run([TARN, "down", "--data", DATA], capture_output=True, check=False)
    shutil.rmtree(tmp, ignore_errors=True)
