"""RDDs of pairs of key and value."""
import copy
import functools
import random


def portable_hash(x):
    """A number of a key, the same in each process."""
    if x is None:
        return 0
    if isinstance(x, tuple):
        h = 0x345678
        for i in x:
            h = ((h ^ portable_hash(i)) * 1000003) & ((1 << 63) - 1)
        return h ^ len(x)
    return hash(x)


class ResultIterable:
    """Values of a key, as groupByKey gives them."""

    def __init__(self, data):
        self.data = data

    def __iter__(self):
        return iter(self.data)

    def __len__(self):
        return len(self.data)


class PairMethods:
    """What needs pairs; part of RDD."""

    def _grouped(self):
        found = {}
        for k, v in self._all():
            found.setdefault(k, []).append(v)
        return found

    def _lazily(self, f):
        """An RDD of the list that f gives at an action."""
        return self._with(lambda parts: [f()])

    def keys(self):
        """The keys."""
        return self.map(lambda p: p[0])

    def values(self):
        """The values."""
        return self.map(lambda p: p[1])

    def mapValues(self, f):
        """f of each value."""
        return self.map(lambda p: (p[0], f(p[1])))

    def flatMapValues(self, f):
        """All of f of each value, with its key."""
        return self.flatMap(lambda p: [(p[0], v) for v in f(p[1])])

    def collectAsMap(self):
        """A dict."""
        return dict(self._all())

    def lookup(self, key):
        """Values of a key."""
        return [v for k, v in self._all() if k == key]

    def groupByKey(self, numPartitions=None, partitionFunc=None):
        """Keys with all their values."""
        return self._lazily(lambda: [(k, ResultIterable(v)) for k, v in self._grouped().items()])

    def reduceByKey(self, func, numPartitions=None, partitionFunc=None):
        """Keys with their values in one."""
        return self._lazily(lambda: [(k, functools.reduce(func, v)) for k, v in self._grouped().items()])

    def reduceByKeyLocally(self, func):
        """As reduceByKey, a dict."""
        return dict(self.reduceByKey(func).collect())

    def countByKey(self):
        """How often each key is there."""
        return self.keys().countByValue()

    def combineByKey(self, createCombiner, mergeValue, mergeCombiners, numPartitions=None, partitionFunc=None):
        """Keys with what the functions make of their values."""
        def made(values):
            return functools.reduce(mergeValue, values[1:], createCombiner(values[0]))
        return self._lazily(lambda: [(k, made(v)) for k, v in self._grouped().items()])

    def aggregateByKey(self, zeroValue, seqFunc, combFunc, numPartitions=None, partitionFunc=None):
        """Keys with their values in one, from a zero."""
        return self._lazily(lambda: [(k, functools.reduce(seqFunc, v, copy.deepcopy(zeroValue))) for k, v in self._grouped().items()])

    def foldByKey(self, zeroValue, func, numPartitions=None, partitionFunc=None):
        """Keys with their values in one, from a zero."""
        return self.aggregateByKey(zeroValue, func, func)

    def sortByKey(self, ascending=True, numPartitions=None, keyfunc=lambda k: k):
        """In the order of the keys."""
        return self.sortBy(lambda p: keyfunc(p[0]), ascending, numPartitions)

    def partitionBy(self, numPartitions, partitionFunc=portable_hash):
        """In parts by the keys."""
        def parted(parts):
            made = [[] for _ in range(numPartitions)]
            for k, v in (pair for p in parts for pair in p):
                made[partitionFunc(k) % numPartitions].append((k, v))
            return made
        return self._with(parted)

    def repartitionAndSortWithinPartitions(self, numPartitions=None, partitionFunc=portable_hash, ascending=True, keyfunc=lambda k: k):
        """In parts by the keys, each in their order."""
        return self.partitionBy(numPartitions or 1, partitionFunc)._by_value(lambda p: sorted(p, key=lambda v: keyfunc(v[0]), reverse=not ascending))

    # ---- with another ----

    def _joined(self, other, pairs):
        def made():
            a, b = self._grouped(), other._grouped()
            return [(k, pair) for k in dict.fromkeys(list(a) + list(b)) for pair in pairs(a.get(k), b.get(k))]
        return self._lazily(made)

    def join(self, other, numPartitions=None):
        """Pairs of values of keys that both have."""
        return self._joined(other, lambda a, b: [(v, w) for v in a or () for w in b or ()])

    def leftOuterJoin(self, other, numPartitions=None):
        """Pairs of values; None where the other hasn't the key."""
        return self._joined(other, lambda a, b: [(v, w) for v in a or () for w in b or [None]])

    def rightOuterJoin(self, other, numPartitions=None):
        """Pairs of values; None where this one hasn't the key."""
        return self._joined(other, lambda a, b: [(v, w) for v in a or [None] for w in b or ()])

    def fullOuterJoin(self, other, numPartitions=None):
        """Pairs of values; None where one hasn't the key."""
        return self._joined(other, lambda a, b: [(v, w) for v in a or [None] for w in b or [None]])

    def groupWith(self, other, *others):
        """Keys with the values of each RDD."""
        all_of = (self, other) + others

        def made():
            found = [r._grouped() for r in all_of]
            return [(k, tuple(ResultIterable(g.get(k, [])) for g in found)) for k in dict.fromkeys(k for g in found for k in g)]
        return self._lazily(made)

    def cogroup(self, other, numPartitions=None):
        """Keys with the values of both."""
        return self.groupWith(other)

    def subtractByKey(self, other, numPartitions=None):
        """Pairs whose keys the other hasn't."""
        def made():
            theirs = other._grouped()
            return [(k, v) for k, v in self._all() if k not in theirs]
        return self._lazily(made)

    def sampleByKey(self, withReplacement, fractions, seed=None):
        """About a fraction of each key's pairs."""
        seed = random.randrange(1 << 31) if seed is None else seed

        def made():
            chance = random.Random(seed)
            return [(k, v) for k, v in self._all() if chance.random() < fractions[k]]
        return self._lazily(made)
