"""How late rows of a stream may come: without a stream it means nothing, as in Spark."""
from pyspark.errors.exceptions.base import not_served


def added(df, column, delay):
    """The frame with the watermark. Raises AnalysisException for a column that isn't there."""
    df.select(df[column])
    if not df.isStreaming:
        return df
    raise not_served("DataFrame.withWatermark of a stream")
