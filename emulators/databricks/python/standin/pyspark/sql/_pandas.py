"""Frames to and from pandas."""
import contextlib
import datetime
import inspect
import traceback

from pyspark.errors import PySparkTypeError, PySparkValueError, PythonException, SparkRuntimeException
from pyspark.sql import _values
from pyspark.sql import types as T
from pyspark.sql.types import _refuse

_DTYPES = {T.ByteType: "int8", T.ShortType: "int16", T.IntegerType: "int32", T.LongType: "int64", T.FloatType: "float32",
           T.DoubleType: "float64", T.BooleanType: "bool"}


def _pandas():
    try:
        import pandas
        return pandas
    except ImportError as e:
        raise ImportError("Pandas >= 1.0.5 must be installed; however, it was not found.") from e


def _zone(session):
    return session.conf.get("spark.sql.session.timeZone")


def _naive(pd, values, zone):
    """Microseconds as datetime64 of the session's zone, without it."""
    made = pd.to_datetime(pd.Series(values, dtype="Int64"), unit="us", utc=True)
    return made.dt.tz_convert(zone).dt.tz_localize(None).astype("datetime64[ns]")


def series_of(pd, values, t, zone):
    """A column as toPandas has it."""
    if isinstance(t, T.TimestampType):
        return _naive(pd, values, zone)
    if isinstance(t, T.TimestampNTZType):
        return pd.to_datetime(pd.Series(values, dtype="object")).astype("datetime64[ns]")
    if isinstance(t, T.DayTimeIntervalType):
        return pd.to_timedelta(pd.Series(values, dtype="object")).astype("timedelta64[ns]")
    name = _DTYPES.get(type(t))
    if isinstance(t, T.StringType) and any(v is not None for v in values):
        return pd.Series(values)
    if name is None:
        return pd.Series(values, dtype="object")
    if isinstance(t, T.FractionalType):
        return pd.Series([float("nan") if v is None else v for v in values], dtype=name)
    if any(v is None for v in values):
        return pd.Series(values, dtype="object" if name == "bool" else "float64")
    return pd.Series(values, dtype=name)


def frame_of(df):
    """toPandas."""
    pd = _pandas()
    rows, types = df._rows(), [f.dataType for f in df.schema.fields]
    zone = _zone(df._session) if any(isinstance(t, T.TimestampType) for t in types) else None
    made = {}
    for i, t in enumerate(types):
        read = None if isinstance(t, T.TimestampType) else _values.reader(t)
        made[i] = series_of(pd, [read(row[i]) if read else row[i] for row in rows], t, zone)
    out = pd.DataFrame(made, index=None if made else range(len(rows)))
    out.columns = df.columns
    return out


# ---- pandas to frames ----

def of_array(data, schema):
    """A numpy array as pandas, its columns named as PySpark names them."""
    pd = _pandas()
    names = schema if isinstance(schema, (list, tuple)) else None
    if data.ndim == 1:
        return pd.DataFrame(data, columns=names or ["value"])
    return pd.DataFrame(data, columns=names or ["_%d" % (i + 1) for i in range(data.shape[1])])


def _plain(pd, value):
    """A cell of pandas as Python has it; NaT and NA are None."""
    if value is None or value is pd.NaT or value is getattr(pd, "NA", pd.NaT):
        return None
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime(warn=False)
    if isinstance(value, pd.Timedelta):
        return value.to_pytimedelta()
    if hasattr(value, "tolist") and hasattr(value, "dtype"):
        return value.tolist()
    return value


def _column_type(series):
    """The type that a column's dtype says; None: its values do."""
    kinds = {"int8": T.ByteType, "int16": T.ShortType, "int32": T.IntegerType, "int64": T.LongType, "float32": T.FloatType,
             "float64": T.DoubleType, "bool": T.BooleanType, "uint8": T.ShortType, "uint16": T.IntegerType, "uint32": T.LongType}
    name = str(series.dtype).lower()
    return kinds[name]() if name in kinds else T.TimestampType() if name.startswith("datetime64") else None


def created(session, data, schema):
    """createDataFrame of a pandas DataFrame."""
    from functools import reduce

    from pyspark.sql import _infer, _local
    pd = _pandas()
    struct, _ = _local._schema_of(schema)
    names = [str(c) if isinstance(c, str) else "_%d" % i if isinstance(c, tuple) else str(c) for i, c in enumerate(data.columns)]
    columns = [[_plain(pd, v) for v in data.iloc[:, i]] for i in range(len(names))]
    if isinstance(struct, T.StructType):
        columns = [_typed(c, f.dataType) for c, f in zip(columns, struct.fields)]
        return _local._of_rows(session, list(zip(*columns)), struct, True)
    names = list(struct) + names[len(struct or ()):] if struct else names
    fields = []
    for i, values in enumerate(columns):
        t = _column_type(data.iloc[:, i])
        if t is None:
            t = reduce(_infer._merge_type, map(_infer._infer_type, values), T.NullType())
        fields.append(T.StructField(names[i], t, True))
    struct = T.StructType(fields)
    if not fields or (not len(data) and any(_infer._has_nulltype(f.dataType) for f in fields)):
        raise _refuse(PySparkValueError, "CANNOT_INFER_EMPTY_SCHEMA")
    if _infer._has_nulltype(struct):
        raise _refuse(PySparkValueError, "CANNOT_DETERMINE_TYPE")
    return _local._of_rows(session, list(zip(*columns)), struct, False)


def _typed(values, t):
    """Numbers that pandas keeps as floats only for NULLs' sake become the type's."""
    if isinstance(t, T.IntegralType):
        return [None if v is None or v != v else int(v) if isinstance(v, float) and v == int(v) else v for v in values]
    if isinstance(t, (T.FloatType, T.DoubleType)):
        return [None if v is None else float(v) if isinstance(v, int) and not isinstance(v, bool) else v for v in values]
    if isinstance(t, T.StringType):
        return [None if v != v else v for v in values]
    if isinstance(t, T.DateType):
        return [v.date() if isinstance(v, datetime.datetime) else v for v in values]
    return values


# ---- functions ----

def _micros(value, t):
    """A moment as series_of takes it."""
    return t.toInternal(value) if isinstance(t, T.TimestampType) else value


def _series(pd, arguments, zone):
    """Arguments of a batch as Series; structs as DataFrames."""
    found = []
    for values, json in zip(arguments, arguments.types):
        t = T._parse_datatype_json_value(json)
        read = _values.reader(t)
        cells = [read(v) for v in values] if read else values
        if isinstance(t, T.StructType):
            found.append(pd.DataFrame([list(c) for c in cells], columns=t.names))
        else:
            found.append(series_of(pd, [_micros(c, t) for c in cells], t, zone))
    return found


def _cells(pd, out, t, rows):
    """What a function of Series gave, as cells."""
    if not hasattr(out, "__len__"):
        raise _refuse(PySparkTypeError, "UDF_RETURN_TYPE", expected="pandas.Series", actual=type(out).__name__)
    if len(out) != rows:
        raise _refuse(SparkRuntimeException, "SCHEMA_MISMATCH_FOR_PANDAS_UDF", expected=str(rows), actual=str(len(out)))
    if isinstance(t, T.StructType) and hasattr(out, "columns"):
        by_name = all(isinstance(c, str) for c in out.columns)
        parts = [_cells(pd, out[f.name] if by_name else out.iloc[:, i], f.dataType, rows) for i, f in enumerate(t.fields)]
        return [dict(zip(t.names, row)) for row in zip(*parts)]
    values = [_plain(pd, v) for v in out]
    if not isinstance(t, T.FractionalType):
        values = [None if isinstance(v, float) and v != v else v for v in values]
    return [_values.given(t, v) for v in _cast(values, t)]


def _cast(values, t):
    """pandas' and Arrow's freedom: whole floats for ints, ints for floats."""
    if isinstance(t, (T.FloatType, T.DoubleType)):
        return [float(v) if isinstance(v, int) and not isinstance(v, bool) else v for v in values]
    if isinstance(t, T.IntegralType):
        return [int(v) if isinstance(v, float) and v == int(v) else v for v in values]
    if isinstance(t, T.DateType):
        return [v.date() if isinstance(v, datetime.datetime) else v for v in values]
    return values


def batch_of(made):
    """What the lake calls for a batch of a pandas_udf."""
    from pyspark.sql.pandas.functions import GROUPED_AGG, SCALAR_ITER
    from pyspark.sql.session import SparkSession
    pd, zone = _pandas(), _zone(SparkSession._getActiveSessionOrCreate())

    def of_groups(arguments):
        t = T._parse_datatype_json_value(arguments.types[0]).elementType
        out = []
        for rows in arguments[0]:
            read = [(f, _values.reader(f.dataType) or _values._same) for f in t.fields]
            columns = [series_of(pd, [_micros(r(row[f.name]), f.dataType) for row in rows], f.dataType, zone) for f, r in read]
            out.append(_values.given(made.returnType, _cast([_plain(pd, made.func(*columns))], made.returnType)[0]))
        return out

    def call(arguments):
        if made.evalType == GROUPED_AGG:
            return of_groups(arguments)
        given = _series(pd, arguments, zone)
        if made.evalType == SCALAR_ITER:
            out = list(made.func(iter([given[0] if len(given) == 1 else tuple(given)])))
            out = out[0] if len(out) == 1 else pd.concat(out)
        else:
            out = made.func(*given)
        return _cells(pd, out, made.returnType, arguments.rows)
    return call


def _framed(session, frames, schema):
    """DataFrames of pandas as one frame of a schema."""
    from pyspark.sql import _local
    pd = _pandas()
    schema = T._parse_datatype_string(schema) if isinstance(schema, str) else schema
    rows = []
    for f in frames:
        by_name = len(f) and all(isinstance(c, str) for c in f.columns)
        columns = [_cells(pd, f[s.name] if by_name else f.iloc[:, i], s.dataType, len(f)) for i, s in enumerate(schema.fields)] if len(f) else []
        rows += list(zip(*columns))
    cells = [list(c) for c in zip(*rows)] or [[] for _ in schema.fields]
    return _local.framed(session, cells, T.json.loads(schema.json()))


@contextlib.contextmanager
def _worker():
    """What a function raises is PythonException with its trace."""
    try:
        yield
    except Exception as e:
        text = "An exception was thrown from the Python worker. Please see the stack trace below.\n" + traceback.format_exc()
        raise PythonException._of({"message": text, "exception": "PythonException"}) from e


def map_in(df, func, schema):
    """mapInPandas: at once, on one DataFrame of all rows."""
    with _worker():
        frames = list(func(iter([frame_of(df)])))
    return _framed(df._session, frames, schema)


def _groups(grouped):
    """Keys with their rows as pandas DataFrames, in the keys' order, and a DataFrame without rows."""
    df, names = grouped._df, ["\x01k%d" % i for i in range(len(grouped._keys))]
    whole = frame_of(df._selected([k.alias(n)._sql for k, n in zip(grouped._keys, names)] + df._all()))
    whole.columns = names + df.columns
    found = {}
    for key, part in whole.groupby(names, dropna=False, sort=True) if names else [((), whole)]:
        key = tuple(None if k != k else k for k in (key if isinstance(key, tuple) else (key,)))
        found[key] = part.iloc[:, len(names):].reset_index(drop=True)
    return found, whole.iloc[:0, len(names):]


def apply_in(grouped, func, schema):
    """applyInPandas: at once, group by group."""
    wants_key, groups = len(inspect.signature(func).parameters) == 2, _groups(grouped)[0]
    with _worker():
        frames = [func(key, part) if wants_key else func(part) for key, part in groups.items()]
    return _framed(grouped._df._session, frames, schema)


class PandasCogroupedOps:
    """Groups of two frames by equal keys."""

    def __init__(self, gd1, gd2):
        self._gd1, self._gd2 = gd1, gd2

    def applyInPandas(self, func, schema):
        """What a function makes of both groups' pandas DataFrames."""
        wants_key = len(inspect.signature(func).parameters) == 3
        (left, no_left), (right, no_right) = _groups(self._gd1), _groups(self._gd2)
        with _worker():
            frames = []
            for key in dict.fromkeys(list(left) + list(right)):
                parts = (left.get(key, no_left), right.get(key, no_right))
                frames.append(func(key, *parts) if wants_key else func(*parts))
        return _framed(self._gd1._df._session, frames, schema)
