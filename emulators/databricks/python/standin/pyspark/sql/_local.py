"""createDataFrame: rows of Python as frames."""
import datetime
import decimal
import json
from functools import reduce

from pyspark.errors import PySparkTypeError, PySparkValueError
from pyspark.sql import _infer, _values
from pyspark.sql import types as T
from pyspark.sql.dataframe import DataFrame
from pyspark.sql.types import _refuse


_PLAIN = {type(None), bool, int, float, str, bytes, datetime.date, datetime.datetime, decimal.Decimal}


def framed(session, columns, schema):
    """The frame of cells, column by column."""
    return session._from_frame(session._lake.frame(columns=columns, schema=schema))


def of_answer(session, answer):
    """The frame of what a statement that ran at once gave."""
    fields = [{"name": f["name"], "type": f.get("json", f["type"]), "nullable": f.get("nullable", True), "metadata": {}}
              for f in answer.get("schema") or []]
    columns = [list(c) for c in zip(*answer.get("rows") or [])] or [[] for _ in fields]
    made = framed(session, columns, {"type": "struct", "fields": fields})
    made._of_driver = True
    return made


def _how(session):
    """What the session's settings say of inference. They are asked for only where they were set."""
    settings = session.conf._set_here()

    def on(name):
        return str(settings.get("spark.sql." + name, "false")).lower() == "true"
    return _infer.How(on("pyspark.inferNestedDictAsStruct.enabled"), on("pyspark.legacy.inferArrayTypeFromFirstElement.enabled"),
                      str(settings.get("spark.sql.timestampType", "")).upper() == "TIMESTAMP_NTZ")


def _unlike(rows):
    """Rows without those whose values have the kinds of a row before: they say nothing new."""
    seen = set()
    for row in rows:
        kinds = (type(row), getattr(row, "__fields__", None) and tuple(row.__fields__)) + tuple(map(type, row)) if isinstance(row, tuple) else None
        if kinds is None or kinds not in seen:
            if kinds is not None and _PLAIN.issuperset(kinds[2:]):
                seen.add(kinds)
            yield row


def _inferred(session, rows, names):
    """The struct of all rows."""
    if not rows:
        raise _refuse(PySparkValueError, "CANNOT_INFER_EMPTY_SCHEMA")
    how = _how(session)
    schema = reduce(_infer._merge_type, (_infer._infer_schema(row, names, how) for row in _unlike(rows)))
    if _infer._has_nulltype(schema):
        raise _refuse(PySparkValueError, "CANNOT_DETERMINE_TYPE")
    return schema


def _schema_of(schema):
    """A schema given as DDL, as a type, as names, or not: a struct and whether rows are its single values, or names, or None."""
    if isinstance(schema, str):
        schema = T._parse_datatype_string(schema)
    if isinstance(schema, T.DataType) and not isinstance(schema, T.StructType):
        return T.StructType([T.StructField("value", schema)]), schema
    if isinstance(schema, (list, tuple)):
        for name in schema:
            if not isinstance(name, str):
                raise _refuse(PySparkTypeError, "NOT_LIST_OF_STR", arg_name="schema", arg_type=type(name).__name__)
        return list(schema), None
    if schema is not None and not isinstance(schema, T.StructType):
        raise _refuse(PySparkTypeError, "NOT_LIST_OR_NONE_OR_STRUCT", arg_name="schema", arg_type=type(schema).__name__)
    return schema, None


def _named(schema, names):
    """Inferred fields under the names that were given."""
    for i, name in enumerate(names or []):
        schema.fields[i].name = schema.names[i] = name
    return schema


def _tuple(schema):
    """A function from a row of any kind to its values in the schema's order."""
    names = schema.names

    def values(row):
        if isinstance(row, (tuple, list)):
            return row
        named = row if isinstance(row, dict) else row.__dict__
        return [named.get(name) for name in names]
    return values


def created(session, data, schema, sampling, verify):
    """createDataFrame. Raises PySparkTypeError and PySparkValueError as PySpark does."""
    if type(data).__module__.split(".")[0] == "pandas":
        from pyspark.sql import _pandas
        return _pandas.created(session, data, schema)
    if type(data).__module__.split(".")[0] == "numpy":
        from pyspark.sql import _pandas
        return _pandas.created(session, _pandas.of_array(data, schema), None)
    if hasattr(data, "_partitions"):
        data = data.collect()
    rows = list(data)
    schema, single = _schema_of(schema)
    if single is not None:
        check = _infer._make_type_verifier(single, name="field value") if verify else _nothing
        for v in rows:
            check(v)
        rows, verify = [(v,) for v in rows], False
    inferred = not isinstance(schema, T.StructType)
    if inferred:
        names = schema
        schema = _named(_inferred(session, rows, list(names) if names is not None else None), names)
        verify = False
    return _of_rows(session, rows, schema, verify)


def _nothing(value):
    """Takes everything."""


def _unfit(row, schema):
    from py4j.protocol import Py4JJavaError
    raise Py4JJavaError("Input row doesn't have expected number of values required by the schema. %d fields are required while %d values "
                        "are provided." % (len(schema.fields), len(row)), "java.lang.IllegalStateException")


def _of_rows(session, rows, schema, verify):
    if verify:
        check = _infer._make_type_verifier(schema)
        for row in rows:
            check(row)
    rows = list(map(_tuple(schema), rows))
    cells = []
    for row in rows:
        if len(row) != len(schema.fields):
            _unfit(row, schema)
    columns = list(zip(*rows)) if rows and schema.fields else [()] * len(schema.fields)
    for f, column in zip(schema.fields, columns):
        write = _values.writer(f.dataType)
        cells.append([write(v) for v in column])
    return DataFrame._described(framed(session, cells, json.loads(schema.json())), [f.metadata for f in schema.fields])
