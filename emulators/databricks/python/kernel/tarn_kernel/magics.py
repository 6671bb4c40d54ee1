"""%sql, %run, %fs, %sh and the others: of whole cells, and of lines in cells of Python."""
import os
import re
import shlex
import subprocess
import sys
import time

from tarn_kernel import cells, formats, sqltext

# Lines that set what a notebook's window or an editor shows: nothing to do here.
_QUIET = {"matplotlib", "load_ext", "reload_ext", "unload_ext", "autoreload", "config", "set_cell_max_output_size_in_mb", "colors", "precision", "pylab",
          "autosave", "xmode", "environment", "skip", "alias", "rehashx", "logstart", "logstop"}


class UsageError(Exception):
    """A magic that isn't there, or words it doesn't take."""


def unserved(language):
    raise UsageError("%%%s: cells of %s aren't run here; python, sql, md, run, fs, sh and pip are" % (language, {"r": "R"}.get(language, language.capitalize())))


# ---- whole cells ----

def cell(shell, c):
    """A cell that begins with a magic of its own."""
    words, rest, above = formats.strip_magic(c.source)
    name = c.magic.lower()
    if name == "sql":
        sql(shell, (words + "\n" if words else "") + rest, above - 1 if words else above)
    elif name == "run":
        for path in run_lines(words, rest):
            shell.include(path)
    elif name == "fs":
        for line in [words] + rest.split("\n"):
            if line.strip() and not line.strip().startswith("#"):
                fs(shell, line)
    elif name == "sh":
        _sh(shell, words, rest)
    else:
        unserved(name)


def sql(shell, text, above):
    """Statements; shows the last one's rows. above: lines of the cell before the text."""
    values = shell.widgets.values()
    df = None
    for statement, line in sqltext.split(text):
        try:
            statement = sqltext.with_widgets(statement, values)
            if _widget(shell, statement):
                values = shell.widgets.values()
                continue
            named = sqltext.parameters(statement, values)
            df = shell.spark.sql(statement, args=named) if named else shell.spark.sql(statement)
        except Exception as e:
            _at_line(e, above + line)
            raise
    if df is None:
        return
    from tarn_kernel.display import frame_table
    if not df.columns:
        shell.outputs.display({"text/plain": "OK"}, None, "OK\n")
        return
    shell.namespace["_sqldf"] = df
    try:
        shell.display.display(df, name="_sqldf") if getattr(df, "isStreaming", False) else shell.display.table(frame_table(df, "_sqldf"))
    except Exception as e:
        _at_line(e, above + line)
        raise


_CREATE_WIDGET = re.compile(r"""(?:\s*--[^\n]*\n)*\s*CREATE\s+WIDGET\s+(TEXT|DROPDOWN|COMBOBOX|MULTISELECT)\s+(\w+)\s+DEFAULT\s+("[^"]*"|'[^']*'|\S+)
                            (?:\s+CHOICES\s+(.*))?\s*\Z""", re.I | re.S | re.X)
_REMOVE_WIDGET = re.compile(r"\s*REMOVE\s+WIDGET\s+(\w+)\s*\Z", re.I)


def _widget(shell, statement):
    """CREATE WIDGET and REMOVE WIDGET, which are no statements of Spark's. False: it is another."""
    found = _CREATE_WIDGET.match(statement)
    if found:
        kind, name, default, choices = found.groups()
        listed = [str(r[0]) for r in shell.spark.sql(choices).collect()] if choices else []
        args = (name, _unquoted(default)) + ((listed,) if kind.upper() != "TEXT" else ())
        getattr(shell.widgets, kind.lower())(*args)
        return True
    found = _REMOVE_WIDGET.match(statement)
    if found:
        shell.widgets.remove(found.group(1))
    return bool(found)


def _at_line(e, before):
    """An error of SQL knows its line in the statement."""
    found = re.search(r"\(line (\d+), pos \d+\)|; line (\d+) pos \d+|== SQL ?\(line (\d+),", str(e))
    try:
        e._tarn_line = before + (int(next(g for g in found.groups() if g)) if found else 1)
    except AttributeError:
        pass


def run_lines(words, rest):
    """The words of each %run of a cell, which has nothing else; a path may stand on the line below."""
    out, waits = [words] if words else [], not words
    for line in map(str.strip, rest.split("\n")):
        if line.startswith("%run"):
            out += [line[4:].strip()] if line[4:].strip() else []
            waits = not line[4:].strip()
        elif line and waits:
            out.append(line)
            waits = False
        elif line and not line.startswith("#"):
            raise UsageError("%run must be alone in its cell: its notebook's path, and nothing else")
    if not out:
        raise UsageError("%run takes the path of a notebook")
    return out


def run_words(words):
    """'./x $a="1" $b="2"' -> ("./x", {"a": "1", "b": "2"})"""
    pieces = re.split(r"\s+\$(\w+)\s*=\s*", " " + words)
    given = {n: _unquoted(v.strip()) for n, v in zip(pieces[1::2], pieces[2::2])}
    path = _unquoted(pieces[0].strip())
    if not path:
        raise UsageError("%run takes the path of a notebook")
    return path, given


def _unquoted(text):
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text


def fs(shell, line):
    """%fs ls /x: a call of dbutils.fs, shown."""
    words = shlex.split(line)
    name, args = words[0], [w for w in words[1:] if w not in ("-r", "--recurse")]
    if name not in ("ls", "cp", "mv", "rm", "mkdirs", "head", "put", "mount", "unmount", "mounts", "refreshMounts", "updateMount", "help"):
        raise UsageError("%%fs has no command %s" % name)
    named = {"recurse": True} if len(args) < len(words) - 1 else {}
    if name == "put" and args and args[-1].lower() == "true":
        args[-1] = True
    value = getattr(shell.fs, name)(*args, **named)
    if isinstance(value, list):
        if value:
            shell.display.display(value)
        else:
            print("(empty)")
    elif value is not None:
        print("res0: Boolean = %s" % str(value).lower() if isinstance(value, bool) else value)


def _skipped(shell, what):
    shell.skipped = True
    print("%s is skipped: tarn notebook run --allow-sh runs it" % what)


def _sh(shell, words, rest):
    options = [w for w in words.split() if w in ("-e", "-x")] if words.startswith("-") else []
    script = rest if options or not words else words + "\n" + rest
    if not shell.options.allow_sh:
        _skipped(shell, "%sh")
    else:
        # As on a cluster, only the last command's failure counts with -e; without, none does.
        try:
            shell.program(["bash"] + options + ["-c", script])
        except RuntimeError:
            if options:
                raise


# ---- %%name cells ----

def python_cell(source):
    """What runs a cell that begins with %%name; None: it is no such cell."""
    found = re.match(r"\s*%%(\w+)[ \t]*([^\n]*)(?:\n(.*))?\Z", source, re.S)
    if not found:
        return None
    name, words, rest = found.group(1), found.group(2), found.group(3) or ""
    if name not in _CELLS:
        raise UsageError("Cell magic `%%%%%s` not found." % name)
    return lambda shell, _source, file: _CELLS[name](shell, words, rest, file, source)


def _rest_runs(shell, rest, file, source, echo=None):
    above = source[:len(source) - len(rest)].count("\n")
    cells.run("\n" * above + rest, file, shell.namespace, echo or shell._echo)
    shell._figures()


def _cell_time(shell, words, rest, file, source):
    began, cpu = time.perf_counter(), time.process_time()
    _rest_runs(shell, rest, file, source)
    _print_times(began, cpu)


def _print_times(began, cpu):
    print("CPU times: total: %s\nWall time: %s" % (_seconds(time.process_time() - cpu), _seconds(time.perf_counter() - began)))


def _seconds(s):
    return "%.3g s" % s if s >= 1 else "%.3g ms" % (s * 1000)


def _cell_capture(shell, words, rest, file, source):
    terminal, shell.outputs.terminal = shell.outputs.terminal, None
    try:
        _rest_runs(shell, rest, file, source)
    finally:
        shell.outputs.terminal = terminal
        shell.outputs.begin()


def _cell_write(shell, words, rest, file, source):
    name = _unquoted(words.replace("-a ", "").strip())
    there = os.path.exists(name)
    with open(name, "a" if words.startswith("-a ") else "w") as f:
        f.write(rest if rest.endswith("\n") else rest + "\n")
    print("%s %s" % ("Appending to" if words.startswith("-a ") else "Overwriting" if there else "Writing", name))


_CELLS = {"time": _cell_time, "timeit": _cell_time, "capture": _cell_capture, "writefile": _cell_write,
          "sql": lambda shell, words, rest, file, source: sql(shell, words + "\n" + rest, 0),
          "bash": lambda shell, words, rest, file, source: _sh(shell, words, rest),
          "sh": lambda shell, words, rest, file, source: _sh(shell, words, rest),
          "html": lambda shell, words, rest, file, source: shell.display.display_html(rest),
          "markdown": lambda *_: None}


# ---- lines ----

def line(shell, rest):
    """A line of % in a cell of Python; gives what `x = %env` gives."""
    name, _, words = rest.partition(" ")
    if name in _QUIET:
        return None
    if name not in _LINES:
        raise UsageError("Line magic function `%%%s` not found." % name)
    return _LINES[name](shell, words.strip())


def shell_line(shell, command, show=True):
    """A line of !; gives what `x = !ls` gives, which doesn't show."""
    if re.match(r"\s*(python\d?\s+-m\s+)?pip\d?\s+install\b", command):
        return _pip(shell, re.sub(r"^\s*(python\d?\s+-m\s+)?pip\d?\s+", "", command))
    if not shell.options.allow_sh:
        _skipped(shell, "!" + command.split(" ")[0])
        return []
    command = re.sub(r"\{(\w+)\}", lambda m: str(shell.namespace.get(m.group(1), m.group())), command)
    try:
        return shell.program(command, shell=True, name="!", show=show).splitlines()
    except RuntimeError:
        return []


def _pip(shell, words):
    if not shell.options.allow_sh:
        _skipped(shell, "%pip " + words)
        return None
    try:
        shell.program([sys.executable, "-m", "pip"] + shlex.split(words, comments=True), name="%pip")
    except subprocess.SubprocessError as e:
        raise RuntimeError("%%pip: %s" % e) from None
    return None


def _time(shell, code):
    began, cpu = time.perf_counter(), time.process_time()
    cells.run(code, "<%time>", shell.namespace, shell._echo)
    _print_times(began, cpu)


def _env(shell, words):
    name, equals, value = words.partition("=")
    if not equals:
        return os.environ.get(name.strip()) if name.strip() else dict(os.environ)
    os.environ[name.strip()] = value.strip()
    print("env: %s=%s" % (name.strip(), value.strip()))
    return None


def _who(shell, words):
    names = sorted(n for n in shell.namespace if not n.startswith("_") and n not in ("spark", "sc", "sqlContext", "dbutils", "display", "displayHTML"))
    print("\t".join(names) if names else "Interactive namespace is empty.")


def _include(shell, words):
    shell.include(words)


_LINES = {"pip": _pip, "conda": lambda shell, words: _skipped(shell, "%conda"), "time": _time, "timeit": _time, "env": _env, "set_env": _env,
          "who": _who, "whos": _who, "run": _include, "sql": lambda shell, words: sql(shell, words, 0), "fs": fs, "md": lambda *_: None,
          "sh": lambda shell, words: _sh(shell, words, ""), "pwd": lambda shell, words: os.getcwd(), "cd": lambda shell, words: os.chdir(words or "/"),
          "python": lambda shell, words: cells.run(words, "<%python>", shell.namespace, shell._echo),
          "restart_python": lambda shell, words: shell.restart(), "reset": lambda shell, words: shell.restart(),
          "scala": lambda shell, words: unserved("scala"), "r": lambda shell, words: unserved("r")}


class Lines:
    """get_ipython(), as notebooks exported to programs call it."""

    def __init__(self, shell):
        self._shell = shell

    def run_line_magic(self, name, line):
        return self._shell._line("%", "%s %s" % (name, line), True)

    def magic(self, text):
        return self._shell._line("%", text, True)

    def run_cell_magic(self, name, line, cell):
        source = "%%" + name + " " + line + "\n" + cell
        return python_cell(source)(self._shell, source, "<cell>")

    def system(self, command):
        self._shell._line("!", command, False)

    def getoutput(self, command):
        return self._shell._line("!", command, True)
