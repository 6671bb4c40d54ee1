"""SparkFiles: files of addFile."""
import os

__all__ = ["SparkFiles"]


class SparkFiles:
    """Where addFile's files are."""

    _paths = {}

    @classmethod
    def get(cls, filename):
        """The path of a file."""
        return cls._paths.get(filename, os.path.join(cls.getRootDirectory(), filename))

    @classmethod
    def getRootDirectory(cls):
        """The folder."""
        return os.getcwd()
