"""assertDataFrameEqual and assertSchemaEqual."""
import difflib
from itertools import zip_longest

from pyspark.errors import PySparkAssertionError
from pyspark.sql.dataframe import DataFrame
from pyspark.sql.types import ArrayType, Row, StructType

__all__ = ["assertDataFrameEqual", "assertSchemaEqual"]


def _failed(error_class, **parameters):
    return PySparkAssertionError(error_class=error_class, message_parameters=parameters)


def _alike(a, b):
    """Whether two types are equal but for what may be NULL."""
    if a.typeName() != b.typeName():
        return False
    if isinstance(a, ArrayType):
        return _alike(a.elementType, b.elementType)
    if isinstance(a, StructType):
        return len(a) == len(b) and all(x.name == y.name and _alike(x.dataType, y.dataType) for x, y in zip(a, b))
    return True


def assertSchemaEqual(actual, expected):
    """Raises PySparkAssertionError unless the schemas have the same names and types."""
    for schema in (actual, expected):
        if not isinstance(schema, StructType):
            raise _failed("UNSUPPORTED_DATA_TYPE", data_type=type(schema))
    if not _alike(actual, expected):
        raise _failed("DIFFERENT_SCHEMA", error_msg="\n".join(difflib.ndiff(str(actual).splitlines(), str(expected).splitlines())))


def _near(a, b, rtol, atol):
    """Whether two values are equal; floats nearly."""
    if isinstance(a, float) and isinstance(b, float):
        return abs(a - b) <= atol + rtol * abs(b)
    if isinstance(a, Row) and isinstance(b, Row):
        return all(_near(x, y, rtol, atol) for x, y in zip(a, b))
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(_near(x, y, rtol, atol) for x, y in zip(a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_near(a[k], b[k], rtol, atol) for k in a)
    return a == b


def _shown(title, rows, wrong):
    return ["*** %s ***" % title] + ["%s %s" % ("!" if i in wrong else " ", row) for i, row in enumerate(rows)]


def _rows(df, name):
    if isinstance(df, list):
        return df
    if not isinstance(df, DataFrame):
        raise _failed("INVALID_TYPE_DF_EQUALITY_ARG", expected_type="Union[DataFrame, ps.DataFrame, List[Row]]", arg_name=name,
                      actual_type=None if df is None else type(df))
    if df.isStreaming:
        raise _failed("UNSUPPORTED_OPERATION", operation="assertDataFrameEqual on streaming DataFrame")
    return df.collect()


def assertDataFrameEqual(actual, expected, checkRowOrder=False, rtol=1e-5, atol=1e-8):
    """Raises PySparkAssertionError unless two frames, or lists of Row, have the same rows, in any order unless checkRowOrder."""
    if actual is None and expected is None:
        return True
    if all(type(df).__module__.split(".")[0] == "pandas" for df in (actual, expected)):
        import pandas
        pandas.testing.assert_frame_equal(actual, expected, rtol=rtol, atol=atol)
        return True
    if isinstance(actual, DataFrame) and isinstance(expected, DataFrame):
        assertSchemaEqual(actual.schema, expected.schema)
    left, right = _rows(actual, "actual"), _rows(expected, "expected")
    if not checkRowOrder:
        left, right = sorted(left, key=str), sorted(right, key=str)
    pairs = list(zip_longest(left, right))
    wrong = {i for i, (a, b) in enumerate(pairs) if not (a is None and b is None or None not in (a, b) and _near(a, b, rtol, atol))}
    if wrong:
        lines = _shown("actual", left, wrong) + _shown("expected", right, wrong)
        raise _failed("DIFFERENT_ROWS", error_msg="Results do not match: ( %.5f %% )\n%s" % (100 * len(wrong) / len(pairs), "\n".join(lines)))
    return None
