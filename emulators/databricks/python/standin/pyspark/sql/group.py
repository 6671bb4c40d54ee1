"""GroupedData: what groupBy gives."""
from pyspark.errors import AnalysisException, PySparkTypeError
from pyspark.errors.exceptions.base import not_served
from pyspark.sql import types as T
from pyspark.sql.column import Column, _col, _lit, _quoted
from pyspark.sql.types import _refuse

__all__ = ["GroupedData"]


def _by_names(word, doc):
    def method(self, *cols):
        return self.agg(*[Column("%s(%s)" % (word, self._df[c]._expr), "%s(%s)" % (word, c)) for c in self._numeric(cols)])
    method.__doc__ = doc
    return method


class GroupedData:
    """Groups of a frame's rows; agg and its like give a frame."""

    def __init__(self, df, keys, how="%s"):
        self._df, self._keys, self._how, self._pivot = df, keys, how, None
        self.session = df._session

    def __repr__(self):
        fields, more = self._df._fields[:2], len(self._df._fields) - 2
        value = ", ".join("%s: %s" % (f["name"], f["type"]) for f in fields) + (" ... %d more field%s" % (more, "s" * (more > 1)) if more > 0 else "")
        kind = "GroupBy" if self._how == "%s" else self._how[:-5].capitalize()
        return "GroupedData[grouping expressions: [%s], value: [%s], type: %s]" % (", ".join(map(self._key_repr, self._keys)), value, kind)

    def _key_repr(self, key):
        """A name, with its type where the key is a column by identity."""
        field = self._df._field_of(key) if "\x01" in key._expr else None
        return "%s: %s" % (field["name"], field["type"]) if field else key._repr

    def _by(self):
        """SQL's GROUP BY."""
        if not self._keys:
            return " HAVING true"
        return " GROUP BY " + self._how % ", ".join(k._expr for k in self._keys)

    # ---- aggregates ----

    def agg(self, *exprs):
        """Aggregates: Columns, or a dict of functions' names by columns' names."""
        assert exprs, "exprs should not be empty"
        if len(exprs) == 1 and isinstance(exprs[0], dict):
            exprs = [self._called(name, exprs[0][name]) for name in _java_order(list(exprs[0]))]
        else:
            assert all(isinstance(c, Column) for c in exprs), "all exprs should be Column"
        if self._pivot is not None:
            return self._pivoted(exprs)
        return self._df._selected([k._sql for k in self._keys] + [c._sql for c in exprs], self._by())

    def _called(self, name, function):
        """{"age": "max"}: max(age)."""
        if name == "*" and function.lower() == "count":
            return Column("count(1)", "count(1)")
        return Column("%s(%s)" % ("avg" if function.lower() == "mean" else function, _col(name)._expr), "%s(%s)" % (function, name))

    def count(self):
        """The number of rows of each group, as count."""
        return self.agg(Column("count(1)").alias("count"))

    avg = _by_names("avg", "The mean of each group, of numeric columns or all of them.")
    mean = _by_names("avg", "As avg.")
    max = _by_names("max", "The greatest of each group, of numeric columns or all of them.")
    min = _by_names("min", "The least of each group, of numeric columns or all of them.")
    sum = _by_names("sum", "The sum of each group, of numeric columns or all of them.")

    def _numeric(self, cols):
        """Names of columns that a number is made of. AnalysisException for one that isn't numeric."""
        df = self._df
        if len(cols) == 1 and isinstance(cols[0], list):
            cols = cols[0]
        if not cols:
            keys = {id(df._field_of(k)) for k in self._keys}
            return [f["name"] for f in df._fields if isinstance(df._type_of(f), T.NumericType) and id(f) not in keys]
        for c in cols:
            field = df._field_of(df[c])
            if field is not None and not isinstance(df._type_of(field), T.NumericType):
                raise AnalysisException("\"%s\" is not a numeric column. Aggregation function can only be applied on a numeric column." % c)
        return list(cols)

    # ---- pivot ----

    def pivot(self, pivot_col, values=None):
        """The values of a column as columns of what agg gives."""
        if self._pivot is not None:
            raise _refuse_repeat()
        made = GroupedData(self._df, self._keys, self._how)
        column = _col(pivot_col)
        made._pivot = (column, self._values(column) if values is None else list(values))
        return made

    def _values(self, column):
        """The values that are there, in order."""
        df = self._df
        sql = "SELECT DISTINCT %s AS v FROM %s ORDER BY v LIMIT 10001" % (column._expr, df._ref)
        found = [row[0] for row in df._made(sql).collect()]
        if len(found) > 10000:
            raise AnalysisException("The pivot column %s has more than 10000 distinct values, this could indicate an error. If this was intended, "
                                    "set spark.sql.pivotMaxValues to at least the number of distinct values of the pivot column." % column._repr)
        return found

    def _pivoted(self, exprs):
        """First groups of keys and the column, then a group's values side by side, as Spark does: no row is NULL."""
        column, values = self._pivot
        keys = [k.alias("\x01k%d" % i)._sql for i, k in enumerate(self._keys)]
        parts = [c.alias("\x01a%d" % i)._sql for i, c in enumerate(exprs)]
        group = ", ".join(k._expr for k in list(self._keys) + [column])
        df = self._df
        inner = df._selected(keys + [column.alias("\x01p")._sql] + parts, " GROUP BY " + group)
        named = self._names(exprs)
        items = ["`\x01k%d` AS %s" % (i, _quoted(n)) for i, n in enumerate(self._key_names())]
        for v in values:
            where = "`\x01p` <=> %s" % _lit(v)._expr
            for i, name in enumerate(named):
                title = _value_name(v) if len(named) == 1 else "%s_%s" % (_value_name(v), name)
                items.append("first(`\x01a%d`) FILTER (WHERE %s) AS %s" % (i, where, _quoted(title)))
        by = ", ".join("`\x01k%d`" % i for i in range(len(keys)))
        return inner._selected(items, " GROUP BY " + by if by else "")

    def _names(self, exprs):
        """How the lake names the aggregates."""
        if len(exprs) == 1:
            return [None]
        return self._df._selected([c._sql for c in exprs]).columns

    def _key_names(self):
        return self._df._selected([k._sql for k in self._keys], " LIMIT 0").columns if self._keys else []

    # ---- pandas ----

    def applyInPandas(self, func, schema):
        """What a function makes of each group's pandas DataFrame."""
        from pyspark.sql import _pandas
        return _pandas.apply_in(self, func, schema)

    def apply(self, udf):
        """The old form of applyInPandas."""
        if not getattr(udf, "func", None):
            raise _refuse(PySparkTypeError, "INVALID_UDF_EVAL_TYPE", eval_type="SQL_GROUPED_MAP_PANDAS_UDF")
        return self.applyInPandas(udf.func, udf.returnType)

    def applyInPandasWithState(self, *args, **kwargs):
        """Not served."""
        raise not_served("GroupedData.applyInPandasWithState")

    def cogroup(self, other):
        """Groups of two frames by equal keys, for pandas."""
        from pyspark.sql._pandas import PandasCogroupedOps
        return PandasCogroupedOps(self, other)


def _java_hash(text):
    """String.hashCode."""
    h = 0
    units = text.encode("utf-16-be")
    for i in range(0, len(units), 2):
        h = (31 * h + (units[i] << 8) + units[i + 1]) & 0xFFFFFFFF
    return h


def _scala_place(name):
    """Where a key lies in Scala's map: five bits a level."""
    h = _java_hash(name)
    h = (h + ~(h << 9)) & 0xFFFFFFFF
    h ^= h >> 14
    h = (h + (h << 4)) & 0xFFFFFFFF
    h ^= h >> 10
    return [h >> n & 31 for n in range(0, 35, 5)]


def _java_order(names):
    """The order in which a dict's columns come out of Spark: by way of Java's HashMap, and of Scala's, which keeps up to four as they come."""
    size = 16
    while len(names) > size * 3 // 4:
        size *= 2
    names = sorted(names, key=lambda n: (_java_hash(n) ^ _java_hash(n) >> 16) & size - 1)
    return names if len(names) <= 4 else sorted(names, key=_scala_place)


def _refuse_repeat():
    e = AnalysisException("[REPEATED_CLAUSE] The PIVOT clause may be used at most once per SUBQUERY operation.")
    e.error_class = "REPEATED_CLAUSE"
    return e


def _value_name(v):
    """A pivot value as a column's name."""
    from pyspark.sql._values import java_text
    return java_text(v)
