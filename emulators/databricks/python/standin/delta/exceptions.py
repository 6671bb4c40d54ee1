"""Exceptions of Delta's concurrent writes."""
from pyspark.errors import AnalysisException  # noqa: F401
from pyspark.errors.exceptions.base import PySparkException


class DeltaConcurrentModificationException(PySparkException):
    """Another write came between."""


class ConcurrentWriteException(DeltaConcurrentModificationException):
    """The table was written since it was read."""


class MetadataChangedException(DeltaConcurrentModificationException):
    """Its schema or properties were changed."""


class ProtocolChangedException(DeltaConcurrentModificationException):
    """Its protocol was changed."""


class ConcurrentAppendException(DeltaConcurrentModificationException):
    """Files were added that would have been read."""


class ConcurrentDeleteReadException(DeltaConcurrentModificationException):
    """Files were deleted that have been read."""


class ConcurrentDeleteDeleteException(DeltaConcurrentModificationException):
    """Files were deleted that are to be deleted."""


class ConcurrentTransactionException(DeltaConcurrentModificationException):
    """Two writers with one transaction's id."""
