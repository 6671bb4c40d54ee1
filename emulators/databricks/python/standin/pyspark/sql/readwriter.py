"""DataFrameReader, DataFrameWriter and DataFrameWriterV2: they write Spark SQL for the lake, which reads and writes the files."""
import inspect
import json as _json
import re
import uuid

from pyspark.errors import AnalysisException, IllegalArgumentException, ParseException, PySparkTypeError, PySparkValueError
from pyspark.sql import _literal as _l
from pyspark.sql.column import _col, _type_text
from pyspark.sql.utils import to_str

__all__ = ["DataFrameReader", "DataFrameWriter", "DataFrameWriterV2"]

_FILES = "pathGlobFilter recursiveFileLookup modifiedBefore modifiedAfter"
_CSV = "schema sep encoding quote escape comment header inferSchema ignoreLeadingWhiteSpace ignoreTrailingWhiteSpace nullValue nanValue " \
       "positiveInf negativeInf dateFormat timestampFormat maxColumns maxCharsPerColumn maxMalformedLogPerPartition mode " \
       "columnNameOfCorruptRecord multiLine charToEscapeQuoteEscaping samplingRatio enforceSchema emptyValue locale lineSep pathGlobFilter " \
       "recursiveFileLookup modifiedBefore modifiedAfter unescapedQuoteHandling"
_JSON = "schema primitivesAsString prefersDecimal allowComments allowUnquotedFieldNames allowSingleQuotes allowNumericLeadingZero " \
        "allowBackslashEscapingAnyCharacter mode columnNameOfCorruptRecord dateFormat timestampFormat multiLine " \
        "allowUnquotedControlChars lineSep samplingRatio dropFieldIfAllNull encoding locale pathGlobFilter recursiveFileLookup " \
        "modifiedBefore modifiedAfter allowNonNumericNumbers"
_WORD = re.compile(r"[A-Za-z_]\w*\Z")
_NAME = re.compile(r"\s*(?:`((?:[^`]|``)+)`|(\w+))\s*(\.|\Z)")
_MODES = ("overwrite", "append", "ignore", "error", "errorifexists", "default")


def _wrong(error_class, name, value):
    return PySparkTypeError(error_class=error_class, message_parameters={"arg_name": name, "arg_type": type(value).__name__})


def _table(name):
    """A table's name as SQL: `db`.`t`. Raises ParseException for a text that is none."""
    parts, at = [], 0
    while True:
        m = _NAME.match(name, at)
        if not m:
            raise ParseException("\n[PARSE_SYNTAX_ERROR] Syntax error at or near %s.(line 1, pos %d)\n\n== SQL ==\n%s\n%s^^^\n" % (
                "'%s'" % name[at:at + 1] if at < len(name) else "end of input", at, name, "-" * at))
        parts.append(_l.quoted((m.group(1) or m.group(2)).replace("``", "`")))
        at = m.end()
        if m.group(3) != ".":
            return ".".join(parts)


def _takes(names, doc, more=()):
    """A decorator: method(self, path, **options) takes PySpark's options by place, too."""
    names = names.split()
    empty = inspect.Parameter.empty

    def decorated(method):
        first = list(inspect.signature(method).parameters)[1]

        def f(self, *args, **kwargs):
            given = dict(zip([first] + names, args))
            for k, v in kwargs.items():
                if k in given:
                    raise TypeError("%s() got multiple values for argument %r" % (method.__name__, k))
                if k != first and k not in names:
                    raise TypeError("%s() got an unexpected keyword argument %r" % (method.__name__, k))
                given[k] = v
            if len(args) > len(names) + 1:
                raise TypeError("%s() takes from 2 to %d positional arguments but %d were given" % (
                    method.__name__, len(names) + 2, len(args) + 1))
            if first not in given:
                raise TypeError("%s() missing 1 required positional argument: %r" % (method.__name__, first))
            return method(self, given.pop(first), **given)

        f.__name__, f.__qualname__, f.__doc__ = method.__name__, method.__qualname__, doc
        f.__signature__ = inspect.Signature([inspect.Parameter(n, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=d) for n, d in
                                             [("self", empty), (first, empty)] + [(n, None) for n in names]])
        return f

    return decorated


class OptionUtils:
    """Options by name, whose case doesn't matter."""

    def _begin(self):
        self._options = {}

    def _put(self, key, value):
        value = to_str(value)
        if not isinstance(key, str):
            raise _wrong("NOT_STR", "key", key)
        if value is None:
            self._options.pop(key.lower(), None)
        else:
            self._options[key.lower()] = (key, value)

    def _get(self, key, default=None):
        return self._options.get(key.lower(), (key, default))[1]

    def _set_opts(self, schema=None, **options):
        if schema is not None:
            self.schema(schema)
        for k, v in options.items():
            if v is not None:
                self.option(k, v)

    def option(self, key, value):
        """One option; True and False are "true" and "false"."""
        self._put(key, value)
        return self

    def options(self, **options):
        """More of them."""
        for k, v in options.items():
            self._put(k, v)
        return self


class DataFrameReader(OptionUtils):
    """spark.read: frames of files, tables and databases."""

    def __init__(self, spark):
        self._spark, self._format, self._schema = spark, None, None
        self._begin()

    def format(self, source):
        """What is read: delta, json, csv, parquet, text, jdbc ..."""
        self._format = source
        return self

    def schema(self, schema):
        """The columns, as a StructType or as DDL text; without, files of text are read to find them."""
        from pyspark.sql.types import StructType
        if not isinstance(schema, (StructType, str)):
            raise _wrong("NOT_STR_OR_STRUCT", "schema", schema)
        self._schema = schema
        return self

    def _frame(self, sql):
        return self._spark._from_frame(self._spark._lake.frame(sql=sql))

    def _source(self):
        return self._format or self._spark.conf.get("spark.sql.sources.default", "delta")

    def load(self, path=None, format=None, schema=None, **options):
        """The frame of a path, or of a list of them."""
        if format is not None:
            self.format(format)
        if schema is not None:
            self.schema(schema)
        self.options(**options)
        if path is None:
            path = self._get("path")
        elif not isinstance(path, str):
            path = [str(p) for p in path] if isinstance(path, (list, tuple)) else [str(path)]
        return self._read(self._source(), path)

    def _read(self, source, paths):
        source = _SOURCES.get(source.lower(), source)
        paths = [paths] if isinstance(paths, str) else paths
        if source.lower() == "delta":
            return self._delta(paths)
        return self._frame("SELECT * FROM " + self._files(source, paths))

    def _files(self, source, paths):
        """read_files(...) of a format."""
        given = [("format", source)] + [(k, v) for n, (k, v) in self._options.items() if n != "path"]
        if paths is not None and len(paths) != 1:
            if not paths:
                raise AnalysisException("[UNABLE_TO_INFER_SCHEMA] Unable to infer schema for %s. It must be specified manually." % source)
            given.append(("paths", _json.dumps(paths)))
        if self._schema is not None:
            given.append(("schema", _columns(self._schema)))
        named = ", ".join("%s => %s" % (k if _WORD.match(k) else _l.quoted(k), _l.string(v)) for k, v in given)
        return "read_files(%s, %s)" % (_l.string(paths[0] if paths else ""), named)

    def _delta(self, paths):
        if not paths:
            raise AnalysisException("'path' is not specified")
        if len(paths) > 1:
            raise AnalysisException("[DELTA_MULTIPLE_PATHS] Delta doesn't read more than one path: %s" % ", ".join(paths))
        if self._schema is not None:
            raise AnalysisException("[DELTA_UNSUPPORTED_SCHEMA_DURING_READ] Delta does not support specifying the schema at read time.")
        try:
            return self._frame("SELECT * FROM delta.%s%s" % (_l.quoted(paths[0]), self._travel()))
        except AnalysisException as e:
            if e.getErrorClass() != "DELTA_TABLE_NOT_FOUND":
                raise
            raise AnalysisException._of({"error_class": "PATH_NOT_FOUND", "sql_state": "42K03", "message":
                                         "[PATH_NOT_FOUND] Path does not exist: %s." % paths[0]}) from None

    def _travel(self):
        """A version or a time of a Delta table."""
        if to_str(self._get("readChangeFeed", self._get("readChangeData", "false"))).lower() == "true":
            raise NotImplementedError("readChangeFeed: the changes of a Delta table aren't read here")
        version, time = self._get("versionAsOf"), self._get("timestampAsOf")
        if version is not None and time is not None:
            raise AnalysisException("[DELTA_TIME_TRAVEL_INVALID] Cannot specify both version and timestamp when time travelling the table.")
        if version is not None:
            return " VERSION AS OF %s" % version
        return " TIMESTAMP AS OF %s" % _l.string(time) if time is not None else ""

    def table(self, tableName):
        """The frame of a table or view."""
        return self._frame("SELECT * FROM %s%s" % (_table(tableName), self._travel()))

    @_takes(_JSON, "The frame of files of JSON, or of an RDD of texts.")
    def json(self, path, **options):
        self._set_opts(**options)
        return self._read("json", self._paths(path, "json"))

    @_takes(_CSV, "The frame of files of CSV, or of an RDD of texts.")
    def csv(self, path, **options):
        self._set_opts(**options)
        return self._read("csv", self._paths(path, "csv"))

    def _paths(self, path, name):
        if isinstance(path, str):
            return [path]
        if isinstance(path, list):
            return [str(p) for p in path]
        if hasattr(path, "collect") and hasattr(path, "map"):
            return [self._kept(path.collect())]
        raise _wrong("NOT_STR_OR_LIST_OF_RDD", "path", path)

    def _kept(self, texts):
        """The path of files that hold an RDD's texts: what they are is found as with any files."""
        texts = [t.decode() if isinstance(t, bytes) else str(t) for t in texts]
        rows = self._spark._lake.frame(columns=[texts], schema={"type": "struct", "fields": [
            {"name": "value", "type": "string", "nullable": True, "metadata": {}}]})
        path = "dbfs:/tmp/rdd-%s" % uuid.uuid4()
        self._spark._lake.run("INSERT OVERWRITE DIRECTORY '%s' USING text SELECT * FROM `#`.`%d`" % (path, rows["frame"]))
        return path

    def parquet(self, *paths, **options):
        """The frame of files of Parquet."""
        self._set_opts(**options)
        return self._read("parquet", [str(p) for p in _flat(paths)])

    def orc(self, path, **options):
        """The frame of files of ORC."""
        self._set_opts(**options)
        return self._read("orc", [str(p) for p in _flat([path])])

    @_takes("wholetext lineSep " + _FILES, "The frame of the lines of texts: one column, value.")
    def text(self, paths, **options):
        self._set_opts(**options)
        return self._read("text", [str(p) for p in _flat([paths])])

    def jdbc(self, url, table, column=None, lowerBound=None, upperBound=None, numPartitions=None, predicates=None, properties=None):
        """The frame of a table of a database, or of a query in parentheses with a name."""
        if column is not None:
            for name, value in (("lowerBound", lowerBound), ("upperBound", upperBound), ("numPartitions", numPartitions)):
                assert value is not None, "%s can not be None when ``column`` is specified" % name
            self.options(partitionColumn=column, lowerBound=int(lowerBound), upperBound=int(upperBound), numPartitions=int(numPartitions))
        self.options(url=url, dbtable=table, **(properties or {}))
        made = self._read("jdbc", None)
        if predicates is not None:
            return made.where(" OR ".join("(%s)" % p for p in predicates))
        return made


def _flat(paths):
    return [p for one in paths for p in (one if isinstance(one, (list, tuple)) else [one])]


def _columns(schema):
    """A schema as DDL: `a` INT, `b` STRING."""
    if isinstance(schema, str):
        return schema
    return ", ".join("%s %s" % (_l.quoted(f.name), _type_text(f.dataType)) for f in schema.fields)


# other names of the formats
_SOURCES = {"org.apache.spark.sql.json": "json", "org.apache.spark.sql.parquet": "parquet", "com.databricks.spark.csv": "csv",
            "org.apache.spark.sql.jdbc": "jdbc", "io.delta.sql.deltadatasource": "delta"}


class DataFrameWriter(OptionUtils):
    """df.write: the rows into files, tables and databases."""

    def __init__(self, df):
        if df.isStreaming:
            raise AnalysisException("[CALL_ON_STREAMING_DATASET_UNSUPPORTED] The method `write` can not be called on streaming "
                                    "Dataset/DataFrame.")
        self._df, self._spark = df, df._session
        self._format = self._mode = self._partition = self._buckets = None
        self._begin()

    def mode(self, saveMode):
        """What happens where something is: error (as without), append, overwrite, ignore."""
        if saveMode is not None:
            if str(saveMode).lower() not in _MODES:
                raise IllegalArgumentException(
                    "Unknown save mode: %s. Accepted save modes are 'overwrite', 'append', 'ignore', 'error', 'errorifexists', "
                    "'default'." % saveMode)
            self._mode = saveMode.lower()
        return self

    def format(self, source):
        """What is written: delta, json, csv, parquet, text ..."""
        self._format = source
        return self

    def partitionBy(self, *cols):
        """Columns whose values become folders."""
        if len(cols) == 1 and isinstance(cols[0], (list, tuple)):
            cols = cols[0]
        self._partition = list(cols)
        return self

    def _names(self, what, col, cols):
        if isinstance(col, (list, tuple)):
            if cols:
                raise PySparkValueError(error_class="CANNOT_SET_TOGETHER",
                                        message_parameters={"arg_list": "`col` of type %s and `cols`" % type(col).__name__})
            col, cols = col[0], col[1:]
        for name, c in [("cols", c) for c in cols] + [("col", col)]:
            if not isinstance(c, str):
                raise _wrong("NOT_LIST_OF_STR", name, c)
        self._buckets = (self._buckets or []) + [what]
        return self

    def bucketBy(self, numBuckets, col, *cols):
        """Buckets, which no format of the lake has: what writes then fails."""
        if not isinstance(numBuckets, int):
            raise _wrong("NOT_INT", "numBuckets", numBuckets)
        return self._names("bucketBy", col, cols)

    def sortBy(self, col, *cols):
        """The order in buckets."""
        return self._names("sortBy", col, cols)

    def _source(self):
        source = self._format or self._spark.conf.get("spark.sql.sources.default", "delta")
        return _SOURCES.get(source.lower(), source)

    def _no_buckets(self, what):
        if self._buckets:
            raise AnalysisException("'%s' does not support %s right now." % (what, " and ".join(sorted(set(self._buckets)))))

    def _write(self, source, path=None, **more):
        """The one statement of all writers (see the lake's)."""
        given = [("mode", self._mode or "error")]
        if self._partition:
            given.append(("partitionBy", _json.dumps(self._partition)))
        given += list(more.items()) + [(k, v) for n, (k, v) in self._options.items() if n not in ("path", "mode", "partitionby")]
        if path is None and "table" in more and self._get("path") is not None:
            given.append(("path", self._get("path")))
        self._spark._lake.run("INSERT OVERWRITE DIRECTORY %sUSING %s OPTIONS (%s) SELECT * FROM %s" % (
            _l.string(path) + " " if path is not None else "", source if _WORD.match(source) else _l.quoted(source),
            ", ".join("%s %s" % (_l.string(k), _l.string(str(v))) for k, v in given), self._df._ref))

    def save(self, path=None, format=None, mode=None, partitionBy=None, **options):
        """Into files at a path, or what the format and its options say."""
        self.mode(mode).options(**options)
        if partitionBy is not None:
            self.partitionBy(partitionBy)
        if format is not None:
            self.format(format)
        self._no_buckets("save")
        source = self._source()
        if path is None:
            path = self._get("path")
        if source.lower() == "noop":
            self._spark._lake.run("SELECT * FROM " + self._df._ref, rows=1)
        elif source.lower() == "console":
            self._df.show(int(self._get("numRows", 20)), str(self._get("truncate", "true")).lower() == "true")
        elif path is None and source.lower() != "jdbc":
            raise IllegalArgumentException("Expected exactly one path to be specified, but got: ")
        else:
            self._write(source, None if path is None else str(path))

    def insertInto(self, tableName, overwrite=None):
        """Into a table that is there, column by column in order, or in place of its rows."""
        if overwrite is not None:
            self.mode("overwrite" if overwrite else "append")
        self._no_buckets("insertInto")
        if self._partition:
            raise AnalysisException("insertInto() can't be used together with partitionBy(). Partition columns have already been defined "
                                    "for the table. It is not necessary to use partitionBy().")
        how = "OVERWRITE" if self._mode == "overwrite" else "INTO"
        if how == "OVERWRITE" and (self._get("replaceWhere") or self._get("partitionOverwriteMode")):
            names = self._spark.table(tableName).columns
            if len(names) == len(self._df.columns):
                self._df = self._df.toDF(*names)
            self._write("delta", table=tableName)
        else:
            self._spark._lake.run("INSERT %s %s SELECT * FROM %s" % (how, _table(tableName), self._df._ref))

    def saveAsTable(self, name, format=None, mode=None, partitionBy=None, **options):
        """Into a table by name, which is made where there is none; columns are matched by name."""
        self.mode(mode).options(**options)
        if partitionBy is not None:
            self.partitionBy(partitionBy)
        if format is not None:
            self.format(format)
        if self._buckets:
            raise AnalysisException("Operation not allowed: `Bucketing` is not supported for Delta tables")
        parts = _table(name).split("`.`")
        if len(parts) > 2 and parts[0].lower() not in ("`spark_catalog", "`hive_metastore"):
            raise AnalysisException._of({"error_class": "REQUIRES_SINGLE_PART_NAMESPACE", "sql_state": "42K05", "message":
                                         "[REQUIRES_SINGLE_PART_NAMESPACE] spark_catalog requires a single-part namespace, but got %s`." %
                                         "`.`".join(parts[:-1])})
        if self._source().lower() in ("parquet", "json", "csv", "text"):
            self._files_table(name)
        else:
            self._write(self._source(), table=name)

    def _files_table(self, name):
        """A table whose rows are files of another format than Delta."""
        lake, mode, source = self._spark._lake, self._mode or "error", self._source()
        there = self._spark.catalog.tableExists(name)
        if there and mode == "ignore":
            return
        if there and mode not in ("append", "overwrite"):
            raise AnalysisException("[TABLE_OR_VIEW_ALREADY_EXISTS] Cannot create table or view %s because it already exists.\nChoose a different "
                                    "name, drop or replace the existing object, or add the IF NOT EXISTS clause to tolerate pre-existing objects." %
                                    _table(".".join((["default"] + name.split("."))[-2:])))
        if there and mode == "overwrite":
            lake.run("DROP TABLE " + _table(name))
        path = self._get("path") or "dbfs:/user/hive/warehouse/" + "/".join((["default"] + name.split("."))[-2:]).replace("default/", "")
        self._write(source, path)
        options = "".join(", %s %s" % (_l.string(k), _l.string(str(v))) for n, (k, v) in self._options.items() if n in ("header", "sep", "multiline"))
        lake.run("CREATE TABLE IF NOT EXISTS %s USING %s%s LOCATION %s" % (
            _table(name), source, " OPTIONS (%s)" % options[2:] if options else "", _l.string(path)))

    def _into(self, source, path, mode=None, partitionBy=None, **options):
        self.mode(mode)
        if partitionBy is not None:
            self.partitionBy(partitionBy)
        self._set_opts(**options)
        self.format(source).save(path)

    @_takes("mode compression dateFormat timestampFormat lineSep encoding ignoreNullFields", "Into files of JSON, a row a line.")
    def json(self, path, **options):
        self._into("json", path, **options)

    @_takes("mode partitionBy compression", "Into files of Parquet.")
    def parquet(self, path, **options):
        self._into("parquet", path, **options)

    @_takes("compression lineSep", "Into files of text: the frame has one column, of texts.")
    def text(self, path, **options):
        self._into("text", path, **options)

    @_takes("mode compression sep quote escape header nullValue escapeQuotes quoteAll dateFormat timestampFormat ignoreLeadingWhiteSpace "
            "ignoreTrailingWhiteSpace charToEscapeQuoteEscaping encoding emptyValue lineSep", "Into files of CSV.")
    def csv(self, path, **options):
        self._into("csv", path, **options)

    @_takes("mode partitionBy compression", "Into files of ORC.")
    def orc(self, path, **options):
        self._into("orc", path, **options)

    def jdbc(self, url, table, mode=None, properties=None):
        """Into a table of a database."""
        self.options(url=url, dbtable=table, **(properties or {}))
        self.mode(mode).format("jdbc").save()


class DataFrameWriterV2:
    """df.writeTo(table): into tables by name."""

    def __init__(self, df, table):
        self._df, self._spark, self._name = df, df._session, _table(table)
        self._provider, self._options, self._properties, self._partition = None, {}, {}, []

    def using(self, provider):
        """The format of a table that is made."""
        self._provider = provider
        return self

    def option(self, key, value):
        """One option."""
        self._options[key] = to_str(value)
        return self

    def options(self, **options):
        """More of them."""
        for k, v in options.items():
            self.option(k, v)
        return self

    def tableProperty(self, property, value):
        """A property of a table that is made."""
        self._properties[property] = value
        return self

    def partitionedBy(self, col, *cols):
        """Columns whose values become folders."""
        self._partition = [_col(c)._expr for c in (col,) + cols]
        return self

    def _make(self, how):
        sql = "%s TABLE %s" % (how, self._name)
        if self._provider:
            sql += " USING " + self._provider
        if self._options:
            sql += " OPTIONS (%s)" % _pairs(self._options)
        if self._partition:
            sql += " PARTITIONED BY (%s)" % ", ".join(self._partition)
        if self._properties:
            sql += " TBLPROPERTIES (%s)" % _pairs(self._properties)
        self._spark._lake.run("%s AS SELECT * FROM %s" % (sql, self._df._ref))

    def create(self):
        """Makes the table. AnalysisException where there is one."""
        self._make("CREATE")

    def replace(self):
        """Makes the table anew. AnalysisException where there is none."""
        self._make("REPLACE")

    def createOrReplace(self):
        """Makes the table, anew where there is one."""
        self._make("CREATE OR REPLACE")

    def append(self):
        """Adds the rows; columns are matched by name."""
        if self._options:
            self._spark.table(self._name)
            self._save("append")
        else:
            self._spark._lake.run("INSERT INTO %s BY NAME SELECT * FROM %s" % (self._name, self._df._ref))

    def overwrite(self, condition):
        """The rows in place of those of which the condition is true."""
        self._save("overwrite", replaceWhere=_col(condition)._expr)

    def overwritePartitions(self):
        """The rows in place of the partitions that they are of."""
        self._save("overwrite", partitionOverwriteMode="dynamic")

    def _save(self, mode, **more):
        given = dict(self._options, table=self._name, mode=mode, **more)
        self._spark._lake.run("INSERT OVERWRITE DIRECTORY USING delta OPTIONS (%s) SELECT * FROM %s" % (
            ", ".join("%s %s" % (_l.string(k), _l.string(str(v))) for k, v in given.items()), self._df._ref))


def _pairs(given):
    return ", ".join("%s = %s" % (_l.string(k), _l.string(str(v))) for k, v in given.items())
