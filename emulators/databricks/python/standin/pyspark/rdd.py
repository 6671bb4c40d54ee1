"""RDD: lists of values in parts, in this process; made again at each action, as Spark does."""
import contextlib
import functools
import heapq
import os
import random

from pyspark._numbers import NumberMethods
from pyspark._pairs import PairMethods
from pyspark.errors.exceptions.base import PythonException, not_served

__all__ = ["RDD"]


def slices(values, n):
    """Values in n parts, as parallelize cuts them."""
    if n < 1:
        raise ValueError("Positive number of slices required")
    values = list(values)
    return [values[len(values) * i // n:len(values) * (i + 1) // n] for i in range(n)]


@contextlib.contextmanager
def worker():
    """Functions run as workers run them: what they raise is a failed job with the trace in its text."""
    import traceback

    from py4j.protocol import Py4JJavaError
    try:
        yield
    except Exception as e:
        if isinstance(e, (Py4JJavaError, PythonException, NotImplementedError)):
            raise
        raise Py4JJavaError("Job aborted due to stage failure: Task 0 in stage 0.0 failed 1 times, most recent failure: Lost task 0.0 in stage 0.0 "
                            "(TID 0) (localhost executor driver): org.apache.spark.api.python.PythonException: " + traceback.format_exc(),
                            "org.apache.spark.SparkException") from e


class RDD(PairMethods, NumberMethods):
    """Values in parts. made: a function that gives the list of parts."""

    _next = 0

    def __init__(self, made, ctx):
        self._made, self.ctx, self._kept, self._keep, self._name, self._level = made, ctx, None, False, None, None
        self._id, RDD._next = RDD._next, RDD._next + 1

    def _partitions(self):
        if self._kept is not None:
            return self._kept
        parts = [p if isinstance(p, list) else list(p) for p in self._made()]
        if self._keep:
            self._kept = parts
        return parts

    def _with(self, f):
        """An RDD whose parts f makes of this one's parts, all at once."""
        def made():
            with worker():
                return [list(p) for p in f(self._partitions())]
        return RDD(made, self.ctx)

    def _by_value(self, f):
        """An RDD of what f makes of each part's values."""
        return self._with(lambda parts: [f(p) for p in parts])

    def _all(self):
        return [v for p in self._partitions() for v in p]

    def __repr__(self):
        return self._name or "PythonRDD[%d] at RDD at PythonRDD.scala:53" % self._id

    def __add__(self, other):
        if not isinstance(other, RDD):
            raise TypeError
        return self.union(other)

    # ---- of it ----

    @property
    def context(self):
        """The SparkContext."""
        return self.ctx

    def id(self):
        """Its number."""
        return self._id

    def name(self):
        """Its name."""
        return self._name

    def setName(self, name):
        """Names it."""
        self._name = name
        return self

    def cache(self):
        """Keeps what it makes."""
        return self.persist()

    def persist(self, storageLevel=None):
        """Keeps what it makes."""
        from pyspark.storagelevel import StorageLevel
        self._keep, self._level = True, storageLevel or StorageLevel.MEMORY_ONLY
        return self

    def unpersist(self, blocking=False):
        """Keeps nothing."""
        self._keep, self._kept, self._level = False, None, None
        return self

    @property
    def is_cached(self):
        """Whether it keeps what it makes."""
        return self._keep

    def getStorageLevel(self):
        """What persist was called with."""
        from pyspark.storagelevel import StorageLevel
        return self._level or StorageLevel.NONE

    def checkpoint(self):
        """Keeps what it makes."""
        self._keep = True

    localCheckpoint = checkpoint

    def isCheckpointed(self):
        """Whether it keeps what it made."""
        return self._kept is not None

    isLocallyCheckpointed = isCheckpointed

    def getCheckpointFile(self):
        """None: there is no file."""

    def cleanShuffleDependencies(self, blocking=False):
        """Nothing."""

    def getNumPartitions(self):
        """The number of its parts."""
        return len(self._partitions())

    def toDebugString(self):
        """Its name as bytes."""
        return repr(self).encode()

    def getResourceProfile(self):
        """None."""

    def withResources(self, profile):
        """Itself."""
        return self

    # ---- value by value ----

    def map(self, f, preservesPartitioning=False):
        """What f gives for each value."""
        return self._by_value(lambda p: [f(v) for v in p])

    def flatMap(self, f, preservesPartitioning=False):
        """All that f gives for each value."""
        return self._by_value(lambda p: [r for v in p for r in f(v)])

    def filter(self, f):
        """Values for which f is true."""
        return self._by_value(lambda p: [v for v in p if f(v)])

    def mapPartitions(self, f, preservesPartitioning=False):
        """What f gives for each part's iterator."""
        return self._by_value(lambda p: list(f(iter(p))))

    def mapPartitionsWithIndex(self, f, preservesPartitioning=False):
        """What f gives for each part's number and iterator."""
        return self._with(lambda parts: [list(f(i, iter(p))) for i, p in enumerate(parts)])

    mapPartitionsWithSplit = mapPartitionsWithIndex

    def glom(self):
        """Each part as a list."""
        return self._by_value(lambda p: [list(p)])

    def keyBy(self, f):
        """Pairs of f's value and the value."""
        return self.map(lambda v: (f(v), v))

    def zipWithIndex(self):
        """Pairs of a value and its place."""
        def numbered(parts):
            at = 0
            for p in parts:
                yield [(v, at + i) for i, v in enumerate(p)]
                at += len(p)
        return self._with(numbered)

    def zipWithUniqueId(self):
        """Pairs of a value and a number of its own."""
        return self._with(lambda parts: [[(v, i * len(parts) + k) for i, v in enumerate(p)] for k, p in enumerate(parts)])

    def zip(self, other):
        """Pairs of two RDDs' values."""
        def paired(parts):
            theirs = other._partitions()
            if [len(p) for p in parts] != [len(p) for p in theirs]:
                raise ValueError("Can only zip with RDD which has the same number of partitions")
            return [list(zip(a, b)) for a, b in zip(parts, theirs)]
        return self._with(paired)

    def pipe(self, command, env=None, checkCode=False):
        """Not served: programs aren't run."""
        raise not_served("RDD.pipe")

    # ---- sets, order ----

    def union(self, other):
        """The values of both."""
        return RDD(lambda: self._partitions() + other._partitions(), self.ctx)

    def distinct(self, numPartitions=None):
        """Each value once."""
        return self._with(lambda parts: [list(dict.fromkeys(v for p in parts for v in p))])

    def intersection(self, other):
        """Values of both, once each."""
        def both(parts):
            theirs = set(other._all())
            return [list(dict.fromkeys(v for p in parts for v in p if v in theirs))]
        return self._with(both)

    def subtract(self, other, numPartitions=None):
        """Values that the other hasn't."""
        def rest(parts):
            theirs = set(other._all())
            return [[v for p in parts for v in p if v not in theirs]]
        return self._with(rest)

    def cartesian(self, other):
        """Each value with each of another's."""
        return self._with(lambda parts: [[(a, b) for p in parts for a in p for b in other._all()]])

    def sortBy(self, keyfunc, ascending=True, numPartitions=None):
        """In the order of a function."""
        def ordered(parts):
            values = sorted((v for p in parts for v in p), key=keyfunc, reverse=not ascending)
            return slices(values, numPartitions or max(1, len(parts)))
        return self._with(ordered)

    def coalesce(self, numPartitions, shuffle=False):
        """In fewer parts."""
        def joined(parts):
            n = min(numPartitions, len(parts)) if not shuffle else numPartitions
            return [[v for p in group for v in p] for group in slices(parts, n)] if not shuffle else slices([v for p in parts for v in p], n)
        return self._with(joined)

    def repartition(self, numPartitions):
        """In another number of parts."""
        return self.coalesce(numPartitions, True)

    def groupBy(self, f, numPartitions=None, partitionFunc=None):
        """Pairs of f's value and all values that have it."""
        return self.map(lambda v: (f(v), v)).groupByKey(numPartitions)

    def sample(self, withReplacement, fraction, seed=None):
        """About a fraction of the values."""
        seed = random.randrange(1 << 31) if seed is None else seed

        def chosen(parts):
            chance = random.Random(seed)
            return [[v for v in p for _ in range(_times(chance, withReplacement, fraction))] for p in parts]
        return self._with(chosen)

    def takeSample(self, withReplacement, num, seed=None):
        """So many values by chance."""
        chance, values = random.Random(seed), self._all()
        if withReplacement:
            return [chance.choice(values) for _ in range(num)] if values else []
        return chance.sample(values, min(num, len(values)))

    def randomSplit(self, weights, seed=None):
        """The values in RDDs, by chance."""
        seed, total, low, made = random.randrange(1 << 31) if seed is None else seed, float(sum(weights)), 0.0, []
        for w in weights:
            made.append(self._slice_by_chance(seed, low, low + w / total))
            low += w / total
        return made

    def _slice_by_chance(self, seed, low, high):
        def chosen(parts):
            chance = random.Random(seed)
            return [[v for v in p if low <= chance.random() < high] for p in parts]
        return self._with(chosen)

    # ---- actions ----

    def collect(self):
        """All values as a list."""
        return self._all()

    def collectWithJobGroup(self, groupId, description, interruptOnCancel=False):
        """As collect."""
        return self._all()

    def toLocalIterator(self, prefetchPartitions=False):
        """The values one by one."""
        return iter(self._all())

    def take(self, num):
        """The first values."""
        return self._all()[:max(0, num)]

    def first(self):
        """The first value. ValueError where there is none."""
        found = self.take(1)
        if not found:
            raise ValueError("RDD is empty")
        return found[0]

    def top(self, num, key=None):
        """The greatest values."""
        return heapq.nlargest(num, self._all(), key=key)

    def takeOrdered(self, num, key=None):
        """The least values."""
        return heapq.nsmallest(num, self._all(), key=key)

    def isEmpty(self):
        """Whether there is no value."""
        return not self._all()

    def foreach(self, f):
        """Calls f for each value. What it prints is a worker's: it isn't shown."""
        parts = self._partitions()
        with worker(), _unseen():
            for p in parts:
                for v in p:
                    f(v)

    def foreachPartition(self, f):
        """Calls f with each part's iterator."""
        parts = self._partitions()
        with worker(), _unseen():
            for p in parts:
                for _ in f(iter(p)) or ():
                    pass

    def reduce(self, f):
        """All values in one. ValueError where there is none."""
        values = self._all()
        if not values:
            raise ValueError("Can not reduce() empty RDD")
        with worker():
            return functools.reduce(f, values)

    def treeReduce(self, f, depth=2):
        """As reduce."""
        return self.reduce(f)

    def fold(self, zeroValue, op):
        """Each part from a zero, and the parts."""
        with worker():
            return functools.reduce(op, [functools.reduce(op, p, zeroValue) for p in self._partitions()], zeroValue)

    def aggregate(self, zeroValue, seqOp, combOp):
        """Each part from a zero by one function, the parts by another."""
        import copy
        with worker():
            parts = [functools.reduce(seqOp, p, copy.deepcopy(zeroValue)) for p in self._partitions()]
            return functools.reduce(combOp, parts, copy.deepcopy(zeroValue))

    def treeAggregate(self, zeroValue, seqOp, combOp, depth=2):
        """As aggregate."""
        return self.aggregate(zeroValue, seqOp, combOp)

    def barrier(self):
        """Not served."""
        raise not_served("RDD.barrier")

    # ---- elsewhere ----

    def saveAsTextFile(self, path, compressionCodecClass=None):
        """A text file a part, in a new folder: of the stack's store, or of this machine by file:."""
        if not path.startswith("file:"):
            from pyspark.sql.session import SparkSession
            session = SparkSession._getActiveSessionOrCreate()
            session.createDataFrame([(str(v),) for v in self._all()], "value string").write.text(path)
            return
        folder = path[5:].replace("//", "/")
        os.makedirs(folder)
        for i, p in enumerate(self._partitions()):
            with open(os.path.join(folder, "part-%05d" % i), "w", encoding="utf-8") as f:
                f.writelines(str(v) + "\n" for v in p)
        with open(os.path.join(folder, "_SUCCESS"), "w", encoding="utf-8"):
            pass

    def _refuse(self, *args, **kwargs):
        """Not served."""
        raise not_served("RDD's pickle, sequence and Hadoop files")

    saveAsPickleFile = saveAsSequenceFile = saveAsHadoopFile = saveAsHadoopDataset = _refuse
    saveAsNewAPIHadoopFile = saveAsNewAPIHadoopDataset = _refuse

    def toDF(self, schema=None, sampleRatio=None):
        """A DataFrame of the values."""
        from pyspark.sql.session import SparkSession
        return SparkSession._getActiveSessionOrCreate().createDataFrame(self, schema, sampleRatio)


def _times(chance, again, fraction):
    """How often a value is taken."""
    if not again:
        return int(chance.random() < fraction)
    return sum(chance.random() < fraction / 8 for _ in range(8))


@contextlib.contextmanager
def _unseen():
    """Standard output goes nowhere, as a worker's does."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere):
        yield
