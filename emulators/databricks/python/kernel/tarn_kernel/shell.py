"""A notebook's session: its namespace, and how a cell of each language runs."""
import os
import subprocess
import sys
import threading
import time

from tarn_client import Client
from tarn_kernel import cells, formats, guard, magics
from tarn_kernel.dbutils import Credentials, Data, DBUtils, Jobs, Library, NotebookExit, NotebookHandler, Secrets, Widgets
from tarn_kernel.display import Display
from tarn_kernel.fs import FSHandler
from tarn_kernel.outputs import Captured, Outputs
from tarn_kernel.places import Places

PATIENCE_S = 20  # for a stream of Spark's own to read what is there


class CellError(Exception):
    """A cell failed: the cell, its line (None: unknown), the exception, its trace as text."""

    def __init__(self, cell, line, exception, trace):
        self.cell, self.line, self.exception, self.trace = cell, line, exception, trace
        super().__init__(cells.text_of(exception))


class Shell:
    """options: allow_sh, engine, params {name: text}, job (dict or None), notebook (formats.Notebook). start(): gives the SparkSession."""

    def __init__(self, notebook, options, start, terminal=None):
        self.notebook, self.options, self.terminal = notebook, options, terminal
        self.outputs, self.client = Outputs(terminal), Client()
        self.places = Places(notebook, (options.job or {}).get("root"))
        self.exited, self.skipped, self.count, self.running = None, False, 0, [notebook]
        self._start, self._spark, self.children, self.failed_streams = start, None, [], []
        self.display = Display(self.outputs, lambda: self.spark)
        self.dbutils = self._dbutils()
        self.magics = magics.Lines(self)
        self.namespace = None
        self.restart()

    @property
    def spark(self):
        if self._spark is None:
            self._spark = self._start()
        return self._spark

    # ---- what cells see ----

    def _dbutils(self):
        self.widgets = Widgets(dict((self.options.job or {}).get("params") or {}, **self.options.params), self.notebook.widgets)
        self.jobs = Jobs(self.options.job)
        self.fs = FSHandler(self.client)
        return DBUtils(fs=self.fs, widgets=self.widgets, secrets=Secrets(self.client, self.outputs.secrets.add), jobs=self.jobs,
                       notebook=NotebookHandler(self.run_other, self._facts, self.widgets, self._exit), library=Library(self.restart),
                       data=Data(self.display.display), credentials=Credentials())

    def restart(self):
        """The namespace as it is in the beginning."""
        fresh = {"dbutils": self.dbutils, "display": self.display.display, "displayHTML": self.display.display_html,
                 "getArgument": self.widgets.getArgument, "__tarn_line__": self._line, "get_ipython": lambda: self.magics}
        if self.namespace is None:
            self.namespace = cells.new_namespace()
        else:
            for name in [n for n in self.namespace if not n.startswith("__")]:
                del self.namespace[name]
        self.namespace.update(fresh)
        if self.notebook.plain:
            self.namespace["__file__"] = self.notebook.path
        spark = self.spark
        self.namespace.update(spark=spark, sc=_or_none(lambda: spark.sparkContext), sql=spark.sql, table=spark.table)
        self.namespace["sqlContext"] = _or_none(lambda: _sql_context(spark))

    def _facts(self):
        job = self.options.job or {}
        user = job.get("user") or "user@example.com"
        path = job.get("notebook_path") or "/Users/%s/%s" % (user, os.path.splitext(self.notebook.name)[0])
        tags = {"user": user, "notebookPath": path, "orgId": "0", "browserHostName": "localhost"}
        for name, key in (("jobId", "job_id"), ("runId", "task_run_id"), ("multitaskParentRunId", "run_id"), ("taskKey", "task_key")):
            if job.get(key) is not None:
                tags[name] = str(job[key])
        return {"notebookPath": path, "userName": user, "tags": tags, "apiUrl": self.client.url, "apiToken": os.environ.get("TARN_TOKEN") or "tarn",
                "jobId": tags.get("jobId"), "currentRunId": tags.get("runId"), "browserHostName": "localhost", "workspaceId": "0",
                "clusterId": "0000-000000-tarn0000", "notebookId": "1"}

    def _exit(self, value):
        self.exited = value

    # ---- cells ----

    def run_cell(self, cell, file, language):
        """Runs one cell. Raises what it raises, NotebookExit too."""
        if cell.kind == "raw" or language == "md":
            return
        if not cell.source.strip():
            return
        self.skipped, engine = False, getattr(self._spark, "_tarn_engine", None)
        if engine:
            engine.before_cell()
        try:
            self._of_language(cell, file, language)
        finally:
            if engine:
                engine.after_cell()
        if self.exited is not None:
            raise NotebookExit(self.exited)

    def _of_language(self, cell, file, language):
        if language == "python":
            words, source, above = formats.strip_magic(cell.source) if cell.magic == "python" else ("", cell.source, 0)
            self._python("\n" * max(0, above - 1) + words + ("\n" if above else "") + source, file)
        elif cell.magic.lower() == language:
            magics.cell(self, cell)
        else:
            magics.sql(self, cell.source, 0) if language == "sql" else magics.unserved(language)

    def _python(self, source, file):
        special = magics.python_cell(source)
        if special:
            special(self, source, file)
            return
        cells.run(source, file, self.namespace, self._echo)
        self._figures()

    def _echo(self, value):
        self.display.result(value, self.count)

    def _line(self, kind, rest, wanted):
        """A line of magic; what it gives is wanted by `x = !ls`, not shown."""
        if kind == "!":
            out = magics.shell_line(self, rest.lstrip("!"), show=not wanted)
            return out if wanted else None
        return magics.line(self, rest)

    def _figures(self):
        """What matplotlib has drawn and not shown."""
        pyplot = sys.modules.get("matplotlib.pyplot")
        for number in pyplot.get_fignums() if pyplot else ():
            self.display.figure(pyplot.figure(number))
        if pyplot:
            pyplot.close("all")

    def run_notebook(self, notebook, chosen=None, on_cell=None):
        """Runs cells in order. chosen: their numbers only. on_cell(cell, language, seconds, outputs, error) is told of each of the outermost.
        Raises CellError, NotebookExit."""
        outer = notebook is self.notebook
        for cell in notebook.cells:
            if chosen and cell.number not in chosen:
                continue
            language = notebook.language_of(cell)
            file = cells.file_of(notebook, cell, outer)
            if outer:
                self._run_outer(cell, file, language, on_cell)
            else:
                self.run_cell(cell, file, language)

    def _run_outer(self, cell, file, language, on_cell):
        self.outputs.begin()
        began, error = time.monotonic(), "stopped"
        if language != "md" and cell.kind == "code" and cell.source.strip():
            self.count += 1
            if self.terminal:
                self.terminal.cell(cell, language)
        try:
            with Captured(self.outputs):
                self.run_cell(cell, file, language)
                if language in ("python", "sql"):
                    self._settle_streams(cell.number)
            error = None
        except NotebookExit as e:
            error = None
            self.outputs.display({"text/plain": str(e)}, None, str(e) + "\n")
            raise
        except (guard.TimedOut, guard.Interrupted):
            raise
        except BaseException as e:  # CancelledError isn't an Exception
            error = self._failed(cell, file, e)
            raise error from None
        finally:
            on_cell(cell, language, time.monotonic() - began, self.outputs.take(), error)

    def _failed(self, cell, file, e):
        line = cells.line_of(e, file)
        if line is None and getattr(e, "_tarn_line", None):
            line = e._tarn_line
        trace = self.outputs.secrets.hidden(cells.trace(e))
        text = cells.text_of(e)
        self.outputs.error(cells.name_of(e), cells.said_by(e), trace, trace + "\n")
        found = CellError(cell, line, e, trace)
        found.text = self.outputs.secrets.hidden(text)
        return found

    # ---- streams ----

    def _active(self):
        """Queries that run; none after spark.stop()."""
        if self._spark is None or "pyspark.sql.streaming" not in sys.modules:
            return []
        try:
            return list(self._spark.streams.active)
        except Exception:
            return []

    def _settle_streams(self, cell):
        """What a cell's streams have to read is read before the next cell looks for it, as it is when a person goes from cell to cell. One
        that fails shows so below the cell; the next cells run, as on a cluster, and the run fails in the end, unless all it lacks is a
        checkpoint folder of its own."""
        for query in self._active():
            if query.runId not in self.options.settled:
                self.options.settled.add(query.runId)
                self._finish(query, cell)
        failures = getattr(sys.modules.get("pyspark.sql.streaming.query"), "failures", None)
        for query in failures() if failures else ():
            self._stream_failed(query.exception(), cell)

    def _finish(self, query, cell):
        """Spark's own processAllAvailable waits for ever where rows keep coming: it gets a while."""
        def wait():
            try:
                query.processAllAvailable()
            except Exception as e:
                wrong.append(e)
        wrong = []
        if self.options.engine == "lake":
            wait()
        else:
            waiting = threading.Thread(target=wait, daemon=True)
            waiting.start()
            waiting.join(PATIENCE_S)
        for e in wrong:
            self._stream_failed(e, cell)

    def _stream_failed(self, e, cell):
        text = self.outputs.secrets.hidden(cells.text_of(e))
        if any(f["error"] == text for f in self.failed_streams):
            return
        # On a cluster cells that share a checkpoint folder go through: the newest query stops the others. The run goes on there, so it does here.
        shared = "checkpointLocation belongs to another query" in text
        self.failed_streams.append({"cell": cell, "error": text, "fails": not shared})
        if shared:
            self.outputs.stream("stderr", text + "\n")
        else:
            self.outputs.error(cells.name_of(e), str(e), text, text + "\n")

    def stop_streams(self):
        """The end of the run: each reads what is there, and stops."""
        for query in self._active():
            self._finish(query, None)
            query.stop()
        self._settle_streams(None)

    # ---- other notebooks ----

    def include(self, words):
        """%run: that notebook's cells in this namespace."""
        path, given = magics.run_words(words)
        notebook = self.places.notebook(path, self.running[-1])
        if any(n.path == notebook.path and n.inside == notebook.inside for n in self.running):
            raise RecursionError("%%run: %s runs itself" % path)
        for name, value in given.items():
            self.widgets._values[name] = value
        self.running.append(notebook)
        try:
            self.run_notebook(notebook)
        finally:
            self.running.pop()

    def run_other(self, path, seconds, arguments):
        """dbutils.notebook.run: a Python and a session of its own."""
        from tarn_kernel.other import run_other
        return run_other(self, path, seconds, arguments)

    # ---- programs ----

    def program(self, argv, shell=False, name="%sh", show=True):
        """Runs a program where cells may; its output is the cell's, if it shows. Raises where it fails -> its output."""
        env = dict(os.environ, PYTHONUNBUFFERED="1")
        p = subprocess.Popen(argv, shell=shell, executable="/bin/bash" if shell and os.path.exists("/bin/bash") else None, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=self.notebook.folder, env=env)
        self.children.append(p)
        out = []
        try:
            for line in p.stdout:
                text = line.decode("utf-8", "replace")
                out.append(text)
                if show:
                    sys.stdout.write(text)
        except BaseException:
            p.kill()
            raise
        finally:
            code = p.wait()
            self.children.remove(p)
        if code:
            raise RuntimeError("%s: the command ended with %d" % (name, code))
        return "".join(out)

    def close(self):
        for p in list(self.children):
            p.kill()
        if self._spark is not None:
            lake = getattr(self._spark, "_lake", None)
            if lake is not None:
                lake.close()


def _or_none(make):
    try:
        return make()
    except (AttributeError, ImportError, NotImplementedError, TypeError):
        return None


def _sql_context(spark):
    from pyspark.sql import SQLContext
    return SQLContext(spark.sparkContext, spark)
