"""SparkSession: the way into the lake of the stack."""
import os
import re
import threading
import time

from pyspark.errors import AnalysisException, PySparkRuntimeError, PySparkTypeError
from pyspark.errors.exceptions import base
from pyspark.sql.dataframe import DataFrame
from pyspark.sql._literal import string
from pyspark.sql.types import _refuse

__all__ = ["SparkSession"]

VERSION = "3.5.5"
# What a cluster is started with, which SET refuses to change.
_STATIC = re.compile("spark[.]sql[.](warehouse|catalog[.]|catalogImplementation|extensions|streaming[.]ui|globalTempDatabase|hive|queryExecution)")


def _raise(answer, status):
    raise base.of_answer(answer)


def _new_lake():
    import tarn_client
    return tarn_client.Lake(raiser=_raise)


def _zone_here():
    """The name of the process's time zone, which is a session's, as Spark takes Java's; None: UTC, or it can't be told."""
    if not (time.timezone or time.daylight):
        return None
    name = os.environ.get("TZ", "").lstrip(":")
    if not name:
        try:
            name = os.path.realpath("/etc/localtime").split("/zoneinfo/")[1]
        except IndexError:
            return None
    return name if re.match(r"[A-Za-z]+(/[A-Za-z_]+)+$", name) else None


class classproperty(property):
    """A property of a class."""

    def __get__(self, instance, owner=None):
        return self.fget(owner)


class _Stopped:
    """The lake of a session that was stopped."""

    def close(self):
        """Nothing more."""

    def __getattr__(self, name):
        raise base.of_answer({"exception": "java.lang.IllegalStateException", "message": "Cannot call methods on a stopped SparkContext."})


def _text(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


class SparkSession:
    """A session of the lake: temporary views, settings, functions."""

    class Builder:
        """Settings, then getOrCreate."""

        _lock = threading.RLock()

        def __init__(self):
            self._options = {}

        def config(self, key=None, value=None, conf=None, *, map=None):
            """A setting, or those of a SparkConf or of a dict."""
            if conf is not None:
                self._options.update(conf.getAll())
            elif map is not None:
                self._options.update({k: _text(v) for k, v in map.items()})
            else:
                self._options[key] = _text(value)
            return self

        def master(self, master):
            """Where it would run; here it's the stack's lake."""
            return self.config("spark.master", master)

        def appName(self, name):
            """The application's name."""
            return self.config("spark.app.name", name)

        def remote(self, url):
            """Spark Connect's address: the stack's lake is the only one here."""
            return self.config("spark.remote", url)

        def enableHiveSupport(self):
            """Nothing: tables are always kept."""
            return self.config("spark.sql.catalogImplementation", "hive")

        def getOrCreate(self):
            """The session of this process; made where none is."""
            with self._lock:
                session = SparkSession._active
                if session is None or session._stopped:
                    from pyspark.context import SparkContext
                    session = SparkSession(SparkContext.getOrCreate(), options=self._options)
                else:
                    session._apply(self._options)
                return session

        def create(self):
            """A session of its own."""
            from pyspark.context import SparkContext
            return SparkSession(SparkContext.getOrCreate(), options=self._options)

    _active = None
    _instantiatedSession = None

    @classproperty
    def builder(cls):
        """Makes sessions."""
        return cls.Builder()

    def __init__(self, sparkContext=None, jsparkSession=None, options=None, lake=None):
        from pyspark.context import SparkContext
        self._sc = sparkContext or SparkContext.getOrCreate()
        self._lake = lake or _new_lake()
        self._stopped = False
        self._udf_names = {}
        self._metadata = {}  # of columns, by their ids
        SparkSession._active = SparkSession._instantiatedSession = self
        self._apply({k: v for k, v in self._sc._conf.getAll() if k.startswith("spark.sql.")})
        zone = _zone_here()
        if zone and not self._sc._conf.contains("spark.sql.session.timeZone"):
            self.conf.set("spark.sql.session.timeZone", zone)
        self._apply(options or {})

    def _apply(self, options):
        for key, value in options.items():
            self._sc._conf.set(key, value)
            if key.startswith(("spark.sql.", "spark.databricks.")) and not _STATIC.match(key):
                self.conf.set(key, value)

    def newSession(self):
        """Another session of the same stack, with views and settings of its own."""
        active = SparkSession._active
        made = type(self)(self._sc)
        SparkSession._active = SparkSession._instantiatedSession = active
        return made

    @classmethod
    def getActiveSession(cls):
        """The session in use, or None."""
        session = SparkSession._active
        return session if session is not None and not session._stopped else None

    @classmethod
    def active(cls):
        """The session in use. Raises PySparkRuntimeError where none is."""
        session = cls.getActiveSession()
        if session is None:
            raise _refuse(PySparkRuntimeError, "NO_ACTIVE_OR_DEFAULT_SESSION")
        return session

    @classmethod
    def _getActiveSessionOrCreate(cls, **options):
        builder = cls.builder
        for key, value in options.items():
            builder.config(key, value)
        return cls.getActiveSession() or builder.getOrCreate()

    # ---- parts ----

    @property
    def sparkContext(self):
        """The SparkContext."""
        return self._sc

    @property
    def version(self):
        """Spark's version that is spoken."""
        return VERSION

    @property
    def conf(self):
        """Settings of the session."""
        from pyspark.sql.conf import RuntimeConfig
        return RuntimeConfig(self)

    @property
    def catalog(self):
        """Names of tables, views, functions."""
        from pyspark.sql.catalog import Catalog
        return Catalog(self)

    @property
    def udf(self):
        """Registers functions of Python for SQL."""
        from pyspark.sql.udf import UDFRegistration
        return UDFRegistration(self)

    @property
    def udtf(self):
        """Functions that give tables. Not served."""
        raise base.not_served("SparkSession.udtf")

    @property
    def read(self):
        """Reads files and tables."""
        from pyspark.sql.readwriter import DataFrameReader
        return DataFrameReader(self)

    @property
    def readStream(self):
        """Reads streams."""
        from pyspark.sql.streaming.readwriter import DataStreamReader
        return DataStreamReader(self)

    @property
    def streams(self):
        """Streams that run."""
        from pyspark.sql.streaming.query import StreamingQueryManager
        return StreamingQueryManager(self)

    @property
    def _jsc(self):
        return self._sc._jsc

    @property
    def _jvm(self):
        raise base.not_served("SparkSession._jvm")

    # ---- frames ----

    def _from_frame(self, answer):
        """The DataFrame of an answer; a statement that ran at once gives what it gave."""
        if "frame" in answer:
            return DataFrame(answer, self)
        from pyspark.sql import _local
        return _local.of_answer(self, answer)

    def range(self, start, end=None, step=1, numPartitions=None):
        """Whole numbers in a column id, without the end."""
        if end is None:
            start, end = 0, start
        return self._from_frame(self._lake.frame(sql="SELECT id FROM range(%d, %d, %d)" % (start, end, step)))

    def createDataFrame(self, data, schema=None, samplingRatio=None, verifySchema=True):
        """A frame of rows: tuples, lists, dicts, Rows, values of one column, an RDD, or pandas'."""
        from pyspark.sql import _local
        SparkSession._active = self
        if isinstance(data, DataFrame):
            raise _refuse(PySparkTypeError, "SHOULD_NOT_DATAFRAME", arg_name="data")
        return _local.created(self, data, schema, samplingRatio, verifySchema)

    def sql(self, sqlQuery, args=None, **kwargs):
        """What a statement gives. args: parameters (:name by a dict, ? by a list); kwargs: what {name} stands for."""
        from pyspark.sql import _statement
        text = _statement.whole(self, sqlQuery, args, kwargs)
        return self._from_frame(self._lake.frame(sql=text))

    def table(self, tableName):
        """A table, or a view."""
        version = re.fullmatch(r"[\w.`]+@v?\d+", tableName)  # Delta's t@v1
        name = tableName if version else "IDENTIFIER(%s)" % string(tableName)
        try:
            return self._from_frame(self._lake.frame(sql="SELECT * FROM " + name))
        except AnalysisException as e:
            raise e._placeless() from None

    # ---- end ----

    def stop(self):
        """Ends it."""
        if not self._stopped:
            self._stopped = True
            self._lake.close()
            self._lake = _Stopped()
            self._sc._stop_sessionless()
            if SparkSession._active is self:
                SparkSession._active = SparkSession._instantiatedSession = None

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.stop()

    def _repr_html_(self):
        return ("<div><p><b>SparkSession - tarn</b></p><dl><dt>Version</dt><dd><code>v%s</code></dd><dt>Master</dt><dd><code>%s</code></dd>"
                "<dt>AppName</dt><dd><code>%s</code></dd></dl></div>" % (self.version, self._sc.master, self._sc.appName))

    # ---- Spark Connect's only ----

    def _connect_only(self, *args, **kwargs):
        """Of Spark Connect's sessions only, as in PySpark."""
        raise RuntimeError("This is only supported with Spark Connect; however, the current Spark session does not use Spark Connect.")

    client = property(_connect_only)
    addArtifacts = addArtifact = copyFromLocalToFs = interruptAll = interruptTag = interruptOperation = _connect_only
    addTag = removeTag = getTags = clearTags = _connect_only
