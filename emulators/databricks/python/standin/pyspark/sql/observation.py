"""Observation: aggregates that come with an action."""
from pyspark.errors import PySparkAssertionError, PySparkTypeError, PySparkValueError

__all__ = ["Observation"]


class Observation:
    """Aggregates of one frame by name; get() gives them."""

    def __init__(self, name=None):
        if name is not None and not isinstance(name, str):
            raise PySparkTypeError(error_class="NOT_STR", message_parameters={"arg_name": "name", "arg_type": type(name).__name__})
        if name == "":
            raise PySparkValueError(error_class="VALUE_NOT_NON_EMPTY_STR", message_parameters={"arg_name": "name", "arg_value": name})
        self._name, self._frame, self._found = name, None, None

    def _on(self, df, *exprs):
        if self._frame is not None:
            raise PySparkAssertionError("An Observation can be used with a DataFrame only once")
        self._frame = df.agg(*exprs)
        return df

    @property
    def get(self):
        """A dict of the aggregates."""
        assert self._frame is not None, "Should call DataFrame.observe"
        if self._found is None:
            self._found = self._frame.first().asDict()
        return self._found
