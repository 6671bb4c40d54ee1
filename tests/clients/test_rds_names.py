#!/usr/bin/python3
"""Names, literals and ids as MySQL reads them: what was misread destroyed or deceived."""
from tarn import Stack, done, need, ok, parts, same

pymysql = need("pymysql")
s = Stack(only="rds")
PORT = s.address("rds")[1]


def connect(database="pinterest_data", **more):
    return pymysql.connect(host="127.0.0.1", port=PORT, user="u", password="p", database=database, autocommit=True, **more)


db = connect()


def run(sql, c=db, args=None):
    """Rows of a SELECT, else the number of affected rows; the number of an error."""
    with c.cursor() as cur:
        try:
            n = cur.execute(sql, args)
        except pymysql.MySQLError as e:
            return f"error {e.args[0]}"
        return list(cur.fetchall()) if cur.description else n


def table(name, columns, *rows):
    run(f"DROP TABLE IF EXISTS {name}")
    assert run(f"CREATE TABLE {name} ({columns})") == 0
    for row in rows:
        run(f"INSERT INTO {name} VALUES {row}")


def qualified():
    """The default database has a table of the database's own name."""
    same(run("SELECT COUNT(*) FROM pinterest_data.user_data"), [(11154,)], "db.table")
    same(run("SELECT COUNT(*) FROM pinterest_data.user_data", connect(None)), [(11154,)], "on a connection without a database")
    same(run("SELECT pinterest_data.user_data.ind FROM user_data WHERE ind=3"), [(3,)], "db.table.column")
    same(len(run("SELECT pinterest_data.category FROM pinterest_data.pinterest_data WHERE `index`=5")), 1, "table.column of db.table, all of one name")
    same(len(run("SELECT `pinterest_data`.`pinterest_data`.`category` FROM `pinterest_data`.`pinterest_data` WHERE `pinterest_data`.`index`=5")), 1,
         "the same in backquotes")
    same(run("SELECT COUNT(*) FROM pinterest_data.user_data u JOIN pinterest_data.geolocation_data g ON u.ind = g.ind, pinterest_data.pinterest_data p "
             "WHERE p.`index` = u.ind AND u.ind < 5"), [(5,)], "in a join and after a comma")
    same(run("SELECT COUNT(*) FROM (SELECT ind FROM pinterest_data.user_data WHERE ind IN (SELECT ind FROM pinterest_data.geolocation_data)) x"),
         [(11154,)], "in sub-selects")
    run("DROP TABLE IF EXISTS q1")
    same(run("CREATE TABLE pinterest_data.q1(a INT PRIMARY KEY, b INT)"), 0, "CREATE TABLE db.t")
    same(run("INSERT INTO pinterest_data.q1 VALUES (1, 1)"), 1, "INSERT INTO db.t")
    same(run("UPDATE pinterest_data.q1 SET b = 7 WHERE pinterest_data.q1.a = 1"), 1, "UPDATE db.t")
    same(run("REPLACE INTO pinterest_data.q1 VALUES (2, 3)"), 1, "REPLACE INTO db.t")
    same(run("DELETE FROM pinterest_data.q1 WHERE q1.b = 7"), 1, "DELETE FROM db.t")
    same(run("SELECT q1.* FROM pinterest_data.q1"), [(2, 3)], "what is left")
    same(run("SELECT pinterest_data.q1.* FROM pinterest_data.q1"), [(2, 3)], "db.table.*")
    same(run("SELECT * FROM otherdb.q1"), "error 1049", "a database that isn't there")


def misspelt():
    """A name in backquotes that nothing has was read as a string."""
    table("wt", "a INT, status VARCHAR(9)", "(1,'done')", "(2,'new')")
    same(run("DELETE FROM wt WHERE `state` <> 'done'"), "error 1054", "DELETE by an unknown column")
    same(run("UPDATE wt SET a=0 WHERE `stat` > 'a'"), "error 1054", "UPDATE by one")
    same(run("SELECT * FROM wt"), [(1, "done"), (2, "new")], "both rows are kept")
    same(run("SELECT COUNT(*) FROM user_data WHERE `category`='art'"), "error 1054", "SELECT by one")
    same(run("SELECT `nosuch` FROM user_data LIMIT 1"), "error 1054", "and of one")
    same(run("SELECT ind FROM user_data ORDER BY `nosuch` LIMIT 1"), "error 1054", "ORDER BY one")
    same(run("INSERT INTO wt VALUES (`x`, 'y')"), "error 1054", "INSERT of one")


def literals():
    table("nv", "s VARCHAR(20)", r"('a\0b')")
    same(run("SELECT HEX(s), LENGTH(s) FROM nv"), [("610062", 3)], "a NUL in a string")
    same(run("SELECT x'4142', b'01000001', N'ab', _utf8mb4'x', _binary'AB'"), [(b"AB", b"A", "ab", "x", b"AB")], "bytes, and what says its character set")
    same(run("SELECT X'4142', B'1000001', n'ab', 0b1000001, 0x41"), [(b"AB", b"A", "ab", b"A", b"A")], "in capitals, and with 0b and 0x")
    table("nb", "b BLOB, v VARBINARY(8)", r"(_binary'\0\1ab', x'00FF')")
    same(run("SELECT * FROM nb"), [(b"\x001ab", b"\x00\xff")], "bytes are stored as they are")
    same(run("SELECT HEX(b), LENGTH(v) FROM nb"), [("00316162", 2)], "and read by functions")
    same(run("SELECT 0x41+0, 0x0a=10, b'1'+0, 10=x'0a', 0x10 DIV 3"), [(65, 1, 1, 1, 5)], "a number where it is reckoned with")
    same(run("SELECT x'123'"), "error 1064", "an odd number of digits")
    table("bitt", "f BIT(1), g BIT(8)", "(b'1', b'10000001')")
    same(run("SELECT f+0, g+0, f FROM bitt"), [(1, 129, b"\x01")], "BIT columns")
    run("INSERT INTO bitt VALUES (0, 255), (TRUE, NULL)")
    same(run("SELECT f, g FROM bitt"), [(b"\1", b"\x81"), (b"\0", b"\xff"), (b"\1", None)], "filled with numbers, read as bytes")
    run("UPDATE bitt SET g = b'101' WHERE f = b'0'")
    same(run("SELECT g+0 FROM bitt WHERE f = 0"), [(5,)], "and changed")
    with db.cursor() as cur:
        cur.execute("INSERT INTO nb (b) VALUES (%s)", (bytes(range(256)),))
        cur.execute("SELECT b FROM nb WHERE LENGTH(b) = 256")
        same(cur.fetchone(), (bytes(range(256)),), "PyMySQL's bytes come back")


def ids():
    def insert(sql):
        with db.cursor() as cur:
            cur.execute(sql)
            return cur.lastrowid

    def last():
        return run("SELECT LAST_INSERT_ID()")[0][0]
    for name in ("v3", "v4"):
        table(name, "id INT AUTO_INCREMENT PRIMARY KEY, x INT")
    table("v5", "x INT")
    table("v6", "x INT, id BIGINT NOT NULL AUTO_INCREMENT, PRIMARY KEY (id)")
    same((insert("INSERT INTO v3(x) VALUES (1)"), insert("INSERT INTO v4(x) VALUES (1)")), (1, 1), "each table counts by itself")
    same((insert("INSERT INTO v4(x) VALUES (1),(2),(3)"), last()), (2, 2), "of several rows the first counts")
    same((insert("INSERT INTO v5 VALUES (7)"), last()), (0, 2), "a table without such a column has no id, and the last one stays")
    same((insert("INSERT INTO v3 VALUES (0,6)"), run("SELECT id FROM v3 WHERE x = 6")), (2, [(2,)]), "0 asks for the next")
    same((insert("INSERT INTO v3 (x, id) VALUES (7, NULL)"), insert("INSERT INTO v3 VALUES (NULL, (8))")), (3, 4), "so does NULL")
    table("v4", "id INT AUTO_INCREMENT PRIMARY KEY, x INT")
    insert("INSERT INTO v4(x) VALUES (1),(2)")
    same((insert("INSERT INTO v4 VALUES (10,1)"), last()), (10, 1), "an id that the client gave isn't LAST_INSERT_ID()")
    same(insert("INSERT INTO v4(x) VALUES (5)"), 11, "the next one goes on from it")
    same((insert("INSERT INTO v6(x) SELECT x FROM v4 ORDER BY id"), run("SELECT COUNT(*), MAX(id) FROM v6")), (1, [(4, 4)]), "INSERT ... SELECT")
    same((insert("INSERT INTO `pinterest_data`.`v6` (`x`) VALUES (ABS(-1)), (3)"),
          last()), (5, 5), "by the table's whole name, with calls among the values")
    same(insert("REPLACE INTO v6 (id, x) VALUES (5, 9)"), 5, "REPLACE says the id it was given")
    run("TRUNCATE v4")
    same(insert("INSERT INTO v4(x) VALUES (9)"), 1, "TRUNCATE begins anew")
    run("TRUNCATE TABLE v5")
    same(run("SELECT COUNT(*) FROM v5"), [(0,)], "of a table without ids, too")
    run("UPDATE v4 SET x = 1")
    same(last(), 1, "an UPDATE changes nothing of it")


def temporary():
    a, b = connect(), connect()
    same(run("CREATE TEMPORARY TABLE tt(a INT, b VARCHAR(5))", a), 0, "CREATE TEMPORARY TABLE")
    same((run("SELECT * FROM tt", a), run("SELECT * FROM tt", b)), ([], "error 1146"), "it is there for its session alone")
    run("INSERT INTO tt VALUES (1, 'x'), (2, 'y')", a)
    run("INSERT INTO pinterest_data.tt (a) VALUES (3)", a)
    same(run("SELECT tt.a, t2.b FROM tt LEFT JOIN tt t2 ON tt.a = t2.a AND t2.b = 'y' WHERE tt.a < 3 ORDER BY tt.a", a), [(1, None), (2, "y")], "it is read and joined")
    same(run("UPDATE tt SET b = 'z' WHERE tt.a = 3", a), 1, "UPDATE")
    same(run("DELETE FROM tt WHERE a = 1", a), 1, "DELETE")
    same(run("SELECT * FROM tt LIMIT 1, 1", a), [(3, "z")], "a page of it")
    same(run("SELECT COUNT(*) FROM user_data u, tt WHERE u.ind = tt.a", a), [(2,)], "beside other tables")
    ok(not any(row[0] == "tt" or "$" in row[0] for row in run("SHOW TABLES", a)), "SHOW TABLES hasn't got it")
    same(run("SELECT COUNT(*) FROM information_schema.tables WHERE table_name = 'tt' OR table_name LIKE '%$tt'", b), [(0,)], "nor information_schema")
    same([row[0] for row in run("DESCRIBE tt", a)], ["a", "b"], "DESCRIBE")
    ok(run("SHOW CREATE TABLE tt", a)[0][1].startswith("CREATE TEMPORARY TABLE `tt` (\n"), "SHOW CREATE TABLE")
    same(run("CREATE TEMPORARY TABLE tt(x INT)", b), 0, "another session has one of the same name")
    same((run("SELECT * FROM tt", b), run("SELECT COUNT(*) FROM tt", a)), ([], [(2,)]), "and each its own rows")
    same((run("CREATE TEMPORARY TABLE user_data(x INT)", a), run("SELECT COUNT(*) FROM user_data", a), run("SELECT COUNT(*) FROM user_data", b)),
         (0, [(0,)], [(11154,)]), "it hides the table of its name, for its session")
    same((run("DROP TABLE user_data", a), run("SELECT COUNT(*) FROM user_data", a)), (0, [(11154,)]), "DROP TABLE drops the temporary one")
    same(run("DROP TEMPORARY TABLE user_data", a), "error 1051", "DROP TEMPORARY TABLE drops no other")
    a.close()
    same(run("SELECT * FROM tt", connect()), "error 1146", "it goes with its session")
    same(run("CREATE TABLE tt2 (a INT)"), 0, "what comes after isn't in its way")
    s.stop()
    s.up()
    global PORT
    PORT = s.address("rds")[1]
    same((run("SHOW TABLES LIKE 'tt%'", connect()), run("SELECT * FROM tt", connect())), ([("tt2",)], "error 1146"), "nothing of it after a restart")


def inside():
    """The engine's inside is closed."""
    for sql in ("DELETE FROM `rds$filled`", "UPDATE `rds$column` SET type='int' WHERE tbl='x'", "SELECT * FROM pragma_database_list",
                "SELECT * FROM sqlite_master", "SELECT * FROM sqlite_schema", "SELECT * FROM dbstat"):
        same(run(sql), "error 1146", sql)
    same(run("SELECT fts3_tokenizer('simple')"), "error 1305", "functions of SQLite's")
    same([run(f"SELECT {name} FROM user_data LIMIT 1") for name in ("rowid", "user_data.rowid", "oid", "_rowid_")], ["error 1054"] * 4, "the row's number")
    run("CREATE TABLE information_schema_tables(a INT)")
    run("INSERT INTO information_schema_tables VALUES (7)")
    same((run("SELECT * FROM information_schema_tables"), run("SELECT COUNT(*) > 1 FROM information_schema.tables")), ([(7,)], [(1,)]),
         "a table may be called as we once called a view")
    same(run("DROP TABLE information_schema_tables"), 0, "and dropped")
    run("CREATE TABLE `p``q` (`r``s` INT, KEY (`r``s`))")
    ok("CREATE TABLE `p``q` (\n  `r``s` int DEFAULT NULL,\n  KEY `ix_p``q_r``s` (`r``s`)\n)" in run("SHOW CREATE TABLE `p``q`")[0][1], "backquotes in names are doubled")
    same(run("CREATE TABLE otherdb.q2(a INT)"), "error 1049", "CREATE TABLE in a database that isn't there")
    same(run("DROP TABLE otherdb.q1"), "error 1049", "DROP TABLE of one")


parts(qualified, misspelt, literals, ids, inside, temporary)
ok(s.alive(), "the server is alive")
s.stop()
done()
