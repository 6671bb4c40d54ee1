"""pyspark.ml.feature: Bucketizer, which is an expression. What else there is of it isn't here."""
import uuid

from pyspark.errors import IllegalArgumentException
from pyspark.sql import functions as F

__all__ = ["Bucketizer"]


class Bucketizer:
    """Numbers -> the number of the bucket they are in, from 0: splits[i] <= x < splits[i + 1], the last one with its end.

    handleInvalid: "error" fails for what is in none, "skip" drops rows with NaN and NULL, "keep" puts NaN into one more bucket.
    """

    def __init__(self, *, splits=None, inputCol=None, outputCol=None, handleInvalid="error", splitsArray=None, inputCols=None, outputCols=None):
        self.uid = "Bucketizer_" + uuid.uuid4().hex[:12]
        self._params = {"handleInvalid": "error"}
        self.setParams(splits=splits, inputCol=inputCol, outputCol=outputCol, handleInvalid=handleInvalid, splitsArray=splitsArray,
                       inputCols=inputCols, outputCols=outputCols)

    def __repr__(self):
        return self.uid

    def setParams(self, **params):
        """More parameters at once."""
        for name, value in params.items():
            if value is not None:
                self._set(name, value)
        return self

    def _set(self, name, value):
        if name in ("splits", "splitsArray"):
            value = [self._checked(v) for v in value] if name == "splitsArray" else self._checked(value)
        elif name == "handleInvalid" and value not in ("error", "skip", "keep"):
            raise IllegalArgumentException("%s parameter handleInvalid given invalid value %s." % (self.uid, value))
        self._params[name] = value
        return self

    def _checked(self, splits):
        splits = [float(s) for s in splits]
        if len(splits) < 3 or any(not a < b for a, b in zip(splits, splits[1:])):
            raise IllegalArgumentException("%s parameter splits given invalid value [%s]." % (self.uid, ",".join(map(str, splits))))
        return splits

    def transform(self, dataset, params=None):
        """The frame with the columns of buckets."""
        given = dict(self._params, **(params or {}))
        for of_one, of_more in (("splits", "splitsArray"), ("outputCol", "outputCols")):
            for name, key in ((of_one, "inputCol"), (of_more, "inputCols")):
                if key in given and name not in given:
                    raise IllegalArgumentException(
                        "Bucketizer %s has the %s Param set for %s-column transform. The following Params must be defined but are not set: %s."
                        % (self.uid, key, "single" if key == "inputCol" else "multi", name))
        if "inputCols" in given:
            work = zip(given["splitsArray"], given["inputCols"], given["outputCols"])
        elif "inputCol" in given:
            work = [(given["splits"], given["inputCol"], given["outputCol"])]
        else:
            raise IllegalArgumentException("Bucketizer %s requires exactly one of inputCol, inputCols Params to be set." % self.uid)
        there = [c.lower() for c in dataset.columns]
        made = dataset
        for splits, source, target in work:
            if source.lower() not in there:
                raise IllegalArgumentException("%s does not exist. Available: %s" % (source, ", ".join(dataset.columns)))
            if target.lower() in there:
                raise IllegalArgumentException("requirement failed: Column %s already exists." % target)
            x = F.col("`%s`" % source.replace("`", "``")).cast("double")
            if given["handleInvalid"] == "skip":
                made = made.filter(x.isNotNull() & ~F.isnan(x))
            made = made.withColumn(target, self._bucket(x, splits, given["handleInvalid"]))
        return made

    def _bucket(self, x, splits, how):
        last = len(splits) - 1
        nan = F.lit(float(last)) if how == "keep" else _fail(F.lit(
            "Bucketizer encountered NaN value. To handle or skip NaNs, try setting Bucketizer.handleInvalid."))
        out = _fail(F.concat(F.lit("Feature value "), x.cast("string"), F.lit(
            " out of Bucketizer bounds [%s, %s].  Check your features, or loosen the lower/upper bound constraints." % (splits[0], splits[-1]))))
        made = F.when(x.isNull(), F.lit(None)).when(F.isnan(x), nan).when((x < splits[0]) | (x > splits[-1]), out)
        for i in range(1, last):
            made = made.when(x < splits[i], float(i - 1))
        return made.otherwise(float(last - 1))


def _fail(text):
    return F.raise_error(text).cast("double")


def _accessors(name):
    title = name[0].upper() + name[1:]

    def set_(self, value):
        return self._set(name, value)

    def get(self):
        return self._params[name]

    set_.__name__, get.__name__ = "set" + title, "get" + title
    setattr(Bucketizer, set_.__name__, set_)
    setattr(Bucketizer, get.__name__, get)


for _name in ("splits", "inputCol", "outputCol", "handleInvalid", "splitsArray", "inputCols", "outputCols"):
    _accessors(_name)
