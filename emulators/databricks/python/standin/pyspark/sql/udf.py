"""Functions of Python that statements call: the lake asks for them a batch at a time."""
import functools

from pyspark.errors import PySparkTypeError
from pyspark.errors.exceptions.base import not_served
from pyspark.sql import _values
from pyspark.sql import types as T
from pyspark.sql.column import Column, _col, _quoted
from pyspark.sql.types import _refuse

__all__ = ["UDFRegistration"]

SCALAR, GROUPED_AGG = 100, 202


class _Aggregate(Column):
    """A function of a group's Series: of the list that SQL collects."""

    __slots__ = ("_called", "_of")

    def __init__(self, called, cols, shown):
        self._called = called
        self._of = "collect_list(struct(%s))" % ", ".join("%s AS `_%d`" % (c._expr, i) for i, c in enumerate(cols))
        expr = "%s(%s)" % (called, self._of)
        super().__init__("%s AS %s" % (expr, _quoted(shown)), shown, expr=expr, alias=(shown,))

    def over(self, window):
        """The function over a window of rows."""
        made = Column("%s(%s OVER %s)" % (self._called, self._of, window._sql), "%s OVER %s" % (self._repr, window._repr))
        return made.alias(made._repr)


def _readers(arguments):
    return [_values.reader(T._parse_datatype_json_value(t)) for t in arguments.types]


def _rows(arguments):
    """The arguments row by row as Python has them."""
    columns = []
    for values, read in zip(arguments, _readers(arguments)):
        columns.append([read(v) for v in values] if read else values)
    return list(zip(*columns)) if columns else [()] * arguments.rows


def _called(func, return_type):
    """What the lake calls for a batch."""
    def call(arguments):
        return [_values.given(return_type, func(*row)) for row in _rows(arguments)]
    return call


class UserDefinedFunction:
    """A function of Python as a function of columns."""

    def __init__(self, func, returnType=None, name=None, evalType=SCALAR, deterministic=True):
        if not callable(func):
            raise _refuse(PySparkTypeError, "NOT_CALLABLE", arg_name="func", arg_type=type(func).__name__)
        if not isinstance(returnType if returnType is not None else "", (T.DataType, str)):
            raise _refuse(PySparkTypeError, "NOT_DATATYPE_OR_STR", arg_name="returnType", arg_type=type(returnType).__name__)
        self.func, self._returnType, self._deterministic, self.evalType = func, T.StringType() if returnType is None else returnType, deterministic, evalType
        self._name = name or (func.__name__ if hasattr(func, "__name__") else type(func).__name__)
        self._known = None
        functools.update_wrapper(self, func, assigned=("__name__", "__doc__", "__module__", "__qualname__"), updated=())

    @property
    def returnType(self):
        """The type of what it gives."""
        if isinstance(self._returnType, str):
            self._returnType = T._parse_datatype_string(self._returnType)
        return self._returnType

    @property
    def deterministic(self):
        """Whether it gives the same for the same."""
        return self._deterministic

    def asNondeterministic(self):
        """Says that it doesn't give the same for the same."""
        self._deterministic = False
        return self

    def _batch(self):
        """What is called for a batch."""
        if self.evalType == SCALAR:
            return _called(self.func, self.returnType)
        from pyspark.sql import _pandas
        return _pandas.batch_of(self)

    def _in(self, session):
        """Its name in a session, which learns of it here."""
        if self._known is None or self._known[0] is not session:
            self._known = (session, register(session, self._name, self))
        return self._known[1]

    def __call__(self, *cols):
        from pyspark.sql.session import SparkSession
        session = SparkSession._getActiveSessionOrCreate()
        cols = [_col(c) for c in cols]
        name = self._in(session)
        if self.evalType == GROUPED_AGG:
            return _Aggregate(_quoted(name), cols, "%s(%s)" % (self._name, ", ".join(c._repr for c in cols)))
        return Column("%s(%s)" % (_quoted(name), ", ".join(c._expr for c in cols)), "%s(%s)" % (self._name, ", ".join(c._repr for c in cols)))


def register(session, name, f, exactly=False):
    """Makes a function known to the lake: under its name exactly, or so that no other function of that name is meant; the lake shows the name
    alone. The name it has."""
    names = session._udf_names
    known = name if exactly else "\x01%d\x01%s" % (len(names), name)
    names[known.lower()] = f
    session._lake.functions[known] = f._batch()
    session._lake.function(known, ddl(f.returnType))
    return known


def ddl(t):
    """A type as SQL writes it, names of fields in backquotes."""
    if isinstance(t, T.StructType):
        return "STRUCT<%s>" % ", ".join("`%s`: %s" % (f.name.replace("`", "``"), ddl(f.dataType)) for f in t.fields)
    if isinstance(t, T.ArrayType):
        return "ARRAY<%s>" % ddl(t.elementType)
    if isinstance(t, T.MapType):
        return "MAP<%s, %s>" % (ddl(t.keyType), ddl(t.valueType))
    return t.simpleString()


def _create_udf(f, returnType=None, name=None, evalType=SCALAR, deterministic=True):
    """The function that udf() gives: callable with columns, with the function's own name and text."""
    made = UserDefinedFunction(f, returnType, name, evalType, deterministic)

    def wrapper(*args):
        return made(*args)
    functools.update_wrapper(wrapper, f if hasattr(f, "__name__") else type(f), updated=())
    wrapper.func, wrapper.evalType, wrapper.deterministic, wrapper._made = f, evalType, deterministic, made
    wrapper.returnType = made.returnType
    wrapper.asNondeterministic = lambda: made.asNondeterministic() and wrapper
    return wrapper


def _create_py_udf(f, returnType=None, useArrow=None):
    """As _create_udf."""
    return _create_udf(f, returnType)


class UDFRegistration:
    """spark.udf: functions for SQL."""

    def __init__(self, sparkSession):
        self.sparkSession = sparkSession

    def register(self, name, f, returnType=None):
        """Makes a function, or what udf() gave, callable in SQL; gives it as a function of columns."""
        if hasattr(f, "asNondeterministic"):
            if returnType is not None:
                raise _refuse(PySparkTypeError, "CANNOT_SPECIFY_RETURN_TYPE_FOR_UDF", arg_name="f", return_type=str(returnType))
            made = _create_udf(f.func, f.returnType, name, f.evalType, getattr(f, "deterministic", True))
        else:
            made = _create_udf(f, returnType, name)
        register(self.sparkSession, name, made._made, exactly=True)
        made._made._known = (self.sparkSession, name)
        return made

    def registerJavaFunction(self, name, javaClassName, returnType=None):
        """Not served: there is no Java."""
        raise not_served("UDFRegistration.registerJavaFunction")

    def registerJavaUDAF(self, name, javaClassName):
        """Not served: there is no Java."""
        raise not_served("UDFRegistration.registerJavaUDAF")


class UDTFRegistration:
    """Not served."""

    def __init__(self, sparkSession):
        raise not_served("UDTFRegistration")
