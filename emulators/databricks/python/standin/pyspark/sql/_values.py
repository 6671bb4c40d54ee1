"""Values between Python and the lake's JSON: cells of answers become what collect() gives, rows of createDataFrame and what functions
give become cells."""
import base64
import datetime
import decimal
import json
import math
import re
import struct
import time

from pyspark.errors.exceptions.base import not_served
from pyspark.sql import types as T
from pyspark.sql._java_maps import from_java, to_java

_DAY_TIME = re.compile(r"INTERVAL '([+-]?)(.*)' (\w+)(?: TO (\w+))?$")
_UNITS = ["DAY", "HOUR", "MINUTE", "SECOND"]
_SECONDS = [86400, 3600, 60, 1]


# ---- cells -> Python ----

def _date(cell):
    return datetime.date(*map(int, cell.split("-")))


def _moment(cell):
    """A timestamp: microseconds, or a text with its zone -> a datetime of the process's zone."""
    if not isinstance(cell, int):
        at = _with_zone(cell)
        cell = int((at - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)) / datetime.timedelta(microseconds=1))
    return datetime.datetime.fromtimestamp(cell // 1000000).replace(microsecond=cell % 1000000)


def _with_zone(text):
    """A datetime of a text like 2020-01-01T00:00:00.5+01:00, or with Z."""
    found = re.match(r"(\d+)-(\d+)-(\d+)[T ](\d+):(\d+):(\d+)(?:\.(\d+))?(Z|[+-]\d\d:\d\d(?::\d\d)?)?$", text)
    parts = list(map(int, found.group(1, 2, 3, 4, 5, 6)))
    micros = int(((found.group(7) or "") + "000000")[:6])
    zone = found.group(8) or "Z"
    away = datetime.timedelta()
    if zone != "Z":
        units = [int(n) for n in zone[1:].split(":")] + [0]
        away = datetime.timedelta(hours=units[0], minutes=units[1], seconds=units[2]) * (-1 if zone[0] == "-" else 1)
    return datetime.datetime(*parts, micros, tzinfo=datetime.timezone(away))


def _local_moment(cell):
    """A timestamp of no zone."""
    return _with_zone(cell).replace(tzinfo=None)


def _day_time(cell):
    """INTERVAL '1 02:03:04.5' DAY TO SECOND -> a timedelta."""
    sign, numbers, first, _ = _DAY_TIME.match(cell).groups()
    units = re.split(r"[ :]", numbers)
    at = _UNITS.index(first)
    total = sum((decimal.Decimal(n) * s for n, s in zip(units, _SECONDS[at:])), decimal.Decimal(0))
    return datetime.timedelta(microseconds=int(total * 1000000)) * (-1 if sign == "-" else 1)


def _float32(cell):
    """The float of 32 bits that is meant, as a float of 64."""
    return struct.unpack("f", struct.pack("f", float(cell)))[0]


def _bytes(cell):
    return bytearray(base64.b64decode(cell))


def _decimal(scale):
    exponent = decimal.Decimal(1).scaleb(-scale)
    context = decimal.Context(prec=60)
    return lambda cell: decimal.Decimal(str(cell)).quantize(exponent, context=context)


def _key(t):
    """Keys of maps are texts in JSON."""
    if isinstance(t, T.IntegralType):
        return int
    if isinstance(t, T.BooleanType):
        return lambda cell: cell == "true"
    if isinstance(t, T.DateType):  # as Spark writes them in JSON: days, microseconds
        return lambda cell: datetime.date.fromordinal(719163 + int(cell))
    if isinstance(t, T.TimestampType):
        return lambda cell: _moment(int(cell))
    return _reader(t)


def _read_array(t):
    read = reader(t.elementType)
    return (lambda cell: [read(v) for v in cell]) if read else None


def _read_map(t):
    key, value = _key(t.keyType) or _same, reader(t.valueType) or _same

    def read(cell):
        got = {key(k): value(v) for k, v in cell.items()}
        return {k: got[k] for k in from_java(got)}
    return read


def _read_struct(t):
    names = t.names
    fields = [(n, reader(f.dataType) or _same) for n, f in zip(names, t.fields)]
    return lambda cell: T._create_row(names, [read(cell.get(n)) for n, read in fields])


def _same(cell):
    return cell


_READERS = {
    T.DateType: lambda t: _date, T.TimestampType: lambda t: _moment, T.TimestampNTZType: lambda t: _local_moment,
    T.DayTimeIntervalType: lambda t: _day_time, T.BinaryType: lambda t: _bytes, T.DecimalType: lambda t: _decimal(t.scale),
    T.FloatType: lambda t: _float32, T.DoubleType: lambda t: float, T.ArrayType: _read_array, T.MapType: _read_map, T.StructType: _read_struct,
}


def _reader(t):
    made = _READERS.get(type(t))
    return made and made(t)


def reader(t):
    """A function from a cell of JSON to the value that Python has; None: they are the same."""
    read = _reader(t)
    return read and (lambda cell: None if cell is None else read(cell))


def asked_as(t, name):
    """How a column is asked for so that JSON keeps it whole: moments as microseconds, decimals as texts."""
    if isinstance(t, T.TimestampType):
        return "unix_micros(%s)" % name
    return "CAST(%s AS STRING)" % name if isinstance(t, T.DecimalType) else name


def has_decimal(t):
    """Whether a decimal is in a type's parts: JSON's numbers would lose digits of it."""
    if isinstance(t, T.StructType):
        return any(has_decimal(f.dataType) for f in t.fields)
    if isinstance(t, T.ArrayType):
        return has_decimal(t.elementType)
    if isinstance(t, T.MapType):
        return has_decimal(t.keyType) or has_decimal(t.valueType)
    return isinstance(t, T.DecimalType)


def cells_of(text):
    """Nested values from their JSON text, decimals with all of their digits."""
    return None if text is None else json.loads(text, parse_float=decimal.Decimal)


# ---- Python -> cells ----

def java_text(value):
    """A value as Java's toString writes it: what a string column makes of what is no str."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return java_double(value)
    if isinstance(value, (list, tuple)):
        return "[%s]" % ", ".join(java_text(v) for v in value)
    if isinstance(value, dict):
        return "{%s}" % ", ".join("%s=%s" % (java_text(k), java_text(v)) for k, v in value.items())
    return str(value)


def java_double(value):
    """A float as Java writes it: 1.0, 1.0E7."""
    if math.isnan(value) or math.isinf(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        text = repr(value)
        return text if "e" not in text else format(decimal.Decimal(text), "f")
    sign, digits, exponent = decimal.Decimal(repr(value)).as_tuple()
    kept = "".join(map(str, digits)).rstrip("0") or "0"
    return "%s%s.%sE%d" % ("-" if sign else "", kept[0], kept[1:] or "0", exponent + len(digits) - 1)


def _put_float(value):
    return java_double(value) if math.isnan(value) or math.isinf(value) else value


def _put_moment(value):
    """With Z, whatever its zone; one without is of the process's."""
    if value.tzinfo is None and not (time.timezone or time.daylight):
        return value.isoformat(" ") + "Z"
    micros = T.TimestampType().toInternal(value)
    return (datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=micros)).isoformat(" ") + "Z"


def _put_date(value):
    return datetime.date.isoformat(value)


def _put_day_time(value):
    micros = T.DayTimeIntervalType().toInternal(value)
    seconds, rest = divmod(abs(micros), 1000000)
    return "INTERVAL '%s%d %02d:%02d:%02d.%06d' DAY TO SECOND" % ("-" if micros < 0 else "", seconds // 86400, seconds // 3600 % 24,
                                                                  seconds // 60 % 60, seconds % 60, rest)


def _put_array(t):
    put = writer(t.elementType)
    return lambda value: [put(v) for v in value]


def _put_map(t):
    if isinstance(t.keyType, (T.ArrayType, T.StructType)):
        raise not_served("a map with keys of " + t.keyType.simpleString())
    key, value = writer(t.keyType), writer(t.valueType)

    def as_key(k):
        cell = key(k)
        return cell if isinstance(cell, str) else java_text(cell)
    return lambda given: {as_key(k): value(given[k]) for k in to_java(given)}


def _put_whole(bits):
    """Whole numbers: of 64 bits the low ones, as Java narrows; NULL for what has more."""
    def put(value):
        if not hasattr(value, "__index__") or not -(1 << 63) <= value < 1 << 63:
            return None
        value = value.__index__()
        value &= (1 << bits) - 1
        return value - (1 << bits) if value >> (bits - 1) else value
    return lambda t: put


def _put_decimal(t):
    """Rounded to the type's scale; java.lang.ArithmeticException where it has more digits than the type."""
    exponent, context = decimal.Decimal(1).scaleb(-t.scale), decimal.Context(prec=120, rounding=decimal.ROUND_HALF_UP)

    def put(value):
        value = decimal.Decimal(value)
        if not value.is_finite():
            return None
        made = value.quantize(exponent, context=context)
        if made and made.adjusted() >= t.precision - t.scale:
            from py4j.protocol import Py4JJavaError
            raise Py4JJavaError("[NUMERIC_VALUE_OUT_OF_RANGE] %s cannot be represented as Decimal(%d, %d). If necessary set \"spark.sql.ansi.enabled\""
                                " to \"false\" to bypass this error, and return NULL instead." % (value, t.precision, t.scale),
                                "org.apache.spark.SparkArithmeticException")
        return format(made, "f")
    return put


def _put_struct(t):
    fields = [(f.name, writer(f.dataType)) for f in t.fields]

    def put(value):
        if not isinstance(value, (tuple, list)):
            named = value if isinstance(value, dict) else value.__dict__
            value = [named.get(name) for name, _ in fields]
        return {name: write(v) for (name, write), v in zip(fields, value)}
    return put


_WRITERS = {
    T.StringType: lambda t: java_text, T.CharType: lambda t: java_text, T.VarcharType: lambda t: java_text,
    T.BinaryType: lambda t: lambda value: base64.b64encode(bytes(value)).decode("ascii"),
    T.DateType: lambda t: _put_date, T.TimestampType: lambda t: _put_moment,
    T.TimestampNTZType: lambda t: lambda value: value.replace(tzinfo=None).isoformat(" "),
    T.DayTimeIntervalType: lambda t: _put_day_time, T.DecimalType: _put_decimal, T.ByteType: _put_whole(8), T.ShortType: _put_whole(16),
    T.IntegerType: _put_whole(32), T.LongType: _put_whole(64),
    T.FloatType: lambda t: _put_float, T.DoubleType: lambda t: _put_float, T.ArrayType: _put_array, T.MapType: _put_map,
    T.StructType: _put_struct,
}


def writer(t):
    """A function from a value of Python, which a type's verifier took, to its cell."""
    made = _WRITERS.get(type(t))
    put = made(t) if made else _same
    return lambda value: None if value is None else put(value)


# ---- what functions give ----

_GIVEN = {
    T.BooleanType: bool, T.ByteType: int, T.ShortType: int, T.IntegerType: int, T.LongType: int, T.FloatType: float, T.DoubleType: float,
    T.DecimalType: decimal.Decimal, T.BinaryType: (bytes, bytearray), T.DateType: datetime.date, T.TimestampType: datetime.datetime,
    T.TimestampNTZType: datetime.datetime, T.DayTimeIntervalType: datetime.timedelta,
}


def _fits(t, value):
    """A value of a type's kind; a bool is no number."""
    return isinstance(value, _GIVEN[type(t)]) and isinstance(value, bool) == isinstance(t, T.BooleanType)


def _given_struct(t, value):
    if isinstance(value, dict):
        value = [value.get(n) for n in t.names]
    elif not isinstance(value, (tuple, list)):
        return None
    if len(value) != len(t.fields):
        return None
    return {f.name: given(f.dataType, v) for f, v in zip(t.fields, value)}


def given(t, value):
    """The cell of what a function gave for a type: another type's value is NULL, as Spark has it."""
    if value is None or isinstance(t, T.NullType):
        return None
    if hasattr(value, "item") and hasattr(value, "dtype"):
        value = value.item()
    if isinstance(t, T.StructType):
        return _given_struct(t, value)
    if isinstance(t, T.ArrayType):
        return [given(t.elementType, v) for v in value] if isinstance(value, (list, tuple)) else None
    if isinstance(t, T.MapType):
        return {java_text(given(t.keyType, k)): given(t.valueType, value[k]) for k in to_java(value)} if isinstance(value, dict) else None
    if isinstance(t, (T.StringType, T.CharType, T.VarcharType)):
        return java_text(value)
    if isinstance(t, T.DateType):
        value.toordinal()  # what has none is the function's error: AttributeError, as in PySpark
    if isinstance(t, T.TimestampType):
        assert value.tzinfo is None or value.tzinfo
    return writer(t)(value) if _fits(t, value) else None
