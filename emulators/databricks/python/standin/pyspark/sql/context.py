"""SQLContext: the old way into a session."""
import warnings

from pyspark.sql.session import SparkSession

__all__ = ["SQLContext", "HiveContext"]


class SQLContext:
    """The session under its old names."""

    _instantiatedContext = None

    def __init__(self, sparkContext=None, sparkSession=None, jsqlContext=None):
        if sparkSession is None:
            warnings.warn("Deprecated in 3.0.0. Use SparkSession.builder.getOrCreate() instead.", FutureWarning)
        self.sparkSession = sparkSession or SparkSession._getActiveSessionOrCreate()
        self._sc = sparkContext or self.sparkSession.sparkContext

    @classmethod
    def _get_or_create(cls, sc):
        if cls._instantiatedContext is None:
            cls._instantiatedContext = cls(sc, SparkSession._getActiveSessionOrCreate())
        return cls._instantiatedContext

    @classmethod
    def getOrCreate(cls, sc):
        """The context."""
        return cls._get_or_create(sc)

    def newSession(self):
        """Another session."""
        return type(self)(self._sc, self.sparkSession.newSession())

    def setConf(self, key, value):
        """Sets a setting."""
        self.sparkSession.conf.set(key, value)

    def getConf(self, key, defaultValue=None):
        """A setting's value."""
        return self.sparkSession.conf.get(key, *([] if defaultValue is None else [defaultValue]))

    @property
    def udf(self):
        """Registers functions."""
        return self.sparkSession.udf

    @property
    def read(self):
        """Reads files and tables."""
        return self.sparkSession.read

    @property
    def readStream(self):
        """Reads streams."""
        return self.sparkSession.readStream

    @property
    def streams(self):
        """Streams that run."""
        return self.sparkSession.streams

    def registerFunction(self, name, f, returnType=None):
        """Registers a function for SQL."""
        return self.sparkSession.udf.register(name, f, returnType)

    def range(self, start, end=None, step=1, numPartitions=None):
        """Whole numbers."""
        return self.sparkSession.range(start, end, step, numPartitions)

    def createDataFrame(self, data, schema=None, samplingRatio=None, verifySchema=True):
        """A frame of rows."""
        return self.sparkSession.createDataFrame(data, schema, samplingRatio, verifySchema)

    def registerDataFrameAsTable(self, df, tableName):
        """A temporary view."""
        df.createOrReplaceTempView(tableName)

    def dropTempTable(self, tableName):
        """Drops a temporary view."""
        self.sparkSession.catalog.dropTempView(tableName)

    def sql(self, sqlQuery):
        """What a statement gives."""
        return self.sparkSession.sql(sqlQuery)

    def table(self, tableName):
        """A table, or a view."""
        return self.sparkSession.table(tableName)

    def tables(self, dbName=None):
        """Tables as a frame."""
        return self.sparkSession.sql("SHOW TABLES" + (" IN " + dbName if dbName else ""))

    def tableNames(self, dbName=None):
        """Names of tables."""
        return [row["tableName"] for row in self.tables(dbName).collect()]

    def cacheTable(self, tableName):
        """Checks that it's there."""
        self.sparkSession.catalog.cacheTable(tableName)

    def uncacheTable(self, tableName):
        """Nothing."""
        self.sparkSession.catalog.uncacheTable(tableName)

    def clearCache(self):
        """Nothing."""


HiveContext = SQLContext
