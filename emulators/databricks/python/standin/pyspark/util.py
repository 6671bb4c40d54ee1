"""Odds and ends of pyspark."""
import functools
import threading
import types


def since(version):
    """A decorator that PySpark's own code uses."""
    return lambda f: f


def copy_func(f, name=None, sinceversion=None, doc=None):
    """A copy of a function."""
    made = types.FunctionType(f.__code__, f.__globals__, name or f.__name__, f.__defaults__, f.__closure__)
    made.__doc__ = doc or f.__doc__
    return made


def keyword_only(func):
    """A decorator: arguments by name only, kept in _input_kwargs."""
    @functools.wraps(func)
    def wrapper(self, *args, **kwargs):
        if args:
            raise TypeError("Method %s forces keyword arguments." % func.__name__)
        self._input_kwargs = kwargs
        return func(self, **kwargs)
    return wrapper


InheritableThread = threading.Thread


def inheritable_thread_target(f):
    """The function itself: there are no threads of Java."""
    return f
