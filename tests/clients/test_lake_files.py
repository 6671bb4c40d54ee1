#!/usr/bin/python3
"""Files below spark.read and df.write: what INSERT OVERWRITE DIRECTORY writes, and what read_files reads. Bytes, names and errors are those
of Spark 3.5.5, run beside."""
import gzip
import re

from tarn import BUCKET, Stack, call, done, need, ok, same

HEADERS = {"X-Tarn": "1", "Content-Type": "text/plain"}
ROOT = f"s3://{BUCKET}"
ROW = "1 a, 'x' b, timestamp'2020-01-02 03:04:05.678' t, date'2020-01-01' d, cast(null as string) n, 1.5D f, cast(1.50 as decimal(5,2)) de, true bo"
NESTED = ROW + ", array(1,2) arr, named_struct('k', cast(null as int), 'l', 2) s, map('q',1) m, binary('ab') bi"


class Lake(Stack):
    def __init__(self, **more):
        super().__init__(**{"only": "s3,lake,databricks", **more})
        if BUCKET not in [b["Name"] for b in self.s3.list_buckets()["Buckets"]]:
            self.s3.create_bucket(Bucket=BUCKET)

    def ask(self, text, session=None, **query):
        path = "/api/tarn/sql?" + "&".join([f"session={session}"] * bool(session) + [f"{k}={v}" for k, v in query.items()])
        return call("POST", self.at["lake"] + path, text.encode(), HEADERS)

    def rows(self, text, **query):
        r = self.ask(text, **query)
        return r.json()["rows"] if r.status == 200 else r.json()["message"]

    def error(self, text):
        r = self.ask(text).json()
        return (r.get("error_class"), r.get("exception"), r.get("message", r))

    def save(self, path, query, using="json", **options):
        given = ", ".join(f"'{k}' '{v}'" for k, v in options.items()) or "x 'y'"
        return self.rows(f"INSERT OVERWRITE DIRECTORY '{ROOT}/{path}' USING {using} OPTIONS ({given}) SELECT {query}")

    def saved(self, path):
        """Names without the folder and the UUID -> bytes."""
        return {re.sub("[0-9a-f]{8}-[0-9a-f-]{27}", "UUID", k[len(path) + 1:]): self.get(k) for k in self.keys(path + "/")}

    def put(self, path, *files):
        for i, body in enumerate(files):
            self.s3.put_object(Bucket=BUCKET, Key=f"{path}/f{i}" if len(files) > 1 or "." not in path else path,
                               Body=body if isinstance(body, bytes) else body.encode())


def texts(s):
    s.save("w/json", NESTED)
    same(s.saved("w/json"), {"_SUCCESS": b"", "part-00000-UUID-c000.json": b'{"a":1,"b":"x","t":"2020-01-02T03:04:05.678Z","d":"2020-01-01","f":1.5,'
         b'"de":1.50,"bo":true,"arr":[1,2],"s":{"l":2},"m":{"q":1},"bi":"YWI="}\n'}, "a file of JSON, and the mark")
    s.save("w/csv", ROW, "csv", header="true", sep=";")
    same(s.saved("w/csv")["part-00000-UUID-c000.csv"], b"a;b;t;d;n;f;de;bo\n1;x;2020-01-02T03:04:05.678Z;2020-01-01;;1.5;1.50;true\n", "CSV with a header")
    s.save("w/quotes", r"""'a,b' a, 'q"x' b, '' c, ' s ' d, 'l\nm' e, '\\' f""", "csv")
    same(s.saved("w/quotes")["part-00000-UUID-c000.csv"], b'"a,b","q\\"x","",s,"l\nm",\\\n', "CSV's quotes")
    s.save("w/formats", "timestamp'2020-01-02 03:04:05' t, date'2020-02-01' d, cast(null as int) n", "csv", timestampFormat="yyyy/MM", dateFormat="dd.MM.yyyy",
           nullValue="-")
    same(s.saved("w/formats")["part-00000-UUID-c000.csv"], b"2020/01,01.02.2020,-\n", "formats of times, a text for NULL")
    s.save("w/none", "1 a WHERE 1 = 2", "csv", header="true")
    same(s.saved("w/none"), {"_SUCCESS": b"", "part-00000-UUID-c000.csv": b"a\n"}, "no rows: the header stands")
    s.save("w/text", "'x' v UNION ALL SELECT NULL", "text", lineSep="|")
    same(s.saved("w/text")["part-00000-UUID-c000.txt"], b"x||", "text, a NULL is an empty line")
    s.save("w/gzip", "1 a", compression="gzip")
    same(gzip.decompress(s.saved("w/gzip")["part-00000-UUID-c000.json.gz"]), b'{"a":1}\n', "packed")


def folders(s):
    rows = "1 a, 'x' b UNION ALL SELECT 2, NULL UNION ALL SELECT 3, '' UNION ALL SELECT 4, 'a/b c=d%:'"
    s.save("w/folders", rows, partitionBy='["b"]')
    same(s.saved("w/folders"), {"_SUCCESS": b"", "b=__HIVE_DEFAULT_PARTITION__/part-00000-UUID.c000.json": b'{"a":2}\n{"a":3}\n',
         "b=a%2Fb c%3Dd%25%3A/part-00000-UUID.c000.json": b'{"a":4}\n', "b=x/part-00000-UUID.c000.json": b'{"a":1}\n'}, "a folder for each value")
    same(s.rows(f"SELECT * FROM json.`{ROOT}/w/folders` ORDER BY a"), [[1, "x"], [2, None], [3, None], [4, "a/b c=d%:"]], "which are read back as a column")
    s.save("w/parts", "1.5D f, cast(1.50 as decimal(5,2)) de, true bo, date'2020-01-01' d, timestamp'2020-01-02 03:04:05.678' t, 1 a", "parquet",
           partitionBy='["f","de","bo","d","t"]', compression="none")
    same(sorted(s.saved("w/parts")), ["_SUCCESS", "f=1.5/de=1.50/bo=true/d=2020-01-01/t=2020-01-02 03%3A04%3A05.678/part-00000-UUID.c000.parquet"],
         "folders of other types")
    same(s.rows(f"SELECT a FROM parquet.`{ROOT}/w/parts`"), [[1]], "of Parquet files")


def modes(s):
    s.save("w/mode", "1 a", mode="errorifexists")
    same(s.save("w/mode", "2 a", mode="error"),
         f'[PATH_ALREADY_EXISTS] Path {ROOT}/w/mode already exists. Set mode as "overwrite" to overwrite the existing path.', "what is there stays")
    s.save("w/mode", "2 a", mode="ignore")
    s.save("w/mode", "3 a", mode="append")
    same(s.rows(f"SELECT a FROM json.`{ROOT}/w/mode` ORDER BY a"), [[1], [3]], "ignore writes nothing, append adds a file")
    s.save("w/mode", f"a + 1 a FROM json.`{ROOT}/w/mode`", mode="overwrite")
    same(s.rows(f"SELECT a FROM json.`{ROOT}/w/mode` ORDER BY a"), [[2], [4]], "overwrite replaces all")
    s.save("w/dyn", "1 a, 'x' b UNION ALL SELECT 2, 'y'", partitionBy='["b"]')
    s.save("w/dyn", "3 a, 'y' b", partitionBy='["b"]', partitionOverwriteMode="dynamic")
    same(s.rows(f"SELECT a, b FROM json.`{ROOT}/w/dyn` ORDER BY a"), [[1, "x"], [3, "y"]], "or only the folders that are written")
    same(s.error(f"INSERT OVERWRITE DIRECTORY '{ROOT}/w/m' USING json OPTIONS (mode 'foo') SELECT 1 a")[1:], ("java.lang.IllegalArgumentException",
         "Unknown save mode: foo. Accepted save modes are 'overwrite', 'append', 'ignore', 'error', 'errorifexists', 'default'."), "a mode that isn't")


REFUSED = [
    ("csv", "array(1) arr", {}, "UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE", "The CSV datasource doesn't support the column `arr` of the type \"ARRAY<INT>\"."),
    ("csv", "NULL a", {}, "UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE", "The CSV datasource doesn't support the column `a` of the type \"VOID\"."),
    ("text", "1 a", {}, "UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE", "The Text datasource doesn't support the column `a` of the type \"INT\"."),
    ("parquet", "NULL a", {}, "UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE", "The Parquet datasource doesn't support the column `a` of the type \"VOID\"."),
    ("json", "make_interval(1) b", {}, "_LEGACY_ERROR_TEMP_1136", "Cannot save interval data type into external storage."),
    ("json", "1 a, 2 A", {}, "COLUMN_ALREADY_EXISTS", "The column `a` already exists."),
    ("json", "1 a, 'x' b", {"partitionBy": '["b","a"]'}, "ALL_PARTITION_COLUMNS_NOT_ALLOWED", "Cannot use all columns for partition columns."),
    ("json", "1 a, 'x' b", {"partitionBy": '["zz"]'}, "_LEGACY_ERROR_TEMP_1155", "Partition column `zz` not found in schema struct<a:int,b:string>."),
    ("json", "1 a, 'x' b", {"partitionBy": '["b","b"]'}, "COLUMN_ALREADY_EXISTS", "The column `b` already exists."),
    ("json", "1 a", {"compression": "foo"}, "", "Codec [foo] is not available. Known codecs are bzip2, deflate, uncompressed, lz4, gzip, snappy, none."),
    ("json", "1 a", {"compression": "bzip2"}, "", "bzip2"),
    ("json", "1 a", {"encoding": "UTF-16"}, "", "UTF-16"),
    ("orc", "1 a", {}, "", "ORC"),
    ("foo", "1 a", {}, "DATA_SOURCE_NOT_FOUND", "Failed to find the data source: foo."),
]


def refused(s):
    for using, query, options, code, text in REFUSED:
        given = ", ".join(f"'{k}' '{v}'" for k, v in options.items()) or "x 'y'"
        r = s.error(f"INSERT OVERWRITE DIRECTORY '{ROOT}/w/refused' USING {using} OPTIONS ({given}) SELECT {query}")
        ok(r[0] == code and text in r[2], f"{using} {query} {options}", r)
    same(s.keys("w/refused"), [], "and nothing is written")
    same(s.error("INSERT OVERWRITE DIRECTORY USING json SELECT 1 a")[0], "_LEGACY_ERROR_TEMP_0049", "a path is needed")


# Files -> options of read_files, schema and rows that Spark gives. A name without a point is a folder.
MIXED = {"a/f0.x": '{"b":1,"a":"x"}\n{"a":"y","c":1.5}\n{bad\n\n', "a/f1.x": '{"b":2147483648}\n'}
READS = [
    (MIXED, "a", "", "struct<_corrupt_record:string,a:string,b:bigint,c:double>",
     [[None, "x", 1, None], [None, "y", None, 1.5], ["{bad", None, None, None], [None, None, 2147483648, None]]),
    (MIXED, "a", "mode => 'DROPMALFORMED'", "struct<a:string,b:bigint,c:double>", [["x", 1, None], ["y", None, 1.5], [None, 2147483648, None]]),
    (MIXED, "a", "mode => 'foo', schema => 'a string'", "struct<a:string>", [["x"], ["y"], [None], [None]]),
    (MIXED, "a", """schema => '{"type":"struct","fields":[{"name":"a","type":"string","nullable":false,"metadata":{}}]}'""", "struct<a:string>",
     [["x"], ["y"], [None], [None]]),
    (MIXED, "a", "format => 'csv', schema => 'a int, b int, _corrupt_record string'", "struct<a:int,b:int,_corrupt_record:string>",
     [[None, None, '{"b":1,"a":"x"}'], [None, None, '{"a":"y","c":1.5}'], [None, None, "{bad"], [None, None, '{"b":2147483648}']]),
    (MIXED, "a", "format => 'text', lineSep => ':'", "struct<value:string>",
     [['{"b"'], ['1,"a"'], ['"x"}\n{"a"'], ['"y","c"'], ["1.5}\n{bad\n\n"], ['{"b"'], ["2147483648}\n"]]),
    (MIXED, "a", "format => 'text', wholetext => 'true'", "struct<value:string>", [[MIXED["a/f0.x"]], [MIXED["a/f1.x"]]]),
    ({"zero/x": ""}, "zero", "", "struct<>", []),
    ({"cr.txt": "a\r\nb\rc\n\nd"}, "cr.txt", "format => 'text', schema => 'foo string'", "struct<foo:string>", [["a"], ["b"], ["c"], [""], ["d"]]),
    ({"sub/x.json": '{"a":1}\n', "sub/deep/y.json": '{"a":2}\n'}, "sub", "", "struct<a:bigint>", [[1]]),
    ({}, "sub", "recursiveFileLookup => 'true'", "struct<a:bigint>", [[1], [2]]),
    ({}, "sub/*", "", "struct<a:bigint>", [[1], [2]]),
    ({}, "sub", "pathGlobFilter => '{x,y}.json'", "struct<a:bigint>", [[1]]),
    ({}, "sub", "modifiedBefore => '2199-01-01T00:00:00'", "struct<a:bigint>", [[1]]),
    ({"p/k=1/x.json": '{"a":1}\n', "p/k=b/x.json": '{"a":2}\n'}, "p", "", "struct<a:bigint,k:string>", [[1, "1"], [2, "b"]]),
    ({}, "p/*", "", "struct<a:bigint>", [[1], [2]]),
    ({}, "p/*/*.json", "", "struct<a:bigint>", [[1], [2]]),
    ({}, "p/k=1", f"basePath => '{ROOT}/r/p'", "struct<a:bigint,k:int>", [[1, 1]]),
    ({}, "p", "recursiveFileLookup => 'true'", "struct<a:bigint>", [[1], [2]]),
    ({"p4/k=1/x.json": '{"a":1}\n', "p4/x.json": '{"a":2}\n'}, "p4", "", "struct<a:bigint,k:int>", [[1, 1]]),
    ({"p5/a=7/x.json": '{"a":1,"b":2}\n'}, "p5", "schema => 'a string, b int'", "struct<b:int,a:string>", [[2, "7"]]),
    ({"b64.json": "".join('{"a":"%s"}\n' % x for x in ("YWI=", "YWI", "YQ", "YQ==", "YWJj", "NaN", "YW I=", "*", "", "YWJjZA"))}, "b64.json", "schema => 'a binary'",
     "struct<a:binary>", [[x] for x in ("", "YQ==", "YWI=", "YWJj")] + [[None]] * 6),
    ({}, "p5", "", "struct<a:int,b:bigint>", [[7, 2]]),
    ({}, "p5", "schema => 'b int'", "struct<b:int,a:int>", [[2, 7]]),
    ({"h/_x.json": '{"a":1}', "h/.y.json": '{"a":2}', "h/z.json": '{"a":3}', "h/q.json._COPYING_": '{"a":4}', "h/_d/z.json": '{"a":5}'}, "h", "",
     "struct<a:bigint>", [[3]]),
    ({"near/x.json": '{"a":1}', "nearer/x.json": '{"a":2}'}, "near", "", "struct<a:bigint>", [[1]]),
    ({}, "near", f"""paths => '["{ROOT}/r/near","{ROOT}/r/nearer","{ROOT}/r/sub"]'""", "struct<a:bigint>", [[1], [2], [1]]),
]
PARTS = [(["1", "2"], "int", [1, 2]), (["1", "2147483648"], "bigint", [1, 2147483648]), (["1", "1.5"], "double", [1.0, 1.5]), (["1.5", "2"], "double", [1.5, 2.0]),
         (["2020-01-01", "2020-01-02"], "date", ["2020-01-01", "2020-01-02"]), (["2020-01-01", "x"], "string", ["2020-01-01", "x"]),
         (["2020-01-01", "2020-01-01 01%3A02%3A03"], "timestamp", ["2020-01-01 00:00:00", "2020-01-01 01:02:03"]), (["01", "2"], "int", [1, 2]),
         (["1", "__HIVE_DEFAULT_PARTITION__"], "int", [1, None]), (["false", "true"], "string", ["false", "true"]),
         (["1", "9223372036854775808"], "decimal(19,0)", [1, 9223372036854775808]), (["1", "NaN"], "double", [1.0, "NaN"])]


def reads(s):
    for files, path, options, schema, rows in READS:
        for name, body in files.items():
            s.s3.put_object(Bucket=BUCKET, Key=f"r/{name}", Body=body.encode())
        given = options if "format =>" in options else f"format => 'json'{options and ', '}{options}"
        for _ in "ab":  # the second time from what is kept
            r = s.ask(f"SELECT * FROM read_files('{ROOT}/r/{path}', {given})").json()
            got = ("struct<" + ",".join(f"{c['name']}:{c['type']}" for c in r.get("schema", [])) + ">", sorted(r.get("rows", [r]), key=str))
            same(got, (schema, sorted(rows, key=str)), f"{path} {options}")
    for values, kind, rows in PARTS:
        folder = "r/parts" + str(PARTS.index((values, kind, rows)))
        for v in values:
            s.s3.put_object(Bucket=BUCKET, Key=f"{folder}/k={v}/x.json", Body=b'{"z":1}\n')
        r = s.ask(f"SELECT k FROM json.`{ROOT}/{folder}` ORDER BY k IS NULL, k").json()
        same((r["schema"][0]["type"], [v[0] for v in r["rows"]]), (kind, rows), f"folders {values}")
    path = f"{ROOT}/r/sub"
    same(s.rows(f"SELECT _metadata.file_name, _metadata.file_size, _metadata.file_path, a FROM json.`{path}`"), [["x.json", 8, f"{path}/x.json", 1]], "_metadata")
    for i, q in enumerate(("1 a, 'x' b", "5 a, 'y' b, 7 d", "2L a")):
        s.save(f"r/pq/{i}", q, "parquet")
    two = f"""SELECT * FROM read_files('', format => 'parquet', paths => '["{ROOT}/r/pq/%d","{ROOT}/r/pq/%d"]', mergeSchema => '%s') ORDER BY a"""
    same(s.ask(two % (0, 1, "true")).json()["rows"], [[1, "x", None], [5, "y", 7]], "mergeSchema takes the columns of all files of Parquet")
    same(s.ask(two % (0, 1, "false")).json()["rows"], [[1, "x"], [5, "y"]], "else those of one")
    same(s.error(two % (0, 2, "true"))[0], "CANNOT_MERGE_SCHEMAS", "types that don't go together")
    s.save("r/many", "id a FROM range(3000)", "parquet")
    s.save("r/many", "id a FROM range(3000)", "parquet", mode="append")
    same(s.rows(f"SELECT count(DISTINCT _metadata.file_name), count(_metadata.file_size) FROM parquet.`{ROOT}/r/many`"), [[2, 6000]], "_metadata of many rows")
    same(s.rows(f"SELECT path, length, cast(content AS string) FROM read_files('{path}', format => 'binaryFile')"), [[f"{path}/x.json", 8, '{"a":1}\n']], "whole files")
    s.s3.put_object(Bucket=BUCKET, Key="r/sub/z.json", Body=b'{"a":5,"new":true}')
    same(s.rows(f"SELECT sum(a), count(new) FROM json.`{path}`"), [[6, 1]], "another file is seen, with what it adds to the schema")


UNREADABLE = [
    ("nope", "", "PATH_NOT_FOUND", f"Path does not exist: {ROOT}/r/nope."), ("nope/*.json", "", "PATH_NOT_FOUND", f"Path does not exist: {ROOT}/r/nope/*.json."),
    ("sub", f"""paths => '["{ROOT}/r/nope"]'""", "PATH_NOT_FOUND", f"Path does not exist: {ROOT}/r/nope."),
    ("h/_x.json", "", "UNABLE_TO_INFER_SCHEMA", "Unable to infer schema for JSON. It must be specified manually."),
    ("sub", "pathGlobFilter => '*.nope'", "UNABLE_TO_INFER_SCHEMA", "Unable to infer schema for JSON."),
    ("sub", "modifiedAfter => '2199-01-01T00:00:00'", "UNABLE_TO_INFER_SCHEMA", "Unable to infer schema for JSON."),
    ("sub", "modifiedBefore => 'zzz'", "_LEGACY_ERROR_TEMP_1294", "The timestamp provided for the 'modifiedbefore' option is invalid. The expected format is "
     "'YYYY-MM-DDTHH:mm:ss', but the provided timestamp: zzz."),
    ("a", "schema => 'a int, _corrupt_record int'", "_LEGACY_ERROR_TEMP_1097", "The field for corrupt records must be string type and nullable."),
    ("a", "schema => 'a foo'", "UNSUPPORTED_DATATYPE", 'Unsupported data type "FOO".'),
    ("a", "schema => 'a int, A int'", "COLUMN_ALREADY_EXISTS", "The column `a` already exists."),
    ("a", "format => 'text', schema => 'foo int'", "UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE", 'The Text datasource doesn\'t support the column `foo` of the type "INT".'),
    ("a", "format => 'csv', schema => 'a array<int>'", "UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE",
     'The CSV datasource doesn\'t support the column `a` of the type "ARRAY<INT>".'),
    ("a", "multiLine => 'foo'", "", 'For input string: "foo"'), ("a", "mode => 'FAILFAST'", "_LEGACY_ERROR_TEMP_2165", "Malformed records are detected in schema inference. Parse Mode: FAILFAST."),
    ("a", "format => 'avro'", "_LEGACY_ERROR_TEMP_1139", "Failed to find data source: avro."), ("a", "format => 'orc'", "", "ORC"),
    ("a", "format => 'foo'", "DATA_SOURCE_NOT_FOUND", "Failed to find the data source: foo."), ("a", "encoding => 'UTF-16'", "", "UTF-8 only"),
    ("c*", "", "", "assertion failed: Conflicting partition column names detected:"), ("", "", "", "assertion failed: Conflicting directory structures detected."),
]


def unreadable(s):
    for k in ("c1/k=1/x.json", "c1/l=2/x.json"):
        s.s3.put_object(Bucket=BUCKET, Key=f"r/{k}", Body=b'{"a":1}')
    for path, options, code, text in UNREADABLE:
        given = options if "format =>" in options else f"format => 'json'{options and ', '}{options}"
        r = s.error(f"SELECT * FROM read_files('{ROOT}/r/{path}', {given})")
        ok(r[0] == code and text in r[2], f"{path} {options}", r)
    r = s.error(f"SELECT _corrupt_record FROM json.`{ROOT}/r/a` WHERE _corrupt_record IS NOT NULL")
    ok(r[0] == "_LEGACY_ERROR_TEMP_1285" and "only include the internal corrupt record column" in r[2], "the corrupt column alone", r)
    r = s.error("SELECT * FROM json.`file:/etc/passwd`")
    ok("files of this machine" in r[2], "files of this machine are refused by name", r)
    same(s.error("SELECT * FROM json.`/mnt/nope/x`")[0], "PATH_NOT_FOUND", "a path of DBFS that no mount has")


# mode, query, options -> columns and rows that the table has then, or the error: what Delta 3.3 gives.
MISMATCH = "_LEGACY_ERROR_TEMP_DELTA_0007"
DELTA = [
    ("error", "1 a, 'x' b", {}, ["a", "b"], [[1, "x"]]), ("error", "1 a, 'x' b", {}, "DELTA_PATH_EXISTS", "Cannot write to already existent path"),
    ("ignore", "2 a, 'y' b", {}, ["a", "b"], [[1, "x"]]), ("append", "'y' B, 2 A", {}, ["a", "b"], [[1, "x"], [2, "y"]]),
    ("append", "5 a", {}, ["a", "b"], [[1, "x"], [2, "y"], [5, None]]), ("append", "5 a, 'x' b, 1 c", {}, MISMATCH, "-- c: integer (nullable = true)"),
    ("append", "5L a, 'x' b", {}, "DELTA_FAILED_TO_MERGE_FIELDS", "Failed to merge fields 'a' and 'a'"),
    ("append", "5 a, 7 b", {}, "DELTA_FAILED_TO_MERGE_FIELDS", "Failed to merge fields 'b' and 'b'"),
    ("append", "5 a, 'x' b, 1 c", {"mergeSchema": "true"}, ["a", "b", "c"], [[1, "x", None], [2, "y", None], [5, None, None], [5, "x", 1]]),
    ("overwrite", "1 z", {}, MISMATCH, "'.option(\"overwriteSchema\", \"true\")'."), ("overwrite", "1 a", {}, ["a", "b", "c"], [[1, None, None]]),
    ("overwrite", "1 z, 2 y", {"overwriteSchema": "true", "partitionBy": '["y"]'}, ["z", "y"], [[1, 2]]),
    ("append", "1 z, 2 y", {"partitionBy": '["z"]'}, MISMATCH, "Given: [`z`]\nTable: [`y`]"), ("append", "3 z, 4 y", {}, ["z", "y"], [[1, 2], [3, 4]]),
    ("overwrite", "9 z, 4 y", {"replaceWhere": "y = 4"}, ["z", "y"], [[1, 2], [9, 4]]),
    ("overwrite", "9 z, 5 y", {"replaceWhere": "y = 4"}, "DELTA_REPLACE_WHERE_MISMATCH", "constraint 'y = 4'"),
    ("overwrite", "9 z, 5 y", {"replaceWhere": "z = 9"}, ["z", "y"], [[1, 2], [9, 5]]),
    ("overwrite", "9 z, 5 y", {"replaceWhere": "z == == 9"}, "DELTA_FAILED_RECOGNIZE_PREDICATE", "Cannot recognize the predicate"),
    ("overwrite", "77 z, 5 y", {"partitionOverwriteMode": "dynamic"}, ["z", "y"], [[1, 2], [77, 5]]),
    ("append", "8 z, 5 y", {"userMetadata": "why"}, ["z", "y"], [[1, 2], [77, 5], [8, 5]]),
    ("append", "6 z, 5 y", {"txnAppId": "x", "txnVersion": "1"}, ["z", "y"], [[1, 2], [6, 5], [77, 5], [8, 5]]),
    ("append", "6 z, 5 y", {"txnAppId": "x", "txnVersion": "1"}, ["z", "y"], [[1, 2], [6, 5], [77, 5], [8, 5]]),
    ("overwrite", "1 a, NULL b", {"overwriteSchema": "true"}, ["a"], [[1]]), ("overwrite", "1 a, 2 A", {"overwriteSchema": "true"}, "DELTA_DUPLICATE_COLUMNS_FOUND", "save: a"),
    ("append", "1 a", {"partitionBy": '["a"]'}, "DELTA_CANNOT_USE_ALL_COLUMNS_FOR_PARTITION", "Cannot use all columns"),
    ("append", "1 a", {"partitionBy": '["zz"]'}, "DELTA_PARTITION_COLUMN_NOT_FOUND", "Partition column `zz` not found in schema [a]"),
]


def delta(s):
    for mode, query, options, columns, rows in DELTA:
        r = s.save("d/one", query, "delta", mode=mode, **{k: v.replace("'", "\\'") for k, v in options.items()})
        if isinstance(columns, str):
            ok(r.startswith(f"[{columns}] ") and rows in r, f"{mode} {query} {options}", r)
            continue
        r = s.ask(f"SELECT * FROM delta.`{ROOT}/d/one`").json()
        same((r["columns"], sorted(r["rows"], key=str)), (columns, sorted(rows, key=str)), f"{mode} {query} {options}")
    same([r[-2] for r in s.rows(f"DESCRIBE HISTORY delta.`{ROOT}/d/one`") if r[-2]], ["why"], "the history has the user's words")
    table = "INSERT OVERWRITE DIRECTORY USING delta OPTIONS ('table' 'saved', 'mode' '%s') SELECT %s"
    s.rows(table % ("error", "1 a"))
    same(s.error(table % ("errorifexists", "1 a"))[0], "TABLE_OR_VIEW_ALREADY_EXISTS", "a table by name")
    s.rows(table % ("append", "2 a"))
    same(s.rows("SELECT a FROM saved ORDER BY a"), [[1], [2]], "appended to")
    same(s.rows(f"SELECT count(*) FROM read_files('{ROOT}/d/one', format => 'delta', versionAsOf => '1')"), [[2]], "a version by its number")
    ok("DELTA_ONEOF_IN_TIMETRAVEL" in s.rows(f"SELECT * FROM read_files('{ROOT}/d/one', format => 'delta', versionAsOf => '1', timestampAsOf => '2020-01-01')"),
       "number and time")
    s.rows(f"INSERT OVERWRITE DIRECTORY USING delta OPTIONS ('table' 'placed', 'path' '{ROOT}/d/placed', 'mode' 'append') SELECT 3 a")
    same(s.rows(f"SELECT a FROM placed UNION ALL SELECT a FROM delta.`{ROOT}/d/placed`"), [[3], [3]], "whose files are elsewhere")
    for name, how in (("n1", "CREATE TABLE n1 AS"), ("n2", "INSERT OVERWRITE DIRECTORY USING delta OPTIONS ('table' 'n2', 'mode' 'append')")):
        s.rows(how + " SELECT named_struct('x', 1) st, array(1) a, map('k', 1) m")
        log = s.get(next(k for k in s.keys(f"tables/{name}/_delta_log/") if k.endswith("00.json"))).decode()
        ok("nullable\\\":false" not in log and "containsNull\\\":false" not in log and "valueContainsNull\\\":false" not in log, f"{name}: nothing of it is NOT NULL", log[:900])
    table = "INSERT OVERWRITE DIRECTORY USING parquet OPTIONS ('table' 'filed', 'mode' '%s') SELECT %s"
    for mode, q, rows in (("error", "1 a, 'x' b", [[1, "x"]]), ("append", "2 a, 'y' b", [[1, "x"], [2, "y"]]), ("ignore", "9 a, 'y' b", [[1, "x"], [2, "y"]]),
                          ("overwrite", "3 a, 'z' b", [[3, "z"]])):
        s.rows(table % (mode, q))
        same(s.rows("SELECT * FROM filed ORDER BY a"), rows, f"a table of files of Parquet, {mode}")
    same(s.error(table % ("error", "1 a"))[0], "TABLE_OR_VIEW_ALREADY_EXISTS", "it is there")
    same(s.error(table.replace("filed", "saved") % ("append", "1 a"))[0], "_LEGACY_ERROR_TEMP_1159", "a table of another format")
    s.rows("DROP TABLE filed")
    same(s.error("SELECT * FROM filed")[0], "TABLE_OR_VIEW_NOT_FOUND", "dropped")
    s.rows("INSERT OVERWRITE DIRECTORY '/tmp/x' USING json SELECT 1 a")
    same(s.rows("SELECT a, left(_metadata.file_path, 12) FROM json.`dbfs:/tmp/x` UNION ALL SELECT a, left(_metadata.file_path, 12) FROM json.`/tmp/x`"),
         [[1, "dbfs:/tmp/x/"]] * 2, "paths of DBFS")
    for made, read in (("c1 USING json OPTIONS (path '/tmp/x')", [[1]]), ("c2 USING parquet PARTITIONED BY (b) AS SELECT 1 a, 'x' b, cast(2 as decimal(5,2)) c",
                                                                          [[1, 2.0, "x"]]), ("c3 (a INT) USING parquet", []),
                       ("c4 USING json AS SELECT date'2020-01-01' d, cast(1 as tinyint) t", [["2020-01-01", 1]])):
        s.rows("CREATE TABLE " + made)
        same(s.rows(f"SELECT * FROM {made[:2]}"), read, "CREATE TABLE " + made)
    s.rows("INSERT INTO c2 SELECT 5L, 6, 'y'; INSERT INTO c3 VALUES (3), (4); INSERT OVERWRITE c4 SELECT '2021-01-01', 2")
    same([s.rows(f"SELECT * FROM {t} ORDER BY 1") for t in ("c2", "c3", "c4")], [[[1, 2.0, "x"], [5, 6.0, "y"]], [[3], [4]], [["2021-01-01", 2]]], "rows come to them")
    same(s.error("INSERT INTO c3 SELECT 1, 2")[0], "INSERT_COLUMN_ARITY_MISMATCH.TOO_MANY_DATA_COLUMNS", "if they fit")
    s.rows("CREATE TABLE wide AS SELECT 3 z, 4 y")
    s.rows("INSERT INTO wide REPLACE WHERE z = 3 SELECT 3, 9")
    same(s.rows("SELECT * FROM wide"), [[3, 9]], "INSERT INTO ... REPLACE WHERE")
    same(s.error("INSERT INTO wide REPLACE WHERE z = 3 SELECT 4, 9")[0], "DELTA_REPLACE_WHERE_MISMATCH", "rows beside what they replace")
    r = s.ask("SET spark.databricks.delta.schema.autoMerge.enabled = true; INSERT INTO wide SELECT 1, 2, 3 w; INSERT INTO wide BY NAME SELECT 5 y, 7 v; "
              "SELECT * FROM wide ORDER BY y").json()
    same((r["columns"], r["rows"]), (["z", "y", "w", "v"], [[1, 2, 3, None], [None, 5, None, 7], [3, 9, None, None]]), "autoMerge adds columns")
    same(s.error(f"INSERT OVERWRITE DIRECTORY '{ROOT}/d/no' USING delta SELECT 1 a")[0], "DELTA_OPERATION_NOT_ALLOWED", "the bare statement isn't for Delta")


KINDS = [("b", "TINYINT(1)", "1", "boolean", True), ("t", "TINYINT", "-5", "tinyint", -5), ("s", "SMALLINT", "6", "int", 6), ("m", "MEDIUMINT", "7", "int", 7),
         ("i", "INT", "8", "int", 8), ("iu", "INT UNSIGNED", "9", "bigint", 9), ("l", "BIGINT", "10", "bigint", 10), ("lu", "BIGINT UNSIGNED", "11", "decimal(20,0)", 11),
         ("f", "FLOAT", "1.5", "double", 1.5), ("d", "DOUBLE", "2.5", "double", 2.5), ("de", "DECIMAL(10,2)", "12.34", "decimal(10,2)", 12.34),
         ("di", "DECIMAL(10)", "12", "decimal(10,0)", 12), ("c", "CHAR(3)", "'abc'", "string", "abc"), ("v", "VARCHAR(20)", "'xyz'", "string", "xyz"),
         ("x", "TEXT", "'t\u00e4'", "string", "t\u00e4"), ("bl", "BLOB", "'b'", "binary", "Yg=="), ("da", "DATE", "'2020-01-02'", "date", "2020-01-02"),
         ("ti", "TIME", "'12:34:56'", "timestamp", "1970-01-01 12:34:56"), ("dt", "DATETIME", "'2020-01-02 03:04:05'", "timestamp", "2020-01-02 03:04:05"),
         ("y", "YEAR", "2020", "date", "2020-01-01")]


def jdbc(s):
    import pymysql
    host, port = s.at["rds"].split(":")
    c = pymysql.connect(host=host, port=int(port), user="student", password="student", autocommit=True)
    k = c.cursor()
    k.execute("USE pinterest_data")
    k.execute("CREATE TABLE kinds (" + ", ".join(f"{n} {t}" for n, t, *_ in KINDS) + ")")
    k.execute(f"INSERT INTO kinds VALUES ({', '.join(row[2] for row in KINDS)}), ({', '.join('NULL' for _ in KINDS)})")
    given = {"format": "jdbc", "url": "jdbc:mysql://db.cq2e8zno855e.eu-west-1.rds.amazonaws.com:3306/pinterest_data", "user": "student", "password": "student"}

    def read(what, **options):
        r = s.ask(f"SELECT {what} FROM read_files('', " + ", ".join(f"`{k}` => '{v}'" for k, v in {**given, **options}.items()) + ")").json()
        return ([x["type"] for x in r["schema"]], r["rows"]) if "rows" in r else (r["exception"], r["message"])

    same(read("*", dbtable="kinds"), ([row[3] for row in KINDS], [[row[4] for row in KINDS], [None] * len(KINDS)]), "a table of RDS, types as Spark has them")
    same(read("max(i)", query="SELECT i FROM kinds WHERE i IS NOT NULL", url=f"jdbc:mysql://{host}:{port}/pinterest_data"), (["int"], [[8]]), "a query of this machine's")
    same(read("count(*)", dbtable="(select 1 a) t"), (["bigint"], [[1]]), "no column is needed")
    same(read("i", dbtable="kinds", customSchema="i STRING"), (["string"], [["8"], [None]]), "customSchema")
    same(read("*", dbtable="nope"), ("java.sql.SQLSyntaxErrorException", "Table 'pinterest_data.nope' doesn't exist"), "MySQL's own words")
    same(read("*")[1], "Option 'dbtable' or 'query' is required.", "nothing to read")
    same(read("*", dbtable="a", query="select 1")[1], "Both 'dbtable' and 'query' can not be specified at the same time.", "too much")
    same(read("*", dbtable="a", url="foo"), ("java.sql.SQLException", "No suitable driver"), "a URL of nothing")
    ok("isn't the stack's" in read("*", dbtable="a", url="jdbc:mysql://example.org/x")[1], "databases of others aren't reached")


if __name__ == "__main__":
    need("pymysql")
    with Lake(only="s3,lake,databricks,rds") as stack:
        for part in (texts, folders, modes, refused, reads, unreadable, delta, jdbc):
            part(stack)
    done()
