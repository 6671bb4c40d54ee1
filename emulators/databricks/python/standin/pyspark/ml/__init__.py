"""pyspark.ml: of it only feature.Bucketizer."""
