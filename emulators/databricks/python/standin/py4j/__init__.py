"""The names of py4j that programs for PySpark import; nothing of Java runs."""
