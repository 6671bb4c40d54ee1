"""pyspark.sql.utils: the exceptions under their older address, and helpers that scripts import from here."""
import functools
import importlib.util
import os
import types

from pyspark.errors import *  # noqa: F401,F403
from pyspark.errors import __all__ as _errors

has_numpy = importlib.util.find_spec("numpy") is not None


class _Numpy(types.ModuleType):
    """numpy, loaded where it is first used: it takes longer than all of PySpark's names here."""

    def __getattr__(self, name):
        import numpy
        return getattr(numpy, name)


def to_str(value):
    """An option's value as text: true and false in small letters, None as it is."""
    if isinstance(value, bool):
        return str(value).lower()
    return value if value is None else str(value)


def is_remote():
    """Whether this is Spark Connect: never."""
    return False


def get_active_spark_context():
    """The SparkContext, which is made where there is none."""
    from pyspark.context import SparkContext
    return SparkContext.getOrCreate()


def try_remote_functions(f):
    """A decorator of PySpark's own; nothing is changed."""
    return functools.wraps(f)(lambda *args, **kwargs: f(*args, **kwargs))



def is_timestamp_ntz_preferred():
    """Whether TIMESTAMP means the one without a zone: spark.sql.timestampType."""
    from pyspark.sql import SparkSession
    session = SparkSession._active
    return session is not None and session.conf.get("spark.sql.timestampType", "TIMESTAMP_LTZ") == "TIMESTAMP_NTZ"


is_testing = "SPARK_TESTING" in os.environ
__all__ = list(_errors) + ["to_str", "has_numpy", "get_active_spark_context", "is_remote", "try_remote_functions"]
