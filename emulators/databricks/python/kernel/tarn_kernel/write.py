"""Executed notebooks, written: .ipynb (nbformat 4) and .html."""
import json
import os
import re

from tarn_kernel.formats import escape

_LANGUAGE = "application/vnd.databricks.v1+notebook"


def notebook(path, book, rows, counts):
    """rows: the report's cells by number, counts: their execution counts. Written beside and renamed, so that a reader never sees half of it."""
    text = html(book, rows) if path.endswith(".html") else json.dumps(ipynb(book, rows, counts), indent=1, ensure_ascii=False) + "\n"
    part = "%s.%d.part" % (path, os.getpid())
    try:
        with open(part, "w", encoding="utf-8", errors="replace") as f:
            f.write(text)
        os.replace(part, path)
    except BaseException:
        if os.path.exists(part):
            os.remove(part)
        raise


def _lines(text):
    return text.splitlines(True)


def _output(o):
    o = dict(o)
    if o["output_type"] == "stream":
        o["text"] = _lines(o["text"])
    elif "data" in o:
        o["data"] = {k: _lines(v) if k.startswith("text/") and isinstance(v, str) else v for k, v in o["data"].items()}
    return o


def _cell(book, c, row, count):
    source, kind = c.source, c.kind
    if kind == "code" and book.language_of(c) == "md":
        kind, source = "markdown", re.sub(r"\A\s*%md[\w-]*[ \t]*\n?", "", source)
    metadata = c.metadata
    if c.title and "application/vnd.databricks.v1+cell" not in metadata:
        metadata = dict(metadata)
        metadata["application/vnd.databricks.v1+cell"] = {"cellMetadata": {"byteLimit": 2048000, "rowLimit": 10000}, "inputWidgets": {}, "showTitle": True,
                                                           "title": c.title}
    out = {"cell_type": kind, "metadata": metadata, "source": _lines(source)}
    if c.id:
        out["id"] = c.id
    if kind == "code":
        out["execution_count"] = count if row["status"] in ("ok", "failed") else None
        out["outputs"] = [_output(o) for o in row["outputs"]]
        for o in out["outputs"]:
            if o["output_type"] == "execute_result":
                o["execution_count"] = count
    return out


def ipynb(book, rows, counts):
    """The document of an executed notebook."""
    metadata = dict(book.metadata)
    if _LANGUAGE not in metadata:
        metadata[_LANGUAGE] = {"dashboards": [], "language": book.language, "notebookMetadata": {"pythonIndentUnit": 4},
                               "notebookName": os.path.splitext(book.name)[0], "widgets": {}}
    metadata.setdefault("language_info", {"name": book.language})
    cells = [_cell(book, c, rows[c.number], counts.get(c.number)) for c in book.cells]
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5 if cells and all("id" in c for c in cells) else 4}


# ---- .html ----

_PAGE = """<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>%s</title><style>
body { font-family: sans-serif; max-width: 70em; margin: 2em auto; padding: 0 1em; color: #222 }
pre { background: #f6f6f6; padding: .6em; overflow-x: auto; font-size: 13px; margin: .3em 0 }
pre.out { background: none; border-left: 3px solid #ddd } pre.bad { border-left: 3px solid #c33; color: #a11 }
.cell { margin: 1.2em 0 } .title { font-weight: bold } .state { color: #888; font-size: 12px }
.table-result-container { max-height: 30em; overflow: auto } img { max-width: 100%% }
</style></head><body>
<h1>%s</h1>
%s
</body></html>
"""


def _spans(text):
    text = escape(text)
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", text)
    text = re.sub(r"\*\*([^*]+)\*\*", r"<b>\1</b>", text)
    text = re.sub(r"!\[([^\]]*)\]\(([^)\s]+)[^)]*\)", r'<img alt="\1" src="\2">', text)
    return re.sub(r"\[([^\]]+)\]\(([^)\s]+)[^)]*\)", r'<a href="\2">\1</a>', text)


def markdown(text):
    """The usual of Markdown: headings, lists, code, bold, links; HTML of its own is shown as text."""
    out, paragraph, code, items = [], [], None, False

    def end():
        nonlocal items
        if paragraph:
            out.append("<p>%s</p>" % "<br>".join(_spans(p) for p in paragraph))
            paragraph.clear()
        if items:
            out.append("</ul>")
            items = False
    for line in text.split("\n"):
        heading, item = re.match(r"(#{1,6})\s*(.*?)#*\s*$", line), re.match(r"\s*(?:[-*+]|\d+[.)])\s+(.*)", line)
        if line.strip().startswith("```"):
            if code is None:
                end()
                code = []
            else:
                out.append("<pre>%s</pre>" % escape("\n".join(code)))
                code = None
        elif code is not None:
            code.append(line)
        elif heading:
            end()
            out.append("<h%d>%s</h%d>" % (len(heading.group(1)), _spans(heading.group(2)), len(heading.group(1))))
        elif item:
            if not items:
                end()
                out.append("<ul>")
                items = True
            out.append("<li>%s</li>" % _spans(item.group(1)))
        elif not line.strip():
            end()
        else:
            paragraph.append(line)
    if code is not None:
        out.append("<pre>%s</pre>" % escape("\n".join(code)))
    end()
    return "\n".join(out)


def _shown(o):
    if o["output_type"] == "stream":
        return '<pre class="out">%s</pre>' % escape(o["text"])
    if o["output_type"] == "error":
        return '<pre class="out bad">%s</pre>' % escape("\n".join(o["traceback"]))
    data = o["data"]
    for kind, how in (("text/html", "%s"), ("image/svg+xml", "%s"), ("image/png", '<img src="data:image/png;base64,%s">'),
                      ("image/jpeg", '<img src="data:image/jpeg;base64,%s">')):
        if kind in data:
            return how % (data[kind] if isinstance(data[kind], str) else "".join(data[kind]))
    if "text/markdown" in data:
        return markdown(data["text/markdown"])
    return '<pre class="out">%s</pre>' % escape(data.get("text/plain", ""))


def html(book, rows):
    """The page of an executed notebook."""
    out = []
    for c in book.cells:
        row = rows[c.number]
        if row["language"] == "md":
            out.append('<div class="cell">%s</div>' % markdown(re.sub(r"\A\s*%md[\w-]*[ \t]*\n?", "", c.source)))
            continue
        title = '<div class="title">%s</div>' % escape(c.title) if c.title else ""
        state = "" if row["status"] == "ok" else '<div class="state">%s</div>' % row["status"]
        out.append('<div class="cell">%s<pre>%s</pre>%s%s</div>' % (title, escape(c.source), state, "\n".join(_shown(o) for o in row["outputs"])))
    name = escape(os.path.splitext(book.name)[0])
    return _PAGE % (name, name, "\n".join(out))
