#!/usr/bin/python3
"""What Spark 3.5.5 read from small files of JSON and CSV by many options: the schema and the rows (cells as CAST AS STRING, binary as hex),
recorded in files_recorded.jsonl as [format, options, bodies of the files, schema or null for an error, rows]."""
import json
import os

from test_lake_files import ROOT, Lake
from tarn import BUCKET, done, same

CASES = [json.loads(line) for line in open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "files_recorded.jsonl"), encoding="utf-8")]


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


if __name__ == "__main__":
    wrong = []
    with Lake() as stack:
        for i, (kind, options, bodies, *want) in enumerate(CASES):
            for k, body in enumerate(bodies):
                stack.s3.put_object(Bucket=BUCKET, Key=f"c/{i}/f{k}.x", Body=body.encode())
            given = "".join(f", {k} => {quoted(v)}" for k, v in options.items())
            got = read(stack, f"read_files('{ROOT}/c/{i}', format => '{kind}'{given})")
            if got != want:
                wrong.append([kind, options, bodies, want, got])
    same(wrong, [], f"{len(CASES)} readings")
    done()
