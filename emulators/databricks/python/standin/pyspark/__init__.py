"""PySpark on the stack's lake: a stand-in of PySpark 3.5's Python API that needs no Java.

What isn't there raises AttributeError or PySparkNotImplementedError with its name.
"""
import importlib

__version__ = "3.5.5"
_PLACES = {
    "SparkConf": "conf", "SparkContext": "context", "SparkFiles": "files", "RDD": "rdd", "StorageLevel": "storagelevel",
    "Broadcast": "broadcast", "Accumulator": "accumulators", "AccumulatorParam": "accumulators", "TaskContext": "taskcontext",
    "SQLContext": "sql.context", "HiveContext": "sql.context", "Row": "sql.types", "since": "util", "keyword_only": "util",
    "copy_func": "util", "InheritableThread": "util", "inheritable_thread_target": "util", "StatusTracker": "status",
    "SparkJobInfo": "status", "SparkStageInfo": "status",
}

__all__ = ["SparkConf", "SparkContext", "SparkFiles", "RDD", "StorageLevel", "Broadcast", "Accumulator", "AccumulatorParam", "StatusTracker",
           "TaskContext", "InheritableThread", "inheritable_thread_target", "__version__"]


def __getattr__(name):
    """Loads a name where it is first used: importing pyspark costs nothing."""
    if name in ("sql", "errors", "conf", "context", "rdd", "accumulators", "broadcast", "files", "storagelevel", "util", "version"):
        return importlib.import_module("pyspark." + name)
    if name not in _PLACES:
        raise AttributeError("module 'pyspark' has no attribute '%s'" % name)
    value = getattr(importlib.import_module("pyspark." + _PLACES[name]), name)
    globals()[name] = value
    return value
