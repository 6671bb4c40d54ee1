#!/usr/bin/python3
"""Statements of Spark SQL in sessions of a lake, with Delta tables: the battery's groups that need one, and the notebooks' again."""
import os
import sys

from tarn import ROOT, Stack, call, done, ok

sys.path.insert(0, os.path.join(ROOT, "tests/sparksql"))
import battery  # noqa: E402
import test_battery  # noqa: E402

GROUPS = [a for a in sys.argv[1:] if a != "-v"] or ["st.", "delta.", "nb."]
ours = Stack(only="s3,lake,databricks")
LAKE = ours.at["control"]
HEADERS = {"X-Tarn": "1", "Content-Type": "text/plain"}


def blurred(answer):
    """An answer without what is written otherwise here: arrays, maps and structs are JSON, binary is base64."""
    if answer.rows:
        kinds = [kind.split("<")[0] for _, kind in answer.columns]
        answer.rows = [[k if k in ("array", "map", "struct", "binary") else v for v, k in zip(row, kinds)] for row in answer.rows]
    return answer


def statement(session, text):
    """the answer to a statement as the battery has it"""
    r = call("POST", f"{LAKE}/api/tarn/sql?session={session}&as=text", text.encode(), HEADERS)
    body = r.json()
    if r.status != 200:
        return battery.Answer(error="UNSERVED" if r.status == 501 else f"{body.get('error_class') or 'none'} {body.get('sql_state') or ''}".strip(),
                              message=body["message"])
    return blurred(battery.Answer([(c["name"], c["type"]) for c in body["schema"]], body["rows"]))


def clean(session):
    for name in statement(session, "SHOW DATABASES").rows:
        if name[0] != "default":
            statement(session, f"DROP DATABASE `{name[0]}` CASCADE")
    for row in statement(session, "SHOW TABLES IN default").rows:
        if row[2] == "false":
            statement(session, f"DROP TABLE default.`{row[1]}`")


def run(group):
    session = call("POST", LAKE + "/api/tarn/spark/sessions", b"", HEADERS).json()["session_id"]
    clean(session)
    for k, v in group.conf.items():
        statement(session, f"SET {k}={v}")
    answers = [statement(session, st.text) for st in group.statements]
    for st in group.statements:
        blurred(st.answer)
    call("DELETE", f"{LAKE}/api/tarn/spark/sessions/{session}", None, HEADERS)
    return answers, ""


test_battery.compare(test_battery.wanted(GROUPS), run, ok, loud="-v" in sys.argv)
done()
