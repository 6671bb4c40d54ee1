"""The exceptions that come from the engine; here they are the same classes."""
from pyspark.errors.exceptions.base import *  # noqa: F401,F403
from pyspark.errors.exceptions.base import PySparkException as CapturedException  # noqa: F401
