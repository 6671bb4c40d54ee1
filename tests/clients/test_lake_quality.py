#!/usr/bin/python3
"""Variants of the rules, the data-quality report, bad input, topics as tables, pictures and mounts, as boto3 and the tarn
command see them. Expected values are computed here from the raw rows."""
import os
import urllib.parse
import xml.etree.ElementTree

from tarn import BUCKET, TMP, USER, Stack, call, done, fresh, need, ok, same, stack_folder, tarn

need("boto3")


class Lake(Stack):
    def __init__(self, stack=None):
        super().__init__(only="s3,lake,databricks", stack=stack)

    def api(self, method, path, body=None):
        """-> status, JSON of the lake's own API"""
        r = call(method, self.at["lake"] + path, body, {"X-Tarn": "1"})
        return r.status, r.json()


PINS = [
    {"index": 1, "title": "No Title Data Available", "description": "No description available", "follower_count": "12k", "category": "art",
     "poster_name": "Ann", "unique_id": "a", "tag_list": "x", "is_image_or_video": "image", "image_src": "https://x",
     "save_location": "Local save in /data/art", "downloaded": 1},
    {"index": 2, "title": "b", "description": "d", "follower_count": "3M", "category": "travel", "poster_name": "Bo", "unique_id": "b",
     "tag_list": "x", "is_image_or_video": "image", "image_src": "https://x", "save_location": "Local save in /data/travel", "downloaded": 1},
    {"index": 3, "title": "c", "description": "d", "follower_count": "User Info Error", "category": "art", "poster_name": "User Info Error",
     "unique_id": "c", "tag_list": "x", "is_image_or_video": "video", "image_src": "Image src error.", "save_location": "Local save in /data/art",
     "downloaded": 0},
]
GEOS = [{"ind": i, "timestamp": f"2020-01-0{i}T03:04:05", "latitude": 1.5 * i, "longitude": -2.0, "country": "Peru"} for i in (1, 2, 3)]
USERS = [{"ind": i, "first_name": "Rachel", "last_name": "Davis", "age": 20 + i, "date_joined": "2016-01-02 03:04:05"} for i in (1, 2, 3)]


def variants(stack):
    stack.put_rows("pin", 0, PINS + [PINS[1], dict(PINS[1], title="again")])
    stack.put_rows("geo", 0, GEOS)
    stack.put_rows("user", 0, USERS)
    cases = [
        ([], "SELECT follower_count FROM pin ORDER BY ind, title", [[12000], [3000000], [3000000], [3000000], [None]]),
        (["follower_count=k-only"], "SELECT follower_count FROM pin ORDER BY ind", [[12000], [None], [None], [None], [None]]),
        (["follower_count=digits", "follower_nulls=zero"], "SELECT follower_count FROM pin ORDER BY ind", [[12], [3], [3], [3], [0]]),
        (["description=story-only"], "SELECT description FROM pin WHERE ind = 1", [["No description available"]]),
        (["duplicates=row"], "SELECT ind, title FROM pin ORDER BY ind, title", [[1, None], [2, "again"], [2, "b"], [3, "c"]]),
        (["duplicates=ind"], "SELECT ind, title FROM pin ORDER BY ind, title", [[1, None], [2, "b"], [3, "c"]]),
        (["pin.nulls=drop"], "SELECT (SELECT COUNT(*) FROM pin), (SELECT COUNT(*) FROM geo)", [[3, 3]]),
        (["coordinates=struct"], "SELECT coordinates FROM geo WHERE ind = 1", [['{"latitude":1.5,"longitude":-2.0}']]),
        (["user_name=no-space"], "SELECT DISTINCT user_name FROM users", [["RachelDavis"]]),
        ([], "SELECT COUNT(*), SUM(follower_count) FROM pin", [[5, 9012000]]),
    ]
    for chosen, statement, want in cases:
        report = stack.answer("clean", *[a for v in chosen for a in ("--variant", v)])
        same(stack.sql(statement), want, f"variant {' '.join(chosen) or 'usual'}")
        for v in chosen:
            name, value = v.split("=")
            found = {k: x for k, x in report["variants"].items() if k == name or k.endswith("." + name)}
            ok(found and set(found.values()) == {value}, f"the report says {v}")
        same([d["rows_in"] - d["rows_out"] - d["quarantined"] - d["dropped"] for d in report["datasets"]], [0, 0, 0], "and every record is accounted for")
    r = stack.run("clean", "--variant", "duplicates=row")
    ok(r.returncode == 0 and "1 rows are left out by rules - tarn clean --report" in r.stderr, "rows left out are told of")
    for wrong, says in (("follower_count=m", "there is k-and-M, k-only, M-0000, digits, none"), ("nope=1", "leave no choice nope"), ("x", "NAME=VARIANT")):
        r = stack.run("clean", "--variant", wrong)
        ok(r.returncode == 2 and says in r.stderr and r.stdout == "", f"--variant {wrong}: {r.stderr.strip()!r}")
    r = stack.run("clean", "--variants")
    ok(r.returncode == 0 and "follower_count" in r.stdout and "k-only" in r.stdout and "15M becomes null" in r.stdout, "--variants lists them")
    same(stack.run("clean", "--variants").stdout, r.stdout, "twice the same")


def report(stack):
    data = stack.answer("clean", "--report")
    hits = {(r["dataset"], r["column"], r["rule"]): r["hits"] for r in data["rules"]}
    want = {("pin", "title", "'No Title Data Available' -> null"): 1, ("pin", "description", "'No description available' -> null"): 1,
            ("pin", "follower_count", "'User Info Error' -> null"): 1, ("pin", "follower_count", "k -> 000"): 1,
            ("pin", "follower_count", "M -> 000000"): 3, ("pin", "image_src", "'Image src error.' -> null"): 1,
            ("pin", "save_location", "without 'Local save in '"): 5, ("geo", "timestamp", "not a timestamp -> null"): 0}
    same({k: hits.get(k) for k in want}, want, "hits of each rule")
    r = stack.run("clean", "--report")
    lines = [line.split() for line in r.stdout.splitlines()]
    ok(r.returncode == 0 and ["pin", f"{USER}.pin", "1", "0", "5", "5", "0", "0"] in lines, "the report as a table")
    ok(["pin", "follower_count", "M", "->", "000000", "3"] in lines and ["pin.duplicates", "none"] in lines, "with rules and variants")
    version = next(int(line[2]) for line in lines if line[:1] == ["pin"] and line[1].startswith("s3://"))
    ok(["geo", f"s3://{BUCKET}/tables/geo", str(version), "1"] in [line[:4] for line in lines], "with the Delta tables")
    again = [line.split() for line in stack.run("clean", "--report").stdout.splitlines()]
    same(again, [line[:2] + [str(version + 1)] + line[3:] if len(line) == 5 and line[1].startswith("s3://") else line for line in lines],
         "twice the same, but for the tables' versions")


def bad_input(stack):
    key = stack.put_rows("pin", 1, b'{"index":7,"title":"good"}\n{"index":8,"tit\n{"index":9,"title":"a\xff"}\n{"index":{},"title":"x"}\n')
    large = stack.put_rows("pin", 2, b'{"index":10,"title":"good"}\n{"index":11,"title":"' + b"a" * 100_000_000 + b'"}\n{"index":12,"title":"good"}\n')
    data = stack.answer("clean")
    same((data["datasets"][0]["rows_in"], data["datasets"][0]["rows_out"], data["datasets"][0]["quarantined"], data["quarantine_kept"]),
         (12, 8, 4, 4), "bad lines are counted, the good ones around them kept")
    same(stack.sql("SELECT topic, object_key, line, at, reason, size FROM quarantine ORDER BY object_key, line"),
         [[f"{USER}.pin", key, 2, 15, "not JSON", 15], [f"{USER}.pin", key, 3, 22, "not UTF-8", 24],
          [f"{USER}.pin", key, 4, None, "ind is an object or array", 24],
          [f"{USER}.pin", large, 2, None, "a line of 100000023 bytes, over 16777216", 100000023]], "each is named by object, line and byte")
    same(stack.sql(f"SELECT hex(bytes) FROM quarantine WHERE object_key = '{key}' AND line = 3"),
         [[b'{"index":9,"title":"a\xff"}'.hex().upper()]], "its bytes are kept")
    same(stack.sql("SELECT ind FROM pin WHERE title = 'good' ORDER BY ind"), [[7], [10], [12]], "rows around a 100 MB line")
    r = stack.run("clean", "--report")
    ok("tarn sql 'SELECT topic, object_key, line, at, reason FROM quarantine'" in r.stderr, "the report says where to look")
    stack.s3.delete_object(Bucket=BUCKET, Key=large)
    return key


def topics(stack, bad):
    same(stack.sql("SELECT index, title, follower_count FROM raw_pin WHERE _line <= 3 AND _object_key <> '" + bad + "' ORDER BY 1"),
         [["1", "No Title Data Available", "12k"], ["2", "b", "3M"], ["3", "c", "User Info Error"]], "raw_pin is what was sent: index is an object once, so texts")
    same(stack.answer("sql", "SELECT * FROM raw_geo")["columns"],
         ["country", "ind", "latitude", "longitude", "timestamp", "_object_key", "_line", "_record"], "its columns by name, as Spark has them")
    same(stack.sql(f'SELECT COUNT(*) FROM `{USER}.user`'), [[3]], "a topic by its own name")
    same(stack.sql(f'SELECT p.index, g.country FROM raw_pin p JOIN `{USER}.geo` g ON p.index = g.ind JOIN pin c ON c.ind = g.ind '
                   'GROUP BY 1, 2 ORDER BY 1'), [["1", "Peru"], ["2", "Peru"], ["3", "Peru"]], "two topics and a cleaned table in one statement")
    same(stack.sql(f"SELECT _line, _record, title, _corrupt_record FROM raw_pin WHERE _object_key = '{bad}' AND _line = 2"),
         [[2, '{"index":8,"tit', None, '{"index":8,"tit']], "torn lines are there too")
    for name in ("raw_nope", "`0affea73130b.nope`"):
        r = stack.run("sql", f"SELECT * FROM {name}")
        ok(r.returncode == 2 and "[TABLE_OR_VIEW_NOT_FOUND]" in r.stderr, f"{name}: {r.stderr.strip()!r}")
    r = stack.run("sql", "SELECT * FROM raw_pin WHERE nope = 1")
    ok(r.returncode == 2 and "[UNRESOLVED_COLUMN.WITH_SUGGESTION]" in r.stderr, f"a wrong column of a topic: {r.stderr.strip()!r}")
    r = stack.run("sql", "DELETE FROM raw_pin")
    ok(r.returncode == 2, f"a topic isn't written: {r.stderr.strip()!r}")
    stack.put_rows("odd", 0, b'[{"a.b":1,"it\'s":2,"Q\\"":3,"sp ace":4},{"a.b":null,"nested":{"x":[1]}}]\n')
    same(stack.sql("SELECT `a.b`, `sp ace`, nested FROM raw_odd"), [[1, 4, None], [None, None, {"x": [1]}]], "odd keys, arrays of records")


def pictures(stack):
    statement = "SELECT category, COUNT(*) AS posts FROM pin WHERE category IS NOT NULL GROUP BY category ORDER BY category"
    r = stack.run("sql", statement, "--chart")
    same(r.stdout, "        posts\nart     " + "█" * 26 + "▋ 2\ntravel  " + "█" * 40 + " 3\n", "--chart draws bars")
    r = stack.run("sql", statement, "--md")
    same(r.stdout, "| category | posts |\n| --- | ---: |\n| art | 2 |\n| travel | 3 |\n", "--md")
    same(stack.run("sql", "SELECT 'a|b' AS x, 'c' || char(10) || 'd' AS y", "--md").stdout,
         "| x | y |\n| --- | --- |\n| a\\|b | c\\\\nd |\n", "--md escapes")
    path = os.path.join(TMP, "a.svg")
    r = stack.run("sql", "SELECT '<b>&' AS name, 2.5 AS v UNION ALL SELECT 'x', -1", "-o", path)
    ok(r.returncode == 0 and "name" in r.stdout, "-o prints the rows too")
    tree = xml.etree.ElementTree.parse(path).getroot()
    ns = "{http://www.w3.org/2000/svg}"
    same([t.text for t in tree.iter(ns + "text")][1:], ["v", "<b>&", "2.5", "x", "-1.0"], "the SVG's texts")
    same([t.get("width") for t in tree.iter(ns + "rect")][1:], ["480", "192"], "its bars")
    first = open(path, "rb").read()
    stack.run("sql", "SELECT '<b>&' AS name, 2.5 AS v UNION ALL SELECT 'x', -1", "-o", path)
    same(open(path, "rb").read(), first, "twice the same bytes")
    r = stack.run("query", "q1_top_category_by_country", "-o", path, "--chart")
    ok(r.returncode == 0 and "Peru" in r.stdout and b"Find the most popular" in open(path, "rb").read(), "a query as a picture, titled by its question")
    for args, code, says in ((["sql", "SELECT 'a' AS x", "--chart"], 1, "no column of numbers"), (["sql", "SELECT 1", "-o", "x.png"], 2, "--output takes FILE.svg, not x.png"),
                             (["query", "all", "-o", path], 2, "one question"), (["sql", "SELECT 1", "--md", "--csv"], 2, "one of them"),
                             (["sql", "SELECT 1", "-o", "/nonexistent/x.svg"], 1, "can't write")):
        r = stack.run(*args)
        ok(r.returncode == code and says in r.stderr, f"{' '.join(args)}: {r.stderr.strip()!r}")
    for word in ("clean", "sql", "query"):
        ok("--" in stack.run(word, "-h").stdout.split("\n", 2)[2], f"tarn help {word} explains the flags")


def mounts(stack):
    point = f"/mnt/{USER}"
    already = (f"java.rmi.RemoteException: java.lang.IllegalArgumentException: requirement failed: Directory already mounted: {point}; nested "
               f"exception is: \n\tjava.lang.IllegalArgumentException: requirement failed: Directory already mounted: {point}")
    secret = urllib.parse.quote("se/cr+et=", safe="")
    body = {"source": f"s3n://AKIA:{secret}@{BUCKET}", "mountPoint": point}
    same(stack.api("GET", "/api/tarn/mounts"), (200, {"mounts": []}), "nothing is mounted")
    same(stack.run("clean", "--from", f"{point}/topics").returncode, 1, "a path below no mount fails")
    same(stack.api("POST", "/api/tarn/mounts", body), (200, {"mountPoint": point, "source": f"s3n://{BUCKET}", "encryptionType": ""}), "mount")
    same(stack.api("POST", "/api/tarn/mounts", body), (400, {"error_code": "RESOURCE_ALREADY_EXISTS", "message": already}), "mounting again is the famous error")
    same(stack.api("GET", "/api/tarn/mounts")[1]["mounts"], [{"mountPoint": point, "source": f"s3n://{BUCKET}", "encryptionType": ""}],
         "the list shows no keys")
    raw = stack.api("POST", "/api/tarn/mounts", {"source": f"s3n://AKIA:se/cret@{BUCKET}", "mountPoint": "/mnt/raw"})
    ok(raw[0] == 400 and "null uri host. This can be caused by unencoded / in the password string" in raw[1]["message"], "a secret that wasn't quoted")
    none = stack.api("POST", "/api/tarn/mounts", {"source": "s3a://no-such-bucket", "mountPoint": "/mnt/none"})
    ok(none[0] == 404 and "java.io.FileNotFoundException: Bucket no-such-bucket does not exist" in none[1]["message"], "a bucket that isn't there")
    same([stack.api("POST", "/api/tarn/mounts", b)[0] for b in ({}, [], {"source": "s3a://x"}, {"source": 1, "mountPoint": "/mnt/x"})], [400] * 4, "bodies that say nothing")
    same(stack.api("GET", f"/api/tarn/mounts/resolve?path=dbfs:{point}/topics/x"), (200, {"bucket": BUCKET, "key": "topics/x"}), "resolve")
    stack.s3.create_bucket(Bucket="other-bucket")
    stack.put_rows("user", 0, USERS[:2], bucket="other-bucket", base="deep/topics")
    for path in (f"{point}/topics", f"dbfs:{point}/topics/", f"/dbfs{point}/topics", f"s3a://{BUCKET}/topics", f"s3n://K:S@{BUCKET}/topics"):
        data = stack.answer("clean", "--from", path)
        same((data["bucket"], data["from"], [d["rows_out"] for d in data["datasets"]]), (BUCKET, path, [5, 3, 3]), f"clean --from {path}")
    data = stack.answer("clean", "--from", "s3a://other-bucket/deep/topics")
    same([d["rows_out"] for d in data["datasets"]], [0, 0, 2], "another bucket and folder")
    for path, code, says in ((f"{point}/topic", 1, f"[PATH_NOT_FOUND] Path does not exist: {point}/topic."), ("/mnt/nope/topics", 1, "Path does not exist: /mnt/nope/topics."),
                             ("s3a://no-such-bucket/topics", 1, "NoSuchBucket"), ("topics", 2, "not a path of S3 or DBFS")):
        r = stack.run("clean", "--from", path)
        ok(r.returncode == code and says in r.stderr, f"clean --from {path}: {r.stderr.strip()!r}")
    same(stack.sql("SELECT COUNT(*) FROM users"), [[2]], "a failed run changed nothing")
    stack.stop()
    stack.up()
    same(len(stack.api("GET", "/api/tarn/mounts")[1]["mounts"]), 1, "mounts survive a restart")
    same(stack.api("DELETE", f"/api/tarn/mounts?mountPoint={point}"), (200, {}), "unmount")
    gone = stack.api("DELETE", f"/api/tarn/mounts{point}")
    ok(gone[0] == 404 and f"requirement failed: Directory not mounted: {point}; nested" in gone[1]["message"], "unmounting again")


def own_rules():
    """A stack's own rules and choices, and what a slip in them says."""
    folder = stack_folder(f"[lake]\nvariant.user_name = no-space\n\n[mounts]\n/mnt/b = s3n://K:S@{BUCKET}\n", base="pinterest")
    with open(os.path.join(folder, "datasets", "pin.dataset"), "a", encoding="utf-8") as f:
        f.write("\ncategory: replace 'art' with 'ART'\n")
    os.unlink(os.path.join(folder, "datasets", "geo.dataset"))
    stack = Lake(folder)
    stack.put_rows("pin", 0, PINS)
    stack.put_rows("geo", 0, GEOS)
    stack.put_rows("user", 0, USERS)
    stack.answer("clean", "--from", "/mnt/b/topics")
    same(stack.sql("SELECT category, COUNT(*) FROM pin GROUP BY 1 ORDER BY 1"), [["ART", 2], ["travel", 1]], "a rule of the stack's own")
    same(stack.sql("SELECT DISTINCT user_name FROM users"), [["RachelDavis"]], "a choice in stack.conf, and [mounts]")
    same(stack.sql("SELECT COUNT(*) FROM geo WHERE size(coordinates) = 2"), [[3]], "the usual rules where the stack has none")
    stack.stop()
    with open(os.path.join(folder, "datasets", "pin.dataset"), "a", encoding="utf-8") as f:
        f.write("categry: keep digits\n")
    r = tarn("up", "--only", "lake", "--ports=auto", "--data", fresh("data"), folder)
    ok(r.returncode != 0 and "datasets/pin.dataset:" in r.stderr and "the table pin has no column categry" in r.stderr, f"a slip in a rule: {r.stderr.strip()!r}")


stack = Lake()
variants(stack)
report(stack)
bad = bad_input(stack)
topics(stack, bad)
stack.s3.delete_object(Bucket=BUCKET, Key=bad)
stack.answer("clean")
pictures(stack)
mounts(stack)
same(stack.stop(), 0, "the stack ends well")
own_rules()
done()
