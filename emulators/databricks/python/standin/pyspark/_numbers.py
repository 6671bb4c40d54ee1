"""What RDDs count and sum up."""
import bisect
import collections
import math


class StatCounter:
    """Count, mean, deviation, least and greatest."""

    def __init__(self, values=()):
        values = list(values)
        self.n = len(values)
        self.minValue, self.maxValue = float(min(values, default=float("inf"))), float(max(values, default=float("-inf")))
        self.mu = sum(values) / len(values) if values else 0.0
        self.m2 = math.fsum((v - self.mu) ** 2 for v in values)

    def count(self):
        """The number of values."""
        return self.n

    def mean(self):
        """The mean."""
        return self.mu

    def sum(self):
        """The sum."""
        return self.n * self.mu

    def min(self):
        """The least."""
        return self.minValue

    def max(self):
        """The greatest."""
        return self.maxValue

    def variance(self):
        """The variance of all."""
        return self.m2 / self.n if self.n else float("nan")

    def sampleVariance(self):
        """The variance of a sample."""
        return self.m2 / (self.n - 1) if self.n > 1 else float("nan")

    def stdev(self):
        """The deviation of all."""
        return math.sqrt(self.variance())

    def sampleStdev(self):
        """The deviation of a sample."""
        return math.sqrt(self.sampleVariance())

    def asDict(self, sample=False):
        """All of them."""
        return {"count": self.n, "mean": self.mu, "sum": self.sum(), "min": self.minValue, "max": self.maxValue,
                "stdev": self.sampleStdev() if sample else self.stdev(), "variance": self.sampleVariance() if sample else self.variance()}

    def __repr__(self):
        return "(count: %s, mean: %s, stdev: %s, max: %s, min: %s)" % (self.n, self.mu, self.stdev(), self.maxValue, self.minValue)


class NumberMethods:
    """Counts and sums; part of RDD."""

    def count(self):
        """The number of values."""
        return len(self._all())

    def sum(self):
        """The sum."""
        return sum(self._all())

    def max(self, key=None):
        """The greatest."""
        return max(self._all(), key=key)

    def min(self, key=None):
        """The least."""
        return min(self._all(), key=key)

    def stats(self):
        """Count, mean, deviation, least, greatest."""
        return StatCounter(self._all())

    def mean(self):
        """The mean."""
        return self.stats().mean()

    def variance(self):
        """The variance of all."""
        return self.stats().variance()

    def stdev(self):
        """The deviation of all."""
        return self.stats().stdev()

    def sampleStdev(self):
        """The deviation of a sample."""
        return self.stats().sampleStdev()

    def sampleVariance(self):
        """The variance of a sample."""
        return self.stats().sampleVariance()

    def countByValue(self):
        """How often each value is there."""
        found = collections.defaultdict(int)
        for v in self._all():
            found[v] += 1
        return found

    def countApprox(self, timeout, confidence=0.95):
        """The number of values, exactly."""
        return self.count()

    def sumApprox(self, timeout, confidence=0.95):
        """The sum, exactly."""
        return float(self.sum())

    def meanApprox(self, timeout, confidence=0.95):
        """The mean, exactly."""
        return float(self.mean())

    def countApproxDistinct(self, relativeSD=0.05):
        """The number of different values, exactly."""
        return len(set(self._all()))

    def histogram(self, buckets):
        """Bounds of buckets, and how many values are in each."""
        values = [v for v in self._all() if v is not None]
        if isinstance(buckets, int):
            if buckets < 1:
                raise ValueError("number of buckets must be >= 1")
            if not values:
                raise ValueError("can not generate buckets from empty RDD")
            low, high = min(values), max(values)
            if low == high or buckets == 1:
                return [low, high], [len(values)]
            step = (high - low) / buckets
            step = int(step) if step == int(step) and isinstance(low, int) else step
            buckets = [low + i * step for i in range(buckets)] + [high]
        counts = [0] * (len(buckets) - 1)
        for v in values:
            if buckets[0] <= v <= buckets[-1]:
                counts[min(bisect.bisect_right(buckets, v) - 1, len(counts) - 1)] += 1
        return buckets, counts
