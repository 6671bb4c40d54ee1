"""Frames of two frames' rows, rows without repeats, and samples."""
import random

from pyspark.errors import AnalysisException, PySparkTypeError, PySparkValueError
from pyspark.errors.exceptions.base import not_served
from pyspark.sql.column import Column, _col, _lit, _quoted
from pyspark.sql.types import _refuse


class SetMethods:
    """Unions, differences, repeats, samples; part of DataFrame."""

    def _with(self, other, word):
        return self._made("SELECT * FROM %s %s SELECT * FROM %s" % (self._ref, word, other._ref), other)

    def union(self, other):
        """The rows of both, by place."""
        return self._with(other, "UNION ALL")

    unionAll = union

    def intersect(self, other):
        """The rows that both have, once each."""
        return self._with(other, "INTERSECT")

    def intersectAll(self, other):
        """The rows that both have, as often as both."""
        return self._with(other, "INTERSECT ALL")

    def subtract(self, other):
        """The rows that the other hasn't, once each."""
        return self._with(other, "EXCEPT")

    def exceptAll(self, other):
        """The rows without the other's, each taken away once."""
        return self._with(other, "EXCEPT ALL")

    def unionByName(self, other, allowMissingColumns=False):
        """The rows of both, by the columns' names."""
        theirs = {f["name"].lower(): f for f in other._fields}
        right, left = [], [self._named(f) for f in self._fields]
        for f in self._fields:
            found = theirs.pop(f["name"].lower(), None)
            if found is None and not allowMissingColumns:
                raise _unresolved(f["name"], other)
            right.append("NULL AS " + _quoted(f["name"]) if found is None else other._named(found))
        if theirs and not allowMissingColumns:
            raise _unresolved(next(iter(theirs.values()))["name"], self)
        for f in theirs.values():
            left.append("NULL AS " + _quoted(f["name"]))
            right.append(other._named(f))
        return self._made("SELECT %s FROM %s UNION ALL SELECT %s FROM %s" % (", ".join(left), self._ref, ", ".join(right), other._ref))

    # ---- repeats ----

    def distinct(self):
        """Each row once."""
        return self._made("SELECT DISTINCT * FROM %s" % self._ref)

    def dropDuplicates(self, subset=None):
        """One row, the first, for each value of some columns."""
        if subset is not None and (isinstance(subset, str) or not hasattr(subset, "__iter__")):
            raise _refuse(PySparkTypeError, "NOT_LIST_OR_TUPLE", arg_name="subset", arg_type=type(subset).__name__)
        if subset is None or {f["name"].lower() for f in self._fields} <= {s.lower() for s in subset}:
            return self.distinct()
        for s in subset:
            if not any(f["name"].lower() == s.lower() for f in self._fields):
                raise _unresolved(s, self)
        keys = [self._of_field(f) for s in subset for f in self._fields if f["name"].lower() == s.lower()]
        if not keys:
            return self.limit(1)
        inner = "SELECT *, row_number() OVER (PARTITION BY %s ORDER BY true) AS `\x01n` FROM %s" % (", ".join(k._expr for k in keys), self._ref)
        return self._made("SELECT %s FROM (%s) WHERE `\x01n` = 1" % (", ".join(self._all()), inner))

    drop_duplicates = dropDuplicates

    def dropDuplicatesWithinWatermark(self, subset=None):
        """Of streams only. Not served."""
        raise not_served("DataFrame.dropDuplicatesWithinWatermark")

    # ---- samples ----

    def _between(self, low, high, seed):
        inner = "SELECT *, rand(%d) AS `\x01r` FROM %s" % (seed, self._ref)
        return self._made("SELECT %s FROM (%s) WHERE `\x01r` >= %r AND `\x01r` < %r" % (", ".join(self._all()), inner, low, high))

    def sample(self, withReplacement=None, fraction=None, seed=None):
        """About a fraction of the rows."""
        if isinstance(withReplacement, float) or (isinstance(withReplacement, int) and not isinstance(withReplacement, bool)):
            withReplacement, fraction, seed = None, withReplacement, fraction if fraction is not None else seed
        good = isinstance(fraction, (float, int)) and not isinstance(fraction, bool) and (withReplacement is None or isinstance(withReplacement, bool))
        if not good:
            given = [type(a).__name__ for a in (withReplacement, fraction, seed)]
            raise _refuse(PySparkTypeError, "NOT_BOOL_OR_FLOAT_OR_INT", arg_name="withReplacement (optional), fraction (required) and seed (optional)",
                          arg_type=", ".join(given))
        if withReplacement:
            raise not_served("DataFrame.sample(withReplacement=True)")
        if not 0.0 <= fraction <= 1.0:
            from pyspark.errors import IllegalArgumentException
            raise IllegalArgumentException("requirement failed: Sampling fraction (%s) must be on interval [0, 1] without replacement" % float(fraction))
        return self._between(0.0, float(fraction), _seed(seed))

    def randomSplit(self, weights, seed=None):
        """The rows in parts, by chance."""
        for w in weights:
            if w < 0.0:
                raise _refuse(PySparkValueError, "VALUE_NOT_POSITIVE", arg_name="weights", arg_value=str(w))
        seed, total, at, parts = _seed(seed), float(sum(weights)), 0.0, []
        for i, w in enumerate(weights):
            to = at + w / total if i < len(weights) - 1 else 1.0
            parts.append(self._between(at, to, seed))
            at = to
        return parts

    def sampleBy(self, col, fractions, seed=None):
        """About a fraction of the rows of each value of a column."""
        if not isinstance(col, (str, Column)):
            raise _refuse(PySparkTypeError, "NOT_COLUMN_OR_STR", arg_name="col", arg_type=type(col).__name__)
        if not isinstance(fractions, dict):
            raise _refuse(PySparkTypeError, "NOT_DICT", arg_name="fractions", arg_type=type(fractions).__name__)
        for k, v in fractions.items():
            if not isinstance(k, (float, int, str)):
                raise _refuse(PySparkTypeError, "DISALLOWED_TYPE_FOR_CONTAINER", arg_name="fractions", arg_type=type(fractions).__name__,
                              allowed_types="float, int, str", return_type=type(k).__name__)
        cases = " ".join("WHEN %s THEN %r" % (_lit(k)._expr, float(v)) for k, v in fractions.items())
        if not cases:
            return self.limit(0)
        return self._made("SELECT * FROM %s WHERE rand(%d) < CASE %s %s ELSE 0.0 END" % (self._ref, _seed(seed), _col(col)._expr, cases))

    # ---- columns as rows ----

    def unpivot(self, ids, values, variableColumnName, valueColumnName):
        """A row for each value column of each row."""
        ids = [_col(c) for c in (ids if isinstance(ids, (list, tuple)) else [ids])]
        if values is None:
            kept = {id(self._field_of(c)) for c in ids}
            values = [self._of_field(f) for f in self._fields if id(f) not in kept]
        values = [_col(c) for c in (values if isinstance(values, (list, tuple)) else [values])]
        if not values:
            return self.select(*[c.alias(c._repr) for c in ids])._refused_unpivot()
        parts = ", ".join("struct(%s AS `k`, %s AS `v`)" % (_lit(c._repr)._expr, c._expr) for c in values)
        inner = "SELECT %sexplode(array(%s)) AS `\x01p` FROM %s" % ("".join(c._sql + ", " for c in ids), parts, self._ref)
        named = ["`%s`" % c._repr.replace("`", "``") if c._alias is None else _quoted(c._alias[0]) for c in ids]
        return self._made("SELECT %s`\x01p`.`k` AS %s, `\x01p`.`v` AS %s FROM (%s)" % (
            "".join(n + ", " for n in named), _quoted(variableColumnName), _quoted(valueColumnName), inner))

    melt = unpivot

    def _refused_unpivot(self):
        e = AnalysisException("At least one value column needs to be specified for UNPIVOT, all columns specified as ids.")
        e.error_class = "UNPIVOT_REQUIRES_VALUE_COLUMNS"
        raise e


def _unresolved(name, df):
    return AnalysisException("Cannot resolve column name \"%s\" among (%s)." % (name, ", ".join(df.columns)))


def _seed(seed):
    return int(seed) if seed is not None else random.randrange(1 << 31)
