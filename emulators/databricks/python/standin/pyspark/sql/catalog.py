"""Catalog: names of databases, tables, views, functions, columns."""
import collections
import fnmatch
import warnings

from pyspark.errors import AnalysisException
from pyspark.errors.exceptions.base import not_served
from pyspark.sql import types as T
from pyspark.sql.column import _quoted
from pyspark.sql.dataframe import _path

CatalogMetadata = collections.namedtuple("CatalogMetadata", "name description")
Database = collections.namedtuple("Database", "name catalog description locationUri")
Column = collections.namedtuple("Column", "name description dataType nullable isPartition isBucket")
Function = collections.namedtuple("Function", "name catalog namespace description className isTemporary")


class Table(collections.namedtuple("Table", "name catalog namespace description tableType isTemporary")):
    """A table or a view."""

    @property
    def database(self):
        """The database of a table that has one."""
        return self.namespace[0] if self.namespace is not None and len(self.namespace) == 1 else None


def _like(sql, pattern):
    from pyspark.sql.column import _lit
    return sql if pattern is None else "%s LIKE %s" % (sql, _lit(pattern)._expr)


def _refused(error_class, text):
    return AnalysisException._of({"error_class": error_class, "message": "[%s] %s" % (error_class, text)})


def _plain(name):
    """A name without backquotes."""
    return name[1:-1].replace("``", "`") if name[:1] == "`" else name


class Catalog:
    """spark.catalog."""

    _CATALOG = "spark_catalog"

    def __init__(self, sparkSession):
        self._sparkSession = sparkSession

    def _rows(self, sql):
        return self._sparkSession._lake.run(sql)["rows"]

    # ---- catalogs, databases ----

    def currentCatalog(self):
        """The catalog in use."""
        return self._rows("SELECT current_catalog()")[0][0]

    def setCurrentCatalog(self, catalogName):
        """Uses a catalog: there is one. Raises what the lake says of another."""
        if catalogName.lower() != self.currentCatalog().lower():
            raise _refused("CATALOG_NOT_FOUND", "The catalog %s not found. Consider to set the SQL config \"spark.sql.catalog.%s\" to a catalog "
                           "plugin." % (_quoted(catalogName), catalogName))

    def listCatalogs(self, pattern=None):
        """The catalogs."""
        return [CatalogMetadata(name, None) for name in [self.currentCatalog()] if pattern is None or fnmatch.fnmatch(name, pattern)]

    def currentDatabase(self):
        """The database in use."""
        return self._rows("SELECT current_database()")[0][0]

    def setCurrentDatabase(self, dbName):
        """Uses a database."""
        self._rows("USE %s" % _path(dbName))

    def listDatabases(self, pattern=None):
        """The databases."""
        return [self.getDatabase(row[0]) for row in self._rows(_like("SHOW DATABASES", pattern))]

    def getDatabase(self, dbName):
        """A database. Raises AnalysisException where there is none."""
        name = dbName.split(".")[-1]
        facts = {str(row[0]).lower(): row[1] for row in self._rows("DESCRIBE DATABASE %s" % _path(name))}
        return Database(_plain(name), self._CATALOG, facts.get("comment") or facts.get("description") or "", facts.get("location") or "")

    def databaseExists(self, dbName):
        """Whether there is that database."""
        return any(row[0].lower() == _plain(dbName.split(".")[-1]).lower() for row in self._rows("SHOW DATABASES"))

    # ---- tables ----

    def listTables(self, dbName=None, pattern=None):
        """Tables of a database, and temporary views."""
        rows = self._rows(_like("SHOW TABLES" + (" IN " + _path(dbName) if dbName else ""), pattern))
        views = {row[1].lower() for row in self._rows("SHOW VIEWS" + (" IN " + _path(dbName) if dbName else "")) if not row[2]}
        return sorted((self._table(*row, view=row[1].lower() in views) for row in rows), key=lambda t: t.name)

    def _table(self, database, name, temporary, view=False):
        if temporary:
            return Table(name, None, [database] if database else [], None, "TEMPORARY", True)
        return Table(name, self._CATALOG, [database], None, "VIEW" if view else "MANAGED", False)

    def getTable(self, tableName):
        """A table or a view. Raises AnalysisException where there is none."""
        parts = [_plain(p) for p in tableName.split(".")]
        self._sparkSession.table(_path(tableName))
        name, database = parts[-1], parts[-2] if len(parts) > 1 else None
        listed = self.listTables(database)
        found = [t for t in listed if t.name.lower() == name.lower() and (database is None or not t.isTemporary)]
        if not found:
            return Table(name, self._CATALOG, [database or self.currentDatabase()], None, "MANAGED", False)
        return sorted(found, key=lambda t: not t.isTemporary)[0]

    def tableExists(self, tableName, dbName=None):
        """Whether there is that table or view."""
        if dbName is not None:
            warnings.warn("`dbName` has been deprecated since Spark 3.4 and might be removed in a future version. Use tableExists(`dbName.tableName`) "
                          "instead.", FutureWarning)
            tableName = "%s.%s" % (dbName, tableName)
        try:
            self._sparkSession.table(_path(tableName))
            return True
        except AnalysisException as e:
            if e.getErrorClass() in ("TABLE_OR_VIEW_NOT_FOUND", "SCHEMA_NOT_FOUND"):
                return False
            raise

    def listColumns(self, tableName, dbName=None):
        """Columns of a table or a view. Raises AnalysisException where there is none."""
        if dbName is not None:
            tableName = "%s.%s" % (dbName, tableName)
        frame, parts = self._sparkSession.table(_path(tableName)), self._partitions(tableName)
        return [Column(f["name"], f.get("comment"), f["type"], f["nullable"], f["name"] in parts, False) for f in frame._fields]

    def _partitions(self, tableName):
        """Names of the columns that a table is partitioned by."""
        found, inside = set(), False
        for row in self._rows("DESCRIBE TABLE %s" % _path(tableName)):
            if str(row[0]).startswith("#"):
                inside = inside or "Partition" in row[0]
            elif inside and row[0]:
                found.add(row[0])
        return found

    def createTable(self, tableName, path=None, source=None, schema=None, description=None, **options):
        """Makes a table: of files by a path, or of a schema."""
        from pyspark.sql.column import _lit
        from pyspark.sql.udf import ddl
        fields = []
        for f in (schema.fields if isinstance(schema, T.StructType) else []):
            fields.append("%s %s%s" % (_quoted(f.name), ddl(f.dataType), "" if f.nullable else " NOT NULL"))
        sql = "CREATE TABLE %s%s USING %s" % (_path(tableName), " (%s)" % ", ".join(fields) if fields else "", source or "delta")
        if options:
            sql += " OPTIONS (%s)" % ", ".join("%s %s" % (_quoted(k), _lit(str(v))._expr) for k, v in options.items())
        sql += " COMMENT %s" % _lit(description)._expr if description else ""
        self._sparkSession.sql(sql + (" LOCATION %s" % _lit(path)._expr if path else ""))
        return self._sparkSession.table(_path(tableName))

    def createExternalTable(self, tableName, path=None, source=None, schema=None, **options):
        """The old name of createTable."""
        return self.createTable(tableName, path, source, schema, **options)

    def dropTempView(self, viewName):
        """Drops a temporary view; whether there was one."""
        there = any(t[2] and not t[0] and t[1].lower() == viewName.lower() for t in self._rows("SHOW TABLES"))
        if there:
            self._rows("DROP VIEW %s" % _quoted(viewName))
        return there

    def dropGlobalTempView(self, viewName):
        """Drops a view of global_temp; whether there was one."""
        there = self.tableExists("global_temp." + viewName)
        if there:
            self._rows("DROP VIEW global_temp.%s" % _quoted(viewName))
        return there

    # ---- functions ----

    def listFunctions(self, dbName=None, pattern=None):
        """The functions that SQL has."""
        if dbName is not None and not self.databaseExists(dbName):
            self.getDatabase(dbName)
        return sorted((self._function(row[0]) for row in self._rows(_like("SHOW FUNCTIONS", pattern))), key=lambda f: f.name)

    def _function(self, name):
        own = name.lower() in self._sparkSession._udf_names
        return Function(name, None, None, "N/A.", "org.apache.spark.sql.UDFRegistration" if own else "org.apache.spark.sql.catalyst.expressions", True)

    def functionExists(self, functionName, dbName=None):
        """Whether there is that function."""
        name = functionName.split(".")[-1].lower()
        if name in self._sparkSession._udf_names:
            return True
        return dbName is None and "." not in functionName and any(row[0].lower() == name for row in self._rows("SHOW FUNCTIONS"))

    def getFunction(self, functionName):
        """A function. Raises AnalysisException where there is none."""
        if not self.functionExists(functionName):
            raise _refused("UNRESOLVED_ROUTINE", "Cannot resolve function %s on search path [`system`.`builtin`, `system`.`session`, "
                           "`spark_catalog`.`default`]." % _quoted(functionName))
        return self._function(functionName)

    def registerFunction(self, name, f, returnType=None):
        """The old name of spark.udf.register."""
        return self._sparkSession.udf.register(name, f, returnType)

    # ---- caches ----

    def _kept(self):
        return self._sparkSession.__dict__.setdefault("_cached", set())

    @staticmethod
    def _known_as(name):
        """A name without the catalog and the database that need not be said."""
        parts = [_plain(p).lower() for p in name.split(".")]
        return ".".join(p for p in parts[:-1] if p not in ("spark_catalog", "default")) + "." + parts[-1]

    def isCached(self, tableName):
        """Whether cacheTable was called for it."""
        self._sparkSession.table(_path(tableName))
        return self._known_as(tableName) in self._kept()

    def cacheTable(self, tableName, storageLevel=None):
        """Checks that it's there: the lake reads what it needs."""
        self._sparkSession.table(_path(tableName))
        self._kept().add(self._known_as(tableName))

    def uncacheTable(self, tableName):
        """Checks that it's there."""
        self._sparkSession.table(_path(tableName))
        self._kept().discard(self._known_as(tableName))

    def clearCache(self):
        """Forgets what was cached."""
        self._kept().clear()

    def refreshTable(self, tableName):
        """Checks that it's there: files are looked up at each action."""
        self._sparkSession.table(_path(tableName))

    def refreshByPath(self, path):
        """Nothing: files are looked up at each action."""

    def recoverPartitions(self, tableName):
        """Not served."""
        raise not_served("Catalog.recoverPartitions")
