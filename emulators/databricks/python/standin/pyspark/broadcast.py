"""Broadcast: a value for functions; here it is the value."""
__all__ = ["Broadcast"]


class Broadcast:
    """Holds a value."""

    _next = 0

    def __init__(self, sc=None, value=None):
        self._value, self._gone = value, False
        self._id, Broadcast._next = Broadcast._next, Broadcast._next + 1

    @property
    def value(self):
        """What was broadcast."""
        if self._gone:
            from pyspark.errors.exceptions.base import of_answer
            raise of_answer({"exception": "org.apache.spark.SparkException", "message": "Attempted to use Broadcast(%d) after it was destroyed" % self._id})
        return self._value

    def unpersist(self, blocking=False):
        """Nothing: it is in this process."""

    def destroy(self, blocking=False):
        """It can't be used again."""
        self._gone = True
