"""What is asked of PySpark and of the stand-in alike: functions over frames, columns as they print, DeltaTable step by step."""
import datetime
import decimal
import inspect
import os

LETTERS = "abcdefgmn"


def _row(values):
    return "SELECT " + ", ".join("%s AS %s" % (v, name) for name, v in zip(LETTERS, values))


def _cycle(*values):
    return _row([values[i % len(values)] for i in range(len(LETTERS))])


FRAMES = {
    "str": _cycle("'abcb'", "'b'", "'c'"),
    "int": _cycle("7", "2", "3"),
    "dbl": _cycle("0.5D", "0.25D", "2.0D"),
    "dec": _cycle("1.50", "2.25"),
    "bool": _cycle("true", "false"),
    "ts": _cycle("TIMESTAMP '2020-02-29 13:14:15.5'", "TIMESTAMP '2021-01-02 03:04:05'"),
    "date": _cycle("DATE '2020-02-29'", "DATE '2021-01-02'"),
    "arr": _cycle("array(3,1,2,3)", "array(1,5)"),
    "arrs": _cycle("array('b','a',NULL)", "array('x','y','z')"),
    "map": _cycle("map('x',1,'y',2)", "map('z',3)"),
    "bin": _cycle("X'4142'", "X'43'"),
    "strn": _cycle("'2020-02-29'", "'yyyy-MM-dd'", "'UTC'"),
    "arra": _row(["array(3,1,2,3)", "3", "1", "2", "5", "6", "7", "array(1,2)", "array(3)"]),
    "nn": _row(["array(array(1),array(2,3))", "2", "1", "1", "1", "1", "1", "array(1)", "array(2)"]),
    "ent": _row(["array(struct('k' AS key, 1 AS value))", "2", "1", "1", "1", "1", "1", "1", "2"]),
    "stri": _row(["'abcd'", "2", "1", "1", "1", "1", "1", "1", "2"]),
    "tsi": _row(["TIMESTAMP '2020-02-29 13:14:15.5'", "2", "1", "1", "1", "1", "1", "1", "2"]),
    "st": _row(["struct(1 AS x, 'q' AS y)", "2", "1", "1", "1", "1", "1", "'p'", "'2'"]),
    "json": _row(["'{\"a\":1,\"b\":[1,2]}'", "'$.a'", "'c'", "1", "1", "1", "1", "'a'", "'b'"]),
    "mapa": _row(["map('x',1,'y',2)", "'x'", "'c'", "1", "1", "1", "1", "map('p',1)", "map('b',2)"]),
}
WINDOWED = {"row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile", "lag", "lead", "nth_value"}
# not recorded: what differs from run to run, what isn't a function of rows
UNRECORDED = {
    "rand", "randn", "shuffle", "now", "current_timestamp", "localtimestamp", "current_date", "curdate", "unix_timestamp", "user",
    "current_user", "col", "column", "expr", "lit", "raise_error", "asc", "desc", "asc_nulls_first", "asc_nulls_last", "desc_nulls_first",
    "desc_nulls_last", "udf", "udtf", "pandas_udf", "broadcast", "input_file_name", "version", "current_catalog", "reflect", "java_method",
    "input_file_block_length", "input_file_block_start", "years", "months", "days", "hours", "bucket", "monotonically_increasing_id"}


def arguments(f):
    """Sample arguments of a function, by what its parameters say they take: the least, and all."""
    letters, least, every = list(LETTERS), [], []
    for p in inspect.signature(f).parameters.values():
        kind = str(p.annotation)
        if p.kind == p.VAR_POSITIONAL:
            least += ["m", "n"]
            every += ["m", "n"]
            continue
        if "Callable" in kind:
            return []
        value = letters.pop(0)
        if kind == "<class 'int'>" or kind.startswith("typing.Optional[int"):
            value = 3
        elif "bool" in kind:
            value = True
        elif kind == "typing.Optional[float]":
            value = 0.05
        elif "float" in kind:
            value = 0.5
        every.append(value)
        if p.default is p.empty:
            least.append(value)
    return [least] if least == every else [least, every]


def column_scope():
    """What the expressions below name."""
    from pyspark.sql import functions as F, types
    return dict(vars(types), F=F, col=F.col, lit=F.lit, when=F.when, datetime=datetime, decimal=decimal)


def cells(shown):
    """The lines of rows that show() prints, without its frame."""
    return [line[1:-1].strip() for line in shown.split("\n")[3:-3 if "only showing" in shown else -2] if line.startswith("|")]


# Expressions over a frame.
EXPRESSIONS = r'''
arr F.transform("a", lambda x: x * 2)
arr F.transform(col("a"), lambda x, i: x + i).alias("t")
arr F.filter("a", lambda x: x > 1)
arr F.exists("a", lambda x: x > 1)
arr F.forall("a", lambda x: x > 1)
arr F.aggregate("a", lit(0), lambda acc, x: acc + x)
arr F.aggregate("a", lit(0), lambda acc, x: acc + x, lambda acc: acc * 10)
arr F.reduce("a", lit(0), lambda acc, x: acc + x)
arr F.zip_with("a", "b", lambda x, y: F.coalesce(x, y))
arr F.array_sort("a", lambda x, y: y - x)
nn F.transform("a", lambda x: F.filter(x, lambda y: y > 1))
map F.transform_keys("a", lambda k, v: F.upper(k))
map F.transform_values("a", lambda k, v: v + 1)
map F.map_filter("a", lambda k, v: v > 1)
map F.map_zip_with("a", "a", lambda k, v, w: v + w)
map col("a")["x"]
map col("a").getItem("nope")
arr col("a")[0]
arr col("a").getItem(5)
st col("a").x
st col("a.y")
st col("a.*")
st col("a").getField("y")
st F.to_json("a")
st F.to_csv("a")
json F.from_json("a", "a INT, b ARRAY<INT>")
json F.from_json("a", "a INT, b ARRAY<INT>").getField("b")[1]
json F.from_json("a", StructType([StructField("a", StringType()), StructField("zz", DoubleType())]))
json F.from_json("a", MapType(StringType(), StringType()))
json F.from_json(lit("{'d':'20/02/2020'}"), "d DATE", {"dateFormat": "dd/MM/yyyy"})
json F.get_json_object("a", "$.b[1]")
json F.json_tuple("a", "a", "b")
json F.schema_of_json('{"x": 1.5}')
str F.regexp_replace("a", "b", "$0-")
str F.regexp_replace(col("a"), r"(b)(c)", r"$2$1")
str F.regexp_extract("a", r"(b)(c)", 2)
str F.split("a", "b")
str F.split(col("a"), "b", 2)[0]
str F.concat(col("a"), lit("-"), "b")
str F.concat_ws(",", "a", F.array("b", "c"))
str F.format_string("%s=%5.2f", "a", lit(1.5))
str F.substring("a", 2, 2)
str col("a").substr(2, 2)
str col("a")[1:2]
str F.lpad("a", 7, "*")
str F.translate("a", "ab", "xy")
str F.overlay("a", "b", 2, 1)
str F.locate("b", "a")
str F.expr("upper(a)")
str F.expr("concat(a, b) AS both")
str F.expr("a || b").alias("both")
str when(col("a") == "abcb", "yes").when(col("b").isNull(), 2).otherwise(3.5)
str when(col("a") == "z", 1)
str F.length("a") + 1
str (F.length("a") + 1).cast("string")
str col("a").cast("int")
str col("a").cast(IntegerType()).isNull()
str F.count("*")
str F.count(lit(1))
str F.countDistinct("a", "b")
str F.sum_distinct(F.length("a"))
str F.first("a", ignorenulls=True)
str F.max(F.struct(col("a").alias("x"), "b"))
str F.struct(col("a").alias("x"), "b")
str F.explode(F.array("a", "b"))
str F.explode(F.create_map("a", "b"))
str F.posexplode(F.array("a", "b")).alias("p", "v")
str F.explode_outer(F.array("a", "b")).alias("v")
str F.array(lit(1), lit(2.5))
str lit("it's \"q\" \\ \n x")
str lit([1, 2, 3])
str lit(datetime.date(2020, 1, 2))
str lit(decimal.Decimal("1.50"))
str lit(5000000000)
str lit(-3) - -4
str lit(1.0) / 3
str lit(1e300)
str lit(float("nan"))
str lit(datetime.timedelta(days=1, seconds=3))
str lit(b"ab")
str F.product(F.length("a"))
int col("a").between(1, 7)
int col("a").isin(7, 8)
int col("a").isin([])
int col("a").eqNullSafe(None)
int (col("a") > 1) & ~(col("b") == 3) | col("c").isNull()
int -col("a")
int col("a") ** 2
int 2 ** col("a")
int 10 % col("a")
int 1 / col("a")
int col("a").bitwiseXOR(3)
int F.pow("a", 2)
int F.pow("a", lit(2))
int F.round(col("a") / 3, 2)
int F.percentile_approx("a", 0.5)
int F.percentile_approx("a", [0.25, 0.5], lit(100))
int F.percentile("a", [0.25, 0.5])
int F.expr("percentile_approx(a, 0.5)")
int F.approx_count_distinct("a", 0.05)
int F.greatest("a", "b", lit(9))
int F.hash("a", "b")
dbl F.round("a", 1)
dbl F.bround("a")
dbl F.format_number("a", 2)
ts F.year("a")
ts F.date_format("a", "yyyy-MM-dd HH:mm")
ts F.date_trunc("hour", "a")
ts F.window("a", "10 minutes")
ts F.window("a", "10 minutes", "5 minutes").start.alias("s")
ts F.unix_timestamp("a")
ts F.to_date("a")
ts F.months_between("a", "b", False)
ts F.datediff("a", "b")
ts F.date_add("a", 3)
ts F.date_add("a", lit(3))
ts F.from_utc_timestamp("a", "Asia/Tokyo")
ts F.extract(lit("MONTH"), "a")
ts col("a") > datetime.datetime(2020, 3, 1)
ts col("a") < "2020-03-01"
ts F.max("a").cast("long")
strn F.to_timestamp("a")
strn F.to_timestamp("a", "yyyy-MM-dd")
strn F.to_date(col("a"), "yyyy-MM-dd")
strn F.trunc("a", "month")
strn F.next_day("a", "Mon")
'''.strip().split("\n")

# Expressions and what they print; what raises prints the error.
COLUMNS = r'''
col("a")+1
1+col("a")
1-col("a")
col("a")*2.5
2/col("a")
col("a")/2
7%col("a")
col("a")**2
2**col("a")
-col("a")
~col("a")
col("a")==1
col("a")!="x"
(col("a")>1)&(col("b")<2)
(col("a")>1)|(col("b")<=2)
col("a").eqNullSafe(None)
col("a").eqNullSafe(float("nan"))
col("a").bitwiseAND(3)
col("a").bitwiseOR(col("b"))
col("a").bitwiseXOR(1)
col("a").contains("x")
col("a").startswith(col("b"))
col("a").endswith("z")
col("a").like("x%")
col("a").ilike("x%")
col("a").rlike("^x")
col("a").isNull()
col("a").isNotNull()
col("a").asc()
col("a").desc()
col("a").asc_nulls_last()
col("a").desc_nulls_first()
col("a")[0]
col("a")["k"]
col("a").k
col("a").getItem(1)
col("a").getField("x")
col("a")[col("b")]
col("a")[1:3]
col("a")[1:3:2]
col("a").substr(1,2)
col("a").substr(col("b"),lit(2))
col("a").isin(1,2)
col("a").isin(["x","y"])
col("a").isin([])
col("a").isin(None)
col("a").alias("b")
col("a").alias("x","y")
col("a").name("q")
F.max(col("a").alias("b"))
F.struct(col("a").alias("b"),"c")
col("a").cast("int")
col("a").cast(IntegerType())
col("a").cast(StringType()).cast("double")
col("a").cast(DecimalType(10,2))
col("a").cast(ArrayType(StringType()))
col("a").cast(StructType([StructField("x y",LongType())]))
col("a").cast("decimal(5,2)")
col("a").cast("long")
col("a").astype("date")
col("a").between(1,2)
col("a").between("x",col("b"))
when(col("a")>1,"x")
when(col("a")>1,"x").when(col("b")==2,col("c")).otherwise(None)
when(col("a")>1,"x").otherwise(1.5)
when(col("a"),1).otherwise(2).otherwise(3)
when(col("a"),1).otherwise(2).when(col("a"),3)
col("a").otherwise(3)
col("a").when(col("b"),3)
when("a",1)
lit(None)
lit(True)
lit("it's")
lit(5000000000)
lit(1.0)
lit(1e10)
lit(1e-5)
lit(123456789.125)
lit(float("inf"))
lit(datetime.date(2020,1,2))
lit(datetime.datetime(2020,1,2,3,4,5,678000))
lit(datetime.timedelta(days=1,seconds=3))
lit(decimal.Decimal("1.50"))
lit(b"ab")
lit([1,2])
lit(["x",None])
lit({"a":1})
lit((1,2))
lit([col("a")])
bool(col("a"))
col("a") and col("b")
not col("a")
list(col("a"))
"x" in col("a")
col("a").foo("x")
col("a")(1)
col("a").__foo__
col("a").cast(5)
col("a").substr(1,"x")
col("a").substr("x","y")
col("a").over(5)
col("a.b")
col("`a.b`.c")
col("a.`b")
F.max(5)
F.upper(None)
F.concat("a",5)
F.substring("a",1,col("b"))
F.substring(col("a"),1,F.length("a"))
F.regexp_replace("a",col("b"),"x")
F.split("a",",")
F.greatest("a")
F.coalesce("a",lit(0))
F.count("*")
F.count(lit(1))
F.transform("a",lambda: 1)
F.transform("a",lambda x: 1)
F.transform("a",lambda *x: x)
F.array("a","b")
F.array(["a","b"])
F.array(("a","b"))
F.create_map("a","b")
F.from_json("a","x INT")
F.from_json("a",StructType([StructField("x",IntegerType())]))
F.to_json("a")
F.lag("a")
F.date_add("a",1)
F.explode("a").alias("k","v")
F.abs()
F.abs("a","b")
F.to_date("a",fmt="x")
F.nth_value("a",2,True)
F.first("a",ignorenulls=True)
F.shiftleft("a",1)
col("a").alias("b","c",metadata={"x":1})
col("a").alias("b",foo=1)
'''.strip().split("\n")


def printed(expression, scope):
    """What evaluating it prints."""
    try:
        return repr(eval(expression, scope))
    except Exception as e:
        return "%s: %s" % (type(e).__name__, str(e).split("\n")[0])


def delta(spark, base):
    """The steps of delta_steps.txt below a folder: (label, what is printed); rows are sorted, the folder is BASE."""
    from delta import tables
    scope = dict(column_scope(), **{n: getattr(tables, n) for n in ("DeltaTable", "IdentityGenerator")})
    scope.update(spark=spark, BASE=base)
    with open(os.path.join(os.path.dirname(__file__), "delta_steps.txt"), encoding="utf-8") as f:
        for line in f:
            label, found, expression = line.rstrip("\n").partition(": ")
            if line.startswith("#") or not line.strip():
                continue
            if not found:
                exec(line, scope)
                continue
            yield label, _step(expression, scope).replace("file:" + base, "BASE").replace(base, "BASE")


def _step(expression, scope):
    try:
        made = eval(expression, scope)
        return str(sorted(map(str, made.collect())) if hasattr(made, "collect") else made)
    except Exception as e:
        return "%s: %s" % (type(e).__name__, str(e).split("\n")[0])
