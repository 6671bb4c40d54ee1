"""Where PySpark keeps its exceptions; pyspark.errors has them all."""
