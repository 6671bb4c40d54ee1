"""Python values and names as Spark SQL text, and as PySpark prints them in a Column's repr."""
import calendar
import datetime
import decimal
import re
import time

from pyspark.errors import AnalysisException, SparkRuntimeException

_ESCAPES = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0", "\x1a": "\\Z"}
_SECOND = datetime.timedelta(seconds=1)
_EPOCH = datetime.datetime(1970, 1, 1)


def quoted(name):
    """The name as one identifier of SQL, in backquotes."""
    return "`" + name.replace("`", "``") + "`"


def quoted_if_needed(name):
    """The name as PySpark prints it: in backquotes unless it is a word."""
    return name if re.match("[a-zA-Z0-9_]+\\Z", name) and not name.isdigit() else quoted(name)


def string(text):
    """A text as a literal of SQL, in which no ${key} is replaced."""
    return "'" + "".join(_ESCAPES.get(c, c) for c in text).replace("${", "\\u0024{") + "'"


def name_parts(name):
    """The parts of a column's name as it is written in col(): apart by dots, `parts in backquotes` as they stand.
    Raises AnalysisException where backquotes don't pair."""
    parts, at, end = [], 0, len(name)
    while True:
        if name[at:at + 1] == "`":
            part, at = _backquoted(name, at + 1)
            if at < end and name[at] != ".":
                _bad_name(name)
        else:
            stop = name.find(".", at)
            stop = end if stop < 0 else stop
            part, at = name[at:stop], stop
            if "`" in part or (not part and end):
                _bad_name(name)
        parts.append(part)
        if at >= end:
            return parts
        at += 1


def _backquoted(name, at):
    part = ""
    while True:
        stop = name.find("`", at)
        if stop < 0:
            _bad_name(name)
        part += name[at:stop]
        if name[stop + 1:stop + 2] != "`":
            return part, stop + 1
        part, at = part + "`", stop + 2


def _bad_name(name):
    raise AnalysisException("Syntax error in attribute name: %s." % name)


def column_name(name):
    """col()'s name -> SQL: `a`.`b`, *, `t`.*"""
    if name == "*":
        return "*"
    if name.endswith(".*"):
        return ".".join(quoted(p) for p in name_parts(name[:-2])) + ".*"
    return ".".join(quoted(p) for p in name_parts(name))


def double_text(x):
    """A float as Java prints a double: 1.0, 1.0E7, NaN."""
    if x != x:
        return "NaN"
    if x in (float("inf"), float("-inf")):
        return "Infinity" if x > 0 else "-Infinity"
    if x == 0 or 1e-3 <= abs(x) < 1e7:
        return repr(x)
    sign, digits, exponent = decimal.Decimal(repr(x)).as_tuple()
    text = "".join(map(str, digits))
    exponent += len(text) - 1
    text = text.rstrip("0")
    return "%s%s.%sE%d" % ("-" if sign else "", text[0], text[1:] or "0", exponent)


def _double(x):
    text = double_text(x)
    return "double('%s')" % text if text[-1] in "Ny" else text + "D"


def _integer(x):
    if -2**63 <= x < 2**63:
        return str(x)
    return str(x) + "BD"


def instant(value):
    """Microseconds since 1970 of a datetime; one without a zone is in the process's own, as in PySpark."""
    seconds = calendar.timegm(value.utctimetuple()) if value.tzinfo else int(time.mktime(value.timetuple()))
    return seconds * 1000000 + value.microsecond


def _instant_text(value):
    at = _EPOCH + datetime.timedelta(microseconds=instant(value))
    text = "%04d-%02d-%02d %02d:%02d:%02d" % (at.year, at.month, at.day, at.hour, at.minute, at.second)
    return text + (".%06d" % at.microsecond).rstrip("0") if at.microsecond else text


def _interval(value):
    micros = value // datetime.timedelta(microseconds=1)
    sign, micros = ("-", -micros) if micros < 0 else ("", micros)
    seconds, micros = divmod(micros, 1000000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    fraction = (".%06d" % micros).rstrip("0") if micros else ""
    return "INTERVAL '%s%d %02d:%02d:%02d%s' DAY TO SECOND" % (sign, days, hours, minutes, seconds, fraction)


def _decimal(value):
    return format(value, "f")


def _list(values):
    made = [literal(v) for v in values]
    return "array(%s)" % ", ".join(s for s, _ in made), "array(%s)" % ", ".join(r for _, r in made)


def _map(values):
    made = [literal(v) for pair in values.items() for v in pair]
    return "map(%s)" % ", ".join(s for s, _ in made), "map(%s)" % ", ".join(r for _, r in made)


# type -> (SQL, repr) of a value; in order: bool is an int, datetime a date
_KINDS = (
    (type(None), lambda v: ("NULL", "NULL")),
    (bool, lambda v: (str(v).lower(),) * 2),
    (int, lambda v: (_integer(v), str(v))),
    (float, lambda v: (_double(v), double_text(v))),
    (str, lambda v: (string(v), v)),
    ((bytes, bytearray), lambda v: ("X'%s'" % bytes(v).hex().upper(), "X'%s'" % bytes(v).hex().upper())),
    (decimal.Decimal, lambda v: (_decimal(v) + "BD", _decimal(v))),
    (datetime.datetime, lambda v: ("TIMESTAMP '%sZ'" % _instant_text(v), "TIMESTAMP '%s'" % _instant_text(v))),
    (datetime.date, lambda v: ("DATE '%s'" % v.isoformat(),) * 2),
    (datetime.timedelta, lambda v: (_interval(v),) * 2),
    ((list, tuple), _list),
    (dict, _map),
)
_NUMPY = {"int8": "tinyint", "int16": "smallint", "int32": "int", "int64": "bigint", "float32": "float", "float64": "double"}


def _numpy(value):
    """numpy's scalars as Python's; an array is an array of its own type."""
    if not getattr(value, "shape", ()):
        return literal(value.item())
    sql, shown = _list(list(value))
    of = _NUMPY.get(value.dtype.name)
    return (sql if of is None else "CAST(%s AS ARRAY<%s>)" % (sql, of)), shown


def numpy_type(value):
    """The type that lit() casts numpy's scalar to; None: it stays."""
    return _NUMPY.get(type(value).__name__) if type(value).__module__ == "numpy" else None


def literal(value):
    """(SQL, repr) of a Python value, or of a Column. PySparkTypeError where there is no literal of that type."""
    if hasattr(type(value), "_is_column"):
        return value._expr, value._repr
    if type(value).__module__ == "numpy":
        return _numpy(value)
    for kind, made in _KINDS:
        if isinstance(value, kind):
            return made(value)
    raise no_literal(value)


def no_literal(value):
    """The error of a value that Spark has no literal for."""
    shown, java = str(value), _JAVA.get(type(value), type(value).__name__)
    if isinstance(value, dict):
        shown = "{%s}" % ", ".join("%s=%s" % pair for pair in value.items())
    elif isinstance(value, (tuple, set)):
        shown = "[%s]" % ", ".join(map(str, value))
    return SparkRuntimeException("[UNSUPPORTED_FEATURE.LITERAL_TYPE] The feature is not supported: Literal for '%s' of class %s." % (shown, java))


_JAVA = {dict: "java.util.HashMap", tuple: "java.util.ArrayList", set: "java.util.HashSet"}
