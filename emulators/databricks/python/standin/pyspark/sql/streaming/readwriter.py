"""DataStreamReader and DataStreamWriter: spark.readStream and df.writeStream."""
from pyspark.errors import AnalysisException, IllegalArgumentException, PySparkTypeError, PySparkValueError
from pyspark.errors.exceptions.base import not_served
from pyspark.sql import _literal as _l
from pyspark.sql.readwriter import _CSV, _FILES, _JSON, _WORD, OptionUtils, _columns, _takes
from pyspark.sql.streaming._sinks import Foreach, ForeachBatch, sink_of
from pyspark.sql.streaming.query import StreamingQuery
from pyspark.sql.utils import to_str

__all__ = ["DataStreamReader", "DataStreamWriter"]

_MODES = ("append", "complete", "update")


def _not_text(name, value):
    return PySparkTypeError(error_class="NOT_STR", message_parameters={"arg_name": name, "arg_type": type(value).__name__})


def _empty(name, value):
    return PySparkValueError(error_class="VALUE_NOT_NON_EMPTY_STR", message_parameters={"arg_name": name, "arg_value": str(value)})


class DataStreamReader(OptionUtils):
    """spark.readStream: frames over Kinesis streams, rates, Delta tables, and files that come."""

    def __init__(self, spark):
        self._spark, self._format, self._schema = spark, None, None
        self._begin()

    def format(self, source):
        """What is read: kinesis, rate, delta, json ..."""
        self._format = source
        return self

    def schema(self, schema):
        """The columns of files, as a StructType or as DDL text."""
        from pyspark.sql.types import StructType
        if not isinstance(schema, (StructType, str)):
            raise PySparkTypeError(error_class="NOT_STR_OR_STRUCT", message_parameters={"arg_name": "schema", "arg_type": type(schema).__name__})
        self._schema = schema
        return self

    def load(self, path=None, format=None, schema=None, **options):
        """The frame of a source."""
        if format is not None:
            self.format(format)
        if schema is not None:
            self.schema(schema)
        self.options(**options)
        if path is not None and (not isinstance(path, str) or not path.strip()):
            raise _empty("path", path)
        return self._frame(path if path is not None else self._get("path"))

    def _frame(self, path, table=None):
        source = self._format or self._spark.conf.get("spark.sql.sources.default", "delta")
        given = [("format", source)] + [(k, v) for n, (k, v) in self._options.items() if n not in ("path", "format")]
        if table is not None:
            given.append(("table", table))
        if self._schema is not None:
            given.append(("schema", _columns(self._schema)))
        named = ", ".join("%s => %s" % (k if _WORD.match(k) else _l.quoted(k), _l.string(to_str(v))) for k, v in given)
        first = _l.string(path) + ", " if path is not None else ""
        return self._spark._from_frame(self._spark._lake.frame(sql="SELECT * FROM read_stream(%s%s)" % (first, named)))

    def table(self, tableName):
        """The frame of a Delta table's rows, those that are there and those that come."""
        if not isinstance(tableName, str):
            raise _not_text("tableName", tableName)
        try:
            return self.format("delta")._frame(None, tableName)
        except AnalysisException as e:
            if e.getErrorClass() != "TABLE_OR_VIEW_NOT_FOUND":
                raise
            view = self._spark.table(tableName)  # a view of a stream
            if not view.isStreaming:
                raise AnalysisException("Temporary view `%s` is not streaming; it can't be read as a stream" % tableName) from None
            return view

    def _of(self, source, path, options):
        self._set_opts(**options)
        if not isinstance(path, str):
            raise _not_text("path", path)
        return self.format(source).load(path)

    @_takes(_JSON, "The frame of files of JSON that come.")
    def json(self, path, **options):
        return self._of("json", path, options)

    @_takes(_CSV, "The frame of files of CSV that come.")
    def csv(self, path, **options):
        return self._of("csv", path, options)

    @_takes("mergeSchema datetimeRebaseMode int96RebaseMode " + _FILES, "The frame of files of Parquet that come.")
    def parquet(self, path, **options):
        return self._of("parquet", path, options)

    @_takes("wholetext lineSep " + _FILES, "The frame of the lines of files that come.")
    def text(self, path, **options):
        return self._of("text", path, options)

    @_takes("mergeSchema " + _FILES, "The frame of files of ORC that come.")
    def orc(self, path, **options):
        return self._of("orc", path, options)


class DataStreamWriter(OptionUtils):
    """df.writeStream: starts a query that writes a frame's rows as they come."""

    def __init__(self, df):
        if not df.isStreaming:
            raise AnalysisException("[WRITE_STREAM_NOT_ALLOWED] `writeStream` can be called only on streaming Dataset/DataFrame.")
        self._df, self._spark = df, df._session
        self._format = self._name = self._foreach = self._trigger = None
        self._mode, self._partition, self._continuous = "append", [], False
        self._begin()

    @property
    def _given(self):
        return {k: v for k, v in self._options.values()}

    def outputMode(self, outputMode):
        """append: new rows; complete: all rows of an aggregate, each time; update: those that changed."""
        if not outputMode or type(outputMode) is not str or not outputMode.strip():
            raise _empty("outputMode", outputMode)
        if outputMode.lower() not in _MODES:
            raise IllegalArgumentException("Unknown output mode %s. Accepted output modes are 'append', 'complete', 'update'" % outputMode)
        self._mode = outputMode.lower()
        return self

    def format(self, source):
        """Where it writes: delta, memory, console, json, csv, parquet, noop."""
        self._format = source
        return self

    def partitionBy(self, *cols):
        """Columns whose values become folders."""
        self._partition = list(cols[0]) if len(cols) == 1 and isinstance(cols[0], (list, tuple)) else list(cols)
        return self

    def queryName(self, queryName):
        """The query's name; of the format memory that of its view, too."""
        if not queryName or type(queryName) is not str or not queryName.strip():
            raise _empty("queryName", queryName)
        self._name = queryName
        return self

    def trigger(self, *, processingTime=None, once=None, continuous=None, availableNow=None):
        """When batches begin: every so often; once; until all is read that is there."""
        if [processingTime, once, continuous, availableNow].count(None) != 3:
            raise PySparkValueError(error_class="ONLY_ALLOW_SINGLE_TRIGGER", message_parameters={})
        for name, value in (("processingTime", processingTime), ("continuous", continuous)):
            if value is not None and (type(value) is not str or not value.strip()):
                raise _empty(name, value)
        for name, value in (("once", once), ("availableNow", availableNow)):
            if value is not None and value is not True:
                raise PySparkValueError(error_class="VALUE_NOT_TRUE", message_parameters={"arg_name": name, "arg_value": str(value)})
        self._continuous = continuous is not None
        self._trigger = "once" if once else "availableNow" if availableNow else _interval(processingTime.strip()) if processingTime else None
        return self

    def foreach(self, f):
        """Calls f, or f.process between f.open and f.close, with every row."""
        self._foreach = Foreach(f)
        return self

    def foreachBatch(self, func):
        """Calls func with each batch's frame and number."""
        self._foreach = ForeachBatch(func)
        return self

    def start(self, path=None, format=None, outputMode=None, partitionBy=None, queryName=None, **options):
        """Starts the query, which runs on while the program does."""
        self.options(**options)
        if outputMode is not None:
            self.outputMode(outputMode)
        if partitionBy is not None:
            self.partitionBy(partitionBy)
        if format is not None:
            self.format(format)
        if queryName is not None:
            self.queryName(queryName)
        return self._start(path if path is not None else self._get("path"), None)

    def toTable(self, tableName, format=None, outputMode=None, partitionBy=None, queryName=None, **options):
        """Starts the query into a table, which is made where there is none."""
        if not isinstance(tableName, str):
            raise _not_text("tableName", tableName)
        self.options(**options)
        if outputMode is not None:
            self.outputMode(outputMode)
        if partitionBy is not None:
            self.partitionBy(partitionBy)
        if format is not None:
            self.format(format)
        if queryName is not None:
            self.queryName(queryName)
        return self._start(None, tableName)

    def table(self, tableName, **options):
        """toTable, by Databricks' older name."""
        return self.toTable(tableName, **options)

    def _checkpoint(self, sink):
        named = self._get("checkpointLocation")
        if named is not None:  # a relative path begins at the root of DBFS
            return named if named.startswith(("/", "dbfs:", "file:")) or "://" in named else "/" + named
        root = self._spark.conf.get("spark.sql.streaming.checkpointLocation", None)
        if root and self._name:
            return "%s/%s" % (root.rstrip("/"), self._name)
        if root or sink.temporary:
            return None
        raise AnalysisException('checkpointLocation must be specified either through option("checkpointLocation", ...) or '
                                'SparkSession.conf.set("spark.sql.streaming.checkpointLocation", ...).')

    def _start(self, path, table):
        if self._continuous:
            raise not_served("DataStreamWriter.trigger(continuous=...)")
        source = self._format or self._spark.conf.get("spark.sql.sources.default", "delta")
        sink = sink_of(self, source, path, table)
        if self._mode not in sink.modes:
            raise AnalysisException("Data source %s does not support %s output mode." % (source, self._mode.capitalize()))
        return StreamingQuery._begin(self._df, sink, self._mode, self._name, self._trigger, self._checkpoint(sink))


def _interval(text):
    """A processing time as the service takes it; None: as soon as possible."""
    words = text.lower().split()
    if words and words[0] == "interval":
        words = words[1:]
    small = len(words) == 2 and words[0].isdigit() and words[1] in ("millisecond", "milliseconds") and int(words[0]) < 100
    if small or (words and words[0] in ("0", "0s", "0ms")):
        return None
    return " ".join(words)
