#!/usr/bin/python3
"""tarn query by its fast texts and by --portable: the same answers, after each variant about duplicates, a partial clean, a restart."""
import json, os, random, shutil, signal, subprocess, sys, tempfile, time, urllib.request

TARN = os.environ.get("TARN", "build/tarn")
TMP = tempfile.mkdtemp()
DATA = os.path.join(TMP, "data")
USER = "0affea73130b"
count = failed = 0
server = None


def ok(good, name, more=""):
    global count, failed
    count += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {count} - {name}", flush=True)
    if not good and more:
        print("# " + str(more)[:2000].replace("\n", "\n# "))


def up():
    global server, at
    file = os.path.join(TMP, "at.json")
    if os.path.exists(file):
        os.remove(file)
    server = subprocess.Popen([TARN, "up", "--only", "s3,lake", "--ports=auto", "--data", DATA, "--endpoints-file", file],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not (os.path.exists(file) and os.path.getsize(file)):
        if server.poll() is not None:
            sys.exit("tarn up failed")
        time.sleep(0.02)
    at = json.load(open(file))


def down():
    server.send_signal(signal.SIGTERM)
    server.wait()


def tarn(*args):
    r = subprocess.run([TARN, *args, "--data", DATA], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return r.stdout if r.returncode == 0 else f"exit {r.returncode}: {r.stderr}"


def put(topic, rows):
    body = "".join(json.dumps(r) + "\n" for r in rows).encode()
    url = f"{at['aws']}/user-{USER}-bucket/topics/{USER}.{topic}/partition=0/{USER}.{topic}%2B0%2B0000000000.json"
    urllib.request.urlopen(urllib.request.Request(url, data=body, method="PUT")).read()


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


try:
    up()
    for topic, data in zip(("pin", "geo", "user"), rows(400)):
        put(topic, data)
    ok("rows" in tarn("clean", "--json"), "a clean run")
    same("the usual rules")
    marks = json.loads(tarn("sql", "SELECT dataset FROM tarn_fact WHERE name = 'whole' ORDER BY 1", "--json"))["data"]["rows"]
    ok(marks == [["geo"], ["pin"], ["users"]], "every table has its facts", marks)
    for variant in ("row", "ind", "none"):
        ok("rows" in tarn("clean", "--json", "--variant", f"duplicates={variant}"), f"duplicates={variant}")
        n, distinct = json.loads(tarn("sql", "SELECT COUNT(*), COUNT(DISTINCT ind) FROM geo", "--json"))["data"]["rows"][0]
        ok((n == distinct) == (variant == "ind") and n >= distinct, f"duplicates={variant}: rows of geo", (n, distinct))
        same(f"duplicates={variant}")
    put("geo", rows(300)[1])
    r = urllib.request.urlopen(urllib.request.Request(at["lake"] + "/api/tarn/clean?dataset=geo", data=b"", method="POST"))
    ok(r.status == 200 and len(json.load(r)["datasets"]) == 1, "one dataset is cleaned alone")
    same("and the others' facts stay")
    before = tarn("query", "all", "--json")
    down()
    up()
    same("after a restart")
    ok(tarn("query", "all", "--json") == before, "they are what they were")
    sql = open("fixtures/pinterest/queries/q1_top_category_by_country.sql").read()
    ok(tarn("sql", sql) == tarn("sql", sql, "--portable") != "", "tarn sql knows the text, too")
    ok("no column" not in tarn("sql", "SELECT k1, n FROM fact_groups('country')"), "fact_groups may be asked", tarn("sql", "SELECT k1, n FROM fact_groups('country')"))
finally:
    if server and server.poll() is None:
        down()
    shutil.rmtree(TMP, ignore_errors=True)
print(f"1..{count}")
sys.exit(1 if failed else 0)
