"""The version of PySpark whose names these are."""
__version__ = "3.5.5"
