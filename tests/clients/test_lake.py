#!/usr/bin/python3
"""tarn clean, sql and query over objects that boto3 puts where the S3 sink puts them.

Every answer is compared with one computed here in plain Python from the raw rows (no SQL, no code of the lake), over
invented rows and, where ../shared is there, over real rows and against the answers that their owners published."""
import collections
import csv
import glob
import io
import json
import os
import random
import re
import statistics
import subprocess

from tarn import BUCKET, SHARED, TARN, TMP, USER, Stack, call, done, need, ok, same, skip, stack_folder, tarn

need("boto3")
DATA = os.path.join(SHARED, "data")
QUERIES = ["q1_top_category_by_country", "q2_category_by_year", "q3a_top_user_by_country", "q3b_country_of_top_user",
           "q4_top_category_by_age", "q5_median_followers_by_age", "q6_users_joined_by_year",
           "q7_median_followers_by_join_year", "q8_median_followers_by_join_year_and_age"]


# ---- the stack ----

class Lake(Stack):
    def __init__(self, only="s3,lake", stack=None):
        super().__init__(only=only, stack=stack)

    def hold(self, world, each=1):
        """Replaces what is in the bucket; an object holds `each` records."""
        self.empty()
        for topic, rows in zip(("pin", "geo", "user"), world):
            for at in range(0, len(rows), each):
                self.put_rows(topic, at, rows[at:at + each])

    def empty(self):
        for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET):
            keys = [{"Key": o["Key"]} for o in page.get("Contents", [])]
            if keys:
                self.s3.delete_objects(Bucket=BUCKET, Delete={"Objects": keys})


# ---- the same, in plain Python ----

def followers(raw):
    m = re.fullmatch(r"(\d+)([kM]?)", raw or "")
    return int(m[1]) * {"": 1, "k": 1000, "M": 1000000}[m[2]] if m else None


def clean_pin(r):
    def text(key, *nothing):
        value = r.get(key)
        return None if value in (None, "") + nothing else value
    saved = text("save_location")
    return {
        "ind": r["index"], "unique_id": text("unique_id"), "title": text("title", "No Title Data Available"),
        "description": text("description", "No description available Story format", "No description available"),
        "follower_count": followers(r.get("follower_count")), "poster_name": text("poster_name", "User Info Error"),
        "tag_list": text("tag_list", "N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e"), "is_image_or_video": text("is_image_or_video"),
        "image_src": text("image_src", "Image src error."),
        "save_location": saved and saved.removeprefix("Local save in "), "category": text("category"),
    }


def clean_geo(r):
    stamp = r["timestamp"].replace("T", " ")
    return {"ind": r["ind"], "country": r["country"], "coordinates": [float(r["latitude"]), float(r["longitude"])],
            "timestamp": stamp, "post_year": int(stamp[:4])}


def clean_user(r):
    stamp = r["date_joined"].replace("T", " ")
    return {"ind": r["ind"], "user_name": r["first_name"] + " " + r["last_name"], "age": int(r["age"]), "date_joined": stamp,
            "join_year": int(stamp[:4])}


def group_of(age):
    for low, high, name in ((18, 24, "18-24"), (25, 35, "25-35"), (36, 50, "36-50"), (51, 999, "50+")):
        if low <= age <= high:
            return name
    return None


def tops(counts):
    """{(group, item): number} -> the rows of each group with its greatest number."""
    best = collections.defaultdict(int)
    for (group, _), number in counts.items():
        best[group] = max(best[group], number)
    return [[g, item, number] for (g, item), number in counts.items() if number == best[g]]


def grouped(pairs):
    out = collections.defaultdict(list)
    for key, value in pairs:
        out[key].append(value)
    return out


def lower(values):
    return sorted(values)[(len(values) - 1) // 2]


class Oracle:
    def __init__(self, world):
        self.pins = [clean_pin(r) for r in world[0]]
        self.geos = [clean_geo(r) for r in world[1]]
        self.users = [clean_user(r) for r in world[2]]
        geos = grouped((g["ind"], g) for g in self.geos)
        users = grouped((u["ind"], u) for u in self.users)
        self.pin_geo = [(p, g) for p in self.pins for g in geos[p["ind"]]]
        self.pin_user = [(p, u) for p in self.pins for u in users[p["ind"]]]

    def q1_all(self):
        counts = collections.Counter((g["country"], p["category"]) for p, g in self.pin_geo if p["category"])
        return [[*k, v] for k, v in counts.items()]

    def q1_top(self):
        return tops({(c, k): v for c, k, v in self.q1_all()})

    def q2_all(self):
        counts = collections.Counter((g["post_year"], p["category"]) for p, g in self.pin_geo
                                     if 2018 <= g["post_year"] <= 2022 and p["category"])
        return [[*k, v] for k, v in counts.items()]

    def q2_top(self):
        return tops({(y, k): v for y, k, v in self.q2_all()})

    def q3_step1(self):
        best = collections.defaultdict(int)
        for p, g in self.pin_geo:
            if p["poster_name"] and p["follower_count"] is not None:
                key = g["country"], p["poster_name"]
                best[key] = max(best[key], p["follower_count"])
        return tops(best)

    def q3_step2(self):
        rows = self.q3_step1()
        most = max((r[2] for r in rows), default=None)
        return [list(t) for t in {(r[0], r[2]) for r in rows if r[2] == most}]

    def q4_top(self):
        return tops(collections.Counter((group_of(u["age"]), p["category"]) for p, u in self.pin_user
                                        if group_of(u["age"]) and p["category"]))

    def median(self, key, middle):
        values = grouped((key(u), p["follower_count"]) for p, u in self.pin_user
                         if p["follower_count"] is not None and key(u))
        return [[*k, middle(v)] if isinstance(k, tuple) else [k, middle(v)] for k, v in values.items()]

    @staticmethod
    def year(u):
        return u["join_year"] if 2015 <= u["join_year"] <= 2020 else None

    @staticmethod
    def age_year(u):
        group, year = group_of(u["age"]), Oracle.year(u)
        return (group, year) if group and year else None

    def q5_approx(self):
        return self.median(lambda u: group_of(u["age"]), lower)

    def q6(self):
        return [[k, v] for k, v in collections.Counter(self.year(u) for u in self.users if self.year(u)).items()]

    def q7_approx(self):
        return self.median(self.year, lower)

    def q8_approx(self):
        return self.median(self.age_year, lower)

    def q7_exact(self):
        return self.median(self.year, statistics.median)

    def q8_exact(self):
        return self.median(self.age_year, statistics.median)

    def answers(self):
        return dict(zip(QUERIES, (self.q1_top(), self.q2_all(), self.q3_step1(), self.q3_step2(), self.q4_top(),
                                  self.q5_approx(), self.q6(), self.q7_approx(), self.q8_approx())))


COLUMNS = dict(zip(QUERIES, (
    ["country", "category", "category_count"], ["post_year", "category", "category_count"],
    ["country", "poster_name", "follower_count"], ["country", "follower_count"],
    ["age_group", "category", "category_count"], ["age_group", "median_follower_count"],
    ["post_year", "number_users_joined"], ["post_year", "median_follower_count"],
    ["age_group", "post_year", "median_follower_count"])))


def rows(table):
    return sorted(table, key=repr)


def check_world(stack, world, name):
    """Cleans what is in the bucket and compares tables and answers with the oracle's."""
    oracle = Oracle(world)
    report = stack.answer("clean")
    same([(d["rows_in"], d["rows_out"], d["quarantined"]) for d in report["datasets"]],
         [(len(w), len(w), 0) for w in world], f"{name}: every record became a row")
    for table, want in (("pin", oracle.pins), ("geo", oracle.geos), ("users", oracle.users)):
        year = {"geo": ", post_year", "users": ", join_year"}.get(table, "")
        got = stack.answer("sql", f"SELECT *{year} FROM {table}")
        found = [dict(zip(got["columns"], r)) for r in got["rows"]]
        same(rows([list(r.items()) for r in found]), rows([list(r.items()) for r in want]), f"{name}: table {table}")
    answers = stack.answer("query", "all")["queries"]
    same([q["name"] for q in answers], QUERIES, f"{name}: all questions were asked")
    want = oracle.answers()
    for q in answers:
        same((q["columns"], rows(q["rows"])), (COLUMNS[q["name"]], rows(want[q["name"]])), f"{name}: {q['name']}")
    return oracle, {q["name"]: q["rows"] for q in answers}


# ---- invented rows ----

CATEGORIES = ["art", "beauty", "christmas", "diy-and-crafts", "tattoos", "travel"]
COUNTRIES = ["Albania", "Cote d'Ivoire", "Peru", "Antarctica (the territory South of 60 deg S)", "Aruba", "Zambia"]


def invented(seed, count, repeats):
    rnd = random.Random(seed)
    pins, geos, users = [], [], []
    for i in range(count):
        dirty = rnd.random() < 0.1
        category = rnd.choice(CATEGORIES)
        pins.append({
            "index": i, "unique_id": f"id-{i}",
            "title": rnd.choice(["No Title Data Available", ""]) if dirty else f"Title \U0001f342 {i}\nline, \"two\"",
            "description": rnd.choice(["No description available Story format", "No description available", "Untitled",
                                       "and\u2026\u00a0", ""]),
            "poster_name": "User Info Error" if dirty else f" Poster {rnd.randrange(20)} ",
            "follower_count": "User Info Error" if dirty else rnd.choice(
                ["0", "7", "500", "12k", "13k", "991k", "1M", "2M", str(rnd.randrange(999)), f"{rnd.randrange(999)}k"]),
            "tag_list": "N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e" if dirty else "a,b",
            "is_image_or_video": rnd.choice(["image", "video", "multi-video(story page format)"]),
            "image_src": "Image src error." if dirty else "https://example.org/x.jpg", "downloaded": int(not dirty),
            "save_location": f"Local save in /data/{category}",
            "category": "" if rnd.random() < 0.02 else category})
        geos.append({"ind": i, "timestamp": f"{rnd.randrange(2016, 2025)}-0{rnd.randrange(1, 10)}-12T03:5{rnd.randrange(10)}:47",
                     "latitude": round(rnd.uniform(-90, 90), 4), "longitude": round(rnd.uniform(-180, 180), 3),
                     "country": rnd.choice(COUNTRIES)})
        users.append({"ind": i, "first_name": rnd.choice(["Ann", "Bo"]), "last_name": rnd.choice(["Lee", "Ek"]),
                      "age": rnd.choice([17, 18, 24, 25, 35, 36, 50, 51, 60]),
                      "date_joined": f"{rnd.randrange(2013, 2023)}-10-2{rnd.randrange(10)} 11:23:51"})
    # A post sent again is stored again: nothing in the canonical rules drops it.
    for table in (pins, geos, users):
        table.extend(rnd.sample(table, repeats))
    # The three topics hold different posts now and then.
    del pins[3:5], geos[10:12], users[20:22]
    return pins, geos, users


# ---- the parts ----

def before_anything(stack):
    for word, args in (("query", ["all"]), ("query", [QUERIES[0]]), ("sql", ["SELECT COUNT(*) FROM pin"])):
        r = stack.run(word, *args)
        same((r.returncode, r.stdout, r.stderr.split("\n")[-2:]), (2, "", ["  try: tarn clean", ""]),
             f"{word} {args[0]} before the first clean run fails")
        ok("nothing is cleaned yet" in r.stderr, "and says why")
    r = stack.run("clean")
    same((r.returncode, "no objects of the topics" in r.stderr), (1, True), "an empty bucket is cleaned, and where nothing was is said")
    at = f"s3://{BUCKET}/tables/"
    same(r.stdout.split(), f"table objects records rows bad Delta table pin 0 0 0 0 {at}pin version 0 geo 0 0 0 0 {at}geo version 0 "
         f"users 0 0 0 0 {at}users version 0".split(), "to empty tables")
    same([q["rows"] for q in stack.answer("query", "all")["queries"]], [[]] * len(QUERIES), "with empty answers")


def printed_forms(stack, answers):
    one = QUERIES[3]
    r = stack.run("query", QUERIES[0], "--csv")
    table = list(csv.reader(io.StringIO(r.stdout)))
    same((r.returncode, r.stderr, table[0], table[1:]), (0, "", COLUMNS[QUERIES[0]], [[str(c) for c in row] for row in answers[QUERIES[0]]]),
         "query --csv")
    r = stack.run("query", one)
    lines = r.stdout.split("\n")
    same((r.returncode, r.stderr, lines[0].split(), set(lines[1]), lines[-2]),
         (0, "", COLUMNS[one], {"-", " "}, f"({len(answers[one])} row{'s' if len(answers[one]) != 1 else ''})"), "query as a table")
    same([line.rsplit(None, 1) for line in lines[2:-2]], [[str(c) for c in row] for row in answers[one]], "the table's rows")
    r = stack.run("query", "all", "--csv")
    parts = re.split(r"(?m)^# (.*)\n", r.stdout)
    same(parts[1::2], QUERIES, "query all --csv names each table")
    same([list(csv.reader(io.StringIO(p.rstrip("\n"))))[1:] for p in parts[2::2]],
         [[[str(c) for c in row] for row in answers[q]] for q in QUERIES], "and prints them all")
    r = stack.run("query", "all")
    same([q for q in QUERIES if f"{q}: " not in r.stdout], [], "query all prints all tables with their questions")
    r = stack.run("query", one, "--json")
    envelope = json.loads(r.stdout)
    same((r.stdout.count("\n"), list(envelope), envelope["schema"], envelope["command"], envelope["ok"], envelope["warnings"],
          envelope["error"]), (1, ["schema", "command", "ok", "data", "warnings", "error"], 1, "query", True, [], None),
         "--json is one object on one line")
    same((envelope["data"]["name"], envelope["data"]["columns"], envelope["data"]["rows"], envelope["data"]["truncated"]),
         (one, COLUMNS[one], answers[one], False), "with the answer as data")
    statement = "SELECT NULL AS a, '' AS b, 'x,\"y\"' AS c, 0.1 AS d, 'two' || char(10) || 'lines' AS e, 'é' AS f"
    r = stack.run("sql", statement, "--csv")
    same(r.stdout, 'a,b,c,d,e,f\n,"","x,""y""",0.1,"two\nlines",é\n', "sql --csv quotes")
    r = stack.run("sql", statement)
    same(r.stdout, "   a  b  c        d  e           f\n----  -  -----  ---  ----------  -\n"
         "NULL     x,\"y\"  0.1  two\\nlines  é\n(1 row)\n", "sql as a table")
    same(json.loads(stack.run("sql", statement, "--json").stdout)["data"]["rows"], [[None, "", 'x,"y"', 0.1, "two\nlines", "é"]],
         "sql --json")
    r = stack.run("sql", "-", "--csv", stdin="SELECT 1 AS a\n-- end\n")
    same((r.returncode, r.stdout), (0, "a\n1\n"), "sql - reads stdin")
    r = stack.run("sql", "--csv", "--", "-- first\nSELECT 2 AS a")
    same((r.returncode, r.stdout), (0, "a\n2\n"), "-- ends the flags")
    r = tarn("sql", "--connect", stack.at["lake"] + "/", "SELECT 3 AS a", "--csv")
    same((r.returncode, r.stdout), (0, "a\n3\n"), "--connect names the address")


def mistakes(stack):
    cases = [
        (["query", "nope"], 2, "the stack has no query nope", "tarn query all"),
        (["query", "../stack"], 2, "the stack has no query ../stack", "tarn query all"),
        (["query"], 2, "query takes one name, or all", "tarn query all"),
        (["query", "a", "b"], 2, "query takes one name, or all", "tarn query all"),
        (["sql"], 2, "sql needs a statement", "tarn sql 'SELECT"),
        (["sql", "SELECT", "1"], 2, "put it in quotes", "tarn sql 'SELECT"),
        (["sql", "SELEC 1"], 2, "[PARSE_SYNTAX_ERROR] Syntax error at or near 'SELEC'", ""),
        (["sql", "SELECT nope FROM pin"], 2, "[UNRESOLVED_COLUMN.WITH_SUGGESTION] A column or function parameter with name `nope` cannot be resolved", ""),
        (["sql", "SELECT * FROM pins"], 2, "[TABLE_OR_VIEW_NOT_FOUND] The table or view `pins` cannot be found", "SHOW TABLES"),
        (["sql", ""], 2, "[PARSE_SYNTAX_ERROR] Syntax error at or near end of input", ""),
        (["sql", "VACUUM"], 2, "[PARSE_SYNTAX_ERROR] Syntax error at or near", ""),
        (["clean", "now"], 2, "clean takes no words", "tarn clean"),
    ]
    for statement in ("ATTACH '/tmp/x.db' AS x", "PRAGMA writable_schema = 1", "BEGIN", "SELECT * FROM sqlite_master"):
        cases.append((["sql", statement], 2, "[", ""))
    before = stack.sql("SELECT (SELECT COUNT(*) FROM pin), (SELECT SUM(age) FROM users), (SELECT COUNT(*) FROM geo)")
    for args, code, says, hint in cases:
        r = stack.run(*args)
        ok((r.returncode, r.stdout) == (code, "") and r.stderr.startswith("tarn: ") and says in r.stderr and hint in r.stderr,
           f"tarn {' '.join(args)}: {r.stderr.strip()!r}")
    same(stack.sql("SELECT (SELECT COUNT(*) FROM pin), (SELECT SUM(age) FROM users), (SELECT COUNT(*) FROM geo)"), before,
         "nothing was written")
    r = stack.run("query", "nope", "--json")
    same((r.returncode, r.stderr, json.loads(r.stdout)),
         (2, "", {"schema": 1, "command": "query", "ok": False, "data": None, "warnings": [],
                  "error": {"code": "RESOURCE_DOES_NOT_EXIST", "message": "query: the stack has no query nope",
                            "hint": "tarn query all", "retryable": False}}), "errors in JSON")
    same(stack.run("sql", "--json", "--csv", "SELECT 1").returncode, 2, "one format at a time")
    same(stack.run("sql", "--nope", "SELECT 1").returncode, 2, "an unknown flag")
    r = stack.run("sql", "-h")
    ok(r.returncode == 0 and r.stdout.startswith("usage: tarn sql"), "-h helps")


def bad_objects(stack, world):
    stack.put_rows("pin", 900000, b'{"index":1,"title":"a"}\nnot json\n[{"index":2,"title":"b"},7]\n')
    stack.s3.put_object(Bucket=BUCKET, Key=f"topics/{USER}.pin/partition=0/notes.txt", Body=b"no record")
    report = stack.answer("clean")["datasets"][0]
    same((report["rows_in"] - len(world[0]), report["rows_out"] - len(world[0]), report["quarantined"], report["skipped"]),
         (4, 2, 2, 1), "bad records are counted, good ones beside them kept")
    same(stack.sql("SELECT line, reason FROM quarantine ORDER BY line, reason"), [[2, "not JSON"], [3, "not an object"]],
         "and can be looked at")
    r = stack.run("clean")
    same((r.returncode, r.stderr), (0, f"cleaned bucket {BUCKET} - tarn query all\n"), "clean says what comes next")


def lives_on(stack):
    """Tables survive a restart and a kill in mid-run."""
    before = stack.sql("SELECT COUNT(*), SUM(follower_count) FROM pin")
    stack.stop()
    stack.up()
    same(stack.sql("SELECT COUNT(*), SUM(follower_count) FROM pin"), before, "tables survive a restart")
    busy = subprocess.Popen([TARN, "clean", "--data", stack.data], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    stack.kill()
    busy.wait(timeout=20)
    stack.up()
    same(stack.sql("SELECT COUNT(*), SUM(follower_count) FROM pin"), before, "tables survive kill -9 around a clean run")
    same(stack.run("clean").returncode, 0, "and are cleaned again")
    same(stack.sql("SELECT COUNT(*), SUM(follower_count) FROM pin"), before, "to the same rows")


def remote_store(stack, world):
    """The lake in a process of its own reads the objects over S3's protocol."""
    folder = stack_folder(f"[remote]\ns3 = {stack.at['aws']}\n", base="pinterest")
    apart = Lake(only="lake", stack=folder)
    stack.hold(world)
    check_world(apart, world, "remote object store")
    apart.stop()


def without(stack):
    stack.s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [
        {"Key": o["Key"]} for o in stack.s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])]})
    stack.empty()
    stack.s3.delete_bucket(Bucket=BUCKET)
    r = stack.run("clean")
    ok(r.returncode == 1 and "NoSuchBucket" in r.stderr and BUCKET in r.stderr, f"no bucket: {r.stderr.strip()!r}")
    stack.stop()
    for word, args in (("clean", []), ("sql", ["SELECT 1"]), ("query", ["all"])):
        r = tarn(word, "--data", os.path.join(TMP, "nothing"), *args)
        same((r.returncode, r.stderr.split("\n")[1]), (3, "  try: tarn up -d"), f"{word} without a stack")
    alone = Lake(only="lake")
    r = alone.run("clean")
    ok(r.returncode == 3 and "no object store" in r.stderr, f"a lake without s3: {r.stderr.strip()!r}")
    for path, service in (("/api/2.1/jobs/list", "databricks"), ("/api/tarn/mounts", "databricks"), ("/api/tarn/streams", "streaming")):
        r = call("GET", alone.at["control"] + path)
        same((r.status, r.json()["error_code"], r.json()["message"].split(":")[0]), (404, "ENDPOINT_NOT_FOUND", f"{service} doesn't run here"), path)
    alone.stop()
    other = Lake(only="s3")
    r = other.run("query", "all")
    ok(r.returncode == 3 and "without its lake" in r.stderr, f"s3 without a lake: {r.stderr.strip()!r}")
    other.stop()


# ---- real rows ----

def real_rows():
    with open(os.path.join(DATA, "pinterest_data_harvest.jsonl"), encoding="utf-8") as f:
        pins = {r["index"]: r for r in map(json.loads, f)}
    with open(os.path.join(DATA, "geolocation_data.csv"), newline="", encoding="utf-8") as f:
        geos = {int(r["ind"]): {"ind": int(r["ind"]), "timestamp": r["timestamp"], "latitude": float(r["latitude"]),
                                "longitude": float(r["longitude"]), "country": r["country"]} for r in csv.DictReader(f)}
    with open(os.path.join(DATA, "user_data.csv"), newline="", encoding="utf-8") as f:
        users = {int(r["ind"]): {"ind": int(r["ind"]), "first_name": r["first_name"], "last_name": r["last_name"],
                                 "age": int(r["age"]), "date_joined": r["date_joined"]} for r in csv.DictReader(f)}
    return pins, geos, users


# What some users asked instead of the canonical question, as SQL for the same tables.
AGE = """CASE WHEN u.age BETWEEN 18 AND 24 THEN '18-24' WHEN u.age BETWEEN 25 AND 35 THEN '25-35'
    WHEN u.age BETWEEN 36 AND 50 THEN '36-50' WHEN u.age > 50 THEN '50+' END"""
VARIANTS = {
    "q1_all": "SELECT country, category, COUNT(*) FROM pin JOIN geo ON pin.ind = geo.ind GROUP BY 1, 2",
    "q2_top": """SELECT post_year, category, n FROM (SELECT post_year, category, COUNT(*) AS n,
        RANK() OVER (PARTITION BY post_year ORDER BY COUNT(*) DESC) AS place FROM pin JOIN geo ON pin.ind = geo.ind
        WHERE post_year BETWEEN 2018 AND 2022 GROUP BY 1, 2) WHERE place = 1""",
    "q7_exact": "SELECT join_year, median(follower_count) FROM pin JOIN users u ON pin.ind = u.ind GROUP BY 1",
    "q8_exact": f"SELECT {AGE}, join_year, median(follower_count) FROM pin JOIN users u ON pin.ind = u.ind GROUP BY 1, 2",
}
CANONICAL = {"q1_top": 0, "q2_all": 1, "q3_step2": 3, "q4_top": 4, "q5_approx": 5, "q6": 6, "q7_approx": 7, "q8_approx": 8}


def published(stack, everything):
    """Each owner's posts, and the answers that owner published."""
    folder = os.path.join(DATA, "golden")
    for name in sorted(os.listdir(folder)):
        golden = json.load(open(os.path.join(folder, name), encoding="utf-8"))
        world = [[table[i] for i in golden["inds"] if i in table] for table in everything]
        same([len(w) for w in world], [len(golden["inds"])] * 3, f"{name}: all its posts are known")
        stack.hold(world, each=50)
        oracle, answers = check_world(stack, world, name.split("+")[0])
        for out in golden["outputs"]:
            query, want = out["query"], rows(out["rows"])
            got = answers[QUERIES[CANONICAL[query]]] if query in CANONICAL else stack.sql(VARIANTS[query])
            same(rows([[float(c) if isinstance(c, (int, float)) else c for c in r] for r in got]),
                 rows([[float(c) if isinstance(c, (int, float)) else c for c in r] for r in want]),
                 f"{name.split('+')[0]}: published {query}")


def whole_database(stack, everything):
    """All 11,154 users and places, the 2,668 pins that are known. Answers about all pins can't be made from them; those about
    users can."""
    world = [list(table.values()) for table in everything]
    stack.hold(world, each=200)
    oracle, answers = check_world(stack, world, "whole database")
    with open(glob.glob(os.path.join(DATA, "golden_full_db_*.json"))[0], encoding="utf-8") as f:
        outputs = {o["cell"]: o["rows"] for o in json.load(f)["outputs"]}
    same(answers[QUERIES[6]], [[2015, 4507], [2016, 4791], [2017, 1856]], "whole database: users per year")
    first = "SELECT year, COUNT(*) FROM (SELECT user_name, MIN(join_year) AS year FROM users GROUP BY user_name) GROUP BY 1 ORDER BY 1"
    same(stack.sql(first), outputs[35], "whole database: published count of distinct names by their first year")
    same(stack.sql("SELECT COUNT(DISTINCT user_name) FROM users")[0][0], sum(r[1] for r in outputs[33]),
         "whole database: published counts of distinct names add up")
    same(answers[QUERIES[3]], outputs[20], "whole database: published country of the top user")
    # A count over some of the pins can't exceed the count over all; what is published was counted over all.
    known = {(c, k): v for c, k, v in oracle.q1_all()}
    places = collections.Counter(g["country"] for g in oracle.geos)
    same([r for r in outputs[8] if known.get((r[0], r[1]), 0) > r[2] or r[2] > places[r[0]]], [],
         "whole database: published top categories are possible given the known pins")
    skip("whole database: published answers 1, 2, 4, 5, 7, 8 in full", "they need all 11,154 pins, of which 2,668 are known")


stack = Lake()
before_anything(stack)
world = invented(1, 60, 5)
stack.hold(world)
_, answers = check_world(stack, world, "one record an object")
printed_forms(stack, answers)
mistakes(stack)
bad_objects(stack, world)
for seed, count, repeats in ((2, 1, 0), (3, 400, 0), (4, 1500, 150)):
    world = invented(seed, max(count, 30), repeats)
    stack.hold(world, each=40)
    check_world(stack, world, f"invented {seed}")
lives_on(stack)
if os.path.isdir(DATA):
    everything = real_rows()
    published(stack, everything)
    whole_database(stack, everything)
else:
    skip("published answers", "no ../shared/data")
remote_store(stack, invented(5, 60, 0))
without(stack)
done()
