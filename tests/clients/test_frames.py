#!/usr/bin/python3
"""Frames: queries kept in a session, which a client's DataFrames are (lake/frame.h)."""
from tarn import Stack, call, done, ok, parts, same


class Session:
    """A session of its own, and what is asked of it."""

    def __init__(self):
        self.path = "/api/tarn/spark/sessions/" + self.call("/api/tarn/spark/sessions", "")["session_id"]

    def call(self, path, body):
        return call("POST", STACK.at["lake"] + path, body, {"X-Tarn": "1"}).json()

    def frame(self, sql=None, **rows):
        return self.call(self.path + "/frames", {"sql": sql} if sql else rows)

    def view(self, **words):
        return self.call(self.path + "/views", words)

    def answer(self, sql, more=""):
        return self.call("/api/tarn/sql?session=" + self.path.rsplit("/", 1)[1] + more, sql)

    def rows(self, sql, more=""):
        return self.answer(sql, more)["rows"]

    def ab(self):
        """Frame 1, and its columns by identity."""
        made = self.frame("SELECT * FROM VALUES (1, 'a'), (2, 'b'), (3, NULL) t(x, y)")
        same((made["frame"], made["columns"], made["rows"]), (1, ["x", "y"], []), "a frame has a number, columns, and no rows")
        return ["`\1%d\1%s`" % (c["id"], c["name"]) for c in made["schema"]]


def field(name, type_):
    return {"name": name, "type": type_, "nullable": True, "metadata": {}}


def ids(made):
    return {c["name"]: c["id"] for c in made["schema"]}


def a_frame_of_a_frame():
    s = Session()
    s.ab()
    s.frame("SELECT *, x + 1 FROM `#`.`1`")
    s.frame("SELECT * FROM `#`.`2` WHERE x > 1")
    same(s.rows("SELECT * FROM `#`.`3`"), [[2, "b", 3], [3, None, 4]], "a frame of a frame")


def errors_come_at_once():
    s = Session()
    s.ab()
    same(s.frame("SELECT nope FROM `#`.`1`")["error_class"], "UNRESOLVED_COLUMN.WITH_SUGGESTION", "errors come at once")
    same(s.frame("SELECT x FRM `#`.`1`")["exception"], "ParseException", "errors come at once")
    same(s.frame("SELECT 1; SELECT 2")["exception"], "ParseException", "errors come at once")
    ok("no frame 7" in s.frame("SELECT * FROM `#`.`7`")["message"], "errors come at once")


def a_column_keeps_its_id():
    s = Session()
    x, y = s.ab()
    first = ids(s.frame("SELECT %s, %s, x + 1 AS z FROM `#`.`1` WHERE %s > 0 ORDER BY %s" % (x, y, x, y)))
    same("`\1%d\1x`" % first["x"], x, "a column keeps its id")
    ok(first["z"] not in (first["x"], first["y"]), "a column keeps its id")
    second = ids(s.frame("SELECT %s, max(%s) FROM `#`.`2` GROUP BY %s" % (x, y, x)))
    same(second["x"], first["x"], "a column keeps its id")
    ok(second["max(y)"] != first["y"], "a column keeps its id")


def a_union_keeps_the_lefts_ids():
    s = Session()
    left = s.frame("SELECT * FROM VALUES (1, 'a') t(x, y)")
    s.frame("SELECT * FROM VALUES (2, 'b') t(x, y)")
    s.frame("SELECT * FROM VALUES (2L, 'b') t(x, y)")
    for word in ("UNION ALL", "UNION", "INTERSECT", "EXCEPT ALL"):
        made = s.frame("SELECT * FROM `#`.`1` %s SELECT * FROM `#`.`2`" % word)
        same(ids(made), ids(left), "a set of two frames keeps the left's ids: " + word)
    made = s.frame("SELECT * FROM `#`.`1` UNION ALL SELECT * FROM `#`.`3`")
    ok(ids(made)["x"] != ids(left)["x"] and ids(made)["y"] == ids(left)["y"], "but not of a column that is cast")


def a_column_that_was_replaced_is_another():
    s = Session()
    x, y = s.ab()
    made = ids(s.frame("SELECT %s, upper(%s) AS y FROM `#`.`1`" % (x, y)))
    ok("`\1%d\1y`" % made["y"] != y, "a column that was replaced is another")
    wrong = s.frame("SELECT %s FROM `#`.`2`" % y)
    same(wrong["error_class"], "MISSING_ATTRIBUTES.RESOLVED_ATTRIBUTE_APPEAR_IN_OPERATION", "a column that was replaced is another")
    ok('Resolved attribute(s) "y" missing from "x" in "y"', wrong["message"], "a column that was replaced is another")


def two_of_a_name():
    s = Session()
    x, _ = s.ab()
    other = s.frame("SELECT * FROM VALUES (2, 'p') t(x, q)")
    right = "`\1%d\1x`" % ids(other)["x"]
    made = s.frame("SELECT * FROM `#`.`1` JOIN `#`.`2` ON %s = %s" % (x, right))
    same(made["columns"], ["x", "y", "x", "q"], "two of a name")
    same(s.frame("SELECT x FROM `#`.`3`")["error_class"], "AMBIGUOUS_REFERENCE", "two of a name")
    s.frame("SELECT %s, q FROM `#`.`3`" % right)
    same(s.rows("SELECT * FROM `#`.`4`"), [[2, "p"]], "two of a name")


def a_frame_joined_with_itself():
    s = Session()
    s.ab()
    made = s.frame("SELECT l.x, r.y, r.x AS z FROM `#`.`1` l JOIN `#`.`1` r ON l.x = r.x")
    same(len(set(ids(made).values())), 3, "a frame joined with itself")
    same(s.rows("SELECT * FROM `#`.`2` WHERE x < 3"), [[1, "a", 1], [2, "b", 2]], "a frame joined with itself")


def filters_and_sorts_find_what_was_left_out():
    """As Spark's ResolveMissingReferences; values are those of PySpark 3.5."""
    s = Session()
    x, y = s.ab()
    s.frame("SELECT %s FROM `#`.`1`" % y)
    s.frame("SELECT * FROM `#`.`2` WHERE %s > 1" % x)
    s.frame("SELECT * FROM `#`.`3` WHERE x > 1 ORDER BY x DESC")
    same((s.frame("SELECT * FROM `#`.`4`")["columns"], s.rows("SELECT * FROM `#`.`4`")), (["y"], [[None], ["b"]]), "by identity and by name")
    same(s.frame("SELECT %s FROM `#`.`2`" % x)["error_class"], "MISSING_ATTRIBUTES.RESOLVED_ATTRIBUTE_MISSING_FROM_INPUT", "a list doesn't")
    same(s.frame("SELECT x FROM `#`.`2`")["error_class"], "UNRESOLVED_COLUMN.WITH_SUGGESTION", "nor by name")
    s.frame("SELECT y, count(*) AS n FROM `#`.`1` GROUP BY y")
    same(s.frame("SELECT * FROM `#`.`6` ORDER BY x")["error_class"], "UNRESOLVED_COLUMN.WITH_SUGGESTION", "behind groups nothing is left")
    replaced = s.frame("SELECT string(%s) AS x, %s FROM `#`.`1`" % (x, y))["frame"]
    s.frame("SELECT * FROM `#`.`%d` WHERE %s > 2" % (replaced, x))
    same(s.rows("SELECT * FROM `#`.`%d`" % (replaced + 1)), [["3", None]], "the column that was replaced")


def using_keeps_the_right_key():
    s = Session()
    x, _ = s.ab()
    right = "`\1%d\1x`" % ids(s.frame("SELECT * FROM VALUES (2, 'p'), (3, 'q') t(x, q)"))["x"]
    made = s.frame("SELECT * FROM `#`.`1` LEFT JOIN `#`.`2` USING (x)")
    same(made["columns"], ["x", "y", "q"], "the key comes once")
    s.frame("SELECT *, q AS r FROM `#`.`3`")
    s.frame("SELECT %s, %s, r FROM `#`.`4`" % (x, right))
    same(s.rows("SELECT * FROM `#`.`5`"), [[1, None, None], [2, 2, "p"], [3, 3, "q"]], "and both by identity")
    s.frame("SELECT * FROM `#`.`4` WHERE %s > 2" % right)
    same(s.rows("SELECT * FROM `#`.`6`"), [[3, None, "q", "q"]], "in a filter, too")


def a_column_equal_to_itself_is_of_both_sides():
    s = Session()
    x, _ = s.ab()
    s.frame("SELECT * FROM `#`.`1` WHERE %s > 1" % x)
    s.frame("SELECT * FROM `#`.`1` JOIN `#`.`2` ON (%s = %s)" % (x, x))
    same(s.rows("SELECT * FROM `#`.`3`"), [[2, "b", 2, "b"], [3, None, 3, None]], "as PySpark's df.join(df, df.x == df.x)")


def a_global_view_of_another_session():
    """Its tables are looked up by the statement that reads it."""
    s, other = Session(), Session()
    s.rows("CREATE OR REPLACE TABLE g AS SELECT 1 AS a")
    s.frame("SELECT a, a + 1 AS b FROM g WHERE a > 0")
    s.view(name="gv", frame=1, replace=True, **{"global": True})
    for _ in range(2):
        same(other.rows("SELECT b FROM global_temp.gv WHERE b = 2"), [[2]], "read by another session")
    same(other.rows("SELECT x.b, y.a FROM global_temp.gv x JOIN global_temp.gv y ON x.a = y.a"), [[2, 1]], "joined with itself")
    s.rows("INSERT INTO g VALUES (5)")
    same(other.rows("SELECT b FROM global_temp.gv ORDER BY b"), [[2], [6]], "as the table is now")


def tables_of_columns():
    s = Session()
    s.ab()
    s.frame("SELECT * FROM `#`.`1` AS l")
    same(s.frame("SELECT l.*, l.x AS z FROM `#`.`2`")["columns"], ["x", "y", "z"], "tables of columns")
    ok("error_class" in s.frame("SELECT k.x FROM `#`.`2`"), "tables of columns")


def shared_parts_of_several_frames():
    s = Session()
    s.ab()
    s.frame("WITH q AS (SELECT x FROM `#`.`1` WHERE x > 1) SELECT a.x, b.x AS y FROM q a JOIN q b ON a.x = b.x")
    s.frame("WITH q AS (SELECT x FROM `#`.`2`) SELECT a.x FROM q a JOIN q b ON a.x = b.x WHERE EXISTS (SELECT 1 FROM `#`.`2` z WHERE z.y = a.x)")
    same(len(s.rows("SELECT * FROM `#`.`3` a, `#`.`2` b")), 4, "shared parts of several frames")


def rows_of_the_client():
    s = Session()
    fields = [field("a", "long"), field("s", "string"), field("l", {"type": "array", "elementType": "integer", "containsNull": True}),
              field("t", "timestamp"), field("d", "double")]
    s.frame(columns=[[1, None], ["é", None], [[1, 2], []], ["2020-01-01 00:00:00.5", None], ["NaN", 1.5]],
               schema={"type": "struct", "fields": fields})
    same(s.rows("SELECT * FROM `#`.`1`"), [[1, "é", [1, 2], "2020-01-01 00:00:00.5", "NaN"], [None, None, [], None, 1.5]], "rows of the client")
    short = s.frame(columns=[[1, 2], ["a"]], schema={"type": "struct", "fields": fields[:2]})
    ok("same length" in short["message"], "rows of the client")
    ok("fit" in s.frame(columns=[[1, 2]], schema={"type": "struct", "fields": fields[:2]})["message"], "rows of the client")


def a_view():
    s = Session()
    s.ab()
    s.frame("SELECT x, x, y FROM `#`.`1`")
    for n in (1, 2):
        ok("error_code" not in s.call(s.path + "/views", {"name": "us`er", "frame": n, "replace": True}), "a view")
    same(s.rows("SELECT y FROM `us``er` WHERE y = 'a'"), [["a"]], "a view")
    again = s.call(s.path + "/views", {"name": "us`er", "frame": 1})
    same(again["error_class"], "TEMP_TABLE_OR_VIEW_ALREADY_EXISTS", "a view")


def tables_are_read_as_they_are_when_it_runs():
    s = Session()
    same(s.frame("CREATE OR REPLACE TABLE t AS SELECT 1 AS x, 'a' AS y").get("frame"), None, "tables are read as they are when it runs")
    s.frame("SELECT x FROM t")
    s.rows("INSERT INTO t VALUES (2, 'b')")
    same(s.rows("SELECT * FROM `#`.`1` ORDER BY 1"), [[1], [2]], "tables are read as they are when it runs")
    s.rows("ALTER TABLE t ADD COLUMN w INT")
    same(s.rows("SELECT * FROM `#`.`1` ORDER BY 1"), [[1], [2]], "tables are read as they are when it runs")
    s.rows("INSERT OVERWRITE t SELECT x, 'c', 5 FROM `#`.`1`")
    same(s.rows("SELECT * FROM t ORDER BY 1"), [[1, "c", 5], [2, "c", 5]], "tables are read as they are when it runs")
    s.rows("CREATE OR REPLACE TABLE t AS SELECT 'p' AS x")
    wrong = s.answer("SELECT * FROM `#`.`1`")
    same(wrong["error_class"], "DELTA_SCHEMA_CHANGE_SINCE_ANALYSIS", "tables are read as they are when it runs")
    s.rows("DROP TABLE t")
    wrong = s.answer("SELECT * FROM `#`.`1`")
    same(wrong["error_class"], "TABLE_OR_VIEW_NOT_FOUND", "tables are read as they are when it runs")


def what_was_inferred_stays():
    s = Session()
    s3 = STACK.client("s3")
    s3.create_bucket(Bucket="lake-frames")

    def write(key, text):
        s3.put_object(Bucket="lake-frames", Key="f/" + key, Body=text.encode())
    write("a.json", '{"a":1}\n{"a":2}\n')
    s.frame("SELECT * FROM read_files('s3a://lake-frames/f', format => 'json')")
    write("b.json", '{"a":"x","b":1}\n')
    same(s.rows("SELECT * FROM `#`.`1` ORDER BY a"), [[None], [1], [2]], "what was inferred stays")
    same(s.frame("SELECT * FROM read_files('s3a://lake-frames/f', format => 'json')")["columns"], ["a", "b"], "what was inferred stays")
    same(len(s.rows("SELECT l.a, r.a FROM `#`.`1` l JOIN `#`.`2` r ON string(l.a) = r.a")), 2, "what was inferred stays")


def functions_of_one_name():
    s = Session()
    session = s.path
    s.ab()
    for n in (1, 2):
        s.call(session + "/functions", {"name": "\1%d\1f" % n, "type": "int"})
    same(s.frame("SELECT `\0011\1f`(x) FROM `#`.`1`")["columns"], ["f(x)"], "functions of one name")
    s.frame("SELECT *, `\0012\1f`(`f(x)`) AS g FROM `#`.`2`")
    asked = s.answer("SELECT * FROM `#`.`3`")
    seen = []
    while "udf" in asked:
        seen.append((asked["udf"]["function"], asked["udf"]["arguments"]))
        asked = s.call(session + "/results", {"call": asked["udf"]["call"], "values": [10, 20, 30]})
    same(seen, [("\0011\1f", [[1, 2, 3]]), ("\0012\1f", [[10, 20, 30]])], "functions of one name")


def long_chains():
    s = Session()
    s.ab()
    for i in range(300):
        s.frame("SELECT x, concat(y, '%d') AS y FROM `#`.`%d`" % (i % 10, i + 1))
    same(len(s.rows("SELECT * FROM `#`.`301`")[0][1]), 301, "long chains")


def more_rows_than_an_answer_has():
    s = Session()
    s.frame("SELECT id FROM range(150000)")
    same(len(s.rows("SELECT * FROM `#`.`1`")), 100000, "more rows than an answer has")
    same(len(s.rows("SELECT * FROM `#`.`1`", "&rows=200000")), 150000, "more rows than an answer has")


with Stack(only="s3,lake") as STACK:
    parts(a_global_view_of_another_session, a_column_equal_to_itself_is_of_both_sides, filters_and_sorts_find_what_was_left_out, using_keeps_the_right_key, a_frame_of_a_frame, errors_come_at_once, a_column_keeps_its_id,
          a_column_that_was_replaced_is_another, two_of_a_name, a_frame_joined_with_itself, tables_of_columns,
          shared_parts_of_several_frames, rows_of_the_client, a_view, tables_are_read_as_they_are_when_it_runs,
          what_was_inferred_stays, functions_of_one_name, long_chains, more_rows_than_an_answer_has)
done()
