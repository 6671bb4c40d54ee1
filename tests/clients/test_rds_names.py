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


parts(qualified)
ok(s.alive(), "the server is alive")
s.stop()
done()
