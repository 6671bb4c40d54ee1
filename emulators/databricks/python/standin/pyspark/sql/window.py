"""Window: over which rows a function of a row goes."""
from pyspark.sql.column import _col

__all__ = ["Window", "WindowSpec"]

_UP = " ASC NULLS FIRST"
_MIN, _MAX = -(1 << 63), (1 << 63) - 1


def _bound(n):
    """SQL of a bound of a frame."""
    if n <= _MIN:
        return "UNBOUNDED PRECEDING"
    if n >= _MAX:
        return "UNBOUNDED FOLLOWING"
    return "CURRENT ROW" if n == 0 else "%d FOLLOWING" % n


def _columns(cols):
    cols = cols[0] if len(cols) == 1 and isinstance(cols[0], (list, tuple)) else cols
    return [_col(c) for c in cols]


class WindowSpec:
    """Partitions, their order, and a frame of rows; Column.over takes it."""

    def __init__(self, partition=(), order=(), frame=None):
        self._partition, self._order, self._frame = partition, order, frame

    def partitionBy(self, *cols):
        """Rows with equal values go together."""
        return WindowSpec(_columns(cols), self._order, self._frame)

    def orderBy(self, *cols):
        """The order in a partition."""
        return WindowSpec(self._partition, _columns(cols), self._frame)

    def rowsBetween(self, start, end):
        """A frame by numbers of rows from the current one."""
        return WindowSpec(self._partition, self._order, ("ROWS", _limited(start), _limited(end)))

    def rangeBetween(self, start, end):
        """A frame by values of the order's column."""
        return WindowSpec(self._partition, self._order, ("RANGE", _limited(start), _limited(end)))

    def _written(self, text, bound, nothing):
        parts = []
        if self._partition:
            parts.append("PARTITION BY " + ", ".join(text(c).replace(_UP, "") for c in self._partition))
        if self._order:
            parts.append("ORDER BY " + ", ".join(text(c) for c in self._order))
        if self._frame:
            parts.append("%s BETWEEN %s AND %s" % (self._frame[0], bound(self._frame[1]), bound(self._frame[2])))
        elif nothing:
            parts.append(nothing)
        return "(%s)" % " ".join(parts)

    @property
    def _sql(self):
        """What follows OVER."""
        return self._written(lambda c: c._expr, _bound, "")

    @property
    def _repr(self):
        """As PySpark prints it."""
        return self._written(_shown_order, _bound, "unspecifiedframe$()")


def _shown_order(c):
    """A column of ORDER BY as PySpark prints it."""
    return c._repr if c._expr.endswith((" FIRST", " LAST")) else c._repr + _UP


def _limited(n):
    """As PySpark: what is beyond a long is unbounded."""
    return _MIN if n <= Window._PRECEDING_THRESHOLD else _MAX if n >= Window._FOLLOWING_THRESHOLD else n


class Window:
    """Makes WindowSpecs."""

    _PRECEDING_THRESHOLD = max(-9223372036854775807, _MIN)
    _FOLLOWING_THRESHOLD = min(9223372036854775807, _MAX)
    unboundedPreceding = _MIN
    unboundedFollowing = _MAX
    currentRow = 0

    @staticmethod
    def partitionBy(*cols):
        """Rows with equal values go together."""
        return WindowSpec().partitionBy(*cols)

    @staticmethod
    def orderBy(*cols):
        """All rows in an order."""
        return WindowSpec().orderBy(*cols)

    @staticmethod
    def rowsBetween(start, end):
        """A frame by numbers of rows from the current one."""
        return WindowSpec().rowsBetween(start, end)

    @staticmethod
    def rangeBetween(start, end):
        """A frame by values of the order's column."""
        return WindowSpec().rangeBetween(start, end)
