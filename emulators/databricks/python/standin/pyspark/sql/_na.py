"""What a DataFrame does with NULLs, and replacing values."""
from pyspark.errors import PySparkTypeError, PySparkValueError
from pyspark.sql import types as T
from pyspark.sql.column import _lit, _quoted
from pyspark.sql.types import _refuse

_FRACTIONS = (T.FloatType, T.DoubleType)


def _names(subset):
    return None if subset is None else [subset] if isinstance(subset, str) else list(subset)


class NullMethods:
    """dropna, fillna, replace; part of DataFrame."""

    def _subset(self, subset):
        """The fields of some names, or all. A name that isn't there is AnalysisException."""
        if subset is None:
            return list(self._fields)
        found = []
        for name in subset:
            field = self._field_of(self[name])
            if field is not None:
                found.append(field)
        return found

    def _type_of(self, field):
        return self.schema.fields[next(i for i, f in enumerate(self._fields) if f is field)].dataType

    # ---- drop ----

    def dropna(self, how="any", thresh=None, subset=None):
        """Without rows that have a NULL (any), have nothing else (all), or have fewer values than thresh. NaN is as NULL."""
        if how is not None and how not in ("any", "all"):
            raise _refuse(PySparkValueError, "VALUE_NOT_ANY_OR_ALL", arg_name="how", arg_value=str(how))
        if subset is not None and not isinstance(subset, (list, tuple, str)):
            raise _refuse(PySparkTypeError, "NOT_LIST_OR_STR_OR_TUPLE", arg_name="subset", arg_type=type(subset).__name__)
        fields = self._subset(_names(subset))
        least = thresh if thresh is not None else len(fields) if how == "any" else 1
        there = ["(%s IS NOT NULL%s)" % (self._named(f), " AND NOT isnan(%s)" % self._named(f) if isinstance(self._type_of(f), _FRACTIONS) else "")
                 for f in fields]
        if not there:
            return self
        if least >= len(there):
            return self.filter(" AND ".join(there)) if least == len(there) else self.limit(0)
        return self.filter("%s >= %d" % (" + ".join("CAST(%s AS INT)" % t for t in there), least))

    # ---- fill ----

    def fillna(self, value, subset=None):
        """NULLs as a value, in the columns of the value's kind; or by a dict of values by names."""
        if not isinstance(value, (float, int, str, bool, dict)):
            raise _refuse(PySparkTypeError, "NOT_BOOL_OR_DICT_OR_FLOAT_OR_INT_OR_STR", arg_name="value", arg_type=type(value).__name__)
        if subset is not None and not isinstance(subset, (list, tuple, str)):
            raise _refuse(PySparkTypeError, "NOT_LIST_OR_TUPLE", arg_name="subset", arg_type=type(subset).__name__)
        if isinstance(value, int) and not isinstance(value, bool):
            value = float(value)  # as PySpark does; whole columns may be NULL afterwards, as far as their schema says
        if not isinstance(value, dict):
            new = {id(f): value for f in self._subset(_names(subset)) if _fills(self._type_of(f), value)}
        else:
            new = {}
            for name, v in value.items():
                new.update((id(f), v) for f in self._subset([name]))
        if not new:
            return self
        return self._selected([self._filled(f, new[id(f)]) if id(f) in new else self._named(f) for f in self._fields])

    def _filled(self, field, value):
        t, name = self._type_of(field), self._named(field)
        old = "nanvl(%s, CAST(NULL AS %s))" % (name, t.simpleString()) if isinstance(t, _FRACTIONS) else name
        return "coalesce(%s, CAST(%s AS %s)) AS %s" % (old, _lit(value)._expr, t.simpleString(), _quoted(field["name"]))

    # ---- replace ----

    def replace(self, to_replace, value=_refuse, subset=None):
        """Values for others, in the columns of their kind. to_replace: a value, a list, or a dict of old and new."""
        pairs = _pairs(to_replace, value)
        if subset is not None and not isinstance(subset, (list, tuple, str)):
            raise _refuse(PySparkTypeError, "NOT_LIST_OR_STR_OR_TUPLE", arg_name="subset", arg_type=type(subset).__name__)
        kind = _kind_of(pairs)
        fields = {id(f) for f in self._subset(_names(subset)) if kind and isinstance(self._type_of(f), _KINDS[kind])}
        if not fields:
            return self
        return self._selected([self._replaced(f, pairs, kind) if id(f) in fields else self._named(f) for f in self._fields])

    def _replaced(self, field, pairs, kind):
        name, t = self._named(field), self._type_of(field).simpleString()
        cases, compared = [], "CAST(%s AS DOUBLE)" % name if kind == "number" else name
        for old, new in pairs:
            old = float(old) if kind == "number" else old
            new = "NULL" if new is None else _lit(float(new) if kind == "number" else new)._expr
            cases.append("WHEN %s = %s THEN CAST(%s AS %s)" % (compared, _lit(old)._expr, new, t))
        return "CASE %s ELSE %s END AS %s" % (" ".join(cases), name, _quoted(field["name"]))


_KINDS = {"bool": T.BooleanType, "number": T.NumericType, "text": (T.StringType, T.CharType, T.VarcharType)}


def _kind(value):
    return "bool" if isinstance(value, bool) else "number" if isinstance(value, (int, float)) else "text" if isinstance(value, str) else None


def _fills(t, value):
    return isinstance(t, _KINDS[_kind(value)])


def _kind_of(pairs):
    """The kind of all of them; None: there are none. Raises PySparkValueError for a mix."""
    old, new = {_kind(o) for o, _ in pairs}, {_kind(n) for _, n in pairs if n is not None}
    if len(old) > 1 or len(new) > 1 or (new and old != new):
        raise _refuse(PySparkValueError, "MIXED_TYPE_REPLACEMENT")
    return old.pop() if old else None


def _pairs(to_replace, value):
    """Old and new of replace's arguments."""
    if value is _refuse:
        if not isinstance(to_replace, dict):
            raise _refuse(PySparkTypeError, "ARGUMENT_REQUIRED", arg_name="value", condition="`to_replace` is dict")
        value = None
    if not isinstance(to_replace, (bool, float, int, str, list, tuple, dict)):
        raise _refuse(PySparkTypeError, "NOT_BOOL_OR_DICT_OR_FLOAT_OR_INT_OR_LIST_OR_STR_OR_TUPLE", arg_name="to_replace",
                      arg_type=type(to_replace).__name__)
    if not isinstance(value, (bool, float, int, str, list, tuple, type(None))) and not isinstance(to_replace, dict):
        raise _refuse(PySparkTypeError, "NOT_BOOL_OR_FLOAT_OR_INT_OR_LIST_OR_NONE_OR_STR_OR_TUPLE", arg_name="value", arg_type=type(value).__name__)
    if isinstance(to_replace, dict):
        return list(to_replace.items())
    if not isinstance(to_replace, (list, tuple)):
        return [(to_replace, value)]
    if isinstance(value, (list, tuple)):
        if len(to_replace) != len(value):
            raise _refuse(PySparkValueError, "LENGTH_SHOULD_BE_THE_SAME", arg1="to_replace", arg2="value", arg1_length=str(len(to_replace)),
                          arg2_length=str(len(value)))
        return list(zip(to_replace, value))
    return [(old, value) for old in to_replace]


class DataFrameNaFunctions:
    """df.na: what DataFrame does with NULLs under shorter names."""

    __module__ = "pyspark.sql.dataframe"

    def __init__(self, df):
        self.df = df

    def drop(self, how="any", thresh=None, subset=None):
        """As dropna."""
        return self.df.dropna(how=how, thresh=thresh, subset=subset)

    def fill(self, value, subset=None):
        """As fillna."""
        return self.df.fillna(value=value, subset=subset)

    def replace(self, to_replace, value=_refuse, subset=None):
        """As replace."""
        return self.df.replace(to_replace, value, subset)
