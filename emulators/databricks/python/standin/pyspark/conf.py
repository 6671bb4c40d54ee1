"""SparkConf: settings before a session begins."""
__all__ = ["SparkConf"]


class SparkConf:
    """Keys with values, all texts."""

    def __init__(self, loadDefaults=True, _jvm=None, _jconf=None):
        self._conf = {}

    def set(self, key, value):
        """Sets one; gives itself."""
        self._conf[key] = str(value).lower() if isinstance(value, bool) else str(value)
        return self

    def setIfMissing(self, key, value):
        """Sets one that isn't set."""
        return self if key in self._conf else self.set(key, value)

    def setMaster(self, value):
        """Where it would run."""
        return self.set("spark.master", value)

    def setAppName(self, value):
        """The application's name."""
        return self.set("spark.app.name", value)

    def setSparkHome(self, value):
        """Where Spark would be."""
        return self.set("spark.home", value)

    def setExecutorEnv(self, key=None, value=None, pairs=None):
        """Environment of executors."""
        if (key is not None and pairs is not None) or (key is None and pairs is None):
            from pyspark.errors import PySparkRuntimeError
            raise PySparkRuntimeError(error_class="KEY_VALUE_PAIR_REQUIRED", message_parameters={})
        for k, v in pairs if key is None else [(key, value)]:
            self.set("spark.executorEnv.%s" % k, v)
        return self

    def setAll(self, pairs):
        """Sets many."""
        for k, v in pairs:
            self.set(k, v)
        return self

    def get(self, key, defaultValue=None):
        """Its value, else the default."""
        return self._conf.get(key, defaultValue)

    def getAll(self):
        """Pairs of all."""
        return list(self._conf.items())

    def contains(self, key):
        """Whether it is set."""
        return key in self._conf

    def toDebugString(self):
        """A line a setting."""
        return "\n".join("%s=%s" % pair for pair in sorted(self._conf.items()))
