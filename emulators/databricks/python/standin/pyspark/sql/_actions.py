"""What runs a frame: show, collect and their like."""
import contextlib
import gc

from pyspark.errors import PySparkTypeError
from pyspark.sql import _show, _values
from pyspark.sql import types as T
from pyspark.sql.types import _create_row, _refuse

EVERY_ROW = 2147483647


@contextlib.contextmanager
def _unwatched():
    """Without the collector of cycles: many rows are made, none of them a cycle, and it would look at all of them again and again."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


class Actions:
    """Actions; part of DataFrame."""

    def _rows(self, rest=""):
        """The rows as JSON has them, with moments as microseconds and decimals as texts."""
        types = [f.dataType for f in self.schema.fields]
        asked = [_values.asked_as(t, n) for t, n in zip(types, self._all())]
        sql = "SELECT %s FROM %s%s" % ("*" if asked == self._all() else ", ".join(asked), self._ref, rest)
        exact = [i for i, t in enumerate(types) if not isinstance(t, T.AtomicType) and _values.has_decimal(t)]
        rows = self._session._lake.run(sql, rows=EVERY_ROW)["rows"]
        if exact:
            texts = self._session._lake.run(sql, "text", EVERY_ROW)["rows"]
            for row, text in zip(rows, texts):
                for i in exact:
                    row[i] = _values.cells_of(text[i])
        return rows

    def _collected(self, rest=""):
        with _unwatched():
            rows, names = self._rows(rest), self.columns
            readers = [(i, r) for i, r in enumerate(_values.reader(f.dataType) for f in self.schema.fields) if r]
            for row in rows:
                for i, read in readers:
                    row[i] = read(row[i])
            return [_create_row(names, row) for row in rows]

    def collect(self):
        """All rows as a list of Row."""
        return self._collected()

    def toLocalIterator(self, prefetchPartitions=False):
        """The rows one by one."""
        return iter(self.collect())

    def count(self):
        """The number of rows."""
        return self._session._lake.run("SELECT count(1) FROM %s" % self._ref)["rows"][0][0]

    def take(self, num):
        """The first rows."""
        return self._collected(" LIMIT %d" % num)

    def head(self, n=None):
        """The first row or None; with n a list of the first rows."""
        if n is None:
            rows = self.take(1)
            return rows[0] if rows else None
        return self.take(n)

    def first(self):
        """The first row, or None."""
        return self.head()

    def tail(self, num):
        """The last rows."""
        return self.collect()[-num:] if num > 0 else []

    def isEmpty(self):
        """Whether it has no row."""
        return not self.take(1)

    # ---- row by row ----

    def foreach(self, f):
        """Calls f for each row."""
        self.rdd.foreach(f)

    def foreachPartition(self, f):
        """Calls f with an iterator of the rows."""
        self.rdd.foreachPartition(f)

    def toJSON(self, use_unicode=True):
        """Each row as a text of JSON."""
        from pyspark.rdd import RDD
        sql = "SELECT to_json(struct(*)) FROM %s" % self._ref
        return RDD(lambda: [[row[0] for row in self._session._lake.run(sql, rows=EVERY_ROW)["rows"]]], self._session.sparkContext)

    # ---- printed ----

    def show(self, n=20, truncate=True, vertical=False):
        """Prints rows as a table."""
        print(self._shown(n, truncate, vertical))

    def _shown(self, n=20, truncate=True, vertical=False):
        if not isinstance(n, int) or isinstance(n, bool):
            raise _refuse(PySparkTypeError, "NOT_INT", arg_name="n", arg_type=type(n).__name__)
        if not isinstance(vertical, bool):
            raise _refuse(PySparkTypeError, "NOT_BOOL", arg_name="vertical", arg_type=type(vertical).__name__)
        try:
            width = (20 if truncate else 0) if isinstance(truncate, bool) else int(truncate)
        except ValueError:
            raise _refuse(PySparkTypeError, "NOT_BOOL", arg_name="truncate", arg_type=type(truncate).__name__)
        n = max(0, n)
        rows = self._session._lake.run("SELECT * FROM %s LIMIT %d" % (self._ref, min(n + 1, EVERY_ROW)), "show", EVERY_ROW)["rows"]
        return _show.table(self.columns, rows, n, width, vertical)

    def printSchema(self, level=None):
        """Prints the columns as a tree."""
        print(_show.tree(self.schema, level))

    def _repr_html_(self):
        """None, so that a notebook prints repr: eager evaluation is off."""
        return None

    # ---- pandas ----

    def toPandas(self):
        """All rows as a pandas DataFrame."""
        from pyspark.sql import _pandas
        return _pandas.frame_of(self)

    def mapInPandas(self, func, schema, barrier=False):
        """What a function makes of pandas DataFrames of the rows."""
        from pyspark.sql import _pandas
        return _pandas.map_in(self, func, schema)

    def mapInArrow(self, func, schema, barrier=False):
        """Not served."""
        from pyspark.errors.exceptions.base import not_served
        raise not_served("DataFrame.mapInArrow")

    # ---- Databricks ----

    def display(self, *_, **__):
        """Shows it; in a notebook as display does."""
        self.show()
