"""Transformations of a DataFrame: selections, names, conditions, order, joins."""
import re

from pyspark.errors import AnalysisException, IllegalArgumentException, PySparkTypeError, PySparkValueError
from pyspark.sql import _origin
from pyspark.sql.column import Column, _col, _quoted
from pyspark.sql.types import StructType, _refuse

_JOINS = {
    "inner": "JOIN", "cross": "CROSS JOIN", "outer": "FULL JOIN", "full": "FULL JOIN", "fullouter": "FULL JOIN", "left": "LEFT JOIN",
    "leftouter": "LEFT JOIN", "right": "RIGHT JOIN", "rightouter": "RIGHT JOIN", "semi": "LEFT SEMI JOIN", "leftsemi": "LEFT SEMI JOIN",
    "anti": "LEFT ANTI JOIN", "leftanti": "LEFT ANTI JOIN",
}


def _wrong(error_class, name, value):
    return _refuse(PySparkTypeError, error_class, arg_name=name, arg_type=type(value).__name__)


def _one_list(cols):
    """Arguments, or the one list that they are."""
    return list(cols[0]) if len(cols) == 1 and isinstance(cols[0], (list, tuple)) else list(cols)


def _want_str(value, name):
    if not isinstance(value, str):
        raise _wrong("NOT_STR", name, value)


class Transformations:
    """What makes a frame of a frame, row by row; part of DataFrame."""

    def _selected(self, items, rest=""):
        return self._made("SELECT %s FROM %s%s" % (", ".join(items), self._ref, rest))

    def _all(self):
        """SQL of each column, by identity."""
        return [self._named(f) for f in self._fields]

    # ---- columns ----

    def select(self, *cols):
        """Columns and expressions."""
        cols = [_col(c) for c in _one_list(cols)]
        return self._described(self._selected([c._sql for c in cols]), [c._metadata for c in cols])

    @staticmethod
    def _described(made, metadata):
        """The frame, with what its columns are described by."""
        for field, about in zip(made._fields, metadata) if any(metadata) else ():
            if about and field.get("id") is not None:
                made._session._metadata[field["id"]] = about
        return made

    def selectExpr(self, *expr):
        """Expressions in SQL."""
        return self._selected(_one_list(expr))

    def withColumn(self, colName, col):
        """With one more column, or one replaced."""
        if not isinstance(col, Column):
            raise _wrong("NOT_COLUMN", "col", col)
        return self.withColumns({colName: col})

    def withColumns(self, *colsMap):
        """With more columns, or some replaced; all see the columns that were."""
        assert len(colsMap) == 1
        if not isinstance(colsMap[0], dict):
            raise _wrong("NOT_DICT", "colsMap", colsMap[0])
        new, items = dict(colsMap[0]), []
        for name, col in new.items():
            if not isinstance(col, Column):
                raise _wrong("NOT_COLUMN", "col", col)
        by_lower = {name.lower(): name for name in new}
        for f in self._fields:
            name = by_lower.get(f["name"].lower())
            items.append(self._named(f) if name is None else new[name].alias(name)._sql)
        there = {f["name"].lower() for f in self._fields}
        items += [col.alias(name)._sql for name, col in new.items() if name.lower() not in there]
        return self._selected(items)

    def withColumnRenamed(self, existing, new):
        """A column under another name; nothing happens where it isn't."""
        return self.withColumnsRenamed({existing: new})

    def withColumnsRenamed(self, colsMap):
        """Columns under other names."""
        if not isinstance(colsMap, dict):
            raise _wrong("NOT_DICT", "colsMap", colsMap)
        new = {old.lower(): name for old, name in colsMap.items()}
        if not any(f["name"].lower() in new for f in self._fields):
            return self
        return self._selected(["%s AS %s" % (self._named(f), _quoted(new[f["name"].lower()])) if f["name"].lower() in new
                               else self._named(f) for f in self._fields])

    def withMetadata(self, columnName, metadata):
        """A column with metadata, which its schema has; the column is another one then."""
        if not isinstance(metadata, dict):
            raise _wrong("NOT_DICT", "metadata", metadata)
        return self._described(self.withColumn(columnName, self[columnName]), [metadata if f["name"].lower() == columnName.lower() else None
                                                                              for f in self._fields])

    def drop(self, *cols):
        """Without columns, by names (every match) or by Columns (that one); one that isn't there is no error."""
        if len(cols) > 1 and not all(isinstance(c, str) for c in cols) and not all(isinstance(c, (str, Column)) for c in cols):
            raise _wrong("NOT_COLUMN_OR_STR", "col", next(c for c in cols if not isinstance(c, (str, Column))))
        gone = []
        for c in cols:
            if not isinstance(c, (str, Column)):
                raise _wrong("NOT_COLUMN_OR_STR", "col", c)
            gone += self._gone(c)
        kept = [f for f in self._fields if not any(f is g for g in gone)]
        if not gone:
            return self
        return self._selected([self._named(f) for f in kept])

    def _gone(self, c):
        if isinstance(c, str):
            return [f for f in self._fields if f["name"].lower() == c.lower()]
        field = self._field_of(c)
        if field is None and re.match(r"`[^`\x01]*`(\.`[^`]*`)*$", c._expr):
            field = self._by_lake(c)
        return [] if field is None else [field]

    def _by_lake(self, c):
        """The field that the lake finds for a name with a qualifier; None: there is none. AnalysisException for one of two."""
        try:
            same = self._made("SELECT %s FROM %s" % (c._expr, self._ref))._fields[0].get("id")
        except AnalysisException as e:
            if str(e.getErrorClass()).startswith("UNRESOLVED_COLUMN"):
                return None
            raise
        return next((f for f in self._fields if f.get("id") == same), None)

    def toDF(self, *cols):
        """The columns under new names, by place."""
        for c in cols:
            if not isinstance(c, str):
                raise _refuse(PySparkTypeError, "NOT_LIST_OF_STR", arg_name="cols", arg_type=type(c).__name__)
        if len(cols) != len(self._fields):
            raise IllegalArgumentException(
                "requirement failed: The number of columns doesn't match.\nOld column names (%d): %s\nNew column names (%d): %s" %
                (len(self._fields), ", ".join(self.columns), len(cols), ", ".join(cols)))
        return self._selected(["%s AS %s" % (self._named(f), _quoted(c)) for f, c in zip(self._fields, cols)])

    def to(self, schema):
        """The columns of a schema, by name, cast to its types."""
        assert schema is not None
        if not isinstance(schema, StructType):
            raise _wrong("NOT_STRUCT", "schema", schema)
        return self.select([self[f.name].cast(f.dataType).alias(f.name) for f in schema.fields])

    def colRegex(self, colName):
        """The column whose name a regular expression in backquotes matches."""
        _want_str(colName, "colName")
        form = re.match("`(.*)`$", colName)
        if not form:
            return self[colName]
        found = [f for f in self._fields if re.fullmatch(form.group(1), f["name"], re.IGNORECASE)]
        return Column(", ".join(self._named(f) for f in found), colName) if found else self[colName]

    def alias(self, alias):
        """Under a name that qualifies its columns."""
        assert isinstance(alias, str), "alias should be a string"
        return self._made("SELECT * FROM %s AS %s" % (self._ref, _quoted(alias)))

    # ---- rows ----

    def filter(self, condition):
        """The rows for which a condition, a Column or SQL, is true."""
        if not isinstance(condition, (str, Column)):
            raise _wrong("NOT_COLUMN_OR_STR", "condition", condition)
        return self._made("SELECT * FROM %s WHERE %s" % (self._ref, condition if isinstance(condition, str) else condition._expr))

    where = filter

    def limit(self, num):
        """The first rows."""
        return self._made("SELECT * FROM %s LIMIT %d" % (self._ref, num))

    def offset(self, num):
        """Without the first rows."""
        return self._made("SELECT * FROM %s OFFSET %d" % (self._ref, num))

    def _order(self, cols, kwargs):
        """SQL of what sort is given, with ascending=."""
        if not cols:
            raise _refuse(PySparkValueError, "CANNOT_BE_EMPTY", item="column")
        cols = _one_list(cols)
        made = [_col(c) for c in cols]
        ascending = kwargs.get("ascending", True)
        if not isinstance(ascending, (bool, int, list)):
            raise _refuse(PySparkTypeError, "NOT_BOOL_OR_LIST", arg_name="ascending", arg_type=type(ascending).__name__)
        up = ascending if isinstance(ascending, list) else [ascending] * len(made)
        return ", ".join(c._expr if a else c.desc()._expr for c, a in zip(made, up))

    def sort(self, *cols, **kwargs):
        """In the order of columns."""
        return self._made("SELECT * FROM %s ORDER BY %s" % (self._ref, self._order(cols, kwargs)))

    orderBy = sort

    def sortWithinPartitions(self, *cols, **kwargs):
        """As sort: all rows are one partition."""
        return self.sort(*cols, **kwargs)

    def withWatermark(self, eventTime, delayThreshold):
        """How late rows of a stream may come."""
        _want_str(eventTime, "eventTime")
        _want_str(delayThreshold, "delayThreshold")
        from pyspark.sql import _watermark
        return _watermark.added(self, eventTime, delayThreshold)

    # ---- joins ----

    def join(self, other, on=None, how=None):
        """With another's rows: by names both have, or by a condition."""
        on = [on] if on is not None and not isinstance(on, list) else on or []
        kind = self._join_kind("inner" if how is None else how)
        if on and all(isinstance(c, str) for c in on):
            rest = " USING (%s)" % ", ".join(map(_quoted, on))
        else:
            assert all(isinstance(c, Column) for c in on), "on should be Column or list of Column"
            rest = " ON " + " AND ".join(c._expr for c in on) if on else ""
        right, renewed = _origin.right_side(self, other)
        rest = _origin.condition(rest, self, other, renewed)
        return self._made("SELECT * FROM %s %s %s%s" % (self._ref, kind, right._ref, rest), other, renewed)

    @staticmethod
    def _join_kind(how):
        assert isinstance(how, str), "how should be a string"
        kind = _JOINS.get(how.lower().replace("_", ""))
        if kind is None:
            raise IllegalArgumentException("Unsupported join type '%s'. Supported join types include: 'inner', 'outer', 'full', 'fullouter', "
                                           "'full_outer', 'leftouter', 'left', 'left_outer', 'rightouter', 'right', 'right_outer', 'leftsemi', "
                                           "'left_semi', 'semi', 'leftanti', 'left_anti', 'anti', 'cross'." % how)
        return kind

    def crossJoin(self, other):
        """Each row with each of another's."""
        return self.join(other, how="cross")

    # ---- groups ----

    def groupBy(self, *cols):
        """Groups of equal values."""
        return self._grouped(cols, "%s")

    groupby = groupBy

    def rollup(self, *cols):
        """Groups of equal values, and of ever fewer of the columns."""
        return self._grouped(cols, "ROLLUP (%s)")

    def cube(self, *cols):
        """Groups of equal values of each choice of the columns."""
        return self._grouped(cols, "CUBE (%s)")

    def _grouped(self, cols, how):
        from pyspark.sql.group import GroupedData
        return GroupedData(self, [_col(c) for c in _one_list(cols)], how)

    def agg(self, *exprs):
        """Aggregates of all rows."""
        return self.groupBy().agg(*exprs)

    def observe(self, observation, *exprs):
        """Aggregates of all rows, to be asked for by an Observation after an action."""
        from pyspark.sql.observation import Observation
        if not exprs:
            raise _refuse(PySparkValueError, "CANNOT_BE_EMPTY", item="exprs")
        if not all(isinstance(c, Column) for c in exprs):
            raise _refuse(PySparkTypeError, "NOT_LIST_OF_COLUMN", arg_name="exprs")
        if isinstance(observation, Observation):
            return observation._on(self, *exprs)
        if isinstance(observation, str):
            return self
        raise _wrong("NOT_OBSERVATION_OR_STR", "observation", observation)
