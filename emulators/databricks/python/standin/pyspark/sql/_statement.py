"""Statements of spark.sql with what stands for values in them."""
import re
import string

from pyspark.errors import AnalysisException, PySparkTypeError
from pyspark.sql.column import Column, _lit

# What parameters aren't looked for in: texts, quoted names, comments.
_PIECES = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|`(?:[^`]|``)*`|--[^\n]*|/\*.*?\*/|::|:([A-Za-z_]\w*)|(\?)", re.DOTALL)


def whole(session, text, args, values):
    """The statement with everything put in. Raises AnalysisException for a parameter without a value."""
    if values:
        text = _formatted(text, values)
    if args:
        text = _bound(text, args)
    return text


def _formatted(text, values):
    """{name}: a frame, a column ({df.x}, {df[x]}), or a value as Python writes it; a text is a literal."""
    return _Formatter().vformat(text, (), values)


class _Formatter(string.Formatter):
    def format_field(self, value, format_spec):
        from pyspark.sql.dataframe import DataFrame
        if isinstance(value, DataFrame):
            return value._ref
        if isinstance(value, Column):
            return value._expr
        return _lit(value)._expr if isinstance(value, str) else super().format_field(value, format_spec)


def _bound(text, args):
    """:name by a dict, ? by a list."""
    if not isinstance(args, (dict, list, tuple)):
        raise PySparkTypeError(error_class="NOT_DICT", message_parameters={"arg_name": "args", "arg_type": type(args).__name__})
    by_name, by_place = isinstance(args, dict), iter(() if isinstance(args, dict) else args)

    def put(found):
        name, place = found.group(1), found.group(2)
        if name and by_name:
            if name not in args:
                raise _unbound(name)
            return "(%s)" % _lit(args[name])._expr
        if place and not by_name:
            value = next(by_place, put)
            if value is put:
                raise _unbound("_%d" % found.start())
            return "(%s)" % _lit(value)._expr
        return found.group(0)
    return _PIECES.sub(put, text)


def _unbound(name):
    return AnalysisException._of({
        "error_class": "UNBOUND_SQL_PARAMETER", "sql_state": "42P02", "message": "[UNBOUND_SQL_PARAMETER] Found the unbound parameter: %s. Please, "
        "fix `args` and provide a mapping of the parameter to either a SQL literal or collection constructor functions such as `map()`, `array()`, "
        "`struct()`." % name})
