"""Exceptions of PySpark, and what the lake refuses as one of them."""
import re

from pyspark.errors import classes


class PySparkException(Exception):
    """What PySpark raises: by a text, or by a class of errors and its parameters. One that the lake raised has desc and an SQLSTATE."""

    def __init__(self, message=None, error_class=None, message_parameters=None):
        self.message = classes.message(error_class, message_parameters) if message is None else message
        self.error_class, self.message_parameters = error_class, message_parameters
        self._state = self._text = None
        super().__init__(self.message)

    @classmethod
    def _of(cls, answer):
        """The exception of an answer of the lake."""
        text = answer.get("message") or ""
        if issubclass(cls, ParseException) and not text.startswith("\n"):
            text = "\n" + text
        e = cls(text)
        e.error_class, e._state, e._text = answer.get("error_class") or None, answer.get("sql_state") or None, text
        e.desc, e.cause, e.stackTrace = text, None, ""
        e.message_parameters = answer.get("parameters") or {}
        return e

    def _placeless(self):
        """Itself, without the place in a statement that nobody wrote."""
        return self._reworded(re.sub(r"; line \d+ pos \d+$", "", self._text or ""))

    def _reworded(self, text):
        """Itself with another text."""
        self.message = self.desc = self._text = text
        return self

    def getErrorClass(self):
        """Its class, as TABLE_OR_VIEW_NOT_FOUND; None where it has none."""
        return self.error_class

    def getMessageParameters(self):
        """What stands in its text."""
        return self.message_parameters

    def getSqlState(self):
        """The SQLSTATE of what the lake refused; None for what Python did."""
        return self._state

    def __str__(self):
        if self._text is not None:
            return self._text
        return "[%s] %s" % (self.error_class, self.message) if self.error_class else self.message


class AnalysisException(PySparkException):
    """A statement or a plan that can't be: names, types, forms."""


class SessionNotSameException(PySparkException):
    """Frames of two sessions in one plan."""


class TempTableAlreadyExistsException(AnalysisException):
    """A temporary view of that name is there."""


class ParseException(AnalysisException):
    """SQL that isn't."""


class IllegalArgumentException(PySparkException):
    """An argument that isn't taken."""


class ArithmeticException(PySparkException):
    """Overflow, or a division by zero, where ANSI is on."""


class UnsupportedOperationException(PySparkException):
    """What Spark doesn't do."""


class ArrayIndexOutOfBoundsException(PySparkException):
    """An element that an array has not, where ANSI is on."""


class DateTimeException(PySparkException):
    """A date or a time that isn't."""


class NumberFormatException(IllegalArgumentException):
    """A text that is no number."""


class StreamingQueryException(PySparkException):
    """A stream that ended by an error."""


class QueryExecutionException(PySparkException):
    """A query that failed while it ran."""


class PythonException(PySparkException):
    """A function of Python that raised, with its trace."""


class SparkRuntimeException(PySparkException):
    """An error of data."""


class SparkUpgradeException(PySparkException):
    """What Spark 3 reads otherwise than Spark 2 did."""


class UnknownException(PySparkException):
    """An error of no other kind."""


class PySparkValueError(PySparkException, ValueError):
    """A ValueError of PySpark."""


class PySparkIndexError(PySparkException, IndexError):
    """An IndexError of PySpark."""


class PySparkTypeError(PySparkException, TypeError):
    """A TypeError of PySpark."""


class PySparkAttributeError(PySparkException, AttributeError):
    """An AttributeError of PySpark."""


class PySparkRuntimeError(PySparkException, RuntimeError):
    """A RuntimeError of PySpark."""


class PySparkAssertionError(PySparkException, AssertionError):
    """An AssertionError of PySpark."""


class PySparkNotImplementedError(PySparkException, NotImplementedError):
    """What PySpark has, and isn't served here."""


def not_served(name):
    """The error of a name that PySpark has and that isn't served."""
    return PySparkNotImplementedError(error_class="NOT_IMPLEMENTED", message_parameters={"feature": name})


def _py4j(answer):
    from py4j.protocol import Py4JJavaError
    return Py4JJavaError(answer.get("message") or "", answer.get("exception"))


def of_answer(answer):
    """The exception that an answer of the lake is."""
    name = answer.get("exception") or ""
    if answer.get("error_code") == "NOT_IMPLEMENTED":
        return PySparkNotImplementedError._of(answer)
    cls = globals().get(name.rpartition(".")[2])
    if isinstance(cls, type) and issubclass(cls, PySparkException):
        return cls._of(answer)
    if name in ("", "SparkRuntimeException"):
        return SparkRuntimeException._of(answer)
    return _py4j(dict(answer, exception=name if "." in name else "org.apache.spark." + name))
