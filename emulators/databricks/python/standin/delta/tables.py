"""DeltaTable and its builders: they write SQL for the lake."""
import re

from delta._build import DeltaTableBuilder, IdentityGenerator
from pyspark.errors import AnalysisException
from pyspark.sql import _literal as _l
from pyspark.sql.column import Column
from pyspark.sql.readwriter import _table

__all__ = ["DeltaTable", "DeltaMergeBuilder", "DeltaTableBuilder", "DeltaOptimizeBuilder", "IdentityGenerator"]


def _expression(value, what):
    """SQL of a condition or value: a Column or a text. TypeError for anything else."""
    if isinstance(value, Column):
        return value._expr
    if type(value) is str:
        return value
    raise TypeError("%s must be a Spark SQL Column or a string (expression in SQL syntax), found to be of type %s" % (what, type(value)))


def _settings(given, what):
    """(column, SQL) of a dict."""
    if given is None:
        raise ValueError("%s cannot be None" % what)
    if type(given) is not dict:
        raise TypeError("%s must be a dict, found to be %s" % (what, type(given)))
    out = []
    for name, value in given.items():
        if type(name) is not str:
            raise TypeError("Keys of dict in %s must contain only strings with column names, found '%s' of type '%s'" % (
                what, name, type(name)))
        if not isinstance(value, Column) and type(value) is not str:
            raise TypeError("Values of dict in %s must contain only Spark SQL Columns or strings (expressions in SQL syntax) as values, "
                            "found '%s' of type '%s'" % (what, value, type(value)))
        out.append((_l.column_name(name), value._expr if isinstance(value, Column) else value))
    return out


def _names(cols):
    """Columns by name: arguments, or one list."""
    if len(cols) == 1 and isinstance(cols[0], (list, tuple)):
        cols = cols[0]
    for c in cols:
        if type(c) is not str:
            raise TypeError("Z-order column must be str. Found %s with type %s" % (c, type(c)))
    return cols


class DeltaTable:
    """A Delta table, by its path or its name."""

    def __init__(self, spark, ref, name=None):
        self._spark, self._ref, self._name, self._frame = spark, ref, name, None

    def _run(self, sql):
        return self._spark._lake.run(sql)

    def _statement(self, form, *parts):
        """A statement over the table, which stands for %s in `form`. Columns of toDF() in it become names of the table's, as a statement
        that changes it knows them; it gets a name for that where it has none."""
        sql, name = "".join(parts), self._name
        if self._frame is not None and "\x01" in sql:
            name = name or "__target"
            own = {str(f.get("id")) for f in self._frame._fields}
            sql = re.sub("`\x01(\\d+)(?:@\\d+)?\x01((?:[^`]|``)*)`",
                         lambda m: "%s.`%s`" % (_l.quoted(name), m.group(2)) if m.group(1) in own else m.group(), sql)
        return self._run(form % (self._ref if name is None else "%s AS %s" % (self._ref, _l.quoted(name))) + sql)

    def toDF(self):
        """Its rows as a DataFrame."""
        if self._frame is None:
            self._frame = self._spark._from_frame(self._spark._lake.frame(sql="SELECT * FROM %s%s" % (
                self._ref, "" if self._name is None else " AS " + _l.quoted(self._name))))
        return self._frame

    def alias(self, aliasName):
        """The table under a name for conditions, as in merge."""
        return DeltaTable(self._spark, self._ref, aliasName)

    def generate(self, mode):
        """Manifests for other engines."""
        self._run("GENERATE %s FOR TABLE %s" % (mode, self._ref))

    def delete(self, condition=None):
        """Deletes the rows of which the condition is true; all without one."""
        self._statement("DELETE FROM %s", "" if condition is None else " WHERE " + _expression(condition, "'condition'"))

    def update(self, condition=None, set=None):
        """Sets columns in the rows of which the condition is true; in all without one."""
        changes = ", ".join("%s = %s" % pair for pair in _settings(set, "'set'"))
        where = "" if condition is None else " WHERE " + _expression(condition, "'condition'")
        self._statement("UPDATE %s", " SET ", changes, where)

    def merge(self, source, condition):
        """A builder of MERGE."""
        from pyspark.sql import DataFrame
        if source is None:
            raise ValueError("'source' in merge cannot be None")
        if not isinstance(source, DataFrame):
            raise TypeError("Type of 'source' in merge must be DataFrame.")
        if condition is None:
            raise ValueError("'condition' in merge cannot be None")
        return DeltaMergeBuilder(self, source, _expression(condition, "'condition'"))

    def vacuum(self, retentionHours=None):
        """Deletes files that no version within the time needs."""
        return self._spark.sql("VACUUM %s%s" % (self._ref, "" if retentionHours is None else " RETAIN %s HOURS" % retentionHours))

    def history(self, limit=None):
        """What was done to it, the latest first."""
        return self._spark.sql("DESCRIBE HISTORY %s%s" % (self._ref, "" if limit is None else " LIMIT %d" % limit))

    def detail(self):
        """Its format, place, size, properties."""
        return self._spark.sql("DESCRIBE DETAIL " + self._ref)

    @classmethod
    def convertToDelta(cls, sparkSession, identifier, partitionSchema=None):
        """Makes a table of Parquet files: "parquet.`path`"."""
        from pyspark.sql.readwriter import _columns
        by = "" if partitionSchema is None else " PARTITIONED BY (%s)" % _columns(partitionSchema)
        sparkSession._lake.run("CONVERT TO DELTA %s%s" % (identifier, by))
        return cls.forPath(sparkSession, re.sub(r"^\s*parquet\.`(.*)`\s*$", r"\1", identifier))

    @classmethod
    def forPath(cls, sparkSession, path, hadoopConf=None):
        """The table at a path. AnalysisException where there is none."""
        assert sparkSession is not None
        return cls._there(sparkSession, "delta." + _l.quoted(path), path)

    @classmethod
    def forName(cls, sparkSession, tableOrViewName):
        """The table of a name. AnalysisException where there is none."""
        assert sparkSession is not None
        return cls._there(sparkSession, _table(tableOrViewName), tableOrViewName)

    @classmethod
    def _there(cls, spark, ref, shown):
        try:
            spark._lake.run("DESCRIBE DETAIL " + ref)
        except AnalysisException as e:
            if _is_missing(e):
                raise _missing(shown) from None
            raise
        return cls(spark, ref)

    @classmethod
    def create(cls, sparkSession=None):
        """A builder of a table that isn't there."""
        return DeltaTableBuilder(cls, _session(sparkSession), "CREATE TABLE")

    @classmethod
    def createIfNotExists(cls, sparkSession=None):
        """A builder of a table, which is left as it is where it is."""
        return DeltaTableBuilder(cls, _session(sparkSession), "CREATE TABLE IF NOT EXISTS")

    @classmethod
    def replace(cls, sparkSession=None):
        """A builder of a table in place of one that is there."""
        return DeltaTableBuilder(cls, _session(sparkSession), "REPLACE TABLE")

    @classmethod
    def createOrReplace(cls, sparkSession=None):
        """A builder of a table, in place of one where there is one."""
        return DeltaTableBuilder(cls, _session(sparkSession), "CREATE OR REPLACE TABLE")

    @classmethod
    def isDeltaTable(cls, sparkSession, identifier):
        """Whether a Delta table is at the path."""
        assert sparkSession is not None
        try:
            sparkSession._lake.run("DESCRIBE DETAIL delta." + _l.quoted(identifier))
            return True
        except AnalysisException as e:
            if _is_missing(e):
                return False
            raise

    def upgradeTableProtocol(self, readerVersion, writerVersion):
        """Raises the versions of the protocol that readers and writers need."""
        for name, value in (("readerVersion", readerVersion), ("writerVersion", writerVersion)):
            if not isinstance(value, int):
                raise ValueError("The %s needs to be an integer but got '%s'." % (name, type(value)))
        self._run("ALTER TABLE %s SET TBLPROPERTIES ('delta.minReaderVersion' = '%d', 'delta.minWriterVersion' = '%d')" % (
            self._ref, readerVersion, writerVersion))

    def addFeatureSupport(self, featureName):
        """Adds a feature to the protocol."""
        _want(str, featureName, "featureName", "a string")
        self._run("ALTER TABLE %s SET TBLPROPERTIES (%s = 'supported')" % (self._ref, _l.string("delta.feature." + featureName)))

    def restoreToVersion(self, version):
        """Makes a version of before the current one."""
        _want(int, version, "version", "an int")
        return self._spark.sql("RESTORE TABLE %s TO VERSION AS OF %d" % (self._ref, version))

    def restoreToTimestamp(self, timestamp):
        """Makes the version of a time the current one."""
        _want(str, timestamp, "timestamp", "a string")
        return self._spark.sql("RESTORE TABLE %s TO TIMESTAMP AS OF %s" % (self._ref, _l.string(timestamp)))

    def optimize(self):
        """A builder of OPTIMIZE."""
        return DeltaOptimizeBuilder(self)


def _want(kind, value, name, what):
    if not isinstance(value, kind):
        raise ValueError("%s needs to be %s but got '%s'." % (name, what, type(value)))


def _session(spark):
    if spark is None:
        from pyspark.sql import SparkSession
        spark = SparkSession.getActiveSession()
    assert spark is not None
    return spark


def _missing(shown):
    return AnalysisException._of({"error_class": "DELTA_MISSING_DELTA_TABLE", "message":
                                  "[DELTA_MISSING_DELTA_TABLE] `%s` is not a Delta table." % shown})


def _is_missing(e):
    return e.getErrorClass() in _MISSING


_MISSING = ("DELTA_MISSING_DELTA_TABLE", "TABLE_OR_VIEW_NOT_FOUND", "DELTA_TABLE_NOT_FOUND", "DELTA_PATH_DOES_NOT_EXIST", "PATH_NOT_FOUND")


class DeltaMergeBuilder:
    """MERGE, clause by clause. Each call gives a new builder."""

    def __init__(self, table, source, condition, clauses=(), evolves=False):
        self._table, self._source, self._condition, self._clauses, self._evolves = table, source, condition, tuple(clauses), evolves

    def _with(self, place, when, condition, then):
        condition = "" if condition is None else " AND (%s)" % _expression(condition, "'condition'")
        clause = (place, " WHEN %s%s THEN %s" % (when, condition, then))
        return DeltaMergeBuilder(self._table, self._source, self._condition, self._clauses + (clause,), self._evolves)

    def _pairs(self, what):
        """Each column of the table and the source's of its name, by identity: any name the source has in conditions goes on."""
        there = {f["name"].lower(): f for f in self._source._fields}
        pairs = []
        for f in self._table.toDF()._fields:
            found = there.get(f["name"].lower())
            if found is None:
                raise AnalysisException._of({"error_class": "DELTA_MERGE_UNRESOLVED_EXPRESSION", "message":
                                             "[DELTA_MERGE_UNRESOLVED_EXPRESSION] Cannot resolve %s in %s given columns %s" % (
                                                 f["name"], what, ", ".join(g["name"] for g in self._source._fields))})
            pairs.append((_l.quoted(f["name"]), "`\x01%d\x01%s`" % (found["id"], found["name"].replace("`", "``"))))
        return pairs

    @staticmethod
    def _set(given, what):
        return "UPDATE SET " + ", ".join("%s = %s" % pair for pair in _settings(given, what))

    def whenMatchedUpdate(self, condition=None, set=None):
        """Sets columns of a row that has a match."""
        return self._with(0, "MATCHED", condition, self._set(set, "'set' in whenMatchedUpdate"))

    def whenMatchedUpdateAll(self, condition=None):
        """Sets all columns of a row that has a match to the source's of the same names."""
        return self._with(0, "MATCHED", condition, "UPDATE SET " + ", ".join("%s = %s" % pair for pair in self._pairs("UPDATE clause")))

    def whenMatchedDelete(self, condition=None):
        """Deletes a row that has a match."""
        return self._with(0, "MATCHED", condition, "DELETE")

    def whenNotMatchedInsert(self, condition=None, values=None):
        """Inserts a row of the source that has no match."""
        return self._insert(condition, _settings(values, "'values' in whenNotMatchedInsert"))

    def _insert(self, condition, pairs):
        return self._with(1, "NOT MATCHED", condition, "INSERT (%s) VALUES (%s)" % (
            ", ".join(name for name, _ in pairs), ", ".join(value for _, value in pairs)))

    def whenNotMatchedInsertAll(self, condition=None):
        """Inserts a row of the source that has no match, all columns by name."""
        return self._insert(condition, self._pairs("INSERT clause"))

    def whenNotMatchedBySourceUpdate(self, condition=None, set=None):
        """Sets columns of a row that no row of the source matches."""
        return self._with(2, "NOT MATCHED BY SOURCE", condition, self._set(set, "'set' in whenNotMatchedBySourceUpdate"))

    def whenNotMatchedBySourceDelete(self, condition=None):
        """Deletes a row that no row of the source matches."""
        return self._with(2, "NOT MATCHED BY SOURCE", condition, "DELETE")

    def withSchemaEvolution(self):
        """Columns of the source that the table lacks are added to it."""
        return DeltaMergeBuilder(self._table, self._source, self._condition, self._clauses, True)

    def execute(self):
        """Runs it."""
        if not self._clauses:
            raise AnalysisException._of({"error_class": "DELTA_MERGE_MISSING_WHEN", "message":
                                         "[DELTA_MERGE_MISSING_WHEN] There must be at least one WHEN clause in a MERGE statement."})
        clauses = [text for _, text in sorted(self._clauses, key=lambda c: c[0])]
        form = "MERGE WITH SCHEMA EVOLUTION INTO %s" if self._evolves else "MERGE INTO %s"
        self._table._statement(form, " USING %s ON " % self._source._ref, self._condition, *clauses)


class DeltaOptimizeBuilder:
    """OPTIMIZE."""

    def __init__(self, table, where=""):
        self._table, self._filter = table, where

    def where(self, partitionFilter):
        """Only some partitions."""
        return DeltaOptimizeBuilder(self._table, " WHERE " + partitionFilter)

    def executeCompaction(self):
        """Makes few files of many."""
        return self._table._spark.sql("OPTIMIZE %s%s" % (self._table._ref, self._filter))

    def executeZOrderBy(self, *cols):
        """The same, with near values of columns in the same files."""
        return self._table._spark.sql("OPTIMIZE %s%s ZORDER BY (%s)" % (
            self._table._ref, self._filter, ", ".join(_l.column_name(c) for c in _names(cols))))
