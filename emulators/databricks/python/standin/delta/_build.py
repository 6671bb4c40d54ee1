"""DeltaTable.create() and its like: a CREATE TABLE, part by part."""
from pyspark.sql import _literal as _l
from pyspark.sql.column import _type_text
from pyspark.sql.readwriter import _pairs, _table


class IdentityGenerator:
    """A column that counts."""

    def __init__(self, start=1, step=1):
        self.start, self.step = start, step


def _type_error(text, *objects):
    raise TypeError(text + "".join(" Found %s with type %s" % (o, type(o)) for o in objects))


def _texts(cols, what):
    if len(cols) == 1 and isinstance(cols[0], (list, tuple)):
        cols = cols[0]
    for c in cols:
        if type(c) is not str:
            _type_error(what + " column must be str.", c)
    return ", ".join(_l.column_name(c) for c in cols)


class DeltaTableBuilder:
    """A table that is made by execute()."""

    def __init__(self, table, spark, statement):
        self._class, self._spark, self._statement = table, spark, statement
        self._name = self._location = self._comment = self._by = self._clustered = None
        self._columns, self._properties = [], {}

    def tableName(self, identifier):
        """Its name."""
        if type(identifier) is not str:
            _type_error("Identifier must be str.", identifier)
        self._name = identifier
        return self

    def location(self, location):
        """Where its files are."""
        if type(location) is not str:
            _type_error("Location must be str.", location)
        self._location = location
        return self

    def comment(self, comment):
        """What it is."""
        if type(comment) is not str:
            _type_error("Table comment must be str.", comment)
        self._comment = comment
        return self

    def addColumn(self, colName, dataType, nullable=True, generatedAlwaysAs=None, generatedByDefaultAs=None, comment=None):
        """One column."""
        from pyspark.sql.types import DataType
        if type(colName) is not str:
            _type_error("Column name must be str.", colName)
        if type(dataType) is not str and not isinstance(dataType, DataType):
            _type_error("Column data type must be str or DataType.", dataType)
        if type(nullable) is not bool:
            _type_error("Column nullable must be bool.", nullable)
        if comment is not None and type(comment) is not str:
            _type_error("Column comment must be str.", comment)
        if generatedAlwaysAs is not None and generatedByDefaultAs is not None:
            raise ValueError("generatedByDefaultAs and generatedAlwaysAs cannot both be set.", [generatedByDefaultAs, generatedAlwaysAs])
        made = _generated(generatedAlwaysAs, generatedByDefaultAs)
        self._columns.append("%s %s%s%s%s" % (_l.quoted(colName), _type_text(dataType), "" if nullable else " NOT NULL", made,
                                              "" if comment is None else " COMMENT " + _l.string(comment)))
        return self

    def addColumns(self, cols):
        """All columns of a StructType, or of a list of StructField."""
        from pyspark.sql.types import StructField, StructType
        if isinstance(cols, list):
            for c in cols:
                if type(c) is not StructField:
                    _type_error("Column in existing schema must be StructField.", c)
            cols = StructType(cols)
        if type(cols) is not StructType:
            _type_error("Schema must be StructType or a list of StructField.", cols)
        for f in cols.fields:
            self.addColumn(f.name, f.dataType, f.nullable, comment=(f.metadata or {}).get("comment"))
        return self

    def partitionedBy(self, *cols):
        """Columns whose values become folders."""
        self._by = _texts(cols, "Partitioning")
        return self

    def clusterBy(self, *cols):
        """Columns near values of which lie together."""
        self._clustered = _texts(cols, "Clustering")
        return self

    def property(self, key, value):
        """A property of the table."""
        if type(key) is not str or type(value) is not str:
            _type_error("Key and value of property must be string.", key, value)
        self._properties[key] = value
        return self

    def execute(self):
        """Makes the table -> DeltaTable."""
        ref = _table(self._name) if self._name is not None else "delta." + _l.quoted(self._location or "")
        parts = [self._statement, ref]
        if self._columns:
            parts.append("(%s)" % ", ".join(self._columns))
        parts.append("USING delta")
        for form, value in (("PARTITIONED BY (%s)", self._by), ("CLUSTER BY (%s)", self._clustered),
                            ("LOCATION %s", self._location and self._name is not None and _l.string(self._location)),
                            ("COMMENT %s", self._comment is not None and _l.string(self._comment)),
                            ("TBLPROPERTIES (%s)", self._properties and _pairs(self._properties))):
            if value:
                parts.append(form % value)
        self._spark._lake.run(" ".join(parts))
        return self._class(self._spark, ref)


def _generated(always, by_default):
    """GENERATED ... of a column."""
    if type(always) is str:
        return " GENERATED ALWAYS AS (%s)" % always
    for word, identity in (("ALWAYS", always), ("BY DEFAULT", by_default)):
        if identity is None:
            continue
        if not isinstance(identity, IdentityGenerator):
            _type_error("Generated always as expression must be str or IdentityGenerator." if word == "ALWAYS" else
                        "Generated by default expression must be IdentityGenerator.", identity)
        if identity.step == 0:
            raise ValueError("Column identity generation requires step to be non-zero.")
        return " GENERATED %s AS IDENTITY (START WITH %d INCREMENT BY %d)" % (word, identity.start, identity.step)
    return ""
