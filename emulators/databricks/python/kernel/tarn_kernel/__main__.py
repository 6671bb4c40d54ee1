"""python3 -m tarn_kernel run|check|prompt, which `tarn notebook` and `tarn pyspark` start.

A job's task is `tarn notebook run --data DIR --job - --report - [--param NAME=VALUE]... [--timeout S] -- FILE` (DIR the stack's state folder; --connect URL
where it has none). It ends with 0 (all cells ran, or dbutils.notebook.exit), 1 (a cell failed), 4 (timed out), 130 (interrupted: SIGINT, SIGTERM).

--job FILE (-: stdin) is what the run is part of, all members optional:
  {"job_id": 11, "run_id": 21, "task_run_id": 22, "task_key": "clean", "notebook_path": "/Users/x/clean", "user": "x@example.com",
   "params": {"name": "value"},                  widgets, below those of --param
   "argv": ["a", "b"],                           a plain file's sys.argv[1:] (spark_python_task)
   "task_values": {"load": {"rows": 12}},        what dbutils.jobs.taskValues.get gives
   "root": "/path/of/the/workspace"}             where "/Users/...", "/Repos/...", "/Workspace/..." of %run and dbutils.notebook.run lie

--report FILE (-: stdout, where nothing else is printed then) is what came of it, one JSON object and a newline, written at the end:
  {"status": "ok" | "failed" | "timed_out" | "interrupted",
   "exited": false, "result": null,              dbutils.notebook.exit(value) was called; its value, a text
   "error": null | "AnalysisException: [TABLE_OR_VIEW_NOT_FOUND] ...", "trace": null | "Traceback ...",    as get-output's error and error_trace
   "cell": null | 3, "line": null | 2,           where it failed, counted from 1 (in the outermost notebook)
   "task_values": {"rows": 12},                  what dbutils.jobs.taskValues.set was given
   "streams": [{"cell": 5, "error": "StreamingQueryException: ...", "fails": true}],   those that failed: later cells run, and the run fails
                                                 in the end; fails false: it found the checkpoint folder of another, and the run goes well
   "missing": ["pyspark.sql.functions.x"],       names it asked for that aren't here
   "seconds": 1.25, "notebook": "clean.ipynb", "language": "python",
   "cells": [{"number": 1, "language": "python", "title": "", "source": "...", "status": "ok" | "failed" | "skipped" | "not run", "seconds": 0.1,
              "outputs": [outputs as nbformat 4 has them]}]}
"""
import sys

from tarn_kernel.cli import main

sys.exit(main(sys.argv[1:]))
