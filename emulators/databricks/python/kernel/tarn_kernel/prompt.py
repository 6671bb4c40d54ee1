"""tarn pyspark: a prompt of Python in a notebook's surroundings."""
import atexit
import code
import os
import sys

from tarn_client import LakeError, NoStack
from tarn_kernel import cells, formats, guard

_BANNER = """Python %s with Spark %s on %s
spark, sc, dbutils, display and sql are there; %%sql SELECT ... and %%fs ls / go, too. Ctrl-D ends it."""


class _Options:
    allow_sh, engine, memory, params, job = True, "lake", 0, {}, None

    def __init__(self, args):
        self.net, self.settled = args.net, set()


class _Console(code.InteractiveConsole):
    """Python's, with lines of magic, and errors without our frames."""

    def __init__(self, shell):
        self._shell = shell
        super().__init__(shell.namespace, "<prompt>")

    def push(self, line, *args, **named):
        text = line.strip()
        if not self.buffer and text[:1] in ("%", "!") and text[1:]:
            self._magic(text)
            return False
        return super().push(line, *args, **named)

    def _magic(self, text):
        try:
            cell = formats.Cell(0, text)
            if text[0] == "%" and cell.magic.lower() in formats.CELL_MAGICS:
                self._shell.run_cell(cell, "<prompt>", cell.magic.lower())
            else:
                cells.run(text, "<prompt>", self._shell.namespace, print)
        except Exception:
            self.showtraceback()

    def showtraceback(self):
        self.write(cells.trace(sys.exc_info()[1]) + "\n")


class _Direct:
    """Where display() prints."""

    def __init__(self):
        from tarn_kernel.terminal import Terminal
        self._terminal = Terminal(sys.stdout)
        self.columns = self._terminal.columns

    def stream(self, name, text):
        self._terminal.stream(name, text)


def _history():
    try:
        import readline
        import rlcompleter
    except ImportError:
        return
    folder = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "tarn")
    file = os.path.join(folder, "pyspark_history")
    readline.set_completer(rlcompleter.Completer(sys.modules["__main__"].__dict__).complete)
    readline.parse_and_bind("tab: complete")
    readline.set_history_length(2000)
    try:
        os.makedirs(folder, exist_ok=True)
        readline.read_history_file(file)
    except OSError:
        pass
    atexit.register(_keep, readline, file)


def _keep(readline, file):
    try:
        readline.write_history_file(file)
    except OSError:
        pass


def prompt(args):
    """-> the exit code."""
    from tarn_kernel import run
    from tarn_kernel.shell import Shell
    options = _Options(args)
    if not args.net:
        guard.no_net()
    folder = os.getcwd()
    book = formats.Notebook(os.path.join(folder, "prompt"))
    sys.path.insert(0, "")
    try:
        shell = Shell(book, options, run.starter(options), _Direct())
    except (NoStack, LakeError, ImportError) as e:
        return run.fail(run.START, e)
    from tarn_kernel.dbfs import Dbfs
    dbfs = Dbfs(shell.client)
    dbfs.install()
    run.offer_modules(shell)
    _history()
    try:
        console = _Console(shell)
        console.interact(_BANNER % (sys.version.split()[0], shell.spark.version, shell.client.url) if sys.stdin.isatty() else "", "")
    except SystemExit as e:
        return e.code if isinstance(e.code, int) else 0 if e.code is None else 1
    finally:
        dbfs.undo()
        shell.close()
    return 0
