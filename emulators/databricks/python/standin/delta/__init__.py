"""delta-spark: DeltaTable over the lake's tables."""
from delta.pip_utils import configure_spark_with_delta_pip
from delta.tables import DeltaTable

__all__ = ["DeltaTable", "configure_spark_with_delta_pip"]
