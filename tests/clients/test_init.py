#!/usr/bin/python3
"""tarn init: a folder of one's own, which runs as the built-in stack does."""
import filecmp
import os

from tarn import FIXTURES, TMP, USER, Stack, done, ok, same, tarn, until

ME = "12471ce1b695"


def files(folder):
    return sorted(os.path.relpath(os.path.join(d, f), folder) for d, _, names in os.walk(folder) for f in names)


def text(*path):
    with open(os.path.join(*path), encoding="utf-8", errors="surrogateescape") as f:
        return f.read()


def own_user():
    folder = os.path.join(TMP, "a", "b", "mine")
    r = tarn("init", folder, "--user", ME)
    same(r.returncode, 0, "a folder, with those above it")
    ok(f"tarn up {folder}" in r.stdout, "and how it is started", r.stdout)
    own = os.path.join(FIXTURES, "pinterest")
    same(files(folder), sorted(f.replace(USER, ME) for f in files(own) if f != "airflow/reader.py"), "all of the stack's files")
    ok(all(text(folder, f.replace(USER, ME)) == text(own, f).replace(USER, ME) for f in files(own) if f not in ("airflow/reader.py", "stack.conf")),
       "with the user in place of the stack's")
    conf = text(folder, "stack.conf")
    ok(conf.startswith("# A stack of your own") and conf.endswith(text(own, "stack.conf").replace(USER, ME)), "stack.conf has a head", conf[:400])
    before = {f: os.stat(os.path.join(folder, f)).st_mtime_ns for f in files(folder)}
    os.unlink(os.path.join(folder, "stack.conf"))
    r = tarn("init", folder)
    same((r.returncode, "is there already" in r.stderr, os.path.exists(os.path.join(folder, "stack.conf"))), (5, True, False), "nothing is overwritten, or written beside")
    same({f: os.stat(os.path.join(folder, f)).st_mtime_ns for f in files(folder)}, {f: t for f, t in before.items() if f != "stack.conf"}, "at all")
    with open(os.path.join(folder, "stack.conf"), "w", encoding="utf-8") as f:
        f.write(conf)
    with Stack(stack=folder) as s:
        s.run("emit", "pinterest", "--count", "20")
        until(lambda: s.keys("topics/", f"user-{ME}-bucket"), lambda k: len(k) == 60)
        same(s.run("clean").returncode, 0, "it runs: clean")
        mine = s.run("query", "all", "--json").stdout
        ok(any(d["dag_id"] == f"{ME}_dag" for d in until(lambda: s.answer("dag", "list").get("dags", []))), "and its DAG")
    with Stack() as s:
        s.run("emit", "pinterest", "--count", "20")
        until(lambda: s.keys("topics/"), lambda k: len(k) == 60)
        s.run("clean")
        same(mine, s.run("query", "all", "--json").stdout, "with the answers of the built-in one")


def unchanged():
    folder = os.path.join(TMP, "same")
    same(tarn("init", folder).returncode, 0, "without --user")
    own = os.path.join(FIXTURES, "pinterest")
    ok(all(filecmp.cmp(os.path.join(folder, f), os.path.join(own, f), False) for f in files(own) if f not in ("airflow/reader.py", "stack.conf")), "the files are the stack's")


def orders():
    folder = os.path.join(TMP, "orders")
    r = tarn("init", "orders", "--from", "orders", "--user", "acme", "--json", cwd=TMP)
    same(r.returncode, 0, "another stack, into a folder below this one")
    conf = text(folder, "stack.conf")
    ok("acme-orders = 3" in conf and "shop-orders" not in conf, "its user gives way", conf)
    with Stack(stack=folder) as s:
        same(s.run("emit", "shop", "--count", "50").returncode, 0, "it runs: emit")
        until(lambda: s.keys("", "acme-lake"), lambda k: len(k) >= 2)
        r = s.run("clean")
        ok(r.returncode == 0 and s.sql("SELECT count(*) FROM payments")[0][0] > 0, "and clean", r.stdout + r.stderr)


def refused():
    for args, word in ((["--from", "nope"], "nope"), (["--user", "a b"], "[stack] user"), (["--user", ""], "[stack] user"), (["--from", TMP], "no stack.conf"), (["--usr", "x"], "--user")):
        r = tarn("init", os.path.join(TMP, "no"), *args)
        same((r.returncode, word in r.stderr, os.path.exists(os.path.join(TMP, "no"))), (2, True, False), f"refused: {args}")
    with open(os.path.join(TMP, "file"), "w", encoding="utf-8"):
        pass
    r = tarn("init", os.path.join(TMP, "file", "below"))
    same((r.returncode, "Not a directory" in r.stderr), (1, True), "a folder that can't be made")


own_user()
unchanged()
orders()
refused()
done()
