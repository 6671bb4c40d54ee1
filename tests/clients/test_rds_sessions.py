#!/usr/bin/python3
"""Sessions of rds beside each other: snapshots, waiting to write, long statements and what ends them, slow readers, a full disk."""
import os
import socket
import threading
import time

from tarn import Stack, call, done, need, ok, parts, same, until

pymysql = need("pymysql")
ENDLESS = "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM t) SELECT COUNT(*) FROM t"
JOIN = "SELECT COUNT(*) FROM user_data a, user_data b WHERE a.age+b.age=7"


class Rds(Stack):
    def __init__(self, *flags, rows=0, only="rds", **kw):
        super().__init__("--set", f"stack.rows={rows}", *flags, only=only, **kw)
        self.port = self.address("rds")[1]

    def connect(self, autocommit=True, database="pinterest_data", **kw):
        return pymysql.connect(host="127.0.0.1", port=self.port, user="u", password="p", database=database, autocommit=autocommit, **kw)

    def health(self):
        began = time.monotonic()
        good = call("GET", self.at["control"] + "/health").status == 200
        return good, time.monotonic() - began


def ask(c, sql):
    with c.cursor() as cur:
        n = cur.execute(sql)
        return cur.fetchall() if cur.description else n


def error(c, sql):
    try:
        ask(c, sql)
    except pymysql.MySQLError as e:
        return e.args[0]
    return None


class Later(threading.Thread):
    """A statement on its way: `result` and `error` once it has ended."""

    def __init__(self, c, sql):
        super().__init__(daemon=True)
        self.c, self.sql, self.result, self.error, self.text, self.seconds = c, sql, None, None, "", 0
        self.start()

    def run(self):
        began = time.monotonic()
        try:
            self.result = ask(self.c, self.sql)
        except pymysql.MySQLError as e:
            self.error, self.text = e.args[0], str(e.args[1:])
        except Exception as e:  # the connection is gone
            self.error, self.text = -1, str(e)
        self.seconds = time.monotonic() - began

    def end(self, seconds=30):
        self.join(seconds)
        return None if self.is_alive() else (self.error, self.result)


def waits(s, n=1):
    """Until n sessions wait for their turn to write."""
    watch = s.connect()
    return until(lambda: sum(r[6] == "updating" for r in ask(watch, "SHOW PROCESSLIST")) == n)


def runs(s, c):
    """Until the statement of c is under way in earnest."""
    watch = s.connect()
    return until(lambda: any(r[0] == c.thread_id() and r[6] == "executing" for r in ask(watch, "SHOW PROCESSLIST")))


s = Rds(rows=3000)
setup = s.connect()


def table(name, columns, *rows):
    ask(setup, f"DROP TABLE IF EXISTS {name}")
    ask(setup, f"CREATE TABLE {name} ({columns})")
    for r in rows:
        ask(setup, f"INSERT INTO {name} VALUES {r}")


def snapshots():
    table("tt", "id INT PRIMARY KEY, v INT", "(1,1)")
    a, b = s.connect(), s.connect()
    ask(a, "BEGIN")
    ask(a, "UPDATE tt SET v=2 WHERE id=1")
    same(ask(b, "SELECT v FROM tt WHERE id=1"), ((1,),), "no dirty read")
    same(ask(a, "SELECT v FROM tt WHERE id=1"), ((2,),), "its own change is seen")
    later = Later(b, "INSERT INTO tt VALUES (2,2)")
    ok(waits(s), "another writer waits")
    ask(a, "ROLLBACK")
    same(later.end(), (None, 1), "and goes on when the transaction ends")
    same(ask(a, "SELECT v FROM tt WHERE id=1"), ((1,),), "ROLLBACK takes back")
    ask(a, "BEGIN")
    same(ask(a, "SELECT v FROM tt WHERE id=1"), ((1,),), "a snapshot begins with the first statement")
    ask(b, "UPDATE tt SET v=7 WHERE id=1")
    same(ask(a, "SELECT v FROM tt WHERE id=1"), ((1,),), "and stays")
    same(ask(b, "SELECT v FROM tt WHERE id=1"), ((7,),), "others see the commit")
    ask(a, "COMMIT")
    same(ask(a, "SELECT v FROM tt WHERE id=1"), ((7,),), "until it ends")
    ask(a, "SET autocommit=0")
    same(ask(a, "SELECT COUNT(*) FROM tt"), ((2,),), "autocommit=0: the same")
    ask(b, "INSERT INTO tt VALUES (3,3)")
    same(ask(a, "SELECT COUNT(*) FROM tt"), ((2,),), "without BEGIN")
    ask(a, "COMMIT")
    same(ask(a, "SELECT COUNT(*) FROM tt"), ((3,),), "until COMMIT")
    ask(a, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
    ask(a, "COMMIT")
    same(ask(a, "SELECT @@transaction_isolation"), (("READ-COMMITTED",),), "the level is told")
    ask(b, "INSERT INTO tt VALUES (4,4)")
    same(ask(a, "SELECT COUNT(*) FROM tt"), ((4,),), "READ COMMITTED sees what is committed")
    ask(a, "START TRANSACTION READ ONLY")
    same(error(a, "DELETE FROM tt"), 1792, "READ ONLY doesn't write")
    ask(a, "COMMIT")
    ask(a, "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    ask(a, "START TRANSACTION WITH CONSISTENT SNAPSHOT")
    ask(b, "INSERT INTO tt VALUES (5,5)")
    same(ask(a, "SELECT COUNT(*) FROM tt"), ((4,),), "WITH CONSISTENT SNAPSHOT begins at once")


def upgrades():
    """Reads, then writes, and others wrote in between."""
    table("up", "id INT PRIMARY KEY, v INT", "(1,1)", "(2,1)")
    table("other", "id INT PRIMARY KEY", "(1)")
    a, b = s.connect(), s.connect()
    ask(a, "BEGIN")
    same(ask(a, "SELECT v FROM up ORDER BY id"), ((1,), (1,)), "a snapshot")
    same(ask(a, "SELECT COUNT(*) FROM other"), ((1,),), "of two tables")
    ask(a, "SAVEPOINT before_it")
    ask(b, "UPDATE up SET v=v+10 WHERE id=1")
    ask(b, "INSERT INTO other VALUES (2)")
    same(ask(a, "UPDATE up SET v=v+1 WHERE id=1"), 1, "UPDATE goes on from the newest row")
    same(ask(a, "SELECT v FROM up WHERE id=1"), ((12,),), "and shows it")
    same(ask(a, "SELECT COUNT(*) FROM other"), ((1,),), "what it didn't write is as it was")
    later = Later(b, "UPDATE up SET v=0 WHERE id=1")
    ok(waits(s), "others wait")
    ask(a, "ROLLBACK TO before_it")
    same(ask(a, "SELECT v FROM up WHERE id=1"), ((11,),), "a savepoint of before holds")
    ask(a, "COMMIT")
    same(later.end(), (None, 1), "until COMMIT")
    ask(a, "BEGIN")
    ask(a, "SELECT v FROM up")
    ask(b, "UPDATE up SET v=5 WHERE id=2")
    same(ask(a, "SELECT v FROM up WHERE id=2 FOR UPDATE"), ((5,),), "FOR UPDATE reads the newest")
    later = Later(b, "UPDATE up SET v=6 WHERE id=2")
    ok(waits(s), "and holds it")
    ask(a, "UPDATE up SET v=v*2 WHERE id=2")
    ask(a, "COMMIT")
    later.end()
    same(ask(a, "SELECT v FROM up WHERE id=2"), ((6,),), "nothing is lost between")
    ask(a, "SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE")
    ask(a, "BEGIN")
    ask(a, "SELECT v FROM up")
    ask(b, "UPDATE up SET v=1 WHERE id=2")
    same(error(a, "UPDATE up SET v=2 WHERE id=2"), 1213, "SERIALIZABLE: 1213")
    same(ask(b, "UPDATE up SET v=3 WHERE id=2"), 1, "which ended the transaction")


def turns():
    table("tu", "id INT AUTO_INCREMENT PRIMARY KEY, who INT, n INT")
    seen = []

    def writer(who, c):
        for i in range(100):
            try:
                ask(c, f"INSERT INTO tu (who, n) VALUES ({who}, {i})")
                c.commit()
                seen.append(True)
            except pymysql.MySQLError as e:
                seen.append(e.args)

    threads = [threading.Thread(target=writer, args=(w, s.connect(autocommit=w == 4))) for w in range(5)]
    began = time.monotonic()
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    same([x for x in seen if x is not True], [], f"5 clients x 100 (INSERT; COMMIT) ({time.monotonic() - began:.2f} s)")
    same(ask(setup, "SELECT COUNT(*) FROM tu"), ((500,),), "all there")
    a, b, c = s.connect(), s.connect(), s.connect()
    ask(a, "BEGIN")
    ask(a, "INSERT INTO tu (who) VALUES (9)")
    ask(b, "SET innodb_lock_wait_timeout=1")
    same(ask(b, "SELECT @@innodb_lock_wait_timeout"), ((1,),), "the time to wait is told")
    ask(b, "BEGIN")
    later = Later(b, "INSERT INTO tu (who) VALUES (10)")
    same(later.end(), (1205, None), "1205 after it")
    ok(0.9 < later.seconds < 20, "not before", later.seconds)
    ddl = Later(c, "CREATE TABLE made_meanwhile (a INT)")
    ok(waits(s), "CREATE TABLE waits too")
    ask(a, "COMMIT")
    same(ddl.end(), (None, 0), "and goes on")
    same(ask(b, "INSERT INTO tu (who) VALUES (10)"), 1, "after 1205 the transaction goes on")
    b.close()
    same(ask(c, "DROP TABLE made_meanwhile"), 0, "who hangs up lets the next one write")
    order, held = [], s.connect()
    ask(held, "BEGIN")
    ask(held, "DELETE FROM tu WHERE id=1")
    several = []
    for i in range(3):
        def go(c=s.connect(), i=i):
            ask(c, f"UPDATE tu SET n={i} WHERE id=2")
            order.append(i)
        several.append(threading.Thread(target=go))
        several[-1].start()
        waits(s, i + 1)
    ask(held, "ROLLBACK")
    for t in several:
        t.join()
    same(order, [0, 1, 2], "first come, first served")


def savepoints():
    table("sp1", "a INT")
    c = s.connect()
    for sql in ("BEGIN", "INSERT INTO sp1 VALUES(1)", "SAVEPOINT s1", "INSERT INTO sp1 VALUES(2)", "ROLLBACK TO SAVEPOINT s1",
                "RELEASE SAVEPOINT s1", "COMMIT"):
        same(error(c, sql), None, sql)
    same(ask(c, "SELECT * FROM sp1"), ((1,),), "what came after the savepoint is gone")
    ask(c, "BEGIN")
    for sql in ("ROLLBACK TO nosuch", "RELEASE SAVEPOINT nosuch"):
        same(error(c, sql), 1305, sql)
    for sql in ("SAVEPOINT a", "INSERT INTO sp1 VALUES (2)", "SAVEPOINT b", "INSERT INTO sp1 VALUES (3)", "SAVEPOINT a",
                "INSERT INTO sp1 VALUES (4)", "ROLLBACK TO a"):
        ask(c, sql)
    same(ask(c, "SELECT a FROM sp1"), ((1,), (2,), (3,)), "a name used again is the newer one")
    ask(c, "ROLLBACK TO b")
    same(error(c, "ROLLBACK TO a"), 1305, "what came after it is gone")
    ask(c, "COMMIT")
    same(ask(c, "SELECT a FROM sp1"), ((1,), (2,)), "COMMIT after ROLLBACK TO")


def written_behind_with():
    table("wt", "a INT", "(1)", "(2)")
    c = s.connect()
    same(ask(c, "WITH x AS (SELECT 1 AS b) DELETE FROM wt WHERE a IN (SELECT b FROM x)"), 1, "WITH ... DELETE: one OK")
    same(ask(c, "WITH x AS (SELECT 2 AS b) UPDATE wt SET a=5 WHERE a IN (SELECT b FROM x)"), 1, "WITH ... UPDATE")
    same(ask(c, "SELECT a FROM wt"), ((5,),), "both done")


def recursion():
    c = s.connect()
    later = Later(c, ENDLESS)
    same(later.end()[0], 3636, "an endless recursion: 3636")
    ok("aborted after 1001 iterations" in later.text, "its words", later.text)
    same(error(c, ENDLESS.replace("ALL ", "")), 3636, "with UNION too")
    same(ask(c, "SELECT @@cte_max_recursion_depth"), ((1000,),), "the limit is told")
    same(ask(c, ENDLESS.replace("FROM t)", "FROM t WHERE n < 1000)")), ((1000,),), "1000 rows are within it")
    same(error(c, ENDLESS.replace("FROM t)", "FROM t WHERE n < 1001)")), 3636, "1001 are not")
    ask(c, "SET SESSION cte_max_recursion_depth=400000")
    same(ask(c, ENDLESS.replace("FROM t)", "FROM t WHERE n <= 300000)")), ((300001,),), "300001 rows with the limit raised")
    same(ask(c, "WITH RECURSIVE t AS (SELECT 1 AS n, 'x' AS s UNION ALL SELECT n+1, s FROM t AS old WHERE old.n < 3) SELECT * FROM t"),
         ((1, "x"), (2, "x"), (3, "x")), "no column more is seen")
    table("tree", "id INT PRIMARY KEY, parent INT", *[f"({i}, {i // 8})" for i in range(1, 300)], "(0, 100)")
    ask(c, "SET SESSION cte_max_recursion_depth=20")
    same(ask(c, "WITH RECURSIVE t(id) AS (SELECT id FROM tree WHERE id=1 UNION SELECT x.id FROM tree x JOIN t ON x.parent=t.id)"
                " SELECT COUNT(*) FROM t"), ((300,),), "UNION ends where the graph goes round; depth counts, not rows")
    same(error(c, "WITH t(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM t) SELECT * FROM t"), 1146, "without RECURSIVE: 1146")
    same(error(c, "WITH a AS (WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM t) SELECT n FROM t) SELECT COUNT(*) FROM a"), 3636,
         "inside another WITH")
    for levels, want in ((7, None), (30, 1235)): # newer SQLites join 200 tables at most
        ctes = ", ".join(f"c{i} AS (SELECT a.x FROM c{i - 1} a, c{i - 1} b)" for i in range(1, levels))
        same(error(c, f"WITH c0 AS (SELECT 1 AS x), {ctes} SELECT x FROM c{levels - 1}"), want, f"CTEs that read each other twice, {levels} levels")


def ended():
    a, b = s.connect(), s.connect()
    ask(a, "SET SESSION cte_max_recursion_depth=4294967295")
    me = a.thread_id()
    for sql in (ENDLESS, JOIN.replace("user_data b", "user_data b, user_data c"), "SELECT COUNT(*) FROM user_data WHERE SLEEP(100)"):
        later = Later(a, sql)
        runs(s, a)
        same(ask(b, f"KILL QUERY {me}"), 0, f"KILL QUERY: {sql[:40]}")
        same(later.end()[0], 1317, "1317")
    same(ask(a, "SELECT 1"), ((1,),), "the session goes on")
    later = Later(a, "SELECT SLEEP(100)")
    until(lambda: any(r[6] == "User sleep" for r in ask(b, "SHOW PROCESSLIST")))
    ask(b, f"KILL QUERY {me}")
    same(later.end(), (None, ((1,),)), "SLEEP alone gives 1")
    same(error(b, "KILL 999999"), 1094, "1094")
    same(error(b, "KILL"), 1064, "KILL nothing")
    same(ask(a, "SELECT SLEEP(0)"), ((0,),), "SLEEP(0)")
    began = time.monotonic()
    same(ask(a, "SELECT SLEEP(0.2)"), ((0,),), "SLEEP(0.2)")
    ok(time.monotonic() - began > 0.19, "takes its time")
    same(error(a, "SELECT SLEEP(NULL)"), 1210, "SLEEP(NULL)")
    ask(a, "SET max_execution_time=50")
    same(error(a, ENDLESS.replace("WITH", "SELECT * FROM (WITH") + ") x"), 3024, "max_execution_time: 3024")
    ask(a, "SET max_execution_time=0")
    same(error(a, "SELECT /*+ MAX_EXECUTION_TIME(50) */ COUNT(*) FROM user_data a, user_data b, user_data c WHERE a.age+b.age=c.age"), 3024,
         "the hint: 3024")
    ask(a, "SET max_execution_time=50")
    same(ask(a, "UPDATE user_data SET age=age+SLEEP(0.1) WHERE ind=1"), 1, "it is for SELECT only")
    holder = s.connect()
    ask(holder, "BEGIN")
    ask(holder, "UPDATE user_data SET age=age+1 WHERE ind=1")
    later = Later(a, "UPDATE user_data SET age=age+2 WHERE ind=1")
    waits(s)
    ask(b, f"KILL QUERY {me}")
    same(later.end()[0], 1317, "KILL of one that waits to write")
    ask(holder, "ROLLBACK")
    later = Later(a, "WITH" + ENDLESS[4:])
    runs(s, a)
    same(ask(b, f"KILL {me}"), 0, "KILL id")
    ok(later.end()[0] in (1317, 2013, -1), "ends statement and connection", (later.error, later.text))
    becomes_gone = until(lambda: me not in [r[0] for r in ask(b, "SHOW PROCESSLIST")])
    ok(becomes_gone, "it is gone from the list")
    idle = s.connect()
    ask(b, f"KILL {idle.thread_id()}")
    ok(error(idle, "SELECT 1") in (2006, 2013, 0), "an idle one is hung up on")
    same(error(b, f"KILL QUERY {b.thread_id()}"), 1317, "oneself")
    same(len(ask(b, "SELECT ID, INFO FROM information_schema.PROCESSLIST WHERE COMMAND='Query'")), 1, "information_schema.PROCESSLIST")


def others_go_on():
    """Nobody else is held up while several endless statements run; those whose client leaves end."""
    many = [s.connect() for _ in range(6)]
    for c in many:
        ask(c, "SET SESSION cte_max_recursion_depth=4294967295")
    later = [Later(c, ENDLESS if i % 2 else "SELECT COUNT(*) FROM user_data a, user_data b, user_data c WHERE a.age+b.age=c.age")
             for i, c in enumerate(many)]
    runs(s, many[0])
    times = sorted(s.health()[1] for _ in range(100))
    ok(times[97] < 0.1, "the control port answers", times[-5:])
    c = s.connect()
    began = time.monotonic()
    same(ask(c, "SELECT 1"), ((1,),), "short reads answer")
    same(ask(c, "SELECT COUNT(*) FROM user_data a JOIN geolocation_data b ON a.ind=b.ind WHERE a.age > 0"), ((3000,),), "longer ones, too")
    table("og", "a INT", "(1)")
    ask(c, "UPDATE og SET a=2")
    ok(time.monotonic() - began < 5, "and writes are done")
    for x in many:
        x._sock.shutdown(socket.SHUT_RDWR)
    ok(until(lambda: not [r for r in ask(c, "SHOW PROCESSLIST") if r[4] == "Query" and r[7] != "SHOW PROCESSLIST"]), "gone with their clients",
       ask(c, "SHOW PROCESSLIST"))
    for x in later:
        x.join(10)
    began = os.times()
    cpu = open(f"/proc/{s.proc.pid}/stat", encoding="ascii").read().split()[13:15]

    def quiet():
        nonlocal cpu
        before, cpu = cpu, open(f"/proc/{s.proc.pid}/stat", encoding="ascii").read().split()[13:15]
        time.sleep(0.1)
        now = open(f"/proc/{s.proc.pid}/stat", encoding="ascii").read().split()[13:15]
        return sum(map(int, now)) - sum(map(int, cpu)) <= 2
    ok(until(quiet), "their work has ended")


def rss(s):
    with open(f"/proc/{s.proc.pid}/status", encoding="ascii") as f:
        return int(next(line for line in f if line.startswith("VmRSS")).split()[1])


def streams():
    c = s.connect(cursorclass=pymysql.cursors.SSCursor)
    before = rss(s)
    cur = c.cursor()
    began = time.monotonic()
    cur.execute("SELECT * FROM user_data JOIN geolocation_data")
    ok(cur.fetchone() is not None, f"nine million rows: the first comes at once ({time.monotonic() - began:.3f} s)")
    for _ in range(20000):
        cur.fetchone()
    b = s.connect()
    state = until(lambda: next(r for r in ask(b, "SHOW PROCESSLIST") if r[0] == c.thread_id()), lambda r: r[6] == "Sending to client")
    same(state[6], "Sending to client", "a slow reader holds no thread")
    with open(f"/proc/{s.proc.pid}/maps", encoding="ascii") as f:
        kept = 100000 if "libasan" in f.read() else 0  # what is freed is kept aside
    ok(rss(s) - before < 12000 + kept, "memory stays flat", (before, rss(s)))
    for _ in range(20000):
        cur.fetchone()
    same(ask(b, f"KILL QUERY {c.thread_id()}"), 0, "killed while it waits")
    got = 0
    try:
        while cur.fetchone():
            got += 1
    except pymysql.MySQLError as e:
        same(e.args[0], 1317, f"after {got} more rows: 1317")
    c._force_close()


def hidden():
    c = s.connect()
    for sql in ("SELECT * FROM sqlite_master", "SELECT * FROM sqlite_schema", "SELECT * FROM pragma_database_list", "SELECT COUNT(*) FROM dbstat",
                "DELETE FROM `rds$filled`", "UPDATE `rds$column` SET type='int'", "SELECT * FROM `rds$column`", "SELECT * FROM json_each('[1]')",
                "INSERT INTO sqlite_sequence VALUES ('x', 1)", "DELETE FROM SQLITE_MASTER"):
        same(error(c, sql), 1146, sql)
    for sql in ("SELECT fts3_tokenizer('simple')", "SELECT load_extension('x')", "SELECT sqlite_version()"):
        same(error(c, sql), 1305, sql)
    same(error(c, "SELECT rowid FROM user_data LIMIT 1"), 1054, "rowid")
    for sql in ("ATTACH 'x' AS y", "PRAGMA database_list", "VACUUM"):
        same(error(c, sql), 1064, sql)
    ok(len(ask(c, "SELECT * FROM information_schema.columns")) > 5, "information_schema is there")
    ok(len(ask(c, "SHOW TABLES")) >= 3, "SHOW TABLES")


def regular_expressions():
    c = s.connect()
    for n, want in ((255, 3700), (5, None)):
        same(error(c, "SELECT 'a' REGEXP '((a{1,%d}){1,%d}){1,%d}'" % (n, n, n)), want, f"repetitions of {n}")
    same(ask(c, "SELECT 'Abc' REGEXP '^a[b-c]+$', 'x' REGEXP '(a|b)'"), ((1, 0),), "matches")
    same(error(c, "SELECT 'a' REGEXP '('"), 3685, "not a pattern")
    same(error(c, "SELECT HEX(CONCAT(s, s)) FROM (WITH RECURSIVE t(n, s) AS (SELECT 1, 'aaaaaaaaaaaaaaaa' UNION ALL SELECT n+1, CONCAT(s, s)"
                  " FROM t WHERE n < 40) SELECT s FROM t) x"), 1301, "a value has a limit")


def pages():
    """LIMIT n, 1 finds its row whatever happens to the table."""
    table("pg", "id INT PRIMARY KEY, v VARCHAR(9)")
    ask(setup, "INSERT INTO pg VALUES " + ",".join(f"({i * 2}, 'v{i}')" for i in range(2000)))
    model = [i * 2 for i in range(2000)]
    c, old = s.connect(), s.connect()

    def right(c=c, model=model, what=""):
        bad = [n for n in (0, 1, 63, 64, 65, 127, 500, 1000, 1777, 1998, 2500)
               if ask(c, f"SELECT * FROM pinterest_data.pg LIMIT {n}, 1")[0:1] != tuple((i, f"v{i // 2}") for i in model[n:n + 1])]
        return same(bad, [], f"LIMIT n, 1 {what}")
    for _ in range(3):
        right(what="fresh")
    ask(old, "BEGIN")
    right(old, what="in a transaction")
    before = list(model)
    ask(setup, "DELETE FROM pg WHERE id IN (0, 20, 1500)")
    model = [i for i in model if i not in (0, 20, 1500)]
    for _ in range(3):
        right(model=model, what="after a DELETE")
        right(old, model=before, what="of an older snapshot")
    ask(setup, "INSERT INTO pg VALUES (1, 'v0')")
    model = sorted(model + [1])
    for _ in range(3):
        right(model=model, what="after an INSERT between")
    ask(old, "COMMIT")
    right(old, model=model, what="in a newer one")
    ask(old, "BEGIN")
    ask(old, "DELETE FROM pg WHERE id < 100")
    right(old, model=[i for i in model if i >= 100], what="of one's own changes")
    right(model=model, what="which others don't see")
    ask(old, "ROLLBACK")
    right(old, model=model, what="and are taken back")


def timeouts():
    c = s.connect()
    same(ask(c, "SELECT @@wait_timeout, @@interactive_timeout"), ((28800, 28800),), "wait_timeout is told")
    ask(c, "SET wait_timeout=1")
    ask(c, "SELECT 1")
    c._sock.settimeout(20)
    left = b""
    while more := c._sock.recv(1000):
        left += more
    ok(b"because of inactivity" in left, "an idle session is hung up on", left)
    same(ask(setup, "SELECT SLEEP(1.5)"), ((0,),), "one that waits for its answer isn't idle")
    same(error(setup, "SET connect_timeout=3"), 1229, "connect_timeout is global")
    same(error(setup, "SET wait_timeout='x'"), 1232, "not a number")


def stops():
    x = Rds(rows=1000)
    clients = [x.connect() for _ in range(3)]
    for c in clients:
        ask(c, "SET SESSION cte_max_recursion_depth=4294967295")
    ask(clients[2], "BEGIN")
    ask(clients[2], "UPDATE user_data SET age=1")
    later = [Later(clients[0], ENDLESS), Later(clients[1], "SELECT * FROM user_data JOIN geolocation_data"),
             Later(clients[2], "UPDATE user_data a SET age=(SELECT COUNT(*) FROM user_data b, user_data c WHERE b.age+c.age=a.age)")]
    runs(x, clients[0])
    runs(x, clients[2])
    began = time.monotonic()
    same(x.stop(), 0, "SIGTERM with statements running: 0")
    ok(time.monotonic() - began < 3, "at once", time.monotonic() - began)
    for t in later:
        t.join(10)


def killed():
    """What COMMIT acknowledged is there after kill -9, from both ways of writing; what it didn't isn't."""
    x = Rds()
    a, b = x.connect(), x.connect(autocommit=False)
    ask(a, "CREATE TABLE kept (id INT PRIMARY KEY, how VARCHAR(9))")
    for i in range(50):
        ask(a, f"INSERT INTO kept VALUES ({2 * i}, 'auto')")
        ask(b, f"INSERT INTO kept VALUES ({2 * i + 1}, 'tx')")
        b.commit()
    ask(b, "INSERT INTO kept VALUES (1000, 'not')")
    x.kill()
    x = Rds(data=x.data)
    same(ask(x.connect(), "SELECT COUNT(*), MAX(id) FROM kept"), ((100, 99),), "kill -9 keeps what was acknowledged, and no more")
    x.stop()


def reading(x, c):
    """Until the long statement of c is being split and translated."""
    watch = x.connect()
    return until(lambda: any(r[0] == c.thread_id() and r[4] == "Query" and r[6] == "starting" for r in ask(watch, "SHOW PROCESSLIST")))


def long_statements():
    """A statement of megabytes is read in a job: others are answered meanwhile; it can be killed, left and stopped."""
    x = Rds()
    a, b = x.connect(), x.connect(client_flag=pymysql.constants.CLIENT.MULTI_STATEMENTS)
    ask(a, "CREATE TABLE wide (id INT PRIMARY KEY AUTO_INCREMENT, n INT, t VARCHAR(20))")
    rows = ",".join(f"({n},'t{n}')" for n in range(900000))
    insert = "INSERT INTO wide (n, t) VALUES " + rows
    ask(a, "SELECT 1")
    later = Later(b, insert)
    ok(reading(x, b), "14 MB are being read")
    answered = 0
    while later.is_alive() and answered < 20:
        same(ask(a, "SELECT 1"), ((1,),), "another's SELECT 1")
        answered += 1
    ok(later.is_alive(), "is answered 20 times before it has run", answered)
    same(later.end(120), (None, 900000), "it adds its rows")
    same(ask(a, "SELECT COUNT(*), MIN(id), MAX(n) FROM wide"), ((900000, 1, 899999),), "all of them")
    later = Later(b, insert)
    reading(x, b)
    ask(a, f"KILL QUERY {b.thread_id()}")
    same(later.end(120)[0], 1317, "KILL QUERY ends it")
    same(ask(b, "SELECT COUNT(*) FROM wide"), ((900000,),), "nothing was added")
    pad = "x" * 100000
    for sql, number, near in ((f"SELECT '{pad}', 'open", 1064, "near ''open' at line 1"), (f"FETCH '{pad}'", 1064, "near 'FETCH '"),
                              (f"SELECT '{pad}' FROM none", 1146, "none' doesn't exist"), (f"SELECT '{pad}', @@none", 1193, "'none'")):
        later = Later(b, sql)
        later.end()
        same((later.error, near in later.text), (number, True), f"{number}, also of a long one")
    with b.cursor() as cur:
        cur.execute(f"CREATE TABLE pads (t TEXT); INSERT INTO pads VALUES ('{pad}'); INSERT INTO pads VALUES ('{pad}', 1)")
        same(cur.nextset(), True, "several statements: the first one's table")
        same(cur.rowcount, 1, "is there for the second, a long one")
        try:
            cur.nextset()
            same(0, 1136, "and the third fails")
        except pymysql.MySQLError as e:
            same(e.args[0], 1136, "and the third fails")
    same(ask(b, f"SELECT LENGTH('{pad}'), @@autocommit"), ((100000, 1),), "a variable in a long one")
    holder, w = x.connect(autocommit=False), x.connect()
    ask(holder, "INSERT INTO pads VALUES ('held')")
    later = Later(w, f"INSERT INTO pads VALUES ('{pad}')")
    watch = x.connect()
    ok(until(lambda: any(r[6] == "updating" for r in ask(watch, "SHOW PROCESSLIST"))), "a long one waits for its turn")
    holder.rollback()
    same(later.end(), (None, 1), "and has it")
    for left in range(3):
        c = x.connect()
        Later(c, insert)
        reading(x, c)
        c._sock.shutdown(socket.SHUT_RDWR)
    same(ask(a, "SELECT 1"), ((1,),), "clients that hang up meanwhile")
    c = x.connect()
    Later(c, insert)
    reading(x, c)
    same(x.stop(), 0, "stopped while one is being read")


parts(long_statements, snapshots, upgrades, turns, savepoints, written_behind_with, recursion, ended, others_go_on, streams, hidden, regular_expressions,
      pages, timeouts, stops, killed)
same(s.stop(), 0, "stopped")
done()
