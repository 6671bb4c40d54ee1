"""pyspark.sql.functions: the functions of _functions_table.py, and those that do more than pass on what they get."""
import ast as _ast
import decimal
import functools
import inspect
import sys
import warnings
from random import Random as _Random
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterable, List, Optional, Tuple, Type, Union, ValuesView, cast, overload

from pyspark.errors import PySparkTypeError, PySparkValueError
from pyspark.errors.exceptions.base import not_served as _not_served
from pyspark.sql import _expression
from pyspark.sql import _functions_table as _table
from pyspark.sql import _literal
from pyspark.sql.column import Column, _call, _case, _col, _lit, _to_java_column
from pyspark.sql.types import ArrayType, DataType, StringType, StructType

_NONE = object()


def _wrong(error_class, name, value):
    return PySparkTypeError(error_class=error_class, message_parameters={"arg_name": name, "arg_type": type(value).__name__})


def _plain(value):
    """The value, which PySpark's gateway takes no Column for. PySparkTypeError where it is one."""
    if isinstance(value, Column):
        raise PySparkTypeError(error_class="NOT_ITERABLE", message_parameters={"objectName": "Column"})
    return value


class _Argument:
    """An argument of a row of the table: its kind, and what None stands for (_NONE: it is left out)."""

    def __init__(self, text):
        text, equals, default = text.strip().partition("=")
        name, _, self.kind = text.partition(":")
        self.many = name.startswith("*")
        self.name, self.none = name.lstrip("*"), _NONE
        default, _, meant = default.partition("|")
        self.optional = bool(equals)
        if default.endswith("!"):
            default, meant = default[:-1], "None"
        if meant:
            self.none = _ast.literal_eval(meant)
        self.text = name + equals + default

    def columns(self, value):
        """The Columns that the call gets for it."""
        if self.many:
            if self.kind == "l" and len(value) == 1 and isinstance(value[0], (list, set)):
                value = value[0]
            return [_lit(_plain(v)) if self.kind == "s" else _col(v) for v in value]
        if value is None and self.optional:
            return [] if self.none is _NONE else [_lit(self.none)]
        if self.kind == "h" and value is False:
            return []
        if self.kind in ("s", "o"):
            return [_lit(_plain(value))]
        if self.kind in ("v", "h") or (self.kind == "i" and isinstance(value, int)):
            return [_lit(value)]
        return [_col(value)]


class _Row:
    """A row of the table, which makes a Column of a call's arguments."""

    def __init__(self, line):
        line, _, shown = line.partition(" ~ ")
        signature, _, sql = line.partition(" = ")
        self.name, _, rest = signature.partition("(")
        self.arguments = [_Argument(a) for a in rest.rstrip(")").split(", ") if a]
        self.sql = sql or self.name
        self.shown = shown or self.sql

    def source(self):
        names = ", ".join(a.name for a in self.arguments)
        return "def %s(%s):\n    %r\n    return _rows[%r].call((%s))\n" % (
            self.name, ", ".join(a.text for a in self.arguments), "Spark SQL's function %s." % self.sql.partition("(")[0].strip(),
            self.name, names + "," if names else "")

    def call(self, values):
        if self.name in _table.UNSERVED:
            raise _not_served(self.name)
        args, hidden = [], []
        for a, value in zip(self.arguments, values):
            (hidden if a.kind == "h" else args).extend(a.columns(value))
        return Column(_filled(self.sql, [a._expr for a in args + hidden]), _filled(self.shown, [a._repr for a in args]))


def _filled(pattern, texts):
    return pattern.format(*texts) if "{" in pattern else "%s(%s)" % (pattern, ", ".join(texts))


_rows = {}
for _line in _table.ROWS.split("\n"):
    if _line:
        _line = _Row(_line)
        _rows[_line.name] = _line
exec("\n".join(r.source() for r in _rows.values()))
del _line
for _name in _table.UNSERVED:
    globals()[_name]._unserved = True


def _old(name, new, since):
    """A name that PySpark keeps and warns of."""
    def f(*args, **kwargs):
        warnings.warn("Deprecated in %s, use %s instead." % (since, new.__name__), FutureWarning)
        return new(*args, **kwargs)

    f = functools.wraps(new)(f)
    f.__name__ = f.__qualname__ = name
    return f


sumDistinct = _old("sumDistinct", sum_distinct, "3.2")
toDegrees = _old("toDegrees", degrees, "2.1")
toRadians = _old("toRadians", radians, "2.1")
bitwiseNOT = _old("bitwiseNOT", bitwise_not, "3.2")
approxCountDistinct = _old("approxCountDistinct", approx_count_distinct, "2.1")
shiftLeft = _old("shiftLeft", shiftleft, "3.2")
shiftRight = _old("shiftRight", shiftright, "3.2")
shiftRightUnsigned = _old("shiftRightUnsigned", shiftrightunsigned, "3.2")


def lit(col):
    """A column of one value; a Column is left as it is."""
    if isinstance(col, list):
        if any(isinstance(c, Column) for c in col):
            raise PySparkValueError(error_class="COLUMN_IN_LIST", message_parameters={"func_name": "lit"})
        return array(*[lit(item) for item in col])
    if isinstance(col, (tuple, dict, set)):
        raise _literal.no_literal(col)
    of = _literal.numpy_type(col)
    made = _lit(col)
    return made if of is None else made.cast(of).alias(made._repr)


def col(col):
    """The column of a name: `a`, `a.field`, "*"."""
    if not isinstance(_plain(col), str):
        raise _wrong("NOT_STR", "col", col)
    return _col(col)


column = col


def expr(str):
    """A Column of Spark SQL text, which may end in an alias."""
    return _expression.of_text(_plain(str))


def _ordered(name):
    def f(col):
        return getattr(_col(col), name)()

    f.__name__ = f.__qualname__ = name
    f.__doc__ = getattr(Column, name).__doc__
    return f


asc, desc = _ordered("asc"), _ordered("desc")
asc_nulls_first, asc_nulls_last = _ordered("asc_nulls_first"), _ordered("asc_nulls_last")
desc_nulls_first, desc_nulls_last = _ordered("desc_nulls_first"), _ordered("desc_nulls_last")


def count(col):
    """The number of values that aren't NULL; of "*" the number of rows."""
    col = _col(col)
    return Column("count(%s)" % col._expr, "count(%s)" % ("1" if col._expr == "*" else col._repr))


def count_distinct(col, *cols):
    """The number of different values, or of different rows without a NULL."""
    cols = [_col(c) for c in (col,) + cols]
    return Column("count(DISTINCT %s)" % ", ".join(c._expr for c in cols), "count(%s)" % ", ".join(c._repr for c in cols))


def countDistinct(col, *cols):
    """count_distinct's older name."""
    return count_distinct(col, *cols)


def product(col):
    """The product of all values; SQL has no such function. Not served over a window."""
    col = _col(col)
    name = "product(%s)" % col._repr
    values = "aggregate(collect_list(CAST(%s AS DOUBLE)), 1.0D, (x, y) -> (x * y))" % col._expr
    made = Column("IF((count(CAST(%s AS DOUBLE)) > 0), %s, NULL)" % (col._expr, values), name)
    return Column("%s AS %s" % (made._sql, _literal.quoted(name)), name, expr=made._sql)


def struct(*cols):
    """A struct of columns, which keep their names."""
    if len(cols) == 1 and isinstance(cols[0], (list, set)):
        cols = cols[0]
    cols = [_col(c) for c in cols]
    return Column("struct(%s)" % ", ".join(c._sql for c in cols), "struct(%s)" % ", ".join(c._repr for c in cols))


def _of_two(name, sql, shown):
    def f(col1, col2):
        args = [_col(c) if isinstance(c, str) else _lit(c) for c in (col1, col2)]
        return _call(sql, args, shown)

    f.__name__ = f.__qualname__ = name
    f.__doc__ = "Spark SQL's function %s, of columns or numbers." % sql
    return f


atan2, hypot, pow = _of_two("atan2", "atan2", "ATAN2"), _of_two("hypot", "hypot", "HYPOT"), _of_two("pow", "power", "POWER")
power = pow


def _random(name):
    def f(seed=None):
        return _call(name, [_lit(_Random().randrange(-2**63, 2**63) if seed is None else _plain(seed))])

    f.__name__ = f.__qualname__ = name
    f.__doc__ = "Spark SQL's function %s. Without a seed one is drawn now, so that a frame's rows stay what they are." % name
    return f


rand, randn = _random("rand"), _random("randn")


def pmod(dividend, divisor):
    """The remainder that is never negative."""
    return _call("pmod", [_col(c) if isinstance(c, str) else _lit(c) for c in (dividend, divisor)])


def _at_least_two(name):
    def f(*cols):
        if len(cols) < 2:
            raise PySparkValueError(error_class="WRONG_NUM_COLUMNS", message_parameters={"func_name": name, "num_cols": "2"})
        return _call(name, [_col(c) for c in cols])

    f.__name__ = f.__qualname__ = name
    f.__doc__ = "Spark SQL's function %s, of two columns or more; NULL is passed over." % name
    return f


greatest, least = _at_least_two("greatest"), _at_least_two("least")


def log(arg1, arg2=None):
    """The natural logarithm of a column; log(base, column)."""
    if arg2 is None:
        return _call("ln", [_col(arg1)])
    return _call("log", [_lit(arg1) if not isinstance(arg1, str) else _col(arg1), _col(arg2)], "LOG")


def when(condition, value):
    """The value where the condition is true; .when() and .otherwise() go on."""
    return _case(None, condition, value)


def nth_value(col, offset, ignoreNulls=False):
    """The value of a window's row `offset`, from 1."""
    made = _call("nth_value", [_col(col), _lit(_plain(offset))])
    return Column(made._sql + " IGNORE NULLS", made._repr + " ignore nulls") if ignoreNulls else made


def extract(field, source):
    """A part of a date, time or interval; `field` is a literal text."""
    field, source = _col(field), _col(source)
    if not field._expr.startswith("'") or not field._repr.isalpha():
        return _call("date_part", [field, source], "extract")
    return Column("extract(%s FROM %s)" % (field._repr, source._expr), "extract(%s, %s)" % (field._repr, source._repr))


def unix_timestamp(timestamp=None, format="yyyy-MM-dd HH:mm:ss"):
    """Seconds since 1970 of a time or a text; without arguments, now."""
    if timestamp is None:
        return Column("unix_timestamp()", "unix_timestamp(current_timestamp(), yyyy-MM-dd HH:mm:ss)")
    return _call("unix_timestamp", [_col(timestamp), _lit(_plain(format))])


def _text_of(value, name):
    if not value or type(value) is not str:
        raise _wrong("NOT_STR", name, value)
    return _lit(value)


def window(timeColumn, windowDuration, slideDuration=None, startTime=None):
    """A struct start, end: the window of time a row falls into, or the windows where they slide."""
    args = [_col(timeColumn), _text_of(windowDuration, "windowDuration")]
    if slideDuration or startTime:
        args.append(_text_of(slideDuration or windowDuration, "slideDuration"))
    if startTime:
        args.append(_text_of(startTime, "startTime"))
    return _call("window", args)


def convert_timezone(sourceTz, targetTz, sourceTs):
    """A time of one zone in another's; without `sourceTz`, of the session's."""
    return _call("convert_timezone", [_col(c) for c in (sourceTz, targetTz, sourceTs) if c is not None])


def _message(text):
    if not isinstance(text, (str, Column)):
        raise _wrong("NOT_COLUMN_OR_STR", "errMsg", text)
    return _lit(text)


def assert_true(col, errMsg=None):
    """NULL where the condition is true, else the statement fails with the text."""
    return _call("assert_true", [_col(col)] + ([] if errMsg is None else [_message(errMsg)]))


def raise_error(errMsg):
    """The statement fails with the text."""
    return _call("raise_error", [_message(errMsg)])


def overlay(src, replace, pos, len=-1):
    """The text with a part of it replaced."""
    for name, value in (("pos", pos), ("len", len)):
        if not isinstance(value, (int, str, Column)):
            raise _wrong("NOT_COLUMN_OR_INT_OR_STR", name, value)
    pos, len = (_lit(v) if isinstance(v, int) else _col(v) for v in (pos, len))
    return _call("overlay", [_col(src), _col(replace), pos, len])


def _like(name):
    def f(str, pattern, escapeChar=None):
        word = "%s " + name.upper() + " %s"
        text, pattern = _col(str), _col(pattern)
        end = "" if escapeChar is None else " ESCAPE " + _lit(escapeChar)._expr
        shown = word if name == "like" else name + "(%s, %s)"
        return Column("(%s%s)" % (word % (text._expr, pattern._expr), end), shown % (text._repr, pattern._repr))

    f.__name__ = f.__qualname__ = name
    f.__doc__ = "SQL's %s with a pattern that is a column." % name.upper()
    return f


like, ilike = _like("like"), _like("ilike")


def _options(options):
    """Options as a literal map of texts, none: no argument."""
    if not options:
        return []
    flat = [v for k, value in options.items() for v in (str(k), str(value).lower() if isinstance(value, bool) else str(value))]
    return [_call("map", [_lit(v) for v in flat])]


def from_json(col, schema, options=None):
    """A JSON text as a struct, array or map of the schema: a DataType, DDL text, or schema_of_json()."""
    return _call_hidden("from_json", _col(col), [_expression.schema(schema)] + _options(options))


def _call_hidden(name, column, more):
    """A call whose name shows the first argument only."""
    return Column(_call(name, [column] + more)._sql, "%s(%s)" % (name, column._repr))


def to_json(col, options=None):
    """A struct, array or map as JSON text; fields that are NULL are left out."""
    return _call_hidden("to_json", _col(col), _options(options))


def to_csv(col, options=None):
    """A struct as a line of CSV."""
    return _call_hidden("to_csv", _col(col), _options(options))


def from_csv(col, schema, options=None):
    """A line of CSV as a struct of the schema, which is DDL text or schema_of_csv()."""
    if not isinstance(schema, (str, Column)):
        raise _wrong("NOT_COLUMN_OR_STR", "schema", schema)
    return _call_hidden("from_csv", _col(col), [_expression.schema(schema)] + _options(options))


def _schema_of(name, arg_name, text, options):
    if not isinstance(text, (str, Column)):
        raise _wrong("NOT_COLUMN_OR_STR", arg_name, text)
    return _call_hidden(name, _lit(text), _options(options))


def schema_of_json(json, options=None):
    """The schema of a literal JSON text, as DDL."""
    return _schema_of("schema_of_json", "json", json, options)


def schema_of_csv(csv, options=None):
    """The schema of a literal line of CSV, as DDL."""
    return _schema_of("schema_of_csv", "csv", csv, options)


def transform(col, f):
    """f(x) or f(x, index) of each element of an array."""
    return _expression.higher("transform", [col], [f])


def exists(col, f):
    """Whether f(x) is true of an element."""
    return _expression.higher("exists", [col], [f])


def forall(col, f):
    """Whether f(x) is true of all elements."""
    return _expression.higher("forall", [col], [f])


def filter(col, f):
    """The elements of which f(x) or f(x, index) is true."""
    return _expression.higher("filter", [col], [f])


def aggregate(col, initialValue, merge, finish=None):
    """merge(state, x) over an array's elements, then finish(state)."""
    return _expression.higher("aggregate", [col, initialValue], [merge, finish] if finish is not None else [merge])


def reduce(col, initialValue, merge, finish=None):
    """aggregate's other name."""
    return _expression.higher("aggregate", [col, initialValue], [merge, finish] if finish is not None else [merge])


def zip_with(left, right, f):
    """f(x, y) of two arrays, element by element."""
    return _expression.higher("zip_with", [left, right], [f])


def transform_keys(col, f):
    """A map with f(key, value) in place of its keys."""
    return _expression.higher("transform_keys", [col], [f])


def transform_values(col, f):
    """A map with f(key, value) in place of its values."""
    return _expression.higher("transform_values", [col], [f])


def map_filter(col, f):
    """The entries of a map of which f(key, value) is true."""
    return _expression.higher("map_filter", [col], [f])


def map_zip_with(col1, col2, f):
    """f(key, value1, value2) of the keys of two maps."""
    return _expression.higher("map_zip_with", [col1, col2], [f])


def array_sort(col, comparator=None):
    """An array sorted, NULL last; comparator(left, right) gives a number below, at or above 0."""
    if comparator is None:
        return _call("array_sort", [_col(col)])
    return _expression.higher("array_sort", [col], [comparator])


def bucket(numBuckets, col):
    """A partition transform of DataFrameWriterV2."""
    if not isinstance(numBuckets, (int, Column)):
        raise _wrong("NOT_COLUMN_OR_INT", "numBuckets", numBuckets)
    return _call("bucket", [_lit(numBuckets), _col(col)])


def call_udf(udfName, *cols):
    """A call of a function that was registered."""
    return _call(".".join(_literal.quoted(p) for p in _literal.name_parts(_plain(udfName))), [_col(c) for c in cols], udfName)


def call_function(funcName, *cols):
    """A call of any function of the lake by its name."""
    return call_udf(funcName, *cols)


def broadcast(df):
    """The same rows: a hint for joins, which changes none."""
    return df


def udf(f=None, returnType=StringType(), *, useArrow=None):
    """A function of Python that runs once a row. Also as decorator: @udf, @udf("int"), @udf(returnType=...)."""
    if f is None or isinstance(f, (str, DataType)):
        return functools.partial(_create_py_udf, returnType=f or returnType, useArrow=useArrow)
    return _create_py_udf(f=f, returnType=returnType, useArrow=useArrow)


def udtf(cls=None, *, returnType=None, useArrow=None):
    """A table function of Python. Not served."""
    raise _not_served("udtf")


udtf._unserved = True

from pyspark.context import SparkContext  # noqa: E402  (import * gives these, too)
from pyspark.sql.dataframe import DataFrame  # noqa: E402
from pyspark.sql.udf import UserDefinedFunction, _create_py_udf  # noqa: E402
from pyspark.sql.pandas.functions import PandasUDFType, pandas_udf  # noqa: E402
from pyspark.sql.utils import _Numpy, get_active_spark_context, has_numpy, to_str, try_remote_functions  # noqa: E402

if has_numpy:
    np = _Numpy("numpy")
