"""DataFrame: a frame in the lake's session. Each transformation is a statement over earlier frames, analysed at once and run at an action.

  _plan.py     transformations      _actions.py  what runs a frame      _na.py, _stat.py  NULLs, statistics      _pandas.py  pandas
"""
import re

from pyspark.errors import AnalysisException, ParseException, PySparkTypeError
from pyspark.errors.exceptions.base import not_served
from pyspark.sql import _show
from pyspark.sql._actions import Actions
from pyspark.sql._na import DataFrameNaFunctions, NullMethods
from pyspark.sql._origin import Line, mapped
from pyspark.sql._plan import Transformations
from pyspark.sql._sets import SetMethods
from pyspark.sql._stat import DataFrameStatFunctions, StatMethods
from pyspark.sql._views import ViewMethods
from pyspark.sql.column import Column, _quoted
from pyspark.sql.types import StructField, StructType, _parse_datatype_json_value, _refuse

__all__ = ["DataFrame", "DataFrameNaFunctions", "DataFrameStatFunctions"]

_BY_ID = re.compile("^`\x01(\\d+)(?:@\\d+)?\x01")


class DataFrame(Transformations, SetMethods, Actions, NullMethods, StatMethods, ViewMethods):
    """Rows with named and typed columns, of a session. Made by SparkSession and by each other."""

    def __init__(self, answer, session):
        self._answer = answer
        self._session = session
        self._frame = answer["frame"]
        self._fields = answer["schema"]
        self._ref = "`#`.`%d`" % self._frame
        self._schema = None
        self._level = None
        self._parts, self._of_driver = 1, False
        self._line = Line(self._frame)

    # ---- of the frame ----

    @property
    def sparkSession(self):
        """The session it belongs to."""
        return self._session

    @property
    def sql_ctx(self):
        """The SQLContext of its session."""
        from pyspark.sql.context import SQLContext
        return SQLContext._get_or_create(self._session.sparkContext)

    @property
    def columns(self):
        """Names of its columns."""
        return [f["name"] for f in self._fields]

    @property
    def dtypes(self):
        """Names with types as SQL writes them."""
        return [(f["name"], f["type"]) for f in self._fields]

    @property
    def schema(self):
        """Its StructType."""
        if self._schema is None:
            self._schema = StructType([StructField(f["name"], _parse_datatype_json_value(f["json"]), f["nullable"],
                                                   self._session._metadata.get(f.get("id")) or f.get("metadata"))
                                       for f in self._fields])
        return self._schema

    @property
    def isStreaming(self):
        """Whether it reads a stream."""
        return bool(self._answer.get("streaming"))

    @property
    def rdd(self):
        """Its rows as an RDD."""
        from pyspark.rdd import RDD, slices
        return RDD(lambda: slices(self.collect(), self._parts), self._session.sparkContext)

    @property
    def na(self):
        """Its functions for NULLs."""
        return DataFrameNaFunctions(self)

    @property
    def stat(self):
        """Its statistics."""
        return DataFrameStatFunctions(self)

    @property
    def write(self):
        """Where it can be written."""
        from pyspark.sql.readwriter import DataFrameWriter
        return DataFrameWriter(self)

    def writeTo(self, table):
        """A writer to a table, of the second kind."""
        from pyspark.sql.readwriter import DataFrameWriterV2
        return DataFrameWriterV2(self, table)

    @property
    def writeStream(self):
        """Where it can be written for ever."""
        from pyspark.sql.streaming.readwriter import DataStreamWriter
        return DataStreamWriter(self)

    def __repr__(self):
        return "DataFrame[%s]" % ", ".join("%s: %s" % (f["name"], f["type"]) for f in self._fields)

    def __dir__(self):
        return sorted(set(super().__dir__()) | {c for c in self.columns if c.isidentifier()})

    @property
    def _jdf(self):
        """What programs reach for in Java's frame."""
        return _Frame(self)

    # ---- its columns ----

    def __getattr__(self, name):
        if name.startswith("_") or name not in self.columns:
            raise AttributeError("'%s' object has no attribute '%s'" % (type(self).__name__, name))
        return self[name]

    def __getitem__(self, item):
        """A column by its name or place, a selection by a list, a filter by a Column."""
        if isinstance(item, str):
            return self._column(item)
        if isinstance(item, Column):
            return self.filter(item)
        if isinstance(item, (list, tuple)):
            return self.select(*item)
        if isinstance(item, int):
            return self._of_field(self._fields[item])
        raise _refuse(PySparkTypeError, "NOT_COLUMN_OR_FLOAT_OR_INT_OR_LIST_OR_STR", arg_name="item", arg_type=type(item).__name__)

    def _ipython_key_completions_(self):
        return self.columns

    @staticmethod
    def _named(field):
        """SQL of a column by its identity."""
        return _quoted(field["name"] if field.get("id") is None else "\x01%d\x01%s" % (field["id"], field["name"]))

    def _of_field(self, field, name=None):
        """The Column of a field of this frame; name: as it is to be called."""
        name = name or field["name"]
        return Column(_quoted(name if field.get("id") is None else "\x01%d@%d\x01%s" % (field["id"], self._frame, name)), name)

    def _column(self, name):
        """The Column of a name: plain, quoted, of a struct's field, with a qualifier, a star. Raises AnalysisException as the lake does."""
        if name == "*":
            return Column(", ".join(self._of_field(f)._expr for f in self._fields), "unresolvedstar()")
        if name.endswith(".*"):
            return Column(_path(name[:-2]) + ".*", name)
        plain = name[1:-1].replace("``", "`") if re.match("`([^`]|``)+`$", name) else name
        found = [f for f in self._fields if f["name"].lower() == plain.lower()]
        if len(found) == 1 and ("." not in name or plain != name):
            return self._of_field(found[0], plain)
        return self._asked(name)

    def _asked(self, name):
        """What a name is that isn't simply one of the columns': a field of one, one by a qualifier, or an error."""
        try:
            field = self._made("SELECT %s FROM %s" % (_path(name), self._ref))._fields[0]
        except AnalysisException as e:
            if e.getErrorClass() != "UNRESOLVED_COLUMN.WITH_SUGGESTION":
                raise
            listed = ", ".join(map(_path, self.columns))
            raise e._reworded(re.sub(r"\[`.*`\]\.$", lambda _: "[%s]." % listed, str(e))) from None
        if any(f.get("id") == field.get("id") for f in self._fields):
            return Column(self._of_field(field)._expr, name)
        first, _, rest = name.partition(".")
        found = [f for f in self._fields if f["name"].lower() == first.strip("`").lower()]
        return Column("%s.%s" % (self._of_field(found[0])._expr, _path(rest)), name) if found and rest else Column(_path(name), name)

    def _field_of(self, column):
        """The field that a Column of this frame names; None: it's an expression, or another frame's."""
        if _BY_ID.match(column._expr):
            ids = [int(_BY_ID.match(e).group(1)) for e in (column._expr, mapped(column._expr, self._line.joins))]
            return next((f for i in ids for f in self._fields if f.get("id") == i), None)
        named = [f for f in self._fields if column._expr.lower() in (_quoted(f["name"]).lower(), f["name"].lower())]
        return named[0] if len(named) == 1 else None

    # ---- frames of it ----

    def _made(self, sql, other=None, renewed=None):
        """The frame of a query of this one, and of another. renewed: what a join made of the other's columns."""
        try:
            made = self._session._from_frame(self._session._lake.frame(sql=mapped(sql, self._line.joins)))
            made._line = Line(made._frame, (self._line,) if other is None else (self._line, other._line),
                              self._line.joins if renewed is None else self._line.joins + other._line.joins + (renewed,))
            return made
        except ParseException:
            raise
        except AnalysisException as e:
            raise e._placeless() from None

    def _then(self, sql):
        """The frame of a query in which {0} stands for this one."""
        return self._made(sql.replace("{0}", self._ref))

    def transform(self, func, *args, **kwargs):
        """What a function makes of it."""
        result = func(self, *args, **kwargs)
        assert isinstance(result, DataFrame), "Func returned an instance of type [%s], should have been DataFrame." % type(result)
        return result


def _own_names():
    """Methods print as DataFrame's, wherever they are written: <bound method DataFrame.count of DataFrame[...]>."""
    for base in DataFrame.__mro__[1:-1]:
        for method in vars(base).values():
            if hasattr(method, "__code__"):
                method.__qualname__ = "DataFrame." + method.__name__


_own_names()


class _Frame:
    """df._jdf: showString, schema().treeString()."""

    def __init__(self, df):
        self._df = df

    def showString(self, n, truncate, vertical=False):
        """What show prints."""
        return self._df._shown(n, truncate if truncate else False, vertical)

    def schema(self):
        """Itself, for treeString and json."""
        return self

    def treeString(self):
        """What printSchema prints."""
        return _show.tree(self._df.schema)

    def json(self):
        """Spark's JSON of the schema."""
        return self._df.schema.json()

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        raise not_served("DataFrame._jdf." + name)


def _path(name):
    """A dotted name as SQL: each part in backquotes unless it is already."""
    parts = re.findall(r"`(?:[^`]|``)*`|[^.`]+", name)
    return ".".join(p if p.startswith("`") else _quoted(p) for p in parts) if parts else _quoted(name)
