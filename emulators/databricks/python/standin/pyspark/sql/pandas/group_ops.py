"""Where PySpark keeps what cogroup gives."""
from pyspark.sql._pandas import PandasCogroupedOps  # noqa: F401
