#!/usr/bin/python3
"""What runs notebooks, piece by piece, without a stack: files, cells of Python, texts of SQL, tables, dbutils' own."""
import base64
import contextlib
import datetime
import decimal
import io
import json
import os
import sys
import urllib.parse
import zipfile

from tarn import ROOT, TMP, done, ok, parts, same

sys.path[:0] = [os.path.join(ROOT, "emulators/databricks/python", d) for d in ("kernel", "standin")]
sys.dont_write_bytecode = True
from tarn_kernel import cells, check, dbutils, formats, fs, magics, pretty, sqltext, tables, terminal, write  # noqa: E402
from tarn_kernel.outputs import Captured, Outputs, finished  # noqa: E402
from tarn_kernel.places import Places  # noqa: E402

SOURCE = """# Databricks notebook source
# MAGIC %md
# MAGIC # Posts
# MAGIC
# MAGIC text

# COMMAND ----------

# DBTITLE 1,Load, and look
x = 1
# MAGIC

# COMMAND ----------

# a remark
# MAGIC %sql
# MAGIC SELECT 1;

# COMMAND ----------

"""


def file(name, text):
    path = os.path.join(TMP, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(text if isinstance(text, bytes) else text.encode())
    return path


def raised(kind, call, *args, **named):
    try:
        call(*args, **named)
    except kind as e:
        return str(e)
    return None


def shape(book):
    return [(c.number, book.language_of(c), c.title, c.source) for c in book.cells]


# ---- files ----

def sources():
    book = formats.read(file("a.py", SOURCE))
    same(shape(book), [(1, "md", "", "%md\n# Posts\n\ntext"), (2, "python", "Load, and look", "x = 1"), (3, "sql", "", "# a remark\n%sql\nSELECT 1;")],
         "a source file of Python has cells, titles, and other languages")
    book = formats.read(file("a.sql", "-- Databricks notebook source\nSELECT 1\n-- COMMAND ----------\n-- MAGIC %python\n-- MAGIC x = 1\n"))
    same(shape(book), [(1, "sql", "", "SELECT 1"), (2, "python", "", "%python\nx = 1")], "and one of SQL")
    same(shape(formats.read(file("crlf.py", SOURCE.replace("\n", "\r\n"))))[1][3], "x = 1", "with the lines of Windows, too")
    book = formats.read(file("plain.py", "import sys\nprint(sys.argv)\n"))
    same((book.plain, len(book.cells)), (True, 1), "a .py without the first line is a plain file of one cell")
    same(formats.read(file("a.scala", "// Databricks notebook source\nval x = 1")).language, "scala", "one of Scala is read, and fails where it runs")
    ok("first line" in raised(formats.FormatError, formats.read, file("b.scala", "val x = 1")), "one without its first line is no notebook")


def ipynb():
    doc = {"cells": [{"cell_type": "markdown", "source": ["# A\n", "b"], "metadata": {}},
                     {"cell_type": "code", "source": "%sql\nSELECT 1", "metadata": {"application/vnd.databricks.v1+cell": {"title": "T", "showTitle": True}},
                      "outputs": [], "execution_count": 1, "id": "c1"},
                     {"cell_type": "code", "source": ["%matplotlib inline\n", "x = 1"], "metadata": {}, "outputs": []},
                     {"cell_type": "raw", "source": "r", "metadata": {}}],
           "metadata": {"application/vnd.databricks.v1+notebook": {"language": "python", "widgets": {"w": {"currentValue": "5"}, "v": {"widgetInfo": {"defaultValue": "d"}}}}},
           "nbformat": 4, "nbformat_minor": 0}
    book = formats.read(file("n.ipynb", json.dumps(doc)))
    same(shape(book), [(1, "md", "", "# A\nb"), (2, "sql", "T", "%sql\nSELECT 1"), (3, "python", "", "%matplotlib inline\nx = 1"), (4, "raw", "", "r")],
         "an .ipynb has its cells; a magic of lines is Python's")
    same((book.widgets, book.language), ({"w": "5", "v": "d"}, "python"), "its widgets' values, its language")
    doc["metadata"] = {"language_info": {"name": "sql"}}
    same(formats.read(file("s.ipynb", json.dumps(doc))).language, "sql", "the language is also told by language_info")
    ok(raised(formats.FormatError, formats.read, file("bad.ipynb", "{")) and raised(formats.FormatError, formats.read, file("empty.ipynb", b"")),
       "what is no JSON is refused")
    out = write.ipynb(book, {c.number: {"status": "ok", "language": "x", "outputs": [{"output_type": "stream", "name": "stdout", "text": "a\nb"}]} for c in book.cells},
                      {2: 1})
    same((out["cells"][1]["outputs"], out["cells"][1]["id"], out["nbformat_minor"]), ([{"output_type": "stream", "name": "stdout", "text": ["a\n", "b"]}], "c1", 4),
         "written again with outputs, ids stay")


def dbc():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as z:
        z.writestr("folder/one.python", json.dumps({"version": "NotebookV1", "name": "one", "language": "python", "commands": [
            {"position": 2.5, "command": "%run ./two", "subtype": "command"}, {"position": 1.0, "command": "a = 1", "subtype": "command"}],
            "inputWidgets": {"w": {"currentValue": "7"}}}))
        z.writestr("folder/two.sql", json.dumps({"language": "sql", "commands": [{"position": 1, "command": "SELECT 1"}]}))
        z.writestr("manifest.mf", "x")
    path = file("a.dbc", data.getvalue())
    books = formats.read_all(path)
    same([(b.name, b.language, [c.source for c in b.cells]) for b in books], [("one.python", "python", ["a = 1", "%run ./two"]), ("two.sql", "sql", ["SELECT 1"])],
         "an archive has notebooks, cells by their position")
    same(books[0].widgets, {"w": "7"}, "and widgets")
    same(Places(books[0], None).notebook("./two", books[0]).name, "two.sql", "%run finds another of the archive")
    ok("2 notebooks" in raised(formats.FormatError, formats.read, path), "one is wanted, there are two")
    ok(raised(formats.FormatError, formats.read_all, file("bad.dbc", "PK")), "what is no archive is refused")
    same([os.path.basename(f) for f in formats.find(os.path.dirname(file("d/x.py", SOURCE))) if file("d/y.py", "x = 1")], ["x.py"], "a folder's notebooks; plain files are none")


def printout():
    doc = json.dumps({"version": "NotebookV1", "language": "sql", "commands": [{"position": 2, "command": "SELECT 'é'"}, {"position": 1, "command": "%md x"}]})
    model = base64.b64encode(urllib.parse.quote(doc).encode()).decode()
    book = formats.read(file("p.html", "<html><script>var __DATABRICKS_NOTEBOOK_MODEL = '%s'</script></html>" % model))
    same((book.name, shape(book)), ("p.html", [(1, "md", "", "%md x"), (2, "sql", "", "SELECT 'é'")]), "a printout of Databricks' has the notebook in it")
    ok("no printout" in raised(formats.FormatError, formats.read, file("q.html", "<html>")), "another page hasn't")


def places():
    file("repo/.git/x", "")
    file("repo/lib/Auth.ipynb", json.dumps({"cells": [], "nbformat": 4, "metadata": {}}))
    book = formats.read(file("repo/nb/main.py", SOURCE))
    at = Places(book, None)
    same(at.notebook("../lib/Auth", book).name, "Auth.ipynb", "a path is relative to the notebook; its ending may be left out")
    same(at.notebook("/Workspace/Users/me@x.org/repo/lib/Auth", book).name, "Auth.ipynb", "a workspace's path is looked for in the repository")
    ok("Notebook not found" in raised(FileNotFoundError, at.notebook, "./none", book), "and may not be there")
    file("repo/nb/plain.py", "x = 1")
    ok("plain file" in raised(formats.FormatError, at.notebook, "./plain", book), "%run takes no plain file")
    same(Places(book, file("ws/Users/u/n.py", SOURCE)[:-len("/Users/u/n.py")]).notebook("/Users/u/n", book).name, "n.py", "a job's workspace has it at its path")


# ---- Python ----

def run(source, space=None, name="<cell 3>"):
    shown = []
    space = {} if space is None else space
    space.setdefault("__tarn_line__", lambda *a: shown.append(a))
    cells.run(source, name, space, shown.append)
    return shown


def python():
    same([run("x = 1\nx"), run("x = 1"), run("None"), run("x = 1\nx;"), run("1;  # quiet"), run("'a;b'"), run("")], [[1], [], [], [], [], ["a;b"], []],
         "the last expression is shown, unless it is None or ends in a semicolon")
    same(run("a = 5\n%time a\n!ls {a}\nb = !pwd\n%matplotlib inline"),
         [("%", "time a", False), ("!", "ls {a}", False), ("!", "pwd", True), ("%", "matplotlib inline", False)], "lines of % and ! are magics")
    same(run("x = [10\n% 3,\n2]\ny = '''\n%sql\n!x'''\n(x, y)"), [([1, 2], "\n%sql\n!x")], "but not within brackets and texts")
    same(run("  # c\n  x = 2\n  if x:\n      x += 1\n  x"), [3], "a cell may be indented")
    same(run("import asyncio\nawait asyncio.sleep(0, 7)"), [7], "await needs no function")
    space = {}
    run("def f():\n    return 1 / 0", space, "<cell 1>")
    try:
        run("# one\nf()", space, "<cell 2>")
    except ZeroDivisionError as e:
        text = cells.trace(e)
        same((cells.line_of(e, "<cell 2>"), cells.text_of(e)), (2, "ZeroDivisionError: division by zero"), "an error's line in its cell")
        ok('File "<cell 2>", line 2' in text and 'File "<cell 1>", line 2' in text and "1 / 0" in text and "cells.py" not in text, "its trace has cells, not us", text)
    try:
        run("a = 1\nb = = 2")
    except SyntaxError as e:
        same((cells.line_of(e, "<cell 3>"), "b = = 2" in cells.trace(e)), (2, True), "and that of a syntax error")
    same(raised(SyntaxError, run, "%nothing here\nx = = 1") is not None, True, "magic doesn't hide one")


def printed():
    same([pretty.pretty(v) for v in (1, "a", [1], {"a": 1})], ["1", "'a'", "[1]", "{'a': 1}"], "short values as repr has them")
    same(pretty.pretty(["x" * 30] * 3), "['%s',\n '%s',\n '%s']" % (("x" * 30,) * 3), "long ones an item a line, as IPython does")
    same(pretty.pretty({"k": ["y" * 50, "y" * 50]}), "{'k': ['%s',\n  '%s']}" % ("y" * 50, "y" * 50), "dicts, too")
    out = Outputs()
    with Captured(out):
        print("a", end="")
        print("b")
        print("err", file=sys.stderr)
        sys.stdout.buffer.write(b"raw\n")
    same([(o["name"], o["text"]) for o in finished(out.take())], [("stdout", "ab\n"), ("stderr", "err\n"), ("stdout", "raw\n")], "streams in order")
    out.secrets.add("hush!")
    out.stream("stdout", "it's hush! here")
    same(finished(out.take())[-1]["text"], "raw\nit's [REDACTED] here", "a secret isn't printed")


# ---- SQL ----

def sql():
    same(sqltext.split("-- a;b\nSELECT 1; /* x; /* y */ ; */ SELECT ';' AS `a;b`, \"c;\\\";\";\n\n-- end"),
         [("-- a;b\nSELECT 1", 0), ("/* x; /* y */ ; */ SELECT ';' AS `a;b`, \"c;\\\";\"", 1)], "statements apart, with the lines they begin on")
    same(sqltext.split("  ;; -- nothing\n"), [], "comments alone are none")
    same(sqltext.with_widgets("${a} $a ${b} '${a}' getArgument('a') $c", {"a": "1"}), "1 1 ${b} '1' '1' $c", "widgets' values by ${name}")
    same(sqltext.parameters("SELECT :a, ':b', c::int, d[1:2] -- :e", {"a": "1", "b": "2", "int": "3", "e": "4"}), {"a": "1"}, "and by :name")
    same(magics.run_words('./lib/x $a="v w" $b=2'), ("./lib/x", {"a": "v w", "b": "2"}), "words of %run")
    same([magics.run_lines("./a", ""), magics.run_lines("", '"/a/b"'), magics.run_lines("./a", "\n%run ./b\n# done\n%run\n./c")],
         [["./a"], ['"/a/b"'], ["./a", "./b", "./c"]], "a cell may have several, and their paths on lines of their own")
    ok("alone" in raised(magics.UsageError, magics.run_lines, "./a", "x = 1"), "and nothing else")
    book = formats.Notebook("x.ipynb")
    same([book.language_of(formats.Cell(1, c)) for c in ("%run ./a", "# c\n%run ./a\n\n%run\n/b/c\n", "%run ./a $x='1'\nimport y", "# c\n%run ./a\nf(1)")],
         ["run", "run", "python", "python"], "among other lines it is a line of Python's cell, as in Jupyter")
    same(magics.run_words('"/a b/c"'), ("/a b/c", {}), "its path may be quoted")


# ---- tables ----

def values():
    when = datetime.datetime(2018, 5, 6, 7, 8, 9, 120000)
    row = [None, True, 1, 1.0, 1e7, float("nan"), decimal.Decimal("1.50"), datetime.date(2018, 5, 6), when, b"Hi", [1.5, None], ("a", 2), {"k": 1}]
    same(list(map(tables.show_text, row)), ["NULL", "true", "1", "1.0", "1.0E7", "NaN", "1.50", "2018-05-06", "2018-05-06 07:08:09.12", "[48 69]", "[1.5, NULL]",
                                            "{a, 2}", "{k -> 1}"], "values as show() prints them")
    same(list(map(tables.html_text, row)), ["null", "true", "1", "1.0", "1.0E7", "NaN", "1.50", "2018-05-06", "2018-05-06T07:08:09.12Z", "SGk=", "List(1.5, null)",
                                            "List(a, 2)", "Map(k -> 1)"], "as Databricks' tables have them")
    same([tables.real_text(x) for x in (0.0, -0.0, 0.001, 0.0001, 123456.789, 9999999.0, 1.5e300, -2.5e-8, float("-inf"))],
         ["0.0", "-0.0", "0.001", "1.0E-4", "123456.789", "9999999.0", "1.5E300", "-2.5E-8", "-Infinity"], "doubles as Java has them")
    t = tables.Table(["a", "when"], ["long", "timestamp"], [(1, when), (None, None)])
    meta = t.metadata()["application/vnd.databricks.v1+output"]
    same((meta["data"], meta["schema"], meta["overflow"], meta["type"]),
         ([[1, "2018-05-06T07:08:09.12Z"], [None, None]], [{"metadata": "{}", "name": "a", "type": '"long"'}, {"metadata": "{}", "name": "when", "type": '"timestamp"'}],
          False, "table"), "an output keeps rows and schema")
    ok("<table class='table-result'>" in t.html() and "<td>null</td>" in t.html() and "&lt;b&gt;" in tables.Table(["<b>"], ["string"], []).html(), "its HTML, escaped")
    big = tables.Table(["n"], ["long"], ((i,) for i in range(10001)))
    same((len(big.rows), big.overflow), (10000, True), "it is cut at 10,000 rows")
    wide = tables.Table(["s"], ["string"], [("x" * 100000,) for _ in range(50)])
    ok(wide.overflow and 15 < len(wide.rows) < 30, "and at 2 MB", len(wide.rows))


def shown():
    t = tables.Table(["country", "n"], ["string", "long"], [("Albania", 3), ("Zürich", None), ("日本", 12)])
    same(t.text(), "+---------+------+\n| country |    n |\n+---------+------+\n| Albania |    3 |\n| Zürich  | NULL |\n| 日本    |   12 |\n+---------+------+\n3 rows\n",
         "a table of text, numbers to the right")
    ok("█" in t.text(100) and "█" not in t.text(None) and "█" not in tables.Table(["id", "n"], ["long", "long"], [(1, 2), (2, 3)]).text(100), "bars on a terminal, for groups")
    lines = tables.Table(["text", "n"], ["string", "long"], [("x" * 200, 1), ("a\nb", 2)]).text(40).splitlines()
    same((max(map(terminal.width_of, lines)), "\\n" in lines[4]), (40, True), "it fits the terminal; a line stays one")
    ok(tables.Table(["n"], ["long"], [(i,) for i in range(100)]).text().endswith("40 of 100 rows\n"), "the first rows, and how many there are")
    same(tables.Table([], [], []).text(), "(no columns)\n", "no columns")


# ---- dbutils ----

def widgets():
    w = dbutils.Widgets({"given": "g"}, {"kept": "k"})
    for name in ("given", "kept", "fresh"):
        w.text(name, "default")
    same(w.getAll(), {"given": "g", "kept": "k", "fresh": "default"}, "a run's parameter beats what the file keeps, and that the default")
    w.text("fresh", "other")
    same(w.get("fresh"), "default", "made again a widget keeps its value")
    same(raised(fs.ExecutionError, w.get, "x").split("\n: ")[1], "com.databricks.dbutils_v1.InputWidgetNotDefined: No input widget named x is defined", "none of that name")
    same((w.getArgument("x", "d"), w.get("given")), ("d", "g"), "getArgument has a default")
    ok("list of choices" in raised(fs.ExecutionError, w.dropdown, "d", "x", ["a", "b"]), "a dropdown's default is a choice")
    w.removeAll()
    same(w.getAll(), {"given": "g"}, "removed")


def jobs():
    free, task = dbutils.TaskValues(None), dbutils.TaskValues({"task_values": {"load": {"rows": 5}}})
    same(raised(TypeError, free.get, "load", "rows"), "Must pass debugValue when calling get outside of a job context. debugValue cannot be None.", "outside of a job")
    free.set("a", 1)
    same((free.get("load", "rows", debugValue=3), free.given), (3, {}), "the debug value; set does nothing")
    task.set("out", [1, {"a": None}])
    same((task.get("load", "rows"), task.get("load", "x", default=7), task.given), (5, 7, {"out": [1, {"a": None}]}), "in a job: other tasks' values, and one's own")
    ok(raised(ValueError, task.get, "load", "x") and raised(ValueError, task.set, "big", "x" * 50000), "none, and too long")
    same(raised(dbutils.NotebookExit, dbutils.NotebookHandler(None, None, None, lambda v: None).exit, 5), "Notebook exited: 5", "exit's value is a text")
    ok(raised(AttributeError, lambda: dbutils.DBUtils(fs=1).nothing) == "'DBUtils' object has no attribute 'nothing'", "what isn't there is named")


class Workspace:
    """A client that answers as told."""
    url = "http://127.0.0.1:1"

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []

    def call(self, method, path, body=None):
        self.asked.append((method, path, body))
        return self.answers.pop(0)


def files():
    h = fs.FSHandler(Workspace((200, {"files": [{"path": "/mnt/x/a", "is_dir": True, "file_size": 0, "modification_time": 0},
                                                {"path": "/mnt/x/b.csv", "is_dir": False, "file_size": 7, "modification_time": 9}]})))
    same(h.ls("/mnt/x"), [("dbfs:/mnt/x/a/", "a/", 0, 0), ("dbfs:/mnt/x/b.csv", "b.csv", 7, 9)], "ls: folders end in /")
    h = fs.FSHandler(Workspace((404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "x"}), (404, {"error_code": "RESOURCE_DOES_NOT_EXIST"})))
    ok("java.io.FileNotFoundException: No such file or directory: dbfs:/mnt/n" in raised(fs.ExecutionError, h.ls, "/mnt/n"), "what isn't there")
    same(h.rm("/mnt/n", True), False, "rm of nothing is no error")
    already = "java.rmi.RemoteException: java.lang.IllegalArgumentException: requirement failed: Directory already mounted: /mnt/x"
    h = fs.FSHandler(Workspace((409, {"error_code": "RESOURCE_ALREADY_EXISTS", "message": already})))
    ok(already in raised(fs.ExecutionError, h.mount, "s3n://K:S@b", "/mnt/x"), "a mount's famous error comes as it is")
    folder = os.path.join(TMP, "local")
    h = fs.FSHandler(Workspace())
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        got = [h.mkdirs("file:" + folder), h.put("file:%s/a.txt" % folder, "hello"), h.head("file:%s/a.txt" % folder, 3), h.cp("file:%s/a.txt" % folder, "file:%s/b/" % folder),
               [f.name for f in h.ls("file:" + folder)], raised(fs.ExecutionError, h.rm, "file:" + folder) is not None, h.rm("file:" + folder, True)]
    same(got, [True, True, "hel", True, ["a.txt", "b/"], True, True], "the driver's own files by file:/")
    same(out.getvalue(), "Wrote 5 bytes.\n[Truncated to first 3 bytes]\n", "what is printed")
    hidden = []
    s = dbutils.Secrets(Workspace((200, {"key": "k", "value": base64.b64encode(b"hush").decode()}), (404, {"error_code": "RESOURCE_DOES_NOT_EXIST"})), hidden.append)
    same((s.get("s", "k"), hidden), ("hush", ["hush"]), "a secret, which is hidden from here on")
    ok("Secret does not exist with scope: s and key: x" in raised(fs.ExecutionError, s.get, "s", "x"), "none of that name")


# ---- check ----

def checked():
    book = formats.read(file("check.py", """# Databricks notebook source
from pyspark.sql.functions import *
from pyspark.sql.functions import no_such, col
from pyspark.nowhere import x
import pyspark.sql.functions as F
F.col("a"), F.other("b")
spark.range(1).select(col("id")).show()
dbutils.fs.ls("/"), dbutils.fs.fly("/"), dbutils.preview.x
%nothing
# COMMAND ----------
# MAGIC %scala
# MAGIC val x = 1
# COMMAND ----------
def f(:
"""))
    same([(f.name, f.cell, f.line) for f in check.missing(book)],
         [("pyspark.sql.functions.no_such", 1, 2), ("pyspark.nowhere", 1, 3), ("%nothing", 1, 8), ("pyspark.sql.functions.other", 1, 5),
          ("dbutils.fs.fly", 1, 7), ("dbutils.preview", 1, 7), ("%scala", 2, 1), ("SyntaxError", 3, 1)], "what a notebook uses that isn't here, with cells and lines")


def page():
    same(write.markdown("# T\n- a\n- **b**\n\nx `y`<z>\n```\n<q>\n```"), "<h1>T</h1>\n<ul>\n<li>a</li>\n<li><b>b</b></li>\n</ul>\n<p>x <code>y</code>&lt;z&gt;</p>\n"
         "<pre>&lt;q&gt;</pre>", "Markdown as HTML")


parts(sources, ipynb, dbc, printout, places, python, printed, sql, values, shown, widgets, jobs, files, checked, page)
done()
