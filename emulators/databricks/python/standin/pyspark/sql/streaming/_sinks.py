"""What a query does with a batch's rows: a sink is called with the batch and its number."""
import sys

from pyspark.errors import AnalysisException, IllegalArgumentException, PySparkAttributeError
from pyspark.errors.exceptions.base import not_served

_FILES = ("json", "csv", "parquet", "text", "orc")


class Batch:
    """A batch's rows: written as they are, or as a frame, which stays in the session as long as that does."""

    isStreaming = False

    def __init__(self, spark, handle, number):
        self._session = spark
        self._ref = "read_stream('%s', format => 'batch', batch => '%d')" % (handle, number)

    @property
    def write(self):
        """The writer of its rows."""
        from pyspark.sql.readwriter import DataFrameWriter
        return DataFrameWriter(self)

    def frame(self):
        """Its DataFrame, an ordinary one."""
        return self._session._from_frame(self._session._lake.frame(sql="SELECT * FROM " + self._ref))


class Sink:
    """modes: output modes that it takes; temporary: whether a checkpoint need not be named; keeps: rows stay in the lake's memory."""

    modes, temporary, keeps, description = ("append", "update", "complete"), True, False, ""

    def prepare(self, df):
        """Before the query begins, which may fail: a table is there from the start, without rows."""

    def start(self, query):
        """Before the first batch."""

    def batch(self, batch, number):
        """Takes a batch's rows."""


class Noop(Sink):
    """Nowhere."""

    description = "org.apache.spark.sql.execution.datasources.noop.NoopTable$"


class Memory(Sink):
    """A temporary view of the query's name."""

    description, keeps = "MemorySink", True

    def start(self, query):
        spark = query._spark
        frame = spark._lake.frame(sql="SELECT * FROM read_stream('%s', format => 'batch')" % query._handle)
        spark._lake.view(query.name, frame["frame"], True, False)


class Console(Sink):
    """Standard output."""

    description = "org.apache.spark.sql.execution.streaming.ConsoleTable$"

    def __init__(self, options):
        self._rows = int(options.get("numrows", 20))
        truncate = str(options.get("truncate", "true")).lower()
        self._truncate = truncate == "true" if truncate in ("true", "false") else int(truncate)

    def batch(self, batch, number):
        line, df = "-" * 43, batch.frame()
        shown = df._show_string(self._rows, self._truncate, False) if hasattr(df, "_show_string") else None
        if shown is None:
            print("%s\nBatch: %d\n%s" % (line, number, line))
            df.show(self._rows, self._truncate)
        else:
            print("%s\nBatch: %d\n%s\n%s" % (line, number, line, shown))
        sys.stdout.flush()


class Foreach(Sink):
    """A function of a row, or an object with process and perhaps open and close."""

    description = "ForeachWriterTable"

    def __init__(self, f):
        self._f = f
        if callable(f):
            return
        for name, must in (("process", True), ("open", False), ("close", False)):
            member = getattr(f, name, None)
            if member is None and must:
                raise PySparkAttributeError(error_class="ATTRIBUTE_NOT_CALLABLE", message_parameters={"attr_name": name, "obj_name": "f"})
            if member is not None and not callable(member):
                raise PySparkAttributeError(error_class="ATTRIBUTE_NOT_CALLABLE", message_parameters={"attr_name": name, "obj_name": "f"})

    def batch(self, batch, number):
        rows = batch.frame().collect()
        if callable(self._f):
            for row in rows:
                self._f(row)
            return
        error, go_on = None, True
        if hasattr(self._f, "open"):
            go_on = self._f.open(0, number)
        try:
            for row in rows if go_on else ():
                self._f.process(row)
        except Exception as e:
            error = e
            raise
        finally:
            if hasattr(self._f, "close"):
                self._f.close(error)


class ForeachBatch(Sink):
    """A function of a frame and a number."""

    description = "ForeachBatchSink"

    def __init__(self, f):
        self._f = f

    def batch(self, batch, number):
        self._f(batch.frame(), number)


class Files(Sink):
    """Files below a path."""

    modes, temporary = ("append",), False

    def __init__(self, source, path, options, partition):
        if path is None:
            raise IllegalArgumentException("'path' is not specified.")
        self._source, self._path, self._options, self._partition = source, path, options, partition
        self.description = "FileSink[%s]" % path

    def batch(self, batch, number):
        writer = batch.write.format(self._source).mode("append").options(**self._options)
        if self._partition:
            writer = writer.partitionBy(*self._partition)
        writer.save(self._path)


class Delta(Sink):
    """A Delta table by path or by name. The query's id and the batch's number are in its commit: none is written twice."""

    modes, temporary = ("append", "complete"), False

    def __init__(self, path, table, options, partition):
        if path is None and table is None:
            raise IllegalArgumentException("'path' is not specified.")
        self._path, self._table, self._options, self._partition = path, table, options, partition
        self._mode, self._id = "append", None
        self.description = "DeltaSink[%s]" % (path if table is None else table)

    def start(self, query):
        self._mode, self._id = "overwrite" if query._mode == "complete" else "append", query.id

    def prepare(self, df):
        if self._table is not None:
            self._writer(df._session.createDataFrame([], df.schema), "ignore").saveAsTable(self._table)

    def _writer(self, df, mode):
        writer = df.write.format("delta").mode(mode).options(**self._options)
        return writer.partitionBy(*self._partition) if self._partition else writer

    def batch(self, batch, number):
        writer = self._writer(batch, self._mode).option("txnAppId", self._id).option("txnVersion", str(number))
        writer = writer.option("tarnOutputMode", "Complete" if self._mode == "overwrite" else "Append")
        if self._table is not None:
            writer.saveAsTable(self._table)
        else:
            writer.save(self._path)


def sink_of(writer, source, path, table):
    """The sink that a DataStreamWriter names. Raises what Spark raises for one that can't be."""
    options = {k: v for k, v in writer._given.items() if k.lower() not in ("checkpointlocation", "path", "queryname")}
    lower = {k.lower(): v for k, v in options.items()}
    if writer._foreach is not None:
        return writer._foreach
    name = source.lower()
    if table is not None and name != "delta":
        raise not_served("DataStreamWriter.toTable of the format %s" % source)
    if name == "delta":
        return Delta(path, table, options, writer._partition)
    if name in _FILES:
        return Files(name, path, options, writer._partition)
    if name == "memory":
        if not writer._name:
            raise AnalysisException("queryName must be specified for memory sink.")
        return Memory()
    if name == "console":
        return Console(lower)
    if name == "noop":
        return Noop()
    if name == "kafka":
        raise not_served("writeStream of the format kafka")
    raise AnalysisException("[DATA_SOURCE_NOT_FOUND] Failed to find the data source: %s. Please find packages at "
                            "`https://spark.apache.org/third-party-projects.html`." % source)
