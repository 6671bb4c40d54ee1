"""PySpark's SQL: sessions, frames, columns, functions, types."""
import importlib

_PLACES = {
    "SparkSession": "session", "SQLContext": "context", "HiveContext": "context", "UDFRegistration": "udf", "UDTFRegistration": "udf",
    "DataFrame": "dataframe", "GroupedData": "group", "Column": "column", "Catalog": "catalog", "Observation": "observation", "Row": "types",
    "DataFrameNaFunctions": "_na", "DataFrameStatFunctions": "_stat", "Window": "window", "WindowSpec": "window",
    "PandasCogroupedOps": "_pandas", "DataFrameReader": "readwriter", "DataFrameWriter": "readwriter", "DataFrameWriterV2": "readwriter",
}

__all__ = ["SparkSession", "SQLContext", "HiveContext", "UDFRegistration", "DataFrame", "GroupedData", "Column", "Catalog", "Observation", "Row",
           "DataFrameNaFunctions", "DataFrameStatFunctions", "Window", "WindowSpec", "DataFrameReader", "DataFrameWriter", "DataFrameWriterV2"]


def __getattr__(name):
    """Loads a name where it is first used."""
    if name in ("functions", "types", "window", "column", "dataframe", "session", "utils", "catalog", "conf", "udf", "group", "streaming"):
        return importlib.import_module("pyspark.sql." + name)
    if name not in _PLACES:
        raise AttributeError("module 'pyspark.sql' has no attribute '%s'" % name)
    value = getattr(importlib.import_module("pyspark.sql." + _PLACES[name]), name)
    globals()[name] = value
    return value
