"""Types of Python's values: what createDataFrame infers, merges and checks."""
import array
import ctypes
import datetime
import decimal
from functools import reduce

from pyspark.errors import PySparkTypeError, PySparkValueError
from pyspark.sql import types as T
from pyspark.sql.types import _refuse

_TYPES = {
    type(None): T.NullType, bool: T.BooleanType, int: T.LongType, float: T.DoubleType, str: T.StringType, bytearray: T.BinaryType,
    bytes: T.BinaryType, datetime.date: T.DateType, datetime.datetime: T.TimestampType, datetime.time: T.TimestampType,
}
_ACCEPTED = {
    T.BooleanType: (bool,), T.ByteType: (int,), T.ShortType: (int,), T.IntegerType: (int,), T.LongType: (int,), T.FloatType: (float,),
    T.DoubleType: (float,), T.DecimalType: (decimal.Decimal,), T.BinaryType: (bytearray, bytes),
    T.DateType: (datetime.date, datetime.datetime), T.TimestampType: (datetime.datetime,), T.TimestampNTZType: (datetime.datetime,),
    T.DayTimeIntervalType: (datetime.timedelta,), T.ArrayType: (list, tuple, array.array), T.MapType: (dict,),
    T.StructType: (tuple, list, dict),
}
_BOUNDS = {T.ByteType: 7, T.ShortType: 15, T.IntegerType: 31, T.LongType: 63}


class How:
    """What spark.sql.pyspark.* settings say of inference."""

    def __init__(self, dict_as_struct=False, first_element=False, ntz=False):
        self.dict_as_struct, self.first_element, self.ntz = dict_as_struct, first_element, ntz


_PLAIN = How()


def _of_array(obj):
    """The type of an array.array: of C's sizes, unsigned ones a bit wider."""
    code = obj.typecode
    if code in "fd":
        return T.ArrayType(T.FloatType() if code == "f" else T.DoubleType(), False)
    if code == "u":
        return T.ArrayType(T.StringType(), False)
    sizes = {"b": ctypes.c_byte, "h": ctypes.c_short, "i": ctypes.c_int, "l": ctypes.c_long}
    bits = ctypes.sizeof(sizes[code.lower()]) * 8 + code.isupper() if code.lower() in sizes else 99
    for most, kind in ((8, T.ByteType), (16, T.ShortType), (32, T.IntegerType), (64, T.LongType)):
        if bits <= most:
            return T.ArrayType(kind(), False)
    raise _refuse(PySparkTypeError, "UNSUPPORTED_DATA_TYPE", data_type="array(%s)" % code)


def _of_dict(obj, how):
    known = [(k, v) for k, v in obj.items() if k is not None and v is not None]
    if how.dict_as_struct:
        return T.StructType([T.StructField(k, _infer_type(v, how)) for k, v in known])
    if not known:
        return T.MapType(T.NullType(), T.NullType(), True)
    return T.MapType(_infer_type(known[0][0], how), _infer_type(known[0][1], how), True)


def _of_list(obj, how):
    if not obj:
        return T.ArrayType(T.NullType(), True)
    if how.first_element:
        return T.ArrayType(_infer_type(obj[0], how), True)
    return T.ArrayType(reduce(_merge_type, [_infer_type(v, how) for v in obj]), True)


def _infer_type(obj, how=_PLAIN):
    """The type of a value. Raises PySparkTypeError."""
    kind = type(obj)
    if kind is decimal.Decimal:
        return T.DecimalType(38, 18)
    if kind is datetime.timedelta:
        return T.DayTimeIntervalType()
    if kind is datetime.datetime and how.ntz and obj.tzinfo is None:
        return T.TimestampNTZType()
    if kind in _TYPES:
        return _TYPES[kind]()
    if isinstance(obj, dict):
        return _of_dict(obj, how)
    if isinstance(obj, list):
        return _of_list(obj, how)
    if isinstance(obj, array.array):
        return _of_array(obj)
    try:
        return _infer_schema(obj, None, how)
    except TypeError:
        raise _refuse(PySparkTypeError, "UNSUPPORTED_DATA_TYPE", data_type=kind.__name__)


def _items(row, names):
    """Names with values of a row of any kind."""
    if isinstance(row, dict):
        return sorted(row.items())
    if isinstance(row, (tuple, list)):
        known = getattr(row, "__fields__", None) or getattr(row, "_fields", None)
        if known is None:
            known = list(names or [])
            known += ["_%d" % i for i in range(len(known) + 1, len(row) + 1)]
            if names is not None:
                names.extend(known[len(names):])
        return zip(known, tuple(row))
    if hasattr(row, "__dict__"):
        return sorted(row.__dict__.items())
    raise _refuse(PySparkTypeError, "CANNOT_INFER_SCHEMA_FOR_TYPE", data_type=type(row).__name__)


def _infer_schema(row, names=None, how=_PLAIN):
    """The struct of a row: a dict (by key), a tuple or list (by names), an object. Raises PySparkTypeError."""
    fields = []
    for name, value in _items(row, names):
        try:
            fields.append(T.StructField(name, _infer_type(value, how), True))
        except TypeError:
            raise _refuse(PySparkTypeError, "CANNOT_INFER_TYPE_FOR_FIELD", field_name=name)
    return T.StructType(fields)


def _has_nulltype(t):
    """Whether something in a type is of no known type."""
    if isinstance(t, T.StructType):
        return any(_has_nulltype(f.dataType) for f in t.fields)
    if isinstance(t, T.ArrayType):
        return _has_nulltype(t.elementType)
    if isinstance(t, T.MapType):
        return _has_nulltype(t.keyType) or _has_nulltype(t.valueType)
    return isinstance(t, T.NullType)


def _merge_structs(a, b):
    other = {f.name: f.dataType for f in b.fields}
    fields = [T.StructField(f.name, _merge_type(f.dataType, other.get(f.name, T.NullType()))) for f in a.fields]
    known = {f.name for f in fields}
    return T.StructType(fields + [T.StructField(n, t) for n, t in other.items() if n not in known])


def _merge_type(a, b, name=None):
    """The type of values of either. Raises PySparkTypeError."""
    if isinstance(a, T.NullType):
        return b
    if isinstance(b, T.NullType):
        return a
    if {type(a), type(b)} == {T.TimestampType, T.TimestampNTZType}:
        return T.TimestampType()
    if isinstance(a, T.AtomicType) and isinstance(b, T.StringType):
        return b
    if isinstance(a, T.StringType) and isinstance(b, T.AtomicType):
        return a
    if type(a) is not type(b):
        raise _refuse(PySparkTypeError, "CANNOT_MERGE_TYPE", data_type1=type(a).__name__, data_type2=type(b).__name__)
    if isinstance(a, T.StructType):
        return _merge_structs(a, b)
    if isinstance(a, T.ArrayType):
        return T.ArrayType(_merge_type(a.elementType, b.elementType), True)
    if isinstance(a, T.MapType):
        return T.MapType(_merge_type(a.keyType, b.keyType), _merge_type(a.valueType, b.valueType), True)
    return a


# ---- checks of values against a type ----

def _accept(t, obj, named=None):
    if type(obj) not in _ACCEPTED.get(type(t), ()):
        raise _refuse(PySparkTypeError, "CANNOT_ACCEPT_OBJECT_IN_TYPE", data_type=named or str(t), obj_name=str(obj),
                      obj_type=type(obj).__name__)


def _check_whole(t):
    top = 1 << _BOUNDS[type(t)]

    def check(obj):
        _accept(t, obj)
        if not -top <= obj < top:
            lower, upper = (top - 1, -top) if top > 128 else (127, -127)
            raise _refuse(PySparkValueError, "VALUE_OUT_OF_BOUND", arg_name="obj", lower_bound=str(lower), upper_bound=str(upper),
                          actual=str(obj))
    return check


def _check_array(t):
    element = _make_type_verifier(t.elementType, t.containsNull)

    def check(obj):
        _accept(t, obj)
        for v in obj:
            element(v)
    return check


def _check_map(t):
    key, value = _make_type_verifier(t.keyType, False), _make_type_verifier(t.valueType, t.valueContainsNull)

    def check(obj):
        _accept(t, obj)
        for k, v in obj.items():
            key(k)
            value(v)
    return check


def _check_struct(t):
    fields = [(f.name, _make_type_verifier(f.dataType, f.nullable)) for f in t.fields]

    def check(obj):
        if isinstance(obj, (tuple, list)):
            if len(obj) != len(fields):
                raise _refuse(PySparkValueError, "LENGTH_SHOULD_BE_THE_SAME", arg1="obj", arg2="fields", arg1_length=str(len(obj)),
                              arg2_length=str(len(fields)))
            values = obj
        elif isinstance(obj, dict) or hasattr(obj, "__dict__"):
            named = obj if isinstance(obj, dict) else obj.__dict__
            values = [named.get(name) for name, _ in fields]
        else:
            _accept(t, obj, "StructType")
        for v, (_, verify) in zip(values, fields):
            verify(v)
    return check


def _checker(t):
    if isinstance(t, (T.StringType, T.CharType, T.VarcharType)):
        return lambda obj: None
    if type(t) in _BOUNDS:
        return _check_whole(t)
    for kind, made in ((T.ArrayType, _check_array), (T.MapType, _check_map), (T.StructType, _check_struct)):
        if isinstance(t, kind):
            return made(t)
    return lambda obj: _accept(t, obj)


def _make_type_verifier(t, nullable=True, name=None):
    """A function that raises PySparkTypeError or PySparkValueError for what a type doesn't take."""
    check = _checker(t)

    def verify(obj):
        if obj is not None:
            check(obj)
        elif not nullable:
            raise _refuse(PySparkValueError, "CANNOT_BE_NONE", arg_name="obj")
    return verify
