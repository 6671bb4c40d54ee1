"""pandas with Spark: functions of Series."""
