"""PySpark's exceptions."""
from pyspark.errors.exceptions.base import (
    AnalysisException, ArithmeticException, ArrayIndexOutOfBoundsException, DateTimeException, IllegalArgumentException,
    NumberFormatException, ParseException, PySparkAssertionError, PySparkAttributeError, PySparkException, PySparkIndexError,
    PySparkNotImplementedError, PySparkRuntimeError, PySparkTypeError, PySparkValueError, PythonException, QueryExecutionException,
    SessionNotSameException, SparkRuntimeException, SparkUpgradeException, StreamingQueryException, TempTableAlreadyExistsException,
    UnknownException, UnsupportedOperationException)

__all__ = [
    "PySparkException", "AnalysisException", "TempTableAlreadyExistsException", "ParseException", "IllegalArgumentException",
    "ArithmeticException", "UnsupportedOperationException", "ArrayIndexOutOfBoundsException", "DateTimeException", "NumberFormatException",
    "StreamingQueryException", "QueryExecutionException", "PythonException", "UnknownException", "SparkRuntimeException",
    "SparkUpgradeException", "PySparkTypeError", "PySparkValueError", "PySparkAttributeError", "PySparkRuntimeError", "PySparkAssertionError",
    "PySparkNotImplementedError", "PySparkIndexError", "SessionNotSameException",
]
