"""tarn notebook check: what a notebook uses of PySpark, Delta, dbutils and magics that isn't here, found without running it."""
import ast
import builtins
import importlib
import json
import os
import re
import sys

from tarn_kernel import cells, formats, magics
from tarn_kernel.names import FUNCTIONS, METHODS

_OURS = ("pyspark", "delta")


class Found:
    """A name that isn't here: its cell and line."""

    def __init__(self, name, cell, line, why):
        self.name, self.cell, self.line, self.why = name, cell, line, why

    def row(self):
        return {"name": self.name, "cell": self.cell, "line": self.line, "why": self.why}


def _module(name):
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def _members():
    """Names of all classes of the stand-ins, and of classes in them (SparkSession.Builder)."""
    for name in ("pyspark.sql.dataframe", "pyspark.sql.column", "pyspark.sql.group", "pyspark.sql.session", "pyspark.sql.catalog", "pyspark.sql.readwriter",
                 "pyspark.sql.window", "pyspark.sql.streaming", "pyspark.sql.streaming.readwriter", "pyspark.sql.streaming.query", "pyspark.rdd",
                 "pyspark.context", "pyspark.conf", "pyspark.sql.conf", "pyspark.sql.types", "pyspark.sql.udf", "pyspark.sql.context", "delta.tables"):
        _module(name)
    found = set()
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] in _OURS and module is not None:
            for value in list(vars(module).values()):
                if isinstance(value, type):
                    found.update(dir(value), *(dir(inner) for inner in vars(value).values() if isinstance(inner, type)))
    return found


def _dbutils_parts():
    from tarn_kernel import dbutils, fs
    return {"fs": fs.FSHandler, "widgets": dbutils.Widgets, "secrets": dbutils.Secrets, "notebook": dbutils.NotebookHandler, "jobs": dbutils.Jobs,
            "library": dbutils.Library, "data": dbutils.Data, "credentials": dbutils.Credentials}


def _served(found):
    """Whether a name is there, and does more than say that it isn't served."""
    return found is not None and not getattr(found, "_unserved", False)


class Checker:
    """One notebook; cells share names, as when they run."""

    def __init__(self, notebook):
        self.notebook, self.found = notebook, []
        self.modules = {}          # a name in the notebook -> the module it stands for
        self.stars, self.known = False, set(dir(builtins))
        self.members, self.parts = _members(), _dbutils_parts()

    def check(self):
        for cell in self.notebook.cells:
            self.cell = cell.number
            language = self.notebook.language_of(cell)
            if language in ("scala", "r"):
                self._add("%" + language, 1, "cells of this language aren't run here")
            elif language == "run":
                self._run(cell)
            elif language == "python":
                self._python(cell.source)
        return self.found

    def _add(self, name, line, why="isn't here"):
        if not any(f.name == name for f in self.found):
            self.found.append(Found(name, self.cell, line, why))

    def _run(self, cell):
        from tarn_kernel.places import Places
        words, rest, above = formats.strip_magic(cell.source)
        try:
            for each in magics.run_lines(words, rest):
                words = each
                Places(self.notebook, None).notebook(magics.run_words(words)[0], self.notebook)
        except (magics.UsageError, FileNotFoundError, formats.FormatError, OSError) as e:
            self._add("%run " + words, above, str(e).split(". ")[0])

    def _python(self, source):
        source = re.sub(r"\A((?:\s*(?:#[^\n]*)?\n)*\s*)%python\b", r"\1", source)
        try:
            tree = cells.parse(source, "<cell>")
        except SyntaxError as e:
            self.found.append(Found("SyntaxError", self.cell, e.lineno or 1, e.msg))
            return
        for node in ast.walk(tree):
            self._defines(node)
        for node in ast.walk(tree):
            self._uses(node)

    def _defines(self, node):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level and node.module.split(".")[0] in _OURS:
            self._import_from(node)
        elif isinstance(node, ast.Import):
            for a in node.names:
                self._import(a, node.lineno)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            self.known.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            self.known.add(node.name)
        elif isinstance(node, ast.arg):
            self.known.add(node.arg)
        elif isinstance(node, ast.alias) and node.name != "*":
            self.known.add((node.asname or node.name).split(".")[0])

    def _import_from(self, node):
        module = None if node.module == "pyspark.dbutils" else _module(node.module)
        if node.module == "pyspark.dbutils":
            return
        if module is None:
            self._add(node.module, node.lineno)
            return
        for a in node.names:
            if a.name == "*":
                self.stars = self.stars or node.module == "pyspark.sql.functions"
                continue
            inner = _module(node.module + "." + a.name) if not hasattr(module, a.name) else getattr(module, a.name)
            if not _served(inner):
                self._add("%s.%s" % (node.module, a.name), node.lineno)
            elif type(inner) is type(sys):
                self.modules[a.asname or a.name] = inner

    def _import(self, alias, line):
        if alias.name.split(".")[0] not in _OURS:
            return
        module = _module(alias.name)
        if module is None:
            self._add(alias.name, line)
        else:
            self.modules[alias.asname or alias.name.split(".")[0]] = module if alias.asname else sys.modules[alias.name.split(".")[0]]

    def _uses(self, node):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            if self.stars and node.id in FUNCTIONS and node.id not in self.known:
                if not _served(getattr(_module("pyspark.sql.functions"), node.id, None)):
                    self._add("pyspark.sql.functions." + node.id, node.lineno)
        elif isinstance(node, ast.Attribute):
            self._attribute(node)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "__tarn_line__":
            self._line(node)

    def _line(self, node):
        kind, rest = node.args[0].value, node.args[1].value
        name = rest.split(" ")[0]
        if kind == "%" and name.startswith("%"):
            if name[1:] not in magics._CELLS:
                self._add("%" + name, node.lineno)
        elif kind == "%" and name not in magics._LINES and name not in magics._QUIET:
            self._add("%" + name, node.lineno)

    def _attribute(self, node):
        value, name = node.value, node.attr
        if isinstance(value, ast.Name) and value.id in self.modules:
            self._of_module(self.modules[value.id], name, node.lineno)
        elif isinstance(value, ast.Name) and value.id == "dbutils":
            if name not in self.parts and name != "help":
                self._add("dbutils." + name, node.lineno)
        elif isinstance(value, ast.Attribute) and isinstance(value.value, ast.Name) and value.value.id == "dbutils" and value.attr in self.parts:
            if name not in dir(self.parts[value.attr]) and name not in ("taskValues", "entry_point"):
                self._add("dbutils.%s.%s" % (value.attr, name), node.lineno)
        elif name in METHODS and name not in self.members:
            self._add("." + name, node.lineno, "isn't here (a name of PySpark's or Delta's)")

    def _of_module(self, module, name, line):
        there = getattr(module, name, None) if hasattr(module, name) else _module(module.__name__ + "." + name)
        if not _served(there):
            self._add("%s.%s" % (module.__name__, name), line)


def missing(notebook):
    """Found of a notebook."""
    return Checker(notebook).check()


def check_all(args):
    """-> the exit code: 1 where something is missing."""
    from tarn_kernel.run import USAGE, fail
    try:
        books = [n for file in formats.find(args.file) for n in formats.read_all(file)]
    except (formats.FormatError, OSError) as e:
        return fail(USAGE, e, args.json)
    if not books:
        return fail(USAGE, "%s has no notebooks" % args.file, args.json)
    rows = [(n, missing(n)) for n in books]
    bad = sum(len(found) for _, found in rows)
    if args.json:
        print(json.dumps({"schema": 1, "command": "notebook", "ok": True, "warnings": [], "error": None, "data": {"missing": bad, "notebooks": [
            {"notebook": os.path.relpath(n.inside or n.path), "missing": [f.row() for f in found]} for n, found in rows]}}))
        return 1 if bad else 0
    for n, found in rows:
        name = os.path.relpath(n.path) + (": " + n.inside if n.inside else "")
        for f in found:
            print("%s, cell %d, line %d: %s: %s" % (name, f.cell, f.line, f.name, f.why))
        if not found:
            print("%s: all that it uses is here" % name)
    return 1 if bad else 0
