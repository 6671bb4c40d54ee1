"""pyspark.sql.utils: the exceptions under their older address, and helpers that scripts import from here."""
import functools
import os

from pyspark.errors import *  # noqa: F401,F403
from pyspark.errors import __all__ as _errors

try:
    import numpy  # noqa: F401
    has_numpy = True
except ImportError:
    has_numpy = False


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
