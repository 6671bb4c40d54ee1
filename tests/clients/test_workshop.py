#!/usr/bin/python3
"""A workshop: a stack for each student, what the teacher's page is told of them, one reset, the teacher's snapshot for all."""
import json
import os
import socket

from tarn import call, done, fresh, ok, parts, same, tarn, until

DIR = fresh("workshop")


def port():
    """The first of a run of free ones."""
    for base in range(21000, 60000, 400):
        try:
            for p in range(base, base + 80):
                with socket.socket() as s:
                    s.bind(("127.0.0.1", p))
            return base
        except OSError:
            pass


BASE = port()
CONTROL = f"http://127.0.0.1:{BASE}"


def workshop(*words):
    return tarn("workshop", *words, "--dir", DIR)


def students():
    return {s["id"]: s for s in call("GET", CONTROL + "/_tarn/workshop").json()["students"]}


def begin():
    run = workshop("2", "--port", str(BASE))
    same(run.returncode, 0, "two students and their teacher")
    ok(f"{CONTROL}/workshop" in run.stdout, "and where everybody is seen", run.stdout + run.stderr)
    all = students()
    same(sorted(all), ["01", "02", "teacher"], "who there is")
    same([s["up"] for s in all.values()], [True] * 3, "all run")
    ok(len({s.get("user") for s in all.values()}) == 3, "each has a user id of its own")
    user = all["02"]["user"]
    same(sorted(call("GET", f"http://127.0.0.1:{all['02']['ports']['rest']}/topics").json()), [f"{user}.geo", f"{user}.pin", f"{user}.user"], "which is in the names of its topics")


def one_is_reset():
    for id in ("01", "02"):
        tarn("emit", "pinterest", "--count", "2", "--data", os.path.join(DIR, id))
    until(lambda: [students()[id]["services"]["s3"]["objects"] for id in ("01", "02")] == [6, 6])
    same([students()[id]["services"]["kafka"]["records"] for id in ("01", "02")], [6, 6], "the teacher sees what they have")
    r = call("POST", CONTROL + "/_tarn/workshop", {"act": "reset", "who": "02"}, {"X-Tarn": "1"})
    same(r.status, 200, "one is reset")
    same([students()[id]["services"]["kafka"]["records"] for id in ("01", "02")], [6, 0], "and the other isn't")
    r = call("POST", CONTROL + "/_tarn/workshop", {"act": "reset", "who": "09"}, {"X-Tarn": "1"})
    ok(r.status == 502 and "no student 09" in r.json()["error"], "nobody of that name", r.body)
    same(call("POST", CONTROL + "/_tarn/workshop", {"act": "reset", "who": "--help"}, {"X-Tarn": "1"}).status, 400, "what is no name")


def given():
    tarn("emit", "pinterest", "--count", "1", "--data", os.path.join(DIR, "teacher"))
    until(lambda: students()["teacher"]["services"]["s3"]["objects"] == 3)
    run = tarn("snapshot", "save", "lesson", "--data", os.path.join(DIR, "teacher"))
    same(run.returncode, 0, "the teacher saves")
    run = workshop("give", "lesson")
    same((run.returncode, run.stdout.split("\n")[0]), (0, "01: as lesson was"), "all get it" + run.stderr)
    same([students()[id]["services"]["s3"]["objects"] for id in ("01", "02")], [3, 3], "and have it")


def end():
    ok("Student 02" in workshop("sheet").stdout, "a sheet for each")
    same(workshop("stop").returncode, 0, "all stop")
    ok(workshop("ls").stdout.count("doesn't run") == 3, "and don't run")
    same(tarn("workshop", "0").returncode, 2, "for nobody")
    r = tarn("workshop", "ls", "--dir", fresh("none"))
    same(r.returncode, 3, "where there is none")


try:
    parts(begin, one_is_reset, given, end)
finally:
    workshop("stop")
done()
