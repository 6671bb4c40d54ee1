"""configure_spark_with_delta_pip: nothing is downloaded, the lake has Delta."""


def configure_spark_with_delta_pip(spark_session_builder, extra_packages=None):
    """The builder as it is. TypeError for what is none."""
    from pyspark.sql import SparkSession
    if not isinstance(spark_session_builder, SparkSession.Builder):
        raise TypeError("This function must be called with a SparkSession builder as the argument. The argument found is of type %s. "
                        "See the online documentation for the correct usage of this function." % type(spark_session_builder))
    return spark_session_builder
