"""Settings of a session."""
from pyspark.errors import PySparkTypeError
from pyspark.sql._literal import quoted
from pyspark.sql.types import _refuse

_NONE = object()
_NOT_SET = "<undefined>"


class RuntimeConfig:
    """spark.conf."""

    def __init__(self, session):
        self._session = session
        self._cache = session.__dict__.setdefault("_settings", {})

    def set(self, key, value):
        """Sets it for the session. Raises what the lake says of a value it can't keep."""
        text = str(value).lower() if isinstance(value, bool) else str(value)
        self._session._lake.run("SET %s=%s" % (quoted(key), quoted(text) if text else ""))
        self._cache[key] = text

    def get(self, key, default=_NONE):
        """Its value, or the default. Raises SparkNoSuchElementException for one that isn't set."""
        self._want_str(key, "key")
        if default is not _NONE and default is not None:
            self._want_str(default, "default")
        rows = self._session._lake.run("SET " + quoted(key))["rows"]
        value = rows[0][1] if rows else None
        if value is not None and value != _NOT_SET:
            return value
        value = self._session.sparkContext._conf.get(key)
        if value is not None:
            return value
        if default is not _NONE:
            return default
        from pyspark.errors.exceptions.base import of_answer
        raise of_answer({"exception": "org.apache.spark.SparkNoSuchElementException", "error_class": "SQL_CONF_NOT_FOUND", "message":
                         "[SQL_CONF_NOT_FOUND] The SQL config \"%s\" cannot be found. Please verify that the config exists." % key})

    def unset(self, key):
        """Sets it back."""
        self._session._lake.run("RESET " + quoted(key))
        self._cache.pop(key, None)

    def isModifiable(self, key):
        """Whether a running session may change it: static settings may not."""
        from pyspark.sql.session import _STATIC
        return key.startswith("spark.sql.") and not _STATIC.match(key)

    def _set_here(self):
        """What this process set, by keys."""
        return self._cache

    @staticmethod
    def _want_str(value, name):
        if not isinstance(value, str):
            raise _refuse(PySparkTypeError, "NOT_STR", arg_name=name, arg_type=type(value).__name__)
