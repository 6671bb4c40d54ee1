"""Accumulators: what functions add to."""
__all__ = ["Accumulator", "AccumulatorParam"]


class AccumulatorParam:
    """How values are added."""

    def zero(self, value):
        """Nothing of that kind."""
        raise NotImplementedError

    def addInPlace(self, value1, value2):
        """Both."""
        raise NotImplementedError


class AddingAccumulatorParam(AccumulatorParam):
    """By +."""

    def __init__(self, zero_value):
        self.zero_value = zero_value

    def zero(self, value):
        return self.zero_value

    def addInPlace(self, value1, value2):
        value1 += value2
        return value1


INT_ACCUMULATOR_PARAM = AddingAccumulatorParam(0)
FLOAT_ACCUMULATOR_PARAM = AddingAccumulatorParam(0.0)
COMPLEX_ACCUMULATOR_PARAM = AddingAccumulatorParam(0.0j)


class Accumulator:
    """A value that is added to."""

    def __init__(self, aid, value, accum_param):
        self.aid, self.accum_param, self._value = aid, accum_param, value

    @property
    def value(self):
        """The sum."""
        return self._value

    @value.setter
    def value(self, value):
        self._value = value

    def add(self, term):
        """Adds."""
        self._value = self.accum_param.addInPlace(self._value, term)

    def __iadd__(self, term):
        self.add(term)
        return self

    def __str__(self):
        return str(self._value)

    def __repr__(self):
        return "Accumulator<id=%i, value=%s>" % (self.aid, self._value)
