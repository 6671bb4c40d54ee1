"""Errors of Java as PySpark's programs catch them."""


class Py4JError(Exception):
    """An error of the bridge to Java."""


class Py4JNetworkError(Py4JError):
    """The bridge is gone."""


class _JavaThrowable:
    """What e.java_exception is: its class, its message."""

    def __init__(self, name, message):
        self._name, self._message = name, message

    def getMessage(self):
        """Its text."""
        return self._message

    def toString(self):
        """Class and text."""
        return "%s: %s" % (self._name, self._message)

    def getCause(self):
        """None: causes aren't kept."""
        return None

    __str__ = toString


class Py4JJavaError(Py4JError):
    """An exception of Java: its text has the class and the message, as programs look for them."""

    def __init__(self, message, java_exception=None):
        self.errmsg = "An error occurred while calling o1.load."
        name = java_exception if isinstance(java_exception, str) else "java.lang.RuntimeException"
        self.java_exception = _JavaThrowable(name, message)
        super().__init__("%s\n: %s: %s" % (self.errmsg, name, message))
