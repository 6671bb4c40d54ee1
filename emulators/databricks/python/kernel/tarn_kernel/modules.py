"""Modules that notebooks import on a cluster and that PyPI's packages may not give here."""
import importlib.util
import sys
import types

_REPRS = {"HTML": "_repr_html_", "Markdown": "_repr_markdown_", "SVG": "_repr_svg_", "Image": "_repr_png_"}


def _module(name, **members):
    module = types.ModuleType(name)
    module.__dict__.update(members)
    module.__all__ = [n for n in members if not n.startswith("_")]
    sys.modules[name] = module
    parent, _, last = name.rpartition(".")
    if parent and parent in sys.modules:
        setattr(sys.modules[parent], last, module)
    return module


def _package(name, **members):
    module = _module(name, **members)
    module.__path__ = []
    return module


def _is_there(name):
    try:
        return name in sys.modules or importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def _databricks_methods(shell):
    """What DataFrames have on a cluster only."""
    def display(self, *args, **options):
        shell.display.display(self, *args, **options)
    sql = sys.modules["pyspark.sql"]
    sql.DataFrame.display = display
    connect = sys.modules.get("pyspark.sql.connect.dataframe")
    if connect:
        connect.DataFrame.display = display


def offer(shell):
    """shell: whose dbutils, display and session they give."""
    _databricks_methods(shell)
    _module("pyspark.dbutils", DBUtils=lambda *_: shell.dbutils)
    _package("dbruntime", dbutils=shell.dbutils)
    _module("dbruntime.display", display=shell.display.display, displayHTML=shell.display.display_html)
    names = {n: shell.namespace[n] for n in ("spark", "sc", "sqlContext", "dbutils", "display", "displayHTML", "getArgument", "sql", "table")}
    if not _is_there("databricks"):
        _package("databricks")
        _package("databricks.sdk")
        _module("databricks.sdk.runtime", **names)
    if _is_there("IPython"):
        _lend_display(shell)
    else:
        _stand_in(shell)


def _lend_display(shell):
    """IPython's own display, which finds no shell of its here."""
    try:
        import IPython.display
        IPython.display.display = shell.display.display
    except ImportError:
        pass


def _stand_in(shell):
    def shown(kind):
        class Shown:
            def __init__(self, data=None, url=None, filename=None, **_):
                if filename:
                    with open(filename, "rb") as f:
                        data = f.read()
                self.data = data if data is not None else url
        Shown.__name__ = kind
        Shown.__repr__ = lambda self: "<IPython.core.display.%s object>" % kind
        if kind in _REPRS:
            setattr(Shown, _REPRS[kind], lambda self: self.data)
        return Shown

    _package("IPython", get_ipython=lambda: shell.magics, version_info=(8, 0, 0), __version__="8.0.0")
    _module("IPython.display", display=shell.display.display, clear_output=lambda wait=False: None,
            **{kind: shown(kind) for kind in list(_REPRS) + ["IFrame", "Javascript", "JSON", "Latex", "Pretty"]})
