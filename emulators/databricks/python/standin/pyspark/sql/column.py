"""Column: an expression of Spark SQL, made by Python's operators and methods."""
import warnings

from pyspark.errors import IllegalArgumentException, PySparkAttributeError, PySparkTypeError, PySparkValueError
from pyspark.sql import _literal as _l
from pyspark.sql._ddl import check_type

__all__ = ["Column"]


def _quoted(name):
    """The name as one identifier of SQL, in backquotes."""
    return _l.quoted(name)


def _lit(value):
    """A Column of a Python value; a Column is left as it is. PySparkTypeError for what has no literal."""
    if isinstance(value, Column):
        return value
    sql, shown = _l.literal(value)
    return Column(sql, shown)


def _col(column, arg_name="col"):
    """A Column of a column's name (`a.b`, "*", "t.*") or of a Column. PySparkTypeError for anything else."""
    if isinstance(column, Column):
        return column
    if isinstance(column, str):
        return Column(_l.column_name(column), column)
    raise PySparkTypeError(error_class="NOT_COLUMN_OR_STR",
                           message_parameters={"arg_name": arg_name, "arg_type": type(column).__name__})


def _to_java_column(column):
    """PySpark's name for what _col does: scripts use it to find out what a column is."""
    return _col(column)


def _type_name(value):
    return type(value).__name__


def _type_text(data_type):
    """A type as SQL writes it in CAST. A str stays as it is; a DataType's names of fields are quoted."""
    from pyspark.sql import types as t
    if isinstance(data_type, str):
        check_type(data_type)
        return data_type.strip()
    if isinstance(data_type, t.StructType):
        return "STRUCT<%s>" % ", ".join("%s: %s" % (_quoted(f.name), _type_text(f.dataType)) for f in data_type.fields)
    if isinstance(data_type, t.ArrayType):
        return "ARRAY<%s>" % _type_text(data_type.elementType)
    if isinstance(data_type, t.MapType):
        return "MAP<%s, %s>" % (_type_text(data_type.keyType), _type_text(data_type.valueType))
    if isinstance(data_type, t.UserDefinedType):
        return _type_text(data_type.sqlType())
    return data_type.simpleString().upper()


def _binary(sql, shown=None, swapped=False):
    """A method for an operator of two sides; `sql` has %s twice, the other side is a Column or a literal."""
    shown = shown or sql

    def operator(self, other):
        other = _lit(other)
        left, right = (other, self) if swapped else (self, other)
        return Column(sql % (left._expr, right._expr), shown % (left._repr, right._repr))

    return operator


_JAVA = {bool: "Boolean", int: "Integer", float: "Double", str: "String"}


def _logical(word):
    """& and |, which take Columns only: `age >= 25 & x` is `age >= (25 & x)` in Python, and fails as Java's method does."""
    make = _binary("(%%s %s %%s)" % word)

    def operator(self, other):
        if type(other) in _JAVA:
            from py4j.protocol import Py4JError
            name = word.lower()
            raise Py4JError("An error occurred while calling o1.%s. Trace:\npy4j.Py4JException: Method %s([class java.lang.%s]) does not exist"
                            % (name, name, _JAVA[type(other)]))
        return make(self, other)

    return operator


def _unary(sql, shown=None):
    shown = shown or sql

    def operator(self):
        return Column(sql % self._expr, shown % self._repr)

    return operator


def _needs_text(sql, shown, arg_name):
    """like, rlike, ilike: the pattern is a Python text."""
    def operator(self, other):
        if not isinstance(other, str):
            raise PySparkTypeError(error_class="NOT_STR", message_parameters={"arg_name": arg_name, "arg_type": _type_name(other)})
        return Column(sql % (self._expr, _l.string(other)), shown % (self._repr, other))

    return operator


def _named(function, doc, method):
    method.__name__, method.__qualname__, method.__doc__ = function, "Column." + function, doc
    return method


class Column:
    """An expression over the columns of a frame.

    _sql: its Spark SQL, with AS where it has an alias; _expr: without, as it stands inside other expressions; _repr: as PySpark prints
    it; _alias: its names (a tuple) or None; _metadata: alias(metadata=...)'s. The lake names a column that has no alias.
    """

    __slots__ = ("_sql", "_expr", "_repr", "_alias", "_cases", "_metadata")
    _is_column = True

    def __init__(self, sql, repr_=None, expr=None, alias=None, cases=None, metadata=None):
        self._sql, self._repr = sql, sql if repr_ is None else repr_
        self._expr, self._alias, self._cases, self._metadata = sql if expr is None else expr, alias, cases, metadata

    __neg__ = _unary("(- %s)")
    __add__ = _binary("(%s + %s)")
    __sub__ = _binary("(%s - %s)")
    __mul__ = _binary("(%s * %s)")
    __truediv__ = __div__ = _binary("(%s / %s)")
    __mod__ = _binary("(%s %% %s)")
    __pow__ = _binary("power(%s, %s)", "POWER(%s, %s)")
    __radd__ = _binary("(%s + %s)")
    __rmul__ = _binary("(%s * %s)")
    __rsub__ = _binary("(%s - %s)", swapped=True)
    __rtruediv__ = __rdiv__ = _binary("(%s / %s)", swapped=True)
    __rmod__ = _binary("(%s %% %s)", swapped=True)
    __rpow__ = _binary("power(%s, %s)", "POWER(%s, %s)", swapped=True)
    __eq__ = _binary("(%s = %s)")
    __ne__ = _binary("(%s != %s)", "(NOT (%s = %s))")
    __lt__ = _binary("(%s < %s)")
    __le__ = _binary("(%s <= %s)")
    __ge__ = _binary("(%s >= %s)")
    __gt__ = _binary("(%s > %s)")
    __and__ = __rand__ = _logical("AND")
    __or__ = __ror__ = _logical("OR")
    __invert__ = _unary("(NOT %s)")
    __hash__ = None

    eqNullSafe = _named("eqNullSafe", "Equal, where NULL equals NULL.", _binary("(%s <=> %s)"))
    bitwiseOR = _named("bitwiseOR", "Bits of both.", _binary("(%s | %s)"))
    bitwiseAND = _named("bitwiseAND", "Bits that are in both.", _binary("(%s & %s)"))
    bitwiseXOR = _named("bitwiseXOR", "Bits that are in one.", _binary("(%s ^ %s)"))
    contains = _named("contains", "Whether the text has the other in it.", _binary("contains(%s, %s)"))
    startswith = _named("startswith", "Whether the text begins with the other.", _binary("startswith(%s, %s)"))
    endswith = _named("endswith", "Whether the text ends with the other.", _binary("endswith(%s, %s)"))
    like = _named("like", "SQL's LIKE: % and _.", _needs_text("(%s LIKE %s)", "%s LIKE %s", "other"))
    ilike = _named("ilike", "LIKE that ignores case.", _needs_text("(%s ILIKE %s)", "ilike(%s, %s)", "other"))
    rlike = _named("rlike", "Whether a Java regular expression is found.", _needs_text("(%s RLIKE %s)", "RLIKE(%s, %s)", "other"))
    isNull = _named("isNull", "Whether it is NULL.", _unary("(%s IS NULL)"))
    isNotNull = _named("isNotNull", "Whether it isn't NULL.", _unary("(%s IS NOT NULL)"))
    asc = _named("asc", "Ascending, NULL first.", _unary("%s ASC NULLS FIRST"))
    asc_nulls_first = _named("asc_nulls_first", "Ascending, NULL first.", _unary("%s ASC NULLS FIRST"))
    asc_nulls_last = _named("asc_nulls_last", "Ascending, NULL last.", _unary("%s ASC NULLS LAST"))
    desc = _named("desc", "Descending, NULL last.", _unary("%s DESC NULLS LAST"))
    desc_nulls_first = _named("desc_nulls_first", "Descending, NULL first.", _unary("%s DESC NULLS FIRST"))
    desc_nulls_last = _named("desc_nulls_last", "Descending, NULL last.", _unary("%s DESC NULLS LAST"))

    def __contains__(self, item):
        raise PySparkValueError(error_class="CANNOT_APPLY_IN_FOR_COLUMN", message_parameters={})

    def __getattr__(self, item):
        if item.startswith("__"):
            raise PySparkAttributeError(error_class="CANNOT_ACCESS_TO_DUNDER", message_parameters={})
        return self[item]

    def __getitem__(self, k):
        if isinstance(k, slice):
            if k.step is not None:
                raise PySparkValueError(error_class="SLICE_WITH_STEP", message_parameters={})
            return self.substr(k.start, k.stop)
        key = _lit(k)
        return Column("%s[%s]" % (self._expr, key._expr), "%s[%s]" % (self._repr, key._repr))

    def __iter__(self):
        raise PySparkTypeError(error_class="NOT_ITERABLE", message_parameters={"objectName": "Column"})

    def __bool__(self):
        raise PySparkValueError(error_class="CANNOT_CONVERT_COLUMN_INTO_BOOL", message_parameters={})

    __nonzero__ = __bool__

    def __repr__(self):
        return "Column<'%s'>" % self._repr

    def getItem(self, key):
        """The element of an array at a place from 0, or a map's value."""
        if isinstance(key, Column):
            warnings.warn("A column as 'key' in getItem is deprecated as of Spark 3.0, and will not be supported in the future release. "
                          "Use `column[key]` or `column.key` syntax instead.", FutureWarning)
        return self[key]

    def getField(self, name):
        """A struct's field."""
        if isinstance(name, Column):
            warnings.warn("A column as 'name' in getField is deprecated as of Spark 3.0, and will not be supported in the future "
                          "release. Use `column[name]` or `column.name` syntax instead.", FutureWarning)
        return self[name]

    def withField(self, fieldName, col):
        """A struct with a field replaced, or put in at its end; the name may be dotted."""
        if not isinstance(fieldName, str):
            raise PySparkTypeError(error_class="NOT_STR",
                                   message_parameters={"arg_name": "fieldName", "arg_type": _type_name(fieldName)})
        if not isinstance(col, Column):
            raise PySparkTypeError(error_class="NOT_COLUMN", message_parameters={"arg_name": "col", "arg_type": _type_name(col)})
        return self._updated(_field_put(self._expr, _l.name_parts(fieldName), lambda s, name: "_with_field(%s, %s, %s)" % (
            s, name, col._expr)), "WithField(%s)" % col._repr)

    def dropFields(self, *fieldNames):
        """A struct without fields; names may be dotted."""
        made = self._expr
        for name in fieldNames:
            made = _field_put(made, _l.name_parts(name), lambda s, name: "_drop_field(%s, %s)" % (s, name))
        return self._updated(made, ", ".join(["dropfield()"] * len(fieldNames)))

    def _updated(self, sql, shown):
        shown = "update_fields(%s, %s)" % (self._repr, shown)
        return Column("%s AS %s" % (sql, _quoted(shown)), shown, expr=sql)

    def substr(self, startPos, length):
        """A part of a text; places are counted from 1. Both are ints, or both are Columns."""
        if type(startPos) != type(length):
            raise PySparkTypeError(error_class="NOT_SAME_TYPE", message_parameters={
                "arg_name1": "startPos", "arg_name2": "length", "arg_type1": _type_name(startPos), "arg_type2": _type_name(length)})
        if not isinstance(startPos, (int, Column)):
            raise PySparkTypeError(error_class="NOT_COLUMN_OR_INT",
                                   message_parameters={"arg_name": "startPos", "arg_type": _type_name(startPos)})
        return _call("substring", (self, _lit(startPos), _lit(length)))

    def isin(self, *cols):
        """Whether it equals one of the values: arguments, or one list or set."""
        if len(cols) == 1 and isinstance(cols[0], (list, set)):
            cols = cols[0]
        cols = [_lit(c) for c in cols]
        shown = "(%s IN (%s))" % (self._repr, ", ".join(c._repr for c in cols))
        if not cols:
            never = "IF((%s IS NULL), NULL, false)" % self._expr
            return Column("%s AS %s" % (never, _quoted(shown)), shown, expr=never)
        return Column("(%s IN (%s))" % (self._expr, ", ".join(c._expr for c in cols)), shown)

    def alias(self, *alias, **kwargs):
        """The column under another name; more names for what makes more columns, as posexplode."""
        metadata = kwargs.pop("metadata", None)
        assert not kwargs, "Unexpected kwargs where passed: %s" % kwargs
        if len(alias) != 1 and metadata:
            raise PySparkValueError(error_class="ONLY_ALLOWED_FOR_SINGLE_COLUMN", message_parameters={"arg_name": "metadata"})
        if len(alias) == 1:
            names, shown = _quoted(alias[0]), "%s AS %s" % (self._repr, _l.quoted_if_needed(alias[0]))
        else:
            names, shown = "(%s)" % ", ".join(map(_quoted, alias)), "multialias(%s)" % self._repr
        return Column("%s AS %s" % (self._expr, names), shown, expr=self._expr, alias=tuple(alias), metadata=metadata)

    name = alias

    def cast(self, dataType):
        """The value as another type: a DataType, or its name. NULL where it can't be (an error with spark.sql.ansi.enabled)."""
        from pyspark.sql.types import DataType
        if not isinstance(dataType, (str, DataType)):
            raise PySparkTypeError(error_class="NOT_DATATYPE_OR_STR",
                                   message_parameters={"arg_name": "dataType", "arg_type": _type_name(dataType)})
        type_text = _type_text(dataType)
        shown = _SHORT_TYPES.get(type_text.lower(), type_text.upper())
        shown = self._repr if "<" in shown else "CAST(%s AS %s)" % (self._repr, shown)
        return Column("CAST(%s AS %s)" % (self._expr, type_text), shown)

    astype = cast

    def between(self, lowerBound, upperBound):
        """Whether it lies between the bounds, which are in."""
        return (self >= lowerBound) & (self <= upperBound)

    def when(self, condition, value):
        """A further case of when()."""
        return _case(self, condition, value)

    def otherwise(self, value):
        """What when() gives where no condition is true; NULL without it."""
        if self._cases is None or self._cases[1] is not None:
            raise IllegalArgumentException(
                "otherwise() can only be applied on a Column previously generated by when()" if self._cases is None else
                "otherwise() can only be applied once on a Column previously generated by when()")
        return _of_cases(self._cases[0], _lit(value))

    def over(self, window):
        """The function over a window of rows."""
        from pyspark.sql.window import WindowSpec
        if not isinstance(window, WindowSpec):
            raise PySparkTypeError(error_class="NOT_WINDOWSPEC",
                                   message_parameters={"arg_name": "window", "arg_type": _type_name(window)})
        call = self._expr  # of expr("f(x)") it is in brackets, which a function of a window can't have
        call = call[1:-1].strip() if call.startswith("(") and call.endswith(")") else call
        return Column("%s OVER %s" % (call, window._sql), "%s OVER %s" % (self._repr, window._repr))


_SHORT_TYPES = {"integer": "INT", "long": "BIGINT", "short": "SMALLINT", "byte": "TINYINT", "real": "FLOAT", "dec": "DECIMAL(10,0)",
                "decimal": "DECIMAL(10,0)", "numeric": "DECIMAL(10,0)"}


def _field_put(struct, parts, done):
    """SQL of a struct in which done(struct, name) is made of the innermost one that the parts of a name lead to."""
    name = _l.string(parts[0])
    if len(parts) == 1:
        return done(struct, name)
    return "_with_field(%s, %s, %s)" % (struct, name, _field_put("%s[%s]" % (struct, name), parts[1:], done))


def _case(before, condition, value):
    """when(): `before` is None, or the Column whose chain goes on."""
    if not isinstance(condition, Column):
        raise PySparkTypeError(error_class="NOT_COLUMN",
                               message_parameters={"arg_name": "condition", "arg_type": _type_name(condition)})
    cases = []
    if before is not None:
        if before._cases is None:
            raise IllegalArgumentException("when() can only be applied on a Column previously generated by when() function")
        if before._cases[1] is not None:
            raise IllegalArgumentException("when() cannot be applied once otherwise() is applied")
        cases = before._cases[0]
    return _of_cases(cases + [(condition, _lit(value))], None)


def _of_cases(cases, other):
    sql = " ".join("WHEN %s THEN %s" % (c._expr, v._expr) for c, v in cases)
    shown = " ".join("WHEN %s THEN %s" % (c._repr, v._repr) for c, v in cases)
    if other is not None:
        sql, shown = "%s ELSE %s" % (sql, other._expr), "%s ELSE %s" % (shown, other._repr)
    return Column("CASE %s END" % sql, "CASE %s END" % shown, cases=(cases, other))


def _call(name, args, shown=None, distinct=False):
    """A call of the lake's function `name` over Columns; `shown` is the name that PySpark's repr gives it."""
    word = "DISTINCT " if distinct else ""
    return Column("%s(%s%s)" % (name, word, ", ".join(a._expr for a in args)),
                  "%s(%s%s)" % (shown or name, word, ", ".join(a._repr for a in args)))
