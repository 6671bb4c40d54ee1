"""tarn notebook run: a notebook, or several one after the other, each in a Python of its own."""
import json
import os
import subprocess
import sys
import time

from tarn_client import LakeError, NoStack, hint_of
from tarn_kernel import formats, guard
from tarn_kernel.dbutils import NotebookExit
from tarn_kernel.outputs import finished
from tarn_kernel.terminal import Terminal

OK, FAILED, USAGE, START, TIMED_OUT, INTERRUPTED = 0, 1, 2, 3, 4, 130


class Options:
    """What a run was asked for."""

    def __init__(self, args):
        self.allow_sh, self.engine, self.memory, self.net = args.allow_sh, args.engine, args.memory, args.net
        self.params = dict(p.split("=", 1) for p in args.param)
        self.job = _job(args.job)
        self.settled = set()  # ids of streams that have read what there was when they began


def _job(file):
    if not file:
        return None
    if file == "-":
        return json.load(sys.stdin)
    with open(file, encoding="utf-8") as f:
        return json.load(f)


def fail(code, text, as_json=False):
    """Says why it can't, as tarn's commands do -> the code."""
    if isinstance(text, OSError) and text.filename:
        text = "%s: %s" % (text.filename, text.strerror)
    if as_json:
        print(json.dumps({"schema": 1, "command": "notebook", "ok": False, "data": None, "warnings": [],
                          "error": {"code": "USAGE", "message": str(text), "hint": None, "retryable": False}}))
    else:
        sys.stderr.write("tarn: %s\n" % text)
    return code


def run_all(args):
    """-> the exit code."""
    archive, dbc, inside = args.file.partition(".dbc/")
    if dbc and os.path.isfile(archive + ".dbc"):
        args.file, args.inside = archive + ".dbc", inside
    try:
        found = [n for file in formats.find(args.file) for n in formats.read_all(file)]
    except (formats.FormatError, OSError) as e:
        return fail(USAGE, e, args.json)
    if not found:
        return fail(USAGE, "%s has no notebooks" % args.file, args.json)
    if args.inside:
        found = [n for n in found if args.inside in (n.inside, os.path.splitext(n.inside)[0])] or found
    if len(found) == 1:
        return Run(found[0], args).run()
    if args.out or args.report or args.json or args.cell:
        return fail(USAGE, "--out, --report, --json and --cell are for one notebook: %s has %d" % (args.file, len(found)), args.json)
    return _run_each(found, args)


def _run_each(found, args):
    terminal, worst = Terminal(sys.stdout), OK
    words = sys.argv[2:sys.argv.index("--")] if "--" in sys.argv else []
    for n in found:
        terminal.line("== %s" % os.path.relpath(n.inside or n.path), "bold")
        inside = ["--inside", n.inside] if n.inside else []
        code = subprocess.call([sys.executable, sys.argv[0], "run"] + words + inside + ["--", n.path])
        worst = worst or code
        if code in (INTERRUPTED, START):
            break
    return worst


class Run:
    """One notebook in this process."""

    def __init__(self, notebook, args):
        self.notebook, self.args = notebook, args
        self.cells = {c.number: {"number": c.number, "language": notebook.language_of(c), "title": c.title, "source": c.source, "status": "not run",
                                 "seconds": 0.0, "outputs": []} for c in notebook.cells}
        self.report = {"status": "ok", "exited": False, "result": None, "error": None, "trace": None, "cell": None, "line": None, "task_values": {},
                       "streams": [], "missing": [], "seconds": 0.0, "notebook": notebook.name, "language": notebook.language, "cells": list(self.cells.values())}
        self.began, self.shell, self.counts = time.monotonic(), None, {}
        self.answer = sys.stdout  # where the report goes by "-"

    def run(self):
        args = self.args
        for name in ("out", "report"):
            if getattr(args, name) and getattr(args, name) != "-":
                setattr(args, name, os.path.abspath(getattr(args, name)))
        try:
            self.options = Options(args)
        except (OSError, ValueError) as e:
            return fail(USAGE, "--job: %s" % e, args.json)
        quiet = args.json or args.report == "-" or (args.report or "").startswith("/dev/fd/")
        if args.json or args.report == "-":
            self._keep_stdout()
        self.terminal = None if quiet else Terminal(sys.stdout)
        self._guarded()
        return self._ended()

    def _keep_stdout(self):
        """Only the report is written there; what programs write goes to stderr."""
        self.answer = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="replace")
        os.dup2(2, 1)

    def _guarded(self):
        """Runs, and takes what ends it."""
        if os.environ.get("TARN_KERNEL_CHILD"):
            guard.die_with_parent()
        if self.options.engine == "lake":
            guard.limit_memory(self.args.memory)
        if not self.args.net:
            guard.no_net()
        guard.on_signals()
        off = guard.limit_time(self.args.timeout, self._at_last)
        try:
            self._run()
        except guard.TimedOut:
            self._over("timed_out", "TimeoutError: the notebook ran longer than %d seconds" % self.args.timeout)
        except (guard.Interrupted, KeyboardInterrupt):
            self._over("interrupted", "KeyboardInterrupt: the run was interrupted")
        except MemoryError:
            self._over("failed", self._too_big())
        finally:
            off()

    def _over(self, status, error):
        self.report.update(status=status, error=error)

    def _at_last(self):
        """In another thread: the main one doesn't come back."""
        self._over("timed_out", "TimeoutError: the notebook ran longer than %d seconds" % self.args.timeout)
        self._write()
        os._exit(TIMED_OUT)

    def _run(self):
        from tarn_kernel.shell import CellError, Shell
        surroundings(self.notebook, self.options)
        try:
            self.shell = Shell(self.notebook, self.options, starter(self.options), self.terminal)
        except (NoStack, ImportError, LakeError) as e:
            self.report.update(status="failed", error="%s: %s" % (type(e).__name__, e))
            self.code = START
            return
        from tarn_kernel.dbfs import Dbfs
        dbfs = Dbfs(self.shell.client)
        dbfs.install()
        offer_modules(self.shell)
        try:
            self._run_cells(CellError)
        finally:
            dbfs.undo()
            self.shell.close()

    def _run_cells(self, cell_error):
        try:
            self.shell.run_notebook(self.notebook, set(self.args.cell), self._on_cell)
            self._stop_streams()
        except NotebookExit as e:
            self.report.update(exited=True, result=e.value)
            self._stop_streams()
        except cell_error as e:
            if self.notebook.plain and isinstance(e.exception, SystemExit) and e.exception.code in (None, 0):
                self.cells[e.cell.number]["status"] = "ok"
            elif isinstance(e.exception, KeyboardInterrupt):
                raise e.exception from None
            else:
                text = e.text if not isinstance(e.exception, MemoryError) else self._too_big()
                self.report.update(status="failed", error=text, trace=e.trace, cell=e.cell.number, line=e.line, missing=self._missing(e.exception))
        finally:
            self.report.update(task_values=self.shell.jobs.taskValues.given, streams=self.shell.failed_streams)

    def _too_big(self):
        return "MemoryError: the notebook needs more than %d MiB (--memory)" % self.args.memory

    def _missing(self, exception):
        """What isn't here of all that the notebook uses, where that is what it failed by."""
        if not isinstance(exception, (AttributeError, ImportError, NotImplementedError)) and "NotImplemented" not in type(exception).__name__:
            return []
        from tarn_kernel.check import missing
        return sorted({f.name for f in missing(self.notebook)})

    def _stop_streams(self):
        self.shell.stop_streams()
        failed = [f for f in self.shell.failed_streams if f["fails"]]
        if failed:
            self.report.update(status="failed", error=failed[0]["error"], trace=failed[0]["error"], cell=failed[0]["cell"])

    def _on_cell(self, cell, language, seconds, outputs, error):
        row = self.cells[cell.number]
        row.update(seconds=round(seconds, 3), outputs=finished(outputs), status="failed" if error else "skipped" if self.shell.skipped else "ok")
        self.counts[cell.number] = self.shell.count

    # ---- the end ----

    code = None

    def _ended(self):
        guard.no_signals()
        self._write()
        code = {"ok": OK, "failed": FAILED, "timed_out": TIMED_OUT, "interrupted": INTERRUPTED}[self.report["status"]]
        if not self.notebook.plain:
            guard.end_soon(self.code or code)
        return self.code or code

    def _write(self):
        self.report["seconds"] = round(time.monotonic() - self.began, 3)
        if self.terminal:
            self.terminal.end()
        if self.args.out:
            from tarn_kernel import write
            write.notebook(self.args.out, self.notebook, self.cells, self.counts)
        if self.args.report and self.args.report != "-":
            with open(self.args.report, "w", encoding="utf-8", errors="replace") as f:
                f.write(_dumped(self.report))
        elif self.args.report:
            self._say(self.report)
        elif self.args.json:
            self._say(self._envelope())
        self._last_line()

    def _say(self, what):
        self.answer.write(_dumped(what))
        self.answer.flush()

    def _envelope(self):
        """What tarn's commands answer with by --json."""
        bad = self.report["status"] != "ok"
        error = {"code": self.report["status"].upper(), "message": self.report["error"], "hint": hint_of(self.report["error"]), "retryable": False} if bad else None
        return {"schema": 1, "command": "notebook", "ok": not bad, "data": self.report, "warnings": [], "error": error}

    def _last_line(self):
        r = self.report
        if not self.terminal:
            return
        for f in r["streams"]:
            if not f["fails"]:
                fail(0, "%s, cell %s: a stream has ended: %s" % (r["notebook"], f["cell"], _first_line(f["error"])))
        if r["status"] == "ok":
            return
        where = "" if r["cell"] is None else ", cell %d%s" % (r["cell"], "" if r["line"] is None else ", line %d" % r["line"])
        sys.stdout.flush()
        hint = hint_of(r["error"])
        fail(1, "%s%s: %s%s" % (r["notebook"], where, _first_line(r["error"]), "\n  try: " + hint if hint else ""))


def _dumped(what):
    """JSON on a line, which every reader takes. Half characters are in it as they are, for the file to replace; NaN, which an output may hold,
    is null."""
    try:
        return json.dumps(what, ensure_ascii=False, allow_nan=False) + "\n"
    except ValueError:
        return json.dumps(json.loads(json.dumps(what), parse_constant=lambda _: None), ensure_ascii=False) + "\n"


def _first_line(error):
    """An error on one line: its class and the first line that says something."""
    name, colon, text = error.partition(":")
    return name + colon + " " + next((line.strip() for line in text.split("\n") if line.strip()), "")


def starter(options):
    """Gives the session that cells know as spark."""
    def lake():
        from pyspark.sql import SparkSession
        return SparkSession.builder.getOrCreate()

    def spark():
        from tarn_kernel import engine_spark
        return engine_spark.start(options.engine)
    return lake if options.engine == "lake" else spark


def surroundings(notebook, options):
    """The process as a cluster's driver is: its zone, its folder, where modules are found."""
    os.environ.setdefault("MPLBACKEND", "Agg")
    os.environ["TZ"] = "UTC"
    time.tzset()
    os.environ.setdefault("DATABRICKS_RUNTIME_VERSION", "15.4")
    sys.path.insert(0, notebook.folder)
    sys.argv = [notebook.path] + [str(a) for a in (options.job or {}).get("argv") or []]
    os.chdir(notebook.folder)


def offer_modules(shell):
    """Modules that a cluster has: pyspark.dbutils, databricks.sdk.runtime, and IPython.display where there is no IPython."""
    from tarn_kernel import modules
    modules.offer(shell)
