"""Notebook files, read: .ipynb, Databricks' source files (.py, .sql, .scala, .r), .dbc archives, .html printouts, and plain .py files.

A cell's source begins with its magic (%sql ...) where its language isn't the notebook's, as it stands in an .ipynb.
"""
import base64
import html
import json
import os
import re
import urllib.parse
import zipfile

ENDINGS = (".ipynb", ".py", ".sql", ".dbc", ".scala", ".r", ".R")
LANGUAGES = {"py": "python", "python": "python", "sql": "sql", "scala": "scala", "r": "r"}
CELL_MAGICS = ("sql", "md", "run", "fs", "sh", "scala", "r", "python")  # others are of lines, in a cell of Python
_COMMENTS = {"python": "#", "r": "#", "sql": "--", "scala": "//"}
_MAGIC = re.compile(r"\A(?:[ \t]*(?:(?:#|--|//)[^\n]*)?\n)*[ \t]*%(\w+)")  # lines of comments may stand above it
_RUNS_ONLY = re.compile(r"\A(?:[ \t]*(?:#[^\n]*|%run[ \t]+\S[^\n]*|%run[ \t]*\n[ \t]*[\"'./\w][^\n=(]*)?(?:\n|\Z))*\Z")


class FormatError(Exception):
    """A file that is no notebook."""


class Cell:
    """number counts from 1; kind: code, markdown or raw. metadata and id are those of an .ipynb."""

    def __init__(self, number, source, kind="code", title="", metadata=None, id_=None):
        self.number, self.source, self.kind, self.title = number, source, kind, title
        self.metadata, self.id = metadata or {}, id_

    @property
    def magic(self):
        """"sql" of %sql, "" without one."""
        found = _MAGIC.match(self.source) if self.kind == "code" else None
        return found.group(1) if found else ""


class Notebook:
    """cells, the language of those without magic, widgets {name: value} that the file keeps, whether it is a plain program."""

    def __init__(self, path, language="python", cells=(), metadata=None, widgets=None, plain=False, inside=None):
        self.path, self.language, self.cells, self.plain = os.path.abspath(path), language, list(cells), plain
        self.metadata, self.widgets, self.inside = metadata or {}, widgets or {}, inside

    @property
    def name(self):
        """The file's name; of an archive's notebook its own."""
        return os.path.basename(self.inside or self.path)

    @property
    def folder(self):
        return os.path.dirname(self.path)

    @property
    def is_jupyter(self):
        """An .ipynb that no Databricks wrote."""
        return self.path.endswith(".ipynb") and "application/vnd.databricks.v1+notebook" not in self.metadata

    def language_of(self, cell):
        """python, sql, md, sh ... of a cell."""
        if cell.kind != "code":
            return "md" if cell.kind == "markdown" else cell.kind
        magic = cell.magic.lower()
        if magic == "run" and not _RUNS_ONLY.match(cell.source):
            return "python"  # with %run as a line of it, as Jupyter has it
        return magic if magic in CELL_MAGICS else "python" if magic else self.language


# ---- .ipynb ----

_NOW = {"heading": "markdown", "html": "markdown"}  # cells of nbformat 3

def _text(source):
    text = "".join(source) if isinstance(source, list) else source or ""
    if not isinstance(text, str):
        raise TypeError("a cell's source is a text, or lines")
    return text


def _ipynb_language(metadata):
    ours = metadata.get("application/vnd.databricks.v1+notebook") or {}
    name = ours.get("language") or (metadata.get("language_info") or {}).get("name") or (metadata.get("kernelspec") or {}).get("language") or "python"
    return LANGUAGES.get(name.lower(), name.lower())


def _widgets(metadata):
    out = {}
    for name, w in ((metadata.get("application/vnd.databricks.v1+notebook") or {}).get("widgets") or {}).items():
        w = w if isinstance(w, dict) else {}
        value = w.get("currentValue")
        if value is None:
            value = (w.get("widgetInfo") or {}).get("defaultValue")
        if value is not None:
            out[name] = str(value)
    return out


def _read_ipynb(path, raw):
    try:
        doc = json.loads(raw)
    except ValueError as e:
        raise FormatError("%s is no notebook: %s" % (path, e)) from None
    if not isinstance(doc, dict):
        raise FormatError("%s is no notebook: it has no cells" % path)
    cells = doc.get("cells")
    if cells is None and doc.get("worksheets"):
        cells = [dict(c, source=c.get("source", c.get("input")), cell_type=_NOW.get(c.get("cell_type"), c.get("cell_type", "code")))
                 for w in doc["worksheets"] for c in w.get("cells", [])]
    if not isinstance(cells, list):
        raise FormatError("%s is no notebook: it has no cells" % path)
    out = []
    for i, c in enumerate(cells):
        metadata = c.get("metadata") or {}
        ours = metadata.get("application/vnd.databricks.v1+cell") or {}
        title = str(ours.get("title") or "") if ours.get("showTitle") else ""
        out.append(Cell(i + 1, _text(c.get("source")), str(c.get("cell_type", "code")), title, dict(metadata), c.get("id")))
    metadata = doc.get("metadata") or {}
    return Notebook(path, _ipynb_language(metadata), out, metadata, _widgets(metadata))


# ---- Databricks' source files ----

def header_language(text):
    """The language of a source file by its first line; None: it is no notebook."""
    first = text.lstrip("\ufeff").split("\n", 1)[0].strip()
    for language, comment in _COMMENTS.items():
        if first == comment + " Databricks notebook source":
            return "python" if comment == "#" and language == "r" else language
    return None


def _source_cell(number, lines, comment):
    title, out = "", []
    magic = comment + " MAGIC"
    for line in lines:
        bare = line.rstrip()
        if bare.startswith(comment + " DBTITLE ") and "," in bare and not any(x.strip() for x in out):
            title = bare.split(",", 1)[1]
        elif bare == magic:
            out.append("")
        elif line.startswith(magic + " "):
            out.append(line[len(magic) + 1:])
        else:
            out.append(line)
    return Cell(number, "\n".join(out).strip("\n"), "code", title)


def _read_source(path, text, language):
    comment = _COMMENTS[language]
    cells, lines = [], []
    for line in text.lstrip("\ufeff").split("\n")[1:] + [comment + " COMMAND ----------"]:
        if line.rstrip() == comment + " COMMAND ----------":
            cell = _source_cell(len(cells) + 1, lines, comment)
            lines = []
            if cell.source.strip():
                cells.append(cell)
        else:
            lines.append(line)
    return Notebook(path, language, cells)


# ---- .dbc ----

MEMBER_MAX = 128 << 20  # bytes of a notebook in an archive

def _command_text(command):
    text = command.get("command") or ""
    return text.replace("\r\n", "\n")


def _read_html(path, text):
    """A printout of Databricks', which has the notebook in it."""
    found = re.search(r"__DATABRICKS_NOTEBOOK_MODEL\s*=\s*'([A-Za-z0-9+/=]+)'", text)
    if not found:
        raise FormatError("%s is no printout of a Databricks notebook" % path)
    doc = json.loads(urllib.parse.unquote(base64.b64decode(found.group(1)).decode("ascii")))
    book = _commands(path, os.path.basename(path), doc)
    book.inside = None
    return book


def _read_dbc_member(path, name, raw):
    try:
        doc = json.loads(raw.decode("utf-8"))
    except ValueError:
        raise FormatError("%s: %s is no notebook" % (path, name)) from None
    return _commands(path, name, doc)


def _commands(path, name, doc):
    if not isinstance(doc, dict) or "commands" not in doc:
        raise FormatError("%s: %s is no notebook: it has no commands" % (path, name))
    commands = sorted((c for c in doc["commands"] if c.get("subtype", "command") == "command"), key=lambda c: float(c.get("position") or 0))
    cells = [Cell(i + 1, _command_text(c), "code", c.get("commandTitle") or "" if c.get("showCommandTitle") else "") for i, c in enumerate(commands)]
    widgets = {k: str(v.get("currentValue") or "") for k, v in (doc.get("inputWidgets") or {}).items() if isinstance(v, dict)}
    return Notebook(path, LANGUAGES.get(doc.get("language", "python"), doc.get("language")), cells, {}, widgets, inside=urllib.parse.unquote(name))


def _dbc_members(archive):
    return sorted(n for n in set(archive.namelist()) if not n.endswith("/") and os.path.splitext(n)[1][1:] in LANGUAGES)


def _member(path, archive, name):
    if archive.getinfo(name).file_size > MEMBER_MAX:
        raise FormatError("%s: %s has more than %d MiB" % (path, name, MEMBER_MAX >> 20))
    return _read_dbc_member(path, name, archive.read(name))


def _read_dbc(path):
    try:
        with zipfile.ZipFile(path) as archive:
            return [_member(path, archive, n) for n in _dbc_members(archive)]
    except zipfile.BadZipFile as e:
        raise FormatError("%s is no archive of notebooks: %s" % (path, e)) from None


# ---- any ----

def read_all(path):
    """The notebooks of a file: several where it is an archive. Raises FormatError, OSError."""
    try:
        return _read_all(path)
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as e:
        raise FormatError("%s is no notebook: %s: %s" % (path, type(e).__name__, e)) from None


def _read_all(path):
    ending = os.path.splitext(path)[1]
    if ending == ".dbc":
        found = _read_dbc(path)
        if not found:
            raise FormatError("%s has no notebooks" % path)
        return found
    with open(path, "rb") as f:
        raw = f.read()
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as e:
        raise FormatError("%s isn't UTF-8 text: %s" % (path, e)) from None
    if ending == ".ipynb" or (not ending and text.lstrip().startswith("{")):
        return [_read_ipynb(path, text)]
    if ending == ".html":
        return [_read_html(path, text)]
    language = header_language(text)
    if language == "python" and ending in (".r", ".R"):
        language = "r"
    if language:
        return [_read_source(path, text, language)]
    if ending == ".py":
        return [Notebook(path, "python", [Cell(1, text)], plain=True)]
    if ending == ".sql":
        return [Notebook(path, "sql", [Cell(1, text)], plain=True)]
    raise FormatError("%s is no notebook: its first line isn't the one of Databricks' source files" % path)


def read(path):
    """The notebook of a file with one."""
    found = read_all(path)
    if len(found) > 1:
        raise FormatError("%s has %d notebooks: %s" % (path, len(found), ", ".join(n.name for n in found)))
    return found[0]


def is_notebook(path):
    """Whether a file of a folder is one: by its ending, and a source file by its first line."""
    if path.endswith((".ipynb", ".dbc")):
        return True
    if not path.endswith(ENDINGS):
        return False
    try:
        with open(path, encoding="utf-8", errors="replace") as f:
            return header_language(f.readline()) is not None
    except OSError:
        return False


def find(path):
    """The files of a file or folder, those of a folder in the order of their paths."""
    if not os.path.isdir(path):
        return [path]
    found = []
    for folder, inner, files in os.walk(path):
        inner[:] = sorted(d for d in inner if not d.startswith(".") and d not in ("__pycache__", "node_modules"))
        found += [os.path.join(folder, f) for f in sorted(files) if is_notebook(os.path.join(folder, f))]
    return sorted(found)


def strip_magic(source):
    """A cell's source without its magic, and how many lines are above what is left -> (words on the magic's line, rest, lines)."""
    found = _MAGIC.match(source)
    if not found:
        return "", source, 0
    above = source[:found.end()].count("\n")
    line, _, rest = source[found.end():].partition("\n")
    return line.strip(), rest, above + 1


def escape(text):
    """Text as HTML."""
    return html.escape(text, quote=False)
