"""Notebooks written for a test, run on its stack."""
import json
import os

from tarn import TMP, ok

HEAD, CUT = "# Databricks notebook source\n", "\n# COMMAND ----------\n"


def file(name, text):
    path = os.path.join(TMP, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


def source(name, *cells):
    return file(name, HEAD + CUT.join(cells))


def notebook(stack, *args, **more):
    return stack.run("notebook", *args, **{"PYTHONDONTWRITEBYTECODE": "1", **more})


def report(stack, path, *args, **more):
    """(exit code, report) of a run."""
    r = notebook(stack, "run", "--report", "-", *args, path, **more)
    try:
        return r.returncode, json.loads(r.stdout)
    except ValueError:
        ok(False, f"a report of {path}", r.stdout + r.stderr)
        return r.returncode, {"cells": [], "error": r.stderr}


def text(cell):
    """What a cell of a report printed and showed, as text."""
    out = ""
    for o in cell["outputs"]:
        out += o["text"] if o["output_type"] == "stream" else "\n".join(o["traceback"]) if o["output_type"] == "error" else o["data"].get("text/plain", "")
    return out.strip()
