#!/usr/bin/python3
"""MySQL clients against rds: PyMySQL, SQLAlchemy, the mariadb command line, and broken packets."""
import os
import socket
import subprocess

from tarn import Stack, done, need, ok

pymysql, sa = need("pymysql", "sqlalchemy")


class Rds(Stack):
    def __init__(self, *flags, data=None):
        super().__init__("--set", "stack.rows=0", *flags, only="rds", data=data)
        self.port = self.address("rds")[1]

    def connect(self, user="u", password="p", database="pinterest_data", **kw):
        return pymysql.connect(host="127.0.0.1", port=self.port, user=user, password=password, database=database, charset="utf8mb4", **kw)

    def cli(self, sql, *flags):
        return subprocess.run(["mariadb", "-h127.0.0.1", f"-P{self.port}", "-uu", "-pp", *flags, "pinterest_data", "-e", sql],
                              capture_output=True, text=True)


def error_of(cursor, sql):
    try:
        cursor.execute(sql)
    except pymysql.MySQLError as e:
        return e.args
    return None


DDL = """CREATE TABLE geolocation_data (ind BIGINT, timestamp DATETIME, latitude FLOAT, longitude FLOAT, country TEXT,
 KEY ix_geo (ind)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"""

s = Rds()
c = s.connect(autocommit=True)
cur = c.cursor()
cur.execute(DDL)
rows = [(i, "2018-02-03 04:05:%02d" % (i % 60), -89.9787 + i, 173.293, "Côte d'Ivoire \U0001F342\n" + str(i)) for i in range(200)]
n = cur.executemany("INSERT INTO geolocation_data VALUES (%s, %s, %s, %s, %s)", rows)
ok(n == 200, "executemany counts its rows", n)
cur.execute("SELECT * FROM geolocation_data LIMIT 7, 1")
row = cur.fetchone()
ok(row[0] == 7 and row[1].isoformat() == "2018-02-03T04:05:07" and row[4] == rows[7][4], "typed row by LIMIT n, 1", row)
ok(row[2] == -82.9787 and row[3] == 173.293, "FLOAT has six digits", row)
cur.execute("SELECT * FROM geolocation_data LIMIT 1 OFFSET 199")
ok(cur.fetchone()[0] == 199, "LIMIT 1 OFFSET n")
cur.execute("SELECT COUNT(*) AS count FROM geolocation_data WHERE country LIKE 'CÔTE%%' AND ind < %s", (50,))
ok(cur.fetchone() == (50,), "COUNT with WHERE and a bound value")
cur.execute("DELETE FROM geolocation_data WHERE ind = 3")
cur.execute("SELECT * FROM geolocation_data LIMIT 3, 1")
ok(cur.fetchone()[0] == 4, "LIMIT n, 1 over a gap")
cur.execute("SELECT ind FROM geolocation_data ORDER BY ind DESC LIMIT 2, 3")
ok([r[0] for r in cur.fetchall()] == [197, 196, 195], "ORDER BY and LIMIT a, b")
cur.execute("SELECT `ind` FROM `pinterest_data`.`geolocation_data` WHERE `ind` IN (5, 6)")
ok(cur.fetchall() == ((5,), (6,)), "database-qualified, quoted names")

cur.execute("SELECT 7/2, COUNT(*), @@version, 'a' 'b', concat('x', 1), ind AS i, CASE WHEN 1 THEN 2 END, @@autocommit x, version()"
            " FROM geolocation_data")
ok([d[0] for d in cur.description] == ["7/2", "COUNT(*)", "@@version", "a", "concat('x', 1)", "i", "CASE WHEN 1 THEN 2 END", "x",
                                       "version()"], "columns are named by their text", [d[0] for d in cur.description])

for sql, want in [
    ("SELEC 1", (1064, "near 'SELEC 1' at line 1")),
    ("SELECT * FROM nope", (1146, "Table 'pinterest_data.nope' doesn't exist")),
    ("SELECT nope FROM geolocation_data", (1054, "Unknown column 'nope' in 'field list'")),
    ("SELECT nope(1)", (1305, "FUNCTION pinterest_data.nope does not exist")),
    ("SELECT @@nope", (1193, "Unknown system variable 'nope'")),
    ("SET nope = 1", (1193, "Unknown system variable 'nope'")),
    ("USE nope", (1049, "Unknown database 'nope'")),
    ("CREATE TABLE geolocation_data (a INT)", (1050, "Table 'geolocation_data' already exists")),
    ("DROP TABLE nope", (1051, "Unknown table 'pinterest_data.nope'")),
    ("INSERT INTO geolocation_data VALUES (1)", (1136, "Column count doesn't match value count at row 1")),
    ("SELECT 'unclosed", (1064, "near ''unclosed' at line 1")),
    ("", (1065, "Query was empty")),
    ("SELECT 1; SELECT 2", (1064, "near 'SELECT 2' at line 1")),
]:
    got = error_of(cur, sql)
    ok(got and got[0] == want[0] and want[1] in got[1], f"error {want[0]}: {sql[:40]}", got)

cur.execute("CREATE TABLE k (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20) NOT NULL UNIQUE, d DECIMAL(6,2))")
cur.execute("INSERT INTO k (name, d) VALUES ('a', 1.5), ('b', 2)")
ok(cur.lastrowid == 2 or cur.lastrowid == 1, "insert id", cur.lastrowid)
ok(error_of(cur, "INSERT INTO k (name) VALUES ('a')")[0] == 1062, "duplicate key: 1062")
ok(error_of(cur, "INSERT INTO k (name) VALUES (NULL)")[0] == 1048, "NULL into NOT NULL: 1048")
cur.execute("SELECT d FROM k ORDER BY id")
ok([str(r[0]) for r in cur.fetchall()] == ["1.50", "2.00"], "DECIMAL keeps its scale")

# Transactions: a rollback takes back, others wait to write meanwhile, a dropped connection rolls back.
a, b = s.connect(), s.connect()
ca, cb = a.cursor(), b.cursor()
ca.execute("INSERT INTO k (name) VALUES ('tx')")
cb.execute("SET innodb_lock_wait_timeout=1")
ok(error_of(cb, "INSERT INTO k (name) VALUES ('other')")[0] == 1205, "another writer waits as long as it is told to: 1205")
a.rollback()
ca.execute("SELECT COUNT(*) FROM k")
ok(ca.fetchone() == (2,), "rollback takes back")
ca.execute("INSERT INTO k (name) VALUES ('gone')")
a._force_close()
for _ in range(5000):
    if not error_of(cb, "INSERT INTO k (name) VALUES ('c')"):
        break
b.commit()
cb.execute("SELECT name FROM k ORDER BY id")
ok([r[0] for r in cb.fetchall()] == ["a", "b", "c"], "a dropped connection's transaction is rolled back")

# SQLAlchemy, as the users' scripts use it: an engine a turn.
url = f"mysql+pymysql://u:p@127.0.0.1:{s.port}/pinterest_data?charset=utf8mb4"
good = True
for i in (0, 1, 198):
    e = sa.create_engine(url)
    with e.connect() as conn:
        for r in conn.execute(sa.text(f"SELECT * FROM geolocation_data LIMIT {i}, 1")):
            good &= dict(r._mapping)["country"].startswith("Côte")
ok(good, "SQLAlchemy: a new engine each turn")
i = sa.inspect(sa.create_engine(url))
cols = {x["name"]: str(x["type"]) for x in i.get_columns("geolocation_data")}
ok(sorted(i.get_table_names()) == ["geolocation_data", "k"] and cols["timestamp"] == "DATETIME" and cols["latitude"] == "FLOAT",
   "SQLAlchemy: table names and columns", cols)
ok(i.has_table("k") and not i.has_table("nope"), "SQLAlchemy: has_table")
ok(i.get_pk_constraint("k")["constrained_columns"] == ["id"], "SQLAlchemy: primary key")

out = s.cli("SELECT ind, country FROM geolocation_data LIMIT 1; SHOW TABLES; SHOW DATABASES; DESCRIBE k", "-N")
ok(out.returncode == 0 and "Côte d'Ivoire" in out.stdout and "information_schema" in out.stdout and
   "id\tint\tNO\tPRI\tNULL\tauto_increment" in out.stdout, "mariadb -e, several statements", out.stdout + out.stderr)
out = s.cli("nonsense")
ok(out.returncode == 1 and "ERROR 1064 (42000)" in out.stderr, "mariadb -e: the error is shown", out.stderr)

# Bytes that no client sends.
def raw(data):
    k = socket.create_connection(("127.0.0.1", s.port))
    k.settimeout(5)
    k.recv(4096)
    k.sendall(data)
    try:
        k.shutdown(socket.SHUT_WR)
        while k.recv(4096):
            pass
    except OSError:
        pass
    k.close()

for junk in (b"\0", b"\xff" * 40, b"\x05\0\0\1\1\2", b"\0\0\0\1", b"\xff\xff\xff\1" + b"a" * 1000, os.urandom(3000)):
    raw(junk)
cur.execute("SELECT COUNT(*) FROM geolocation_data")
ok(cur.fetchone() == (199,), "alive after broken packets")
for size in 17, 50:
    cur.execute("SELECT LENGTH('" + "x" * (size << 20) + "')")
    ok(cur.fetchone() == (size << 20,), f"a statement of {size} MiB")

cur.execute("INSERT INTO k (name) VALUES ('kept')")
s.kill()
s = Rds(data=s.data)
cur = s.connect(autocommit=True).cursor()
cur.execute("SELECT name FROM k WHERE name = 'KEPT'")
ok(cur.fetchone() == ("kept",), "kill -9 keeps what was acknowledged")
s.stop()
s = Rds("--set", "rds.users:student=secret", "--set", "rds.users.alice=wonder", data=s.data)
try:
    s.connect()
    ok(False, "wrong password: 1045")
except pymysql.MySQLError as e:
    ok(e.args[0] == 1045 and "Access denied for user 'u'@'127.0.0.1' (using password: YES)" in e.args[1], "wrong password: 1045", e)
c = s.connect("student", "secret", None)
ok(c.open, "right password")
ok(s.connect("alice", "wonder", None).open, "--set takes a user with a dot as with a colon")
try:
    s.connect("student", "secret", "nope")
    ok(False, "unknown database: 1049")
except pymysql.MySQLError as e:
    ok(e.args[0] == 1049, "unknown database: 1049", e)
done()
