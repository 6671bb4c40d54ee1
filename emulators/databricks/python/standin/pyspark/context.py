"""SparkContext: RDDs, and the names that notebooks ask of it."""
import getpass
import glob
import os
import threading
import time

from pyspark.conf import SparkConf
from pyspark.errors.exceptions.base import not_served

__all__ = ["SparkContext"]


class _HadoopConfiguration:
    """sc._jsc.hadoopConfiguration(): keys that are kept; the stack's store needs none of them."""

    def __init__(self):
        self._kept = {}

    def set(self, key, value):
        """Keeps one."""
        self._kept[key] = str(value)

    setBoolean = setInt = setLong = set

    def get(self, key, default=None):
        """Its value."""
        return self._kept.get(key, default)

    def unset(self, key):
        """Forgets one."""
        self._kept.pop(key, None)


class _JavaContext:
    """sc._jsc: what notebooks reach for in it."""

    def __init__(self, sc):
        self._sc, self._hadoop = sc, _HadoopConfiguration()

    def hadoopConfiguration(self):
        """Hadoop's settings."""
        return self._hadoop

    def sc(self):
        """Itself."""
        return self

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        raise not_served("SparkContext._jsc." + name)


class SparkContext:
    """The one context of the process."""

    _active_spark_context = None
    _lock = threading.RLock()
    PACKAGE_EXTENSIONS = (".zip", ".egg", ".jar")

    def __init__(self, master=None, appName=None, sparkHome=None, pyFiles=None, environment=None, batchSize=0, serializer=None, conf=None,
                 gateway=None, jsc=None, profiler_cls=None, udf_profiler_cls=None, memory_profiler_cls=None):
        with SparkContext._lock:
            running = SparkContext._active_spark_context
            if running is not None:
                raise ValueError("Cannot run multiple SparkContexts at once; existing SparkContext(app=%s, master=%s) created by __init__ "
                                 "at here:1 " % (running.appName, running.master))
            SparkContext._active_spark_context = self
        self._conf = SparkConf().setAll(conf.getAll() if conf is not None else [])
        if master:
            self._conf.setMaster(master)
        if appName:
            self._conf.setAppName(appName)
        self._conf.setIfMissing("spark.master", "local[*]").setIfMissing("spark.app.name", "pyspark-shell")
        self._started = time.time()
        self._conf.setIfMissing("spark.app.id", "local-%d" % (self._started * 1000))
        self.environment, self._jsc, self._next = dict(environment or {}), _JavaContext(self), 0
        self._properties, self._tags, self._checkpoint = {}, set(), None

    @classmethod
    def getOrCreate(cls, conf=None):
        """The context; made where none is."""
        with cls._lock:
            if cls._active_spark_context is None:
                cls(conf=conf or SparkConf())
            return cls._active_spark_context

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.stop()

    def __repr__(self):
        return "<SparkContext master=%s appName=%s>" % (self.master, self.appName)

    def _repr_html_(self):
        return "<div><p><b>SparkContext</b></p><dl><dt>Version</dt><dd><code>v%s</code></dd><dt>Master</dt><dd><code>%s</code></dd>" \
               "<dt>AppName</dt><dd><code>%s</code></dd></dl></div>" % (self.version, self.master, self.appName)

    # ---- facts ----

    @property
    def master(self):
        """Where it would run."""
        return self._conf.get("spark.master")

    @property
    def appName(self):
        """The application's name."""
        return self._conf.get("spark.app.name")

    @property
    def version(self):
        """Spark's version that is spoken."""
        return "3.5.5"

    @property
    def applicationId(self):
        """An id."""
        return self._conf.get("spark.app.id")

    @property
    def uiWebUrl(self):
        """None: there is no such page."""
        return None

    @property
    def startTime(self):
        """Milliseconds since 1970."""
        return int(self._started * 1000)

    @property
    def defaultParallelism(self):
        """Parts of an RDD."""
        return 1

    @property
    def defaultMinPartitions(self):
        """Parts of a file's RDD."""
        return 1

    @property
    def pythonVer(self):
        """Python's version."""
        import sys
        return "%d.%d" % sys.version_info[:2]

    @property
    def resources(self):
        """None."""
        return {}

    def sparkUser(self):
        """Who runs it."""
        return getpass.getuser()

    def getConf(self):
        """A copy of the settings."""
        return SparkConf().setAll(self._conf.getAll())

    def statusTracker(self):
        """Jobs and stages."""
        from pyspark.status import StatusTracker
        return StatusTracker()

    # ---- settings that change nothing here ----

    def setLogLevel(self, logLevel):
        """Checks the level; there is no log of Spark's."""
        levels = ("ALL", "DEBUG", "ERROR", "FATAL", "INFO", "OFF", "TRACE", "WARN")
        if logLevel.upper() not in levels:
            from pyspark.errors import IllegalArgumentException
            raise IllegalArgumentException("requirement failed: Supplied level %s did not match one of: %s" % (logLevel, ",".join(levels)))

    @classmethod
    def setSystemProperty(cls, key, value):
        """Nothing: there is no Java."""

    def setCheckpointDir(self, dirName):
        """Where checkpoints would be."""
        self._checkpoint = dirName

    def getCheckpointDir(self):
        """Where checkpoints would be."""
        return self._checkpoint

    def setLocalProperty(self, key, value):
        """Keeps a property."""
        self._properties[key] = value

    def getLocalProperty(self, key):
        """A property that was set."""
        return self._properties.get(key)

    def setJobGroup(self, groupId, description, interruptOnCancel=False):
        """Nothing: there are no jobs of Spark's."""
        self._properties["spark.jobGroup.id"] = groupId

    def setJobDescription(self, value):
        """Keeps a text."""
        self._properties["spark.job.description"] = value

    def setInterruptOnCancel(self, interruptOnCancel):
        """Nothing."""

    def addJobTag(self, tag):
        """Keeps a tag."""
        self._tags.add(tag)

    def removeJobTag(self, tag):
        """Forgets a tag."""
        self._tags.discard(tag)

    def getJobTags(self):
        """Tags."""
        return set(self._tags)

    def clearJobTags(self):
        """Forgets all tags."""
        self._tags.clear()

    def cancelJobGroup(self, groupId):
        """Nothing runs aside."""

    cancelJobsWithTag = cancelJobGroup

    def cancelAllJobs(self):
        """Nothing runs aside."""

    def show_profiles(self):
        """There are none."""

    def dump_profiles(self, path):
        """There are none."""

    # ---- files ----

    def addFile(self, path, recursive=False):
        """Makes a local file known to SparkFiles."""
        from pyspark.files import SparkFiles
        SparkFiles._paths[os.path.basename(path)] = os.path.abspath(path)

    addArchive = addFile

    def listFiles(self):
        """Files of addFile."""
        from pyspark.files import SparkFiles
        return sorted(SparkFiles._paths.values())

    listArchives = property(listFiles)

    def addPyFile(self, path):
        """Makes modules of a file or a folder importable."""
        import sys
        place = path if path.endswith(self.PACKAGE_EXTENSIONS) else os.path.dirname(os.path.abspath(path))
        if place not in sys.path:
            sys.path.insert(1, place)

    # ---- RDDs ----

    def parallelize(self, c, numSlices=None):
        """An RDD of values."""
        from pyspark.rdd import RDD, slices
        values = list(c)
        return RDD(lambda: slices(values, numSlices or self.defaultParallelism), self)

    def emptyRDD(self):
        """An RDD of nothing."""
        from pyspark.rdd import RDD
        return RDD(lambda: [], self)

    def range(self, start, end=None, step=1, numSlices=None):
        """An RDD of whole numbers."""
        return self.parallelize(range(0, start, step) if end is None else range(start, end, step), numSlices)

    def union(self, rdds):
        """An RDD of the values of all."""
        from pyspark.rdd import RDD
        return RDD(lambda: [p for r in rdds for p in r._partitions()], self)

    def textFile(self, name, minPartitions=None, use_unicode=True):
        """An RDD of a file's lines: of the stack's store, or of this machine by file:."""
        from pyspark.rdd import RDD
        local = name[5:].replace("//", "/") if name.startswith("file:") else name if os.path.exists(name) else None
        if local is not None:
            return RDD(lambda: [_lines(local)], self)
        from pyspark.sql.session import SparkSession
        frame = SparkSession._getActiveSessionOrCreate().read.text(name)
        return frame.rdd.map(lambda row: row[0])

    def wholeTextFiles(self, path, minPartitions=None, use_unicode=True):
        """An RDD of files' names and texts."""
        from pyspark.sql import functions as F
        from pyspark.sql.session import SparkSession
        frame = SparkSession._getActiveSessionOrCreate().read.text(path, wholetext=True)
        return frame.select(F.input_file_name(), "value").rdd.map(tuple)

    def broadcast(self, value):
        """A value for functions."""
        from pyspark.broadcast import Broadcast
        return Broadcast(self, value)

    def accumulator(self, value, accum_param=None):
        """A value that functions add to."""
        from pyspark import accumulators as a
        if accum_param is None:
            kinds = {int: a.INT_ACCUMULATOR_PARAM, float: a.FLOAT_ACCUMULATOR_PARAM, complex: a.COMPLEX_ACCUMULATOR_PARAM}
            if type(value) not in kinds:
                raise TypeError("No default accumulator param for type %s" % type(value))
            accum_param = kinds[type(value)]
        self._next += 1
        return a.Accumulator(self._next - 1, value, accum_param)

    def runJob(self, rdd, partitionFunc, partitions=None, allowLocal=False):
        """What a function makes of an RDD's parts."""
        parts = rdd._partitions()
        return [v for i in (range(len(parts)) if partitions is None else partitions) for v in partitionFunc(iter(parts[i]))]

    def _refuse(self, *args, **kwargs):
        """Not served."""
        raise not_served("SparkContext's binary and Hadoop files")

    pickleFile = binaryFiles = binaryRecords = sequenceFile = newAPIHadoopFile = newAPIHadoopRDD = hadoopFile = hadoopRDD = _refuse

    # ---- end ----

    def stop(self):
        """Ends it, and the session that goes by it."""
        from pyspark.sql.session import SparkSession
        session = SparkSession._active
        if session is not None and session._sc is self:
            session.stop()
        self._stop_sessionless()

    def _stop_sessionless(self):
        if SparkContext._active_spark_context is self:
            SparkContext._active_spark_context = None


def _lines(name):
    """Lines of a file, or of those of a folder or a pattern."""
    names = [name] if os.path.isfile(name) else sorted(glob.glob(os.path.join(name, "[!._]*") if os.path.isdir(name) else name))
    found = []
    for n in names:
        with open(n, encoding="utf-8", errors="replace") as f:
            found += f.read().splitlines()
    return found
