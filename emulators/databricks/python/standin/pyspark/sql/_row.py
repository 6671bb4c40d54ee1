"""Row."""
from pyspark.errors import PySparkTypeError, PySparkValueError


def _refuse(kind, error_class, **parameters):
    return kind(error_class=error_class, message_parameters=parameters)


def _create_row(fields, values):
    row = tuple.__new__(Row, values)
    row.__dict__["__fields__"] = fields
    return row


class Row(tuple):
    """A row: a tuple whose values have names. Row(a=1, b=2) is one; Row("a", "b") makes ones."""

    __module__ = "pyspark.sql.types"

    def __new__(cls, *args, **kwargs):
        if args and kwargs:
            raise _refuse(PySparkValueError, "CANNOT_SET_TOGETHER", arg_list="args and kwargs")
        if kwargs:
            return _create_row(list(kwargs.keys()), list(kwargs.values()))
        return tuple.__new__(cls, args)

    def asDict(self, recursive=False):
        """A dict of it; recursive: of the rows in it, too."""
        if not hasattr(self, "__fields__"):
            raise _refuse(PySparkTypeError, "CANNOT_CONVERT_TYPE", from_type="Row", to_type="dict")
        return dict(zip(self.__fields__, map(_undone, self) if recursive else self))

    def __contains__(self, item):
        return item in self.__fields__ if hasattr(self, "__fields__") else super().__contains__(item)

    def __call__(self, *args):
        """A row of this one's names."""
        if len(args) > len(self):
            raise _refuse(PySparkValueError, "TOO_MANY_VALUES", expected=str(len(self)), item="fields", actual=str(len(args)))
        return _create_row(self, args)

    def __getitem__(self, item):
        if isinstance(item, (int, slice)):
            return super().__getitem__(item)
        try:
            return super().__getitem__(self.__fields__.index(item))
        except IndexError:
            raise KeyError(item)
        except ValueError:
            raise PySparkValueError(item)

    def __getattr__(self, item):
        if item.startswith("__"):
            raise AttributeError(item)
        try:
            return super().__getitem__(self.__fields__.index(item))
        except (IndexError, ValueError):
            raise AttributeError(item)

    def __setattr__(self, key, value):
        if key != "__fields__":
            raise RuntimeError("Row is read-only")
        self.__dict__[key] = value

    def __reduce__(self):
        if hasattr(self, "__fields__"):
            return (_create_row, (self.__fields__, tuple(self)))
        return tuple.__reduce__(self)

    def __repr__(self):
        if hasattr(self, "__fields__"):
            return "Row(%s)" % ", ".join("%s=%r" % pair for pair in zip(self.__fields__, tuple(self)))
        return "<Row(%s)>" % ", ".join("%r" % field for field in self)


def _undone(value):
    """Rows in a value as dicts."""
    if isinstance(value, Row):
        return value.asDict(True)
    if isinstance(value, list):
        return [_undone(v) for v in value]
    if isinstance(value, dict):
        return {k: _undone(v) for k, v in value.items()}
    return value
