"""Cells on the real Spark: the PySpark that this Python has installed, or a Spark Connect server, with paths, tables and streams of the stack.

DBFS is a file system of Hadoop's own kind, viewfs: its root, /user/hive/warehouse and each mount lead to folders of buckets (s3a), so every
path that a cell names, in Python or in SQL, is found, and managed tables are the stack's tables. It needs the jars of delta-spark and
hadoop-aws: those in PySpark's own folder, those that TARN_SPARK_JARS names (files or folders, with ":" between), or else Maven's, which
Spark fetches when the network is there (tarn notebook run --net). On a Spark Connect server the settings are the server's.
"""
import atexit
import glob
import os
import re
import sys

import tarn_client

WAREHOUSE = "/user/hive/warehouse"
_LINKS = "fs.viewfs.mounttable.default."
_S3A = "org.apache.hadoop.fs.s3a.S3AFileSystem"
_DELTA = {"3.3": "2.3.0", "3.4": "2.4.0", "3.5": "3.3.0", "4.0": "4.0.0"}


class NoSpark(ImportError):
    """What is missing, and how it is got."""


def _pyspark():
    """The module. Raises NoSpark."""
    try:
        import pyspark
        import pyspark.sql  # noqa: F401
    except ImportError as e:
        raise NoSpark("--engine spark runs cells on the PySpark of %s, which has none (%s): pip install pyspark==3.5.5 delta-spark==3.3.0" %
                      (sys.executable, e)) from None
    return pyspark


def _own_jars(pyspark):
    home = os.environ.get("SPARK_HOME") or os.path.dirname(pyspark.__file__)
    return glob.glob(os.path.join(home, "jars", "*.jar"))


def _named_jars():
    out = []
    for place in filter(None, os.environ.get("TARN_SPARK_JARS", "").split(":")):
        found = glob.glob(os.path.join(place, "*.jar")) if os.path.isdir(place) else glob.glob(place)
        if not found:
            raise NoSpark("TARN_SPARK_JARS: no jar is at %s" % place)
        out += found
    return out


def _jars(pyspark):
    """-> jars to give Spark, and Maven coordinates of those that are to be fetched."""
    named = _named_jars()
    names = [os.path.basename(p) for p in named + _own_jars(pyspark)]
    hadoop = next((m.group(1) for m in (re.match(r"hadoop-client-api-([\d.]+)\.jar", n) for n in names) if m), "3.3.4")
    scala = "2.13" if any(n.startswith("scala-library-2.13") for n in names) else "2.12"
    version = ".".join(pyspark.__version__.split(".")[:2])
    wanted = []
    if not any(re.match(r"delta-(spark|core)_", n) for n in names):
        if version not in _DELTA:
            raise NoSpark("PySpark %s isn't served: 3.3 to 4.0 are, or TARN_SPARK_JARS with Delta's jars for it" % pyspark.__version__)
        wanted.append("io.delta:delta-%s_%s:%s" % ("core" if version < "3.5" else "spark", scala, _DELTA[version]))
    if not any(n.startswith("hadoop-aws-") for n in names):
        wanted.append("org.apache.hadoop:hadoop-aws:" + hadoop)
    return named, wanted


def _dbfs(client):
    """Where paths of DBFS lead: {path: s3a folder}, "" is the root."""
    def place(path):
        status, to = client.call("GET", "/api/tarn/mounts/resolve?path=" + path)
        if status != 200:
            raise NoSpark("the stack has no DBFS: %s" % to.get("message", status))
        return "s3a://%s/%s" % (to["bucket"], to["key"])
    out = {"": place("/"), WAREHOUSE: place(WAREHOUSE)}
    for m in client.call("GET", "/api/tarn/mounts")[1].get("mounts", []):
        out[m["mountPoint"]] = re.sub(r"^s3n?://", "s3a://", m["source"]).rstrip("/") + "/"
    return out


def s3_address(client):
    """The object store's address."""
    status, addresses = client.call("GET", "/_tarn/endpoints")  # where the lake shares the control port, as it does by default
    if status == 200 and addresses.get("aws"):
        return addresses["aws"]
    try:
        return tarn_client.endpoints()["aws"]
    except (tarn_client.NoStack, KeyError):
        pass
    at = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    if not at:
        raise NoSpark("where the stack's object store is isn't known: set AWS_ENDPOINT_URL")
    return at


def keys():
    return os.environ.get("AWS_ACCESS_KEY_ID") or "test", os.environ.get("AWS_SECRET_ACCESS_KEY") or "test"


def _settings(s3):
    key, secret = keys()
    hadoop = {
        "fs.s3a.endpoint": s3, "fs.s3a.path.style.access": "true", "fs.s3a.access.key": key, "fs.s3a.secret.key": secret,
        "fs.s3a.connection.ssl.enabled": str(s3.startswith("https:")).lower(), "fs.s3a.aws.credentials.provider":
        "org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider", "fs.s3a.change.detection.mode": "none",
        "fs.s3.impl": _S3A, "fs.s3n.impl": _S3A, "fs.defaultFS": "dbfs:///",
        # A mount in the midst of a run counts at once: no file system of DBFS is kept; those of buckets are.
        "fs.dbfs.impl": "org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme", "fs.dbfs.impl.disable.cache": "true",
        "fs.viewfs.enable.inner.cache": "false", "fs.viewfs.overload.scheme.target.s3a.impl": _S3A,
    }
    spark = {
        "spark.master": os.environ.get("MASTER") or "local[*]", "spark.app.name": "tarn", "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false", "spark.sql.session.timeZone": "UTC", "spark.sql.ansi.enabled": "false",
        "spark.sql.warehouse.dir": "dbfs:" + WAREHOUSE, "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog", "spark.sql.sources.default": "delta",
        "spark.sql.legacy.createHiveTableByDefault": "false", "spark.delta.logStore.dbfs.impl": "io.delta.storage.S3SingleDriverLogStore",
        # One machine and little data, where Spark's defaults are a cluster's.
        "spark.sql.shuffle.partitions": "2", "spark.databricks.delta.snapshotPartitions": "1", "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1", "spark.sql.sources.parallelPartitionDiscovery.threshold": "100000",
        "spark.driver.memory": os.environ.get("TARN_SPARK_MEMORY") or "1g",
    }
    spark.update(("spark.hadoop." + k, v) for k, v in hadoop.items())
    return spark


def start(engine):
    """The session of `tarn notebook run --engine spark` or sc://HOST:PORT; its _tarn_engine is the Engine. Raises NoSpark, NoStack."""
    from tarn_kernel.fs import FSHandler
    made = Engine(tarn_client.Client(), None if engine == "spark" else engine)
    for name in ("_mount", "_unmount"):
        setattr(FSHandler, name, _then(getattr(FSHandler, name), made.mounted))
    made.session._tarn_engine = made
    return made.session


def _then(function, after):
    def both(*args):
        function(*args)
        after()
    return both


def _quoted(*names):
    return ".".join("`%s`" % n.replace("`", "``") for n in names)


class Engine:
    """The session of a run. client: a tarn_client.Client; address: sc://HOST:PORT of a Spark Connect server, None for Spark in this
    process. Raises NoSpark."""

    def __init__(self, client, address=None):
        self.client, self.address = client, address
        for folder in ("/", "/user/hive/warehouse"):  # what the stack keeps there comes to be: Spark reads S3, and doesn't ask DBFS
            client.call("GET", "/api/2.0/dbfs/list?path=" + folder)
        pyspark = _pyspark()
        builder = pyspark.sql.SparkSession.builder
        if address:
            self.session = builder.remote(address).getOrCreate()
            self.context, self._known = None, {}
            return
        named, wanted = _jars(pyspark)
        config = _settings(s3_address(client))
        if named:
            config["spark.jars"] = ",".join(named)
        if wanted:
            config["spark.jars.packages"] = ",".join(wanted)
        links = _dbfs(client)
        config.update(("spark.hadoop." + self._link(at), to) for at, to in links.items())
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        for key, value in config.items():
            builder = builder.config(key, value)
        self.session = builder.getOrCreate()
        self.context, self._links, self._known = self.session.sparkContext, links, {}
        self.context.setLogLevel("ERROR")
        from tarn_kernel import engine_kinesis
        engine_kinesis.serve(self)
        atexit.register(self.close)

    @staticmethod
    def _link(at):
        return _LINKS + ("link." + at if at else "linkFallback")

    # ---- mounts ----

    def mounted(self):
        """Something was mounted or unmounted: the next path that is named is found by what is mounted now."""
        if self.address:
            return
        now, hadoop = _dbfs(self.client), self.context._jsc.hadoopConfiguration()
        for at in set(self._links) - set(now):
            hadoop.unset(self._link(at))
        for at, to in now.items():
            hadoop.set(self._link(at), to)
        self._links = now

    # ---- tables ----

    def _ask(self, statement):
        """Rows of the lake's answer; None when it refuses."""
        status, answer = self.client.call("POST", "/api/tarn/sql?as=json&rows=100000", statement)
        return answer.get("rows", []) if status < 400 else None

    def _lake_tables(self):
        out = {}
        for (base,) in self._ask("SHOW DATABASES") or []:
            for _, name, _ in self._ask("SHOW TABLES IN " + _quoted(base)) or []:
                out[base, name] = None
        return out

    def _spark_tables(self):
        out = {}
        for base in self.session.catalog.listDatabases():
            for t in self.session.sql("SHOW TABLES IN " + _quoted(base.name)).collect():
                if not t.isTemporary:
                    out[base.name, t.tableName] = None
        return out

    def before_cell(self):
        """Tables that the stack has got meanwhile are Spark's too."""
        if self.address:
            return
        there, known = self._lake_tables(), self._spark_tables()
        for base, name in there:
            if (base, name) in known:
                continue
            detail = self._ask("DESCRIBE DETAIL " + _quoted(base, name))
            if not detail or detail[0][0] != "delta":
                continue
            at = WAREHOUSE + ("/%s" % name if base == "default" else "/%s.db/%s" % (base, name))
            self.session.sql("CREATE DATABASE IF NOT EXISTS " + _quoted(base))
            self.session.sql("CREATE TABLE %s USING delta LOCATION 'dbfs:%s'" % (_quoted(base, name), at))
            self._known[base, name] = at

    def after_cell(self):
        """Tables that Spark has dropped or put elsewhere are the stack's, too."""
        if self.address:
            return
        there, now = self._lake_tables(), self._spark_tables()
        for base, name in set(self._known) - set(now):
            del self._known[base, name]
            self._ask("DROP TABLE IF EXISTS " + _quoted(base, name))
        for base, name in set(now) - set(there) - set(self._known):
            where = self.session.sql("DESCRIBE DETAIL " + _quoted(base, name)).collect()[0]
            self._ask("CREATE DATABASE IF NOT EXISTS " + _quoted(base))
            self._ask("CREATE TABLE IF NOT EXISTS %s USING %s LOCATION '%s'" % (_quoted(base, name), where["format"], where["location"]))
            self._known[base, name] = where["location"]

    # ---- the end ----

    def close(self):
        atexit.unregister(self.close)
        try:
            self.session.stop()
        except Exception:
            pass
