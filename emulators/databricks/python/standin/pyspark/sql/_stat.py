"""Statistics of a DataFrame."""
from pyspark.errors import PySparkTypeError, PySparkValueError
from pyspark.sql import types as T
from pyspark.sql.column import _col, _lit, _quoted
from pyspark.sql.types import _refuse

_SUMMARY = ("count", "mean", "stddev", "min", "25%", "50%", "75%", "max")
_AGGREGATES = {"count": "count(%s)", "count_distinct": "count(DISTINCT %s)", "approx_count_distinct": "approx_count_distinct(%s)",
               "mean": "avg(%s)", "stddev": "stddev(%s)", "min": "min(%s)", "max": "max(%s)"}


def _aggregate(statistic, name, numeric):
    """SQL of one statistic of a column as text."""
    if statistic.endswith("%"):
        try:
            p = float(statistic[:-1]) / 100
        except ValueError:
            from pyspark.errors import IllegalArgumentException
            raise IllegalArgumentException("Unable to parse %s as a percentile" % statistic)
        number = name if numeric else "CAST(%s AS DOUBLE)" % name
        found = "percentile_approx(%s, %rD)" % (number, p)
        return "regexp_replace(CAST(%s AS STRING), '(\\\\.[0-9]+?)0+$', '$1')" % found if numeric == "decimal" else "CAST(%s AS STRING)" % found
    form = _AGGREGATES.get(statistic)
    if form is None:
        from pyspark.errors import IllegalArgumentException
        raise IllegalArgumentException("%s is not a recognised statistic" % statistic)
    return "CAST(%s AS STRING)" % (form % name)


class StatMethods:
    """describe, summary and their like; part of DataFrame."""

    def describe(self, *cols):
        """count, mean, stddev, min and max of columns of numbers and of texts."""
        if len(cols) == 1 and isinstance(cols[0], list):
            cols = cols[0]
        fields = self._subset(cols) if cols else self._fields
        return self._summed(("count", "mean", "stddev", "min", "max"), fields)

    def summary(self, *statistics):
        """As describe with quartiles, or the statistics that are named."""
        if len(statistics) == 1 and isinstance(statistics[0], list):
            statistics = statistics[0]
        return self._summed(statistics or _SUMMARY, self._fields)

    def _summed(self, statistics, fields):
        kept = [f for f in fields if isinstance(self._type_of(f), (T.NumericType, T.StringType))]
        made = [[_aggregate(s, self._named(f), self._number_of(f)) for f in kept] for s in statistics]
        parts = ["named_struct(%s)" % ", ".join(["'summary', %s" % _lit(s)._expr] + ["%s, %s" % (_lit("c%d" % i)._expr, a) for i, a in enumerate(row)])
                 for s, row in zip(statistics, made)]
        names = ["nullif(`p`.`summary`, '') AS `summary`"] + ["`p`.`c%d` AS %s" % (i, _quoted(f["name"])) for i, f in enumerate(kept)]
        inner = "SELECT array(%s) AS `a` FROM %s" % (", ".join(parts), self._ref if kept else "VALUES (0)")
        return self._made("SELECT %s FROM (SELECT explode(`a`) AS `p` FROM (%s))" % (", ".join(names), inner))

    def _number_of(self, field):
        """Whether its column is of numbers; "decimal": whose quartiles print without zeros at the end."""
        t = self._type_of(field)
        return "decimal" if isinstance(t, T.DecimalType) else isinstance(t, T.NumericType)

    def _numbers(self, sql):
        return self._made(sql).collect()

    def approxQuantile(self, col, probabilities, relativeError):
        """Values below which the parts of a column lie: a list, or for a list of columns a list of lists."""
        if not isinstance(col, (str, list, tuple)):
            raise _refuse(PySparkTypeError, "NOT_LIST_OR_STR_OR_TUPLE", arg_name="col", arg_type=type(col).__name__)
        names = [col] if isinstance(col, str) else list(col)
        for c in names:
            if not isinstance(c, str):
                raise _refuse(PySparkTypeError, "DISALLOWED_TYPE_FOR_CONTAINER", arg_name="columns", arg_type=type(col).__name__,
                              allowed_types="str", return_type=type(c).__name__)
        self._good_probabilities(probabilities, relativeError)
        accuracy = max(1, min(2147483647, int(round(1 / relativeError)))) if relativeError else 2147483647
        listed = "array(%s)" % ", ".join("%rD" % float(p) for p in probabilities)
        items = ["percentile_approx(nanvl(CAST(%s AS DOUBLE), NULL), %s, %d)" % (_col(c)._expr, listed, accuracy) for c in names]
        found = [list(v) if v else [] for v in self._selected(items).first()] if probabilities else [[] for _ in names]
        return found[0] if isinstance(col, str) else found

    @staticmethod
    def _good_probabilities(probabilities, error):
        if not isinstance(probabilities, (list, tuple)):
            raise _refuse(PySparkTypeError, "NOT_LIST_OR_TUPLE", arg_name="probabilities", arg_type=type(probabilities).__name__)
        if any(not isinstance(p, (float, int)) or not 0 <= p <= 1 for p in probabilities):
            raise _refuse(PySparkTypeError, "NOT_LIST_OF_FLOAT_OR_INT", arg_name="probabilities", arg_type=type(probabilities[0]).__name__)
        if not isinstance(error, (float, int)):
            raise _refuse(PySparkTypeError, "NOT_FLOAT_OR_INT", arg_name="relativeError", arg_type=type(error).__name__)
        if error < 0:
            raise _refuse(PySparkValueError, "NEGATIVE_VALUE", arg_name="relativeError", arg_value=str(error))

    def _two(self, form, col1, col2):
        for name, value in (("col1", col1), ("col2", col2)):
            if not isinstance(value, str):
                raise _refuse(PySparkTypeError, "NOT_STR", arg_name=name, arg_type=type(value).__name__)
        return self._selected([form % (self[col1]._expr, self[col2]._expr)]).first()[0]

    def corr(self, col1, col2, method=None):
        """Pearson's correlation of two columns; NULL counts as 0, as in Spark's."""
        if method not in (None, "pearson"):
            raise _refuse(PySparkValueError, "VALUE_NOT_PEARSON", arg_name="method", arg_value=str(method))
        found = self._two("corr(coalesce(CAST(%s AS DOUBLE), 0D), coalesce(CAST(%s AS DOUBLE), 0D))", col1, col2)
        return float("nan") if found is None else found

    def cov(self, col1, col2):
        """The covariance of a sample of two columns."""
        found = self._two("covar_samp(coalesce(CAST(%s AS DOUBLE), 0D), coalesce(CAST(%s AS DOUBLE), 0D))", col1, col2)
        return 0.0 if found is None else found

    def crosstab(self, col1, col2):
        """How often each pair of values is there: a row a value of col1, a column a value of col2."""
        for name, value in (("col1", col1), ("col2", col2)):
            if not isinstance(value, str):
                raise _refuse(PySparkTypeError, "NOT_STR", arg_name=name, arg_type=type(value).__name__)
        a, b = ("coalesce(CAST(%s AS STRING), 'null')" % self[c]._expr for c in (col1, col2))
        seconds = [row[0] for row in self._made("SELECT DISTINCT %s AS b FROM %s" % (b, self._ref)).collect()]
        items = ["nullif(%s, CAST(NULL AS STRING)) AS %s" % (a, _quoted("%s_%s" % (col1, col2)))]
        items += ["count(CASE WHEN %s = %s THEN 1 END) AS %s" % (b, _lit(v)._expr, _quoted(v)) for v in sorted(seconds)]
        return self._selected(items, " GROUP BY " + a)

    def freqItems(self, cols, support=None):
        """Values that are in more than a part (one hundredth) of the rows: one row of arrays."""
        if not isinstance(cols, (list, tuple)):
            raise _refuse(PySparkTypeError, "NOT_LIST_OR_TUPLE", arg_name="cols", arg_type=type(cols).__name__)
        support, total = 0.01 if not support else support, self.count()
        found, fields = [], []
        for c in cols:
            sql = "SELECT %s AS v FROM %s GROUP BY 1 HAVING count(1) > %rD" % (self[c]._expr, self._ref, support * total)
            found.append([row[0] for row in self._made(sql).collect()])
            t = next(f.dataType for f in self.schema.fields if f.name.lower() == c.lower())
            fields.append(T.StructField("%s_freqItems" % c, T.ArrayType(t, True), False))
        return self._session.createDataFrame([tuple(found)], T.StructType(fields))


class DataFrameStatFunctions:
    """df.stat: statistics under shorter names."""

    __module__ = "pyspark.sql.dataframe"

    def __init__(self, df):
        self.df = df

    def approxQuantile(self, col, probabilities, relativeError):
        """As DataFrame's."""
        return self.df.approxQuantile(col, probabilities, relativeError)

    def corr(self, col1, col2, method=None):
        """As DataFrame's."""
        return self.df.corr(col1, col2, method)

    def cov(self, col1, col2):
        """As DataFrame's."""
        return self.df.cov(col1, col2)

    def crosstab(self, col1, col2):
        """As DataFrame's."""
        return self.df.crosstab(col1, col2)

    def freqItems(self, cols, support=None):
        """As DataFrame's."""
        return self.df.freqItems(cols, support)

    def sampleBy(self, col, fractions, seed=None):
        """As DataFrame's."""
        return self.df.sampleBy(col, fractions, seed)
