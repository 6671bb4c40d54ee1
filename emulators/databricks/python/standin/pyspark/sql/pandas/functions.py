"""pandas_udf: functions that take and give pandas' Series."""
import functools
import inspect

from pyspark.errors import PySparkTypeError, PySparkValueError
from pyspark.sql import types as T
from pyspark.sql.types import _refuse

__all__ = ["PandasUDFType", "pandas_udf"]

SCALAR, SCALAR_ITER, GROUPED_MAP, GROUPED_AGG = 200, 204, 201, 202


class PandasUDFType:
    """Kinds of such functions."""

    SCALAR, SCALAR_ITER, GROUPED_MAP, GROUPED_AGG = SCALAR, SCALAR_ITER, GROUPED_MAP, GROUPED_AGG


def pandas_udf(f=None, returnType=None, functionType=None):
    """A function of Series as a function of columns; a decorator, with or without a type."""
    _need_pandas()
    if f is None or isinstance(f, (str, T.DataType)):
        kind = f if returnType is None or isinstance(returnType, int) else returnType
        how = returnType if isinstance(returnType, int) and f is not None else functionType
        if kind is None:
            raise _refuse(PySparkTypeError, "CANNOT_BE_NONE", arg_name="returnType")
        return functools.partial(_made, returnType=kind, functionType=how)
    if returnType is None:
        raise _refuse(PySparkTypeError, "CANNOT_BE_NONE", arg_name="returnType")
    return _made(f, returnType, functionType)


def _need_pandas():
    try:
        import pandas  # noqa: F401
    except ImportError as e:
        raise ImportError("Pandas >= 1.0.5 must be installed; however, it was not found.") from e


def _made(f, returnType, functionType):
    from pyspark.sql.udf import _create_udf
    kind = functionType if functionType is not None else _kind_by_hints(f)
    if kind not in (SCALAR, SCALAR_ITER, GROUPED_MAP, GROUPED_AGG):
        raise _refuse(PySparkTypeError, "INVALID_PANDAS_UDF_TYPE", arg_name="functionType", arg_type=str(functionType))
    if kind == SCALAR and not inspect.signature(f).parameters:
        raise _refuse(PySparkValueError, "INVALID_PANDAS_UDF", detail="0-arg pandas_udfs are not supported. Instead, create a 1-arg pandas_udf "
                      "and ignore the arg in your function.")
    return _create_udf(f, returnType, evalType=kind)


def _kind_by_hints(f):
    """What the function's hints say: Iterator[...] is a scalar of iterators, one plain value of Series an aggregate, else a scalar."""
    given = str(getattr(f, "__annotations__", {}).get("return", ""))
    if "Iterator" in given:
        return SCALAR_ITER
    plain = getattr(f, "__annotations__", {}).get("return")
    if plain in (int, float, str, bool, bytes) or given in ("float", "int", "str", "bool", "bytes"):
        return GROUPED_AGG
    return SCALAR
