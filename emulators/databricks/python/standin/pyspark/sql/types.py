"""Spark's types, and Row."""
import calendar
import datetime
import json
import re
import time

from pyspark.errors import PySparkNotImplementedError, PySparkTypeError, PySparkValueError
from pyspark.sql._row import Row, _create_row, _refuse

__all__ = [
    "DataType", "NullType", "CharType", "StringType", "VarcharType", "BinaryType", "BooleanType", "DateType", "TimestampType",
    "TimestampNTZType", "DecimalType", "DoubleType", "FloatType", "ByteType", "IntegerType", "LongType", "DayTimeIntervalType",
    "YearMonthIntervalType", "Row", "ShortType", "ArrayType", "MapType", "StructField", "StructType",
]


class DataType:
    """A type of values."""

    def __repr__(self):
        return type(self).__name__ + "()"

    def __hash__(self):
        return hash(str(self))

    def __eq__(self, other):
        return isinstance(other, self.__class__) and self.__dict__ == other.__dict__

    def __ne__(self, other):
        return not self == other

    @classmethod
    def typeName(cls):
        """Its name, as "string"."""
        return cls.__name__[:-4].lower()

    def simpleString(self):
        """As SQL writes it."""
        return self.typeName()

    def jsonValue(self):
        """As Spark's JSON has it: a text, or a dict."""
        return self.typeName()

    def json(self):
        """Spark's JSON of it."""
        return json.dumps(self.jsonValue(), separators=(",", ":"), sort_keys=True)

    def needConversion(self):
        """Whether values look otherwise inside than in Python."""
        return False

    def toInternal(self, obj):
        """A value of Python as Spark keeps it."""
        return obj

    def fromInternal(self, obj):
        """A value that Spark keeps as Python has it."""
        return obj


class _Singleton(type):
    _instances = {}

    def __call__(cls):
        if cls not in cls._instances:
            cls._instances[cls] = super().__call__()
        return cls._instances[cls]


DataTypeSingleton = _Singleton


class NullType(DataType, metaclass=_Singleton):
    """The type of None."""

    @classmethod
    def typeName(cls):
        return "void"


class AtomicType(DataType):
    """What has no parts."""


class NumericType(AtomicType):
    """Numbers."""


class IntegralType(NumericType, metaclass=_Singleton):
    """Whole numbers."""


class FractionalType(NumericType):
    """Numbers with a fraction."""


class StringType(AtomicType, metaclass=_Singleton):
    """Text."""


class _Lengthed(AtomicType):
    def __init__(self, length):
        self.length = length

    def simpleString(self):
        return "%s(%d)" % (self.typeName(), self.length)

    jsonValue = simpleString

    def __repr__(self):
        return "%s(%d)" % (type(self).__name__, self.length)


class CharType(_Lengthed):
    """Text of a fixed length."""


class VarcharType(_Lengthed):
    """Text of at most a length."""


class BinaryType(AtomicType, metaclass=_Singleton):
    """Bytes."""


class BooleanType(AtomicType, metaclass=_Singleton):
    """True or false."""


class DateType(AtomicType, metaclass=_Singleton):
    """A day."""

    EPOCH_ORDINAL = datetime.datetime(1970, 1, 1).toordinal()

    def needConversion(self):
        return True

    def toInternal(self, d):
        if d is not None:
            return d.toordinal() - self.EPOCH_ORDINAL

    def fromInternal(self, v):
        if v is not None:
            return datetime.date.fromordinal(v + self.EPOCH_ORDINAL)


class TimestampType(AtomicType, metaclass=_Singleton):
    """A moment; in Python a datetime of the process's zone."""

    def needConversion(self):
        return True

    def toInternal(self, dt):
        if dt is not None:
            seconds = calendar.timegm(dt.utctimetuple()) if dt.tzinfo else time.mktime(dt.timetuple())
            return int(seconds) * 1000000 + dt.microsecond

    def fromInternal(self, ts):
        if ts is not None:
            return datetime.datetime.fromtimestamp(ts // 1000000).replace(microsecond=ts % 1000000)


class TimestampNTZType(AtomicType, metaclass=_Singleton):
    """A date and a time of no zone."""

    @classmethod
    def typeName(cls):
        return "timestamp_ntz"

    def needConversion(self):
        return True

    def toInternal(self, dt):
        if dt is not None:
            return calendar.timegm(dt.timetuple()) * 1000000 + dt.microsecond

    def fromInternal(self, ts):
        if ts is not None:
            return datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=ts)


class DecimalType(FractionalType):
    """A decimal of so many digits, some of them behind the point."""

    def __init__(self, precision=10, scale=0):
        self.precision, self.scale = precision, scale
        self.hasPrecisionInfo = True

    def simpleString(self):
        return "decimal(%d,%d)" % (self.precision, self.scale)

    jsonValue = simpleString

    def __repr__(self):
        return "DecimalType(%d,%d)" % (self.precision, self.scale)


class DoubleType(FractionalType, metaclass=_Singleton):
    """A float of 64 bits."""


class FloatType(FractionalType, metaclass=_Singleton):
    """A float of 32 bits."""


class ByteType(IntegralType):
    """8 bits."""

    def simpleString(self):
        return "tinyint"


class IntegerType(IntegralType):
    """32 bits."""

    def simpleString(self):
        return "int"


class LongType(IntegralType):
    """64 bits."""

    def simpleString(self):
        return "bigint"


class ShortType(IntegralType):
    """16 bits."""

    def simpleString(self):
        return "smallint"


class AnsiIntervalType(AtomicType):
    """Intervals of ANSI SQL."""


class _Interval(AnsiIntervalType):
    _names, _ends = {}, (0, 0)

    def __init__(self, startField=None, endField=None):
        if startField is None and endField is None:
            startField, endField = self._ends
        elif startField is not None and endField is None:
            endField = startField
        if startField not in self._names or endField not in self._names:
            raise RuntimeError("interval %s to %s is invalid" % (startField, endField))
        self.startField, self.endField = startField, endField

    def _str_repr(self):
        start, end = self._names[self.startField], self._names[self.endField]
        return "interval " + start if start == end else "interval %s to %s" % (start, end)

    simpleString = jsonValue = _str_repr

    def __repr__(self):
        return "%s(%d, %d)" % (type(self).__name__, self.startField, self.endField)


class DayTimeIntervalType(_Interval):
    """Days to seconds; in Python a timedelta."""

    DAY, HOUR, MINUTE, SECOND = range(4)
    _names, _ends = {0: "day", 1: "hour", 2: "minute", 3: "second"}, (0, 3)

    def needConversion(self):
        return True

    def toInternal(self, dt):
        if dt is not None:
            return ((dt.days * 86400) + dt.seconds) * 1000000 + dt.microseconds

    def fromInternal(self, micros):
        if micros is not None:
            return datetime.timedelta(microseconds=micros)


class YearMonthIntervalType(_Interval):
    """Years and months."""

    YEAR, MONTH = 0, 1
    _names, _ends = {0: "year", 1: "month"}, (0, 1)



class ArrayType(DataType):
    """A list of values of one type."""

    def __init__(self, elementType, containsNull=True):
        assert isinstance(elementType, DataType), "elementType %s should be an instance of %s" % (elementType, DataType)
        self.elementType, self.containsNull = elementType, containsNull

    def simpleString(self):
        return "array<%s>" % self.elementType.simpleString()

    def __repr__(self):
        return "ArrayType(%s, %s)" % (self.elementType, self.containsNull)

    def jsonValue(self):
        return {"type": "array", "elementType": self.elementType.jsonValue(), "containsNull": self.containsNull}

    @classmethod
    def fromJson(cls, json):
        """The type of Spark's JSON."""
        return cls(_parse_datatype_json_value(json["elementType"]), json["containsNull"])

    def needConversion(self):
        return self.elementType.needConversion()

    def toInternal(self, obj):
        return obj and [self.elementType.toInternal(v) for v in obj]

    def fromInternal(self, obj):
        return obj and [self.elementType.fromInternal(v) for v in obj]


class MapType(DataType):
    """Keys with values."""

    def __init__(self, keyType, valueType, valueContainsNull=True):
        assert isinstance(keyType, DataType), "keyType %s should be an instance of %s" % (keyType, DataType)
        assert isinstance(valueType, DataType), "valueType %s should be an instance of %s" % (valueType, DataType)
        self.keyType, self.valueType, self.valueContainsNull = keyType, valueType, valueContainsNull

    def simpleString(self):
        return "map<%s,%s>" % (self.keyType.simpleString(), self.valueType.simpleString())

    def __repr__(self):
        return "MapType(%s, %s, %s)" % (self.keyType, self.valueType, self.valueContainsNull)

    def jsonValue(self):
        return {"type": "map", "keyType": self.keyType.jsonValue(), "valueType": self.valueType.jsonValue(),
                "valueContainsNull": self.valueContainsNull}

    @classmethod
    def fromJson(cls, json):
        """The type of Spark's JSON."""
        return cls(_parse_datatype_json_value(json["keyType"]), _parse_datatype_json_value(json["valueType"]), json["valueContainsNull"])

    def needConversion(self):
        return self.keyType.needConversion() or self.valueType.needConversion()

    def toInternal(self, obj):
        return obj and {self.keyType.toInternal(k): self.valueType.toInternal(v) for k, v in obj.items()}

    def fromInternal(self, obj):
        return obj and {self.keyType.fromInternal(k): self.valueType.fromInternal(v) for k, v in obj.items()}


class StructField(DataType):
    """A field: name, type, whether it may be NULL."""

    def __init__(self, name, dataType, nullable=True, metadata=None):
        assert isinstance(dataType, DataType), "dataType %s should be an instance of %s" % (dataType, DataType)
        assert isinstance(name, str), "field name %s should be a string" % (name)
        self.name, self.dataType, self.nullable, self.metadata = name, dataType, nullable, metadata or {}

    def simpleString(self):
        return "%s:%s" % (self.name, self.dataType.simpleString())

    def __repr__(self):
        return "StructField('%s', %s, %s)" % (self.name, self.dataType, str(self.nullable))

    def jsonValue(self):
        return {"name": self.name, "type": self.dataType.jsonValue(), "nullable": self.nullable, "metadata": self.metadata}

    @classmethod
    def fromJson(cls, json):
        """The field of Spark's JSON."""
        return cls(json["name"], _parse_datatype_json_value(json["type"]), json.get("nullable", True), json.get("metadata"))

    def needConversion(self):
        return self.dataType.needConversion()

    def toInternal(self, obj):
        return self.dataType.toInternal(obj)

    def fromInternal(self, obj):
        return self.dataType.fromInternal(obj)

    def typeName(self):
        raise _refuse(PySparkTypeError, "INVALID_TYPENAME_CALL")


class StructType(DataType):
    """Fields in their order."""

    def __init__(self, fields=None):
        self.fields = fields or []
        self.names = [f.name for f in self.fields]
        assert all(isinstance(f, StructField) for f in self.fields), "fields should be a list of StructField"

    def add(self, field, data_type=None, nullable=True, metadata=None):
        """One more field, by a StructField or by name and type; gives itself."""
        if isinstance(field, StructField):
            made = field
        else:
            if isinstance(field, str) and data_type is None:
                raise _refuse(PySparkValueError, "ARGUMENT_REQUIRED", arg_name="data_type", condition="passing name of struct_field to create.")
            if isinstance(data_type, str):
                data_type = _parse_datatype_json_value(data_type)
            made = StructField(field, data_type, nullable, metadata)
        self.fields.append(made)
        self.names.append(made.name)
        return self

    def __iter__(self):
        return iter(self.fields)

    def __len__(self):
        return len(self.fields)

    def __getitem__(self, key):
        if isinstance(key, str):
            for field in self:
                if field.name == key:
                    return field
            raise KeyError("No StructField named {0}".format(key))
        if isinstance(key, int):
            try:
                return self.fields[key]
            except IndexError:
                raise IndexError("StructType index out of range")
        if isinstance(key, slice):
            return StructType(self.fields[key])
        raise _refuse(PySparkTypeError, "NOT_INT_OR_SLICE_OR_STR", arg_name="key", arg_type=type(key).__name__)

    def simpleString(self):
        return "struct<%s>" % ",".join(f.simpleString() for f in self)

    def __repr__(self):
        return "StructType([%s])" % ", ".join(str(field) for field in self)

    def jsonValue(self):
        return {"type": "struct", "fields": [f.jsonValue() for f in self]}

    @classmethod
    def fromJson(cls, json):
        """The type of Spark's JSON."""
        return cls([StructField.fromJson(f) for f in json["fields"]])

    def fieldNames(self):
        """Names of its fields."""
        return list(self.names)

    def needConversion(self):
        return True

    def toInternal(self, obj):
        if obj is None:
            return None
        if isinstance(obj, dict):
            obj = [obj.get(n) for n in self.names]
        elif not isinstance(obj, (tuple, list)):
            obj = [obj.__dict__.get(n) for n in self.names]
        return tuple(f.toInternal(v) for f, v in zip(self.fields, obj))

    def fromInternal(self, obj):
        if obj is None or isinstance(obj, Row):
            return obj
        return _create_row(self.names, [f.fromInternal(v) for f, v in zip(self.fields, obj)])


class UserDefinedType(DataType):
    """Types that programs make; not served."""

    def __init__(self, *args, **kwargs):
        raise _refuse(PySparkNotImplementedError, "NOT_IMPLEMENTED", feature="UserDefinedType")


_atomic_types = [StringType, CharType, VarcharType, BinaryType, BooleanType, DecimalType, FloatType, DoubleType, ByteType, ShortType, IntegerType,
                 LongType, DateType, TimestampType, TimestampNTZType, NullType]
_all_atomic_types = {t.typeName(): t for t in _atomic_types}
_all_complex_types = {t.typeName(): t for t in (ArrayType, MapType, StructType)}
_FORMS = [(re.compile(r"decimal\(\s*(\d+)\s*,\s*(-?\d+)\s*\)$"), DecimalType), (re.compile(r"char\(\s*(\d+)\s*\)$"), CharType),
          (re.compile(r"varchar\(\s*(\d+)\s*\)$"), VarcharType)]
_INTERVAL = re.compile(r"interval (\w+)(?: to (\w+))?$")


def _parse_datatype_string(s):
    """The type that DDL writes: "a INT, b STRING" (a struct), "int", "array<int>". Raises ParseException."""
    from pyspark.sql._ddl import parse
    return parse(s)


def _parse_datatype_json_string(json_string):
    """The type of Spark's JSON text."""
    return _parse_datatype_json_value(json.loads(json_string))


def _parse_interval(text):
    found = _INTERVAL.match(text)
    for cls in (DayTimeIntervalType, YearMonthIntervalType) if found else ():
        numbers = {name: n for n, name in cls._names.items()}
        if found.group(1) in numbers:
            return cls(numbers[found.group(1)], numbers.get(found.group(2)))
    return None


def _parse_datatype_json_value(value):
    """The type of Spark's JSON: a name, or a dict. Raises PySparkValueError."""
    if isinstance(value, dict):
        if value["type"] in _all_complex_types:
            return _all_complex_types[value["type"]].fromJson(value)
        raise _refuse(PySparkValueError, "UNSUPPORTED_DATA_TYPE", data_type=value["type"])
    if value in _all_atomic_types:
        return _all_atomic_types[value]()
    for form, cls in _FORMS:
        found = form.match(value)
        if found:
            return cls(*map(int, found.groups()))
    interval = _parse_interval(value)
    if interval is None:
        raise _refuse(PySparkValueError, "CANNOT_PARSE_DATATYPE", error=value)
    return interval


def __getattr__(name):
    """What else PySpark keeps in this module: inference and checks, which are files of their own here."""
    if name in ("_infer_type", "_infer_schema", "_merge_type", "_has_nulltype", "_make_type_verifier"):
        from pyspark.sql import _infer
        return getattr(_infer, name)
    raise AttributeError("module %r has no attribute %r" % (__name__, name))
