"""Cells of Python: compiled under names that tracebacks show, run in one namespace, the last expression echoed."""
import ast
import asyncio
import inspect
import io
import linecache
import os
import re
import sys
import tokenize
import traceback

_HERE = os.path.dirname(os.path.abspath(__file__))
_MAGIC_LINE = re.compile(r"^(\s*)(?:([A-Za-z_][\w, ]*?)\s*=\s*)?([%!])(.*)$")


def file_of(notebook, cell, outer):
    """What a traceback calls a cell: "<cell 3>", of other notebooks "<name, cell 3>", a plain file by its path."""
    return notebook.path if notebook.plain else "<%scell %d>" % ("" if outer else notebook.name + ", ", cell.number)


def _remember(file, source):
    """For tracebacks and inspect.getsource."""
    if not file.startswith("<"):
        return
    lines = source.splitlines(True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    linecache.cache[file] = (len(source), None, lines, file)


# ---- lines of magic in a cell of Python ----

def _inner_lines(source):
    """Numbers of the lines that begin inside a text or brackets: those aren't statements."""
    inside, depth = set(), 0
    try:
        for t in tokenize.generate_tokens(io.StringIO(source).readline):
            if t.type == tokenize.STRING and t.end[0] > t.start[0]:
                inside.update(range(t.start[0] + 1, t.end[0] + 1))
            elif t.type == tokenize.OP and t.string in "([{":
                depth += 1
            elif t.type == tokenize.OP and t.string in ")]}":
                depth -= 1
            elif t.type == tokenize.NL and depth > 0:
                inside.add(t.start[0] + 1)
    except (tokenize.TokenError, SyntaxError, IndentationError):
        pass
    return inside


def without_magic(source):
    """The source with its lines of % and ! made calls; the same where it has none."""
    out, inside = source.split("\n"), None
    for i, line in enumerate(out):
        found = _MAGIC_LINE.match(line)
        if not found or (found.group(3) == "%" and not re.match(r"\w|%\w", found.group(4))):
            continue
        if inside is None:
            inside = _inner_lines(_blanked(source))
        if i + 1 in inside:
            continue
        indent, target, kind, rest = found.groups()
        out[i] = "%s%s__tarn_line__(%r, %r, %r)" % (indent, target + " = " if target else "", kind, rest.strip(), bool(target))
    return "\n".join(out)


def _blanked(source):
    """Lines of magic as pass, so that the rest can be read as tokens."""
    return "\n".join("pass" if re.match(r"^\s*[%!]", line) else line for line in source.split("\n"))


# ---- running ----

def _without_indent(source):
    """A cell whose first line is indented runs as if none of its lines were so far."""
    found = re.match(r"(?:[ \t]*\n)*([ \t]+)\S", source)
    if not found:
        return source
    indent = found.group(1)
    return "\n".join(line[len(indent):] if line.startswith(indent) else line for line in source.split("\n"))


def parse(source, file):
    """-> the tree. Raises SyntaxError."""
    source = _without_indent(source)
    flags = getattr(ast, "PyCF_ALLOW_TOP_LEVEL_AWAIT", 0)
    try:
        return compile(source, file, "exec", ast.PyCF_ONLY_AST | flags)
    except SyntaxError:
        changed = without_magic(source)
        if changed == source:
            raise
    return compile(changed, file, "exec", ast.PyCF_ONLY_AST | flags)


def _evaluate(code, namespace):
    value = eval(code, namespace)
    if code.co_flags & inspect.CO_COROUTINE:
        return asyncio.get_event_loop_policy().new_event_loop().run_until_complete(value)
    return value


def run(source, file, namespace, echo):
    """Runs a cell; echo(value) gets its last expression's value, unless that is None or a ; follows it."""
    _remember(file, source)
    tree = parse(source, file)
    flags = getattr(ast, "PyCF_ALLOW_TOP_LEVEL_AWAIT", 0)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    if tree.body:
        _evaluate(compile(tree, file, "exec", flags), namespace)
    if last is not None:
        value = _evaluate(compile(ast.Expression(last.value), file, "eval", flags), namespace)
        if value is not None and not _quiet(source):
            namespace["_"] = value
            echo(value)


def _quiet(source):
    """Whether the last thing in it is a semicolon."""
    text = source.rstrip()
    if text.endswith(";"):
        return True
    last = ""
    if "#" in text and ";" in text:
        try:
            for t in tokenize.generate_tokens(io.StringIO(source).readline):
                if t.type == tokenize.OP:
                    last = t.string
                elif t.type not in (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENDMARKER, tokenize.DEDENT):
                    last = ""
        except (tokenize.TokenError, SyntaxError):
            return False
    return last == ";"


# ---- what went wrong ----

def _kept(frames, exception):
    """The frames that users know: not ours; not those of the stand-in where it raised an error of Spark's."""
    spark = type(exception).__module__.startswith(("pyspark.errors", "delta.")) or getattr(exception, "_tarn_plain", False)
    kept = []
    for f in frames:
        path = os.path.abspath(f.filename) if not f.filename.startswith("<") else f.filename
        if path.startswith(_HERE) or os.path.basename(path) in ("tarn_client.py", "code.py"):
            continue
        if spark and re.search(r"[/\\](pyspark|delta|py4j)[/\\]", path):
            continue
        kept.append(f)
    return traceback.StackSummary.from_list(kept)


def trace(exception):
    """The traceback as text, without frames that say nothing to users."""
    te = traceback.TracebackException.from_exception(exception)
    seen = set()
    stack = [(te, exception)]
    while stack:
        t, e = stack.pop()
        if t is None or e is None or id(t) in seen:
            continue
        seen.add(id(t))
        t.stack = _kept(t.stack, e)
        stack += [(t.__cause__, e.__cause__), (t.__context__, e.__context__)]
    return "".join(te.format()).rstrip("\n")


def name_of(exception):
    """The exception's class as tracebacks show it, without pyspark's modules."""
    return type(exception).__qualname__


def text_of(exception):
    """"KeyError: 'x'": one error on as many lines as it has."""
    return "".join(traceback.format_exception_only(type(exception), exception)).strip().split("\n")[-1] \
        if isinstance(exception, SyntaxError) else "%s: %s" % (name_of(exception), said_by(exception))


def said_by(exception):
    """str() of it, where it has one."""
    try:
        return str(exception)
    except Exception:
        return "<exception str() failed>"


def line_of(exception, file):
    """The line of a cell where an exception came from; None: from elsewhere."""
    if isinstance(exception, SyntaxError) and exception.filename == file:
        return exception.lineno
    line = None
    for f in traceback.extract_tb(exception.__traceback__):
        if f.filename == file:
            line = f.lineno
    return line


def new_namespace(name="__main__"):
    """The module that cells run in, which is sys.modules["__main__"] from now on -> its dict."""
    import types
    module = types.ModuleType(name)
    module.__dict__["__builtins__"] = __builtins__
    sys.modules[name] = module
    return module.__dict__
