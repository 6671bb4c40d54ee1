"""How late rows of a stream may come: without a stream it means nothing, as in Spark."""
from pyspark.sql._literal import quoted, string
from pyspark.sql._origin import Became


def added(df, column, delay):
    """The frame whose column is the time of its events, which may be late by so much. Raises AnalysisException for a column that isn't there,
    or is no time, and for a delay that is none."""
    at = df[column]
    if not df.isStreaming:
        return df
    same = df.select(at)._fields[0]["name"].lower()
    made = df._made("SELECT %s FROM %s" % (", ".join(
        "`_event_time`(%s, %s) AS %s" % (df._named(f), string(delay), quoted(f["name"])) if f["name"].lower() == same else df._named(f)
        for f in df._fields), df._ref))
    became = {old["id"]: new["id"] for old, new in zip(df._fields, made._fields) if old["id"] != new["id"]}
    made._line.joins += (Became(became),)  # df.timestamp is the same column behind it, as in Spark
    return made
