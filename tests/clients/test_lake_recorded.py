#!/usr/bin/python3
"""What Spark 3.5.5 read from small files of JSON and CSV by many options: the schema and the rows (cells as CAST AS STRING, binary as hex),
recorded in files_recorded.jsonl as [format, options, bodies of the files, schema or null for an error, rows]; and what it wrote into files,
in files_written.jsonl as [format, options, query, the file or null for an error]."""
import json
import os

from test_lake_files import ROOT, Lake
from tarn import BUCKET, done, same



def recorded(name):
    return [json.loads(line) for line in open(os.path.join(os.path.dirname(os.path.abspath(__file__)), name), encoding="utf-8")]


def quoted(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def read(s, source):
    """[schema, rows], or [None] for an error."""
    r = s.ask("SELECT * FROM " + source).json()
    if "schema" not in r:
        return [None]
    columns = [(c["name"], c["type"]) for c in r["schema"]]
    shown = ", ".join(f"hex(`{n}`)" if t == "binary" else f"cast(`{n}` AS STRING)" for n, t in columns)
    rows = s.ask(f"SELECT {shown} FROM {source}").json().get("rows") if columns else []
    return [None] if rows is None else ["struct<" + ",".join(f"{n}:{t}" for n, t in columns) + ">", sorted(rows, key=str)]


def readings(s):
    wrong, cases = [], recorded("files_recorded.jsonl")
    for i, (kind, options, bodies, *want) in enumerate(cases):
        for k, body in enumerate(bodies):
            s.s3.put_object(Bucket=BUCKET, Key=f"c/{i}/f{k}.x", Body=body.encode())
        given = "".join(f", {k} => {quoted(v)}" for k, v in options.items())
        got = read(s, f"read_files('{ROOT}/c/{i}', format => '{kind}'{given})")
        if got != want:
            wrong.append([kind, options, bodies, want, got])
    same(wrong, [], f"{len(cases)} readings")


def writings(s):
    wrong, cases = [], recorded("files_written.jsonl")
    for i, (kind, options, query, want) in enumerate(cases):
        given = ", ".join(f"{quoted(k)} {quoted(v)}" for k, v in options.items()) or "x 'y'"
        r = s.ask(f"INSERT OVERWRITE DIRECTORY '{ROOT}/o/{i}' USING {kind} OPTIONS ({given}) SELECT {query}")
        got = next(v for k, v in s.saved(f"o/{i}").items() if k.startswith("part-")).decode() if r.status == 200 else None
        if got != want:
            wrong.append([kind, options, query, want, got])
    same(wrong, [], f"{len(cases)} writings")


if __name__ == "__main__":
    with Lake() as stack:
        readings(stack)
        writings(stack)
    done()
