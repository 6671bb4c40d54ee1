#!/usr/bin/python3
"""Lessons, a step at a time, on a stack that runs: tarn lesson, and the control port's /_tarn/lessons, which the console's page asks."""
import json

from tarn import Stack, call, done, ok, parts, same


def ask(s, lesson, step, act):
    a = call("POST", s.at["control"] + "/_tarn/lessons", json.dumps({"lesson": lesson, "step": step, "act": act}), {"X-Tarn": "1"})
    return a.json() if a.status == 200 else {"ok": None, "why": a.text}


def listed(s):
    lessons = call("GET", s.at["control"] + "/_tarn/lessons").json()["lessons"]
    same(lessons[0], {"lesson": "01", "title": "Batch path: from an RDS row to an answered question", "steps": 6, "stack": "pinterest",
                      "about": "One post travels the whole batch pipeline by hand, then five hundred do; the lake answers every question."}, "the first of the lessons")
    same([x["lesson"] for x in lessons], sorted(x["lesson"] for x in lessons), "in their order")
    one = call("GET", s.at["control"] + "/_tarn/lessons?n=3").json()
    same((one["lesson"], len(one["list"]), one["list"][2]["text"].splitlines()[0].strip()),
         ("03", 5, "expect s3 ${bucket}/topics/${user}.pin/ objects == 2"), "one with its steps, as they are written")
    for path, body in (("?n=77", None), ("?n=../x", None), ("", '{"lesson":"--x","step":1,"act":"check"}'), ("", '{"lesson":"1","step":0,"act":"check"}'), ("", '{"lesson":"1","step":1,"act":"rm"}')):
        a = call("POST" if body else "GET", s.at["control"] + "/_tarn/lessons" + path, body, {"X-Tarn": "1"})
        ok(400 <= a.status < 600, f"no such lesson, step or act: {path or body}", a.status)


def a_lesson(s):
    """Before it is done it isn't, by whom it is done doesn't matter, and what a step gives a name the next ones have."""
    got = ask(s, "01", 2, "check")
    same((got["ok"], got["line"], got["why"]), (False, "expect topic ${user}.pin records == 1", "want == 1, got 0"), "not yet: what was expected, and what there is")
    same([ask(s, "01", i, "show")["ok"] for i in (1, 2, 3, 4, 5)], [True] * 5, "each step is shown, settling and all")
    same(ask(s, "01", 2, "check").get("why"), "want == 1, got 501", "who looks at an earlier one sees what is there now")
    same([ask(s, "01", i, "check")["ok"] for i in (4, 5)], [True] * 2, "what is done is checked")
    ok("q1_top_category_by_country" in ask(s, "01", 6, "show")["output"], "a program's output is shown")
    ran = s.run("lesson", "1", "check", "6")
    same((ran.returncode, "tarn lesson 01 show 6" in ran.stdout), (0, True), "what can't be looked at afterwards is said to be so")
    ran = s.run("lesson", "1", "check", "2")
    same((ran.returncode, "not yet" in ran.stdout), (1, True), "tarn lesson says the same")


def its_own_reset_and_clock(s):
    """Steps that advance the clock or reset the stack that runs them are answered."""
    begun = call("POST", s.at["control"] + "/_tarn/lessons", json.dumps({"lesson": "08", "act": "begin"}), {"X-Tarn": "1"})
    same((begun.status, s.keys(), s.control("GET", "/_tarn/clock")["now"][:10]), (200, [], "2026-01-05"), "all is new, at the lesson's time")
    got = [ask(s, "08", i + 1, "show") for i in range(3)]
    same([g["ok"] for g in got], [True] * 3, "days pass in a step")
    lessons = call("GET", s.at["control"] + "/_tarn/lessons").json()["lessons"]
    last = ask(s, "19", [x["steps"] for x in lessons if x["lesson"] == "19"][0], "show")
    ok(last["ok"] is not None, "a step that resets everything is answered", last)
    same(s.alive(), True, "and the stack goes on")


with Stack(clock="2026-01-05T09:00:00Z") as stack:
    parts(listed, a_lesson, its_own_reset_and_clock, args=(stack,))
done()
