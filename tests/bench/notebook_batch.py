# Databricks notebook source
# The batch path as the project's users write it: read the topics' objects, clean them, answer the questions.
from pyspark.sql.functions import array, col, concat_ws, count, expr, max, regexp_replace, row_number, to_timestamp, when, year
from pyspark.sql.window import Window
root, user = dbutils.widgets.get("root"), dbutils.widgets.get("user")


def topic(name):
    return spark.read.format("json").option("inferSchema", "true").load(f"{root}/topics/{user}.{name}/partition=0/*.json")


pin, geo, people = topic("pin"), topic("geo"), topic("user")

# COMMAND ----------

nothing = {"No description available Story format": None, "No Title Data Available": None, "User Info Error": None, "Image src error.": None,
           "N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e": None}
pin = pin.replace(nothing, subset=["description", "title", "poster_name", "follower_count", "image_src", "tag_list"])
pin = pin.withColumn("follower_count", regexp_replace(regexp_replace("follower_count", "k", "000"), "M", "000000").cast("int"))
pin = pin.withColumn("downloaded", col("downloaded").cast("int")).withColumn("index", col("index").cast("int"))
pin = pin.withColumn("save_location", regexp_replace("save_location", "Local save in ", "")).withColumnRenamed("index", "ind")
pin = pin.select("ind", "unique_id", "title", "description", "follower_count", "poster_name", "tag_list", "is_image_or_video", "image_src", "save_location",
                 "category").dropDuplicates()
display(pin)

# COMMAND ----------

geo = geo.withColumn("coordinates", array("latitude", "longitude")).drop("latitude", "longitude").withColumn("timestamp", to_timestamp("timestamp"))
geo = geo.select("ind", "country", "coordinates", "timestamp").dropDuplicates()
people = people.withColumn("user_name", concat_ws(" ", "first_name", "last_name")).drop("first_name", "last_name")
people = people.withColumn("date_joined", to_timestamp("date_joined")).select("ind", "user_name", "age", "date_joined").dropDuplicates()
display(geo)
display(people)

# COMMAND ----------

pin.write.mode("overwrite").saveAsTable("bench_pin")
geo.write.mode("overwrite").saveAsTable("bench_geo")
people.write.mode("overwrite").saveAsTable("bench_user")
pin, geo, people = spark.table("bench_pin"), spark.table("bench_geo"), spark.table("bench_user")

# COMMAND ----------

counts = pin.join(geo, "ind").groupBy("country", "category").agg(count("*").alias("category_count"))
best = Window.partitionBy("country").orderBy(col("category_count").desc(), "category")
display(counts.withColumn("rank", row_number().over(best)).filter("rank = 1").drop("rank").orderBy("country"))

# COMMAND ----------

by_year = pin.join(geo, "ind").withColumn("post_year", year("timestamp")).filter(col("post_year").between(2018, 2022))
display(by_year.groupBy("post_year", "category").agg(count("*").alias("category_count")).orderBy("post_year", "category"))

# COMMAND ----------

display(pin.join(geo, "ind").groupBy("country").agg(max("follower_count").alias("follower_count")).orderBy(col("follower_count").desc(), "country").limit(10))

# COMMAND ----------

group = when(col("age") <= 24, "18-24").when(col("age") <= 35, "25-35").when(col("age") <= 50, "36-50").otherwise("+50")
grouped = pin.join(people, "ind").withColumn("age_group", group)
display(grouped.groupBy("age_group").agg(expr("percentile_approx(follower_count, 0.5)").alias("median_follower_count")).orderBy("age_group"))

# COMMAND ----------

# MAGIC %sql
# MAGIC SELECT year(date_joined) AS post_year, count(*) AS number_users_joined FROM bench_user WHERE year(date_joined) BETWEEN 2015 AND 2020
# MAGIC GROUP BY post_year ORDER BY post_year

# COMMAND ----------

joined = grouped.withColumn("post_year", year("date_joined")).filter("post_year BETWEEN 2015 AND 2020")
display(joined.groupBy("age_group", "post_year").agg(expr("percentile_approx(follower_count, 0.5)").alias("median_follower_count"))
        .orderBy("age_group", "post_year"))
