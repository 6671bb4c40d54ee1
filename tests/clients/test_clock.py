#!/usr/bin/python3
"""The emulated clock: real time plays no part in it. An advance gives a task all the time its program needs, says what it waits for,
and is ended by DELETE, freeze, resume, and the end of tarn."""
import os
import threading

from tarn import Stack, call, done, log, ok, same, stack_folder, until

DAG = """from airflow import DAG
from airflow.operators.bash import BashOperator
from datetime import datetime
with DAG("naps", start_date=datetime(2026, 1, 5), schedule="@daily", catchup=False, is_paused_upon_creation=False) as dag:
    BashOperator(task_id="nap", bash_command="{command}")
"""


def stack(command, **more):
    return Stack(stack=stack_folder(files={"dags/naps.py": DAG.format(command=command)}), clock="2026-01-05T09:00:00Z", **more)


def ended(srv):
    runs = call("GET", srv.at["airflow"] + "/api/v1/dags/naps/dagRuns").json()["dag_runs"]
    if not runs:
        return None
    task = call("GET", srv.at["airflow"] + f"/api/v1/dags/naps/dagRuns/{runs[-1]['dag_run_id']}/taskInstances/nap").json()
    return task["state"], task["end_date"]


def clock(srv, method, words=None):
    return call(method, srv.at["control"] + "/_tarn/clock", words, {"X-Tarn": "1"})


def later(srv, words):
    """An advance that this test doesn't wait for: a list that gets its answer."""
    answer = []
    thread = threading.Thread(target=lambda: answer.append(clock(srv, "POST", words)), daemon=True)
    thread.start()
    return answer, thread


def naps(seconds):
    with stack(f"sleep {seconds}") as srv:
        srv.clock("advance 16h")
        same(ended(srv), ("success", "2026-01-06T00:00:00+00:00"), f"sleep {seconds} takes no emulated time")


def waiting(srv):
    advancing = clock(srv, "GET").json().get("advancing")
    return advancing and [w["for"] for w in advancing["waiting"] if "naps.nap" in w["for"]]


def ends(how, words=None):
    with stack("sleep 600") as srv:
        answer, thread = later(srv, "advance 365d")
        ok(until(lambda: waiting(srv)), "it says whose program it waits for", clock(srv, "GET").text)
        now = clock(srv, "GET").json()
        same((now["now"], now["frozen"], now["advancing"]["to"]), ("2026-01-06T00:00:00.000Z", True, "2027-01-05T09:00:00.000Z"), "where it is, and goes")
        same(clock(srv, "POST", "advance 1s").status, 409, "one advance at a time")
        r = clock(srv, how, words)
        same(r.status, 200, f"{how} {words or ''} ends it")
        thread.join(30)
        same(answer and answer[0].status, 409, "who asked for it hears so")
        ok("2026-01-06T00:00:00.000Z" in answer[0].text, "and where it ended", answer[0].text)
        after = clock(srv, "GET").json()
        ok("advancing" not in after, "it is over", after)
        if words != "resume":
            same(after["now"], "2026-01-06T00:00:00.000Z" if not words or words == "freeze" else "2030-01-01T00:00:00.000Z", "the time it stands at")


def limits(srv):
    for words in ["advance 1000000000d", "advance 36526d", "advance -1d", "advance 1", "advance", "resume now", "stop"]:
        same(clock(srv, "POST", words).status, 400, f"{words} is refused")
    same(clock(srv, "GET").json()["now"], "2026-01-05T09:00:00.000Z", "the clock hasn't moved")
    same(clock(srv, "DELETE").json(), {"now": "2026-01-05T09:00:00.000Z", "frozen": True}, "nothing to end is no error")


def by_hand(srv):
    r = srv.run("clock", "advance", "90s")
    same((r.returncode, r.stdout), (0, "2026-01-05T09:01:30.000Z (frozen)\n"), "tarn clock advance")
    r = srv.run("clock", "freeze", "2026-02-01T00:00:00Z")
    same((r.returncode, r.stdout), (0, "2026-02-01T00:00:00.000Z (frozen)\n"), "tarn clock freeze")
    same(srv.run("clock", "advance", "1000000000d").returncode, 2, "tarn clock advance has a limit")
    same(srv.run("clock", "stop").returncode, 0, "tarn clock stop")
    ok("frozen" not in srv.run("clock", "resume").stdout, "tarn clock resume")
    same(srv.run("clock", "advance", "1s").returncode, 5, "a real clock isn't advanced")


def kept(stop):
    """A frozen clock and armed faults are state."""
    srv = Stack(only="s3,kafka", clock="2026-01-05T09:00:00Z")
    srv.flags = ["--only", "s3,kafka"]
    srv.clock("advance 90s")
    srv.fault("http.s3 name=third status=503 on=3")
    put = [call("PUT", srv.at["aws"] + "/b", b"").status for _ in range(2)]
    stop(srv)
    srv.up()
    same(clock(srv, "GET").json(), {"now": "2026-01-05T09:01:30.000Z", "frozen": True}, "the clock stands where it stood")
    ok("clock frozen at 2026-01-05T09:01:30.000Z; faults armed: http.s3" in log(), "which is said", log()[-600:])
    same([call("PUT", srv.at["aws"] + "/b", b"").status == 503 for _ in range(2)], [True, False], f"the fault fires at the third of all requests, after {put}")
    srv.clock("resume")
    srv.faults_clear()
    stop(srv)
    srv.up()
    ok(not clock(srv, "GET").json()["frozen"], "a clock that goes is kept going")
    same(srv.control("GET", "/_tarn/faults"), [], "a fault taken away stays away")
    srv.clock("freeze 2026-03-01T00:00:00Z")
    stop(srv)
    srv.flags = ["--only", "s3", "--clock", "real"]
    srv.up()
    ok(not clock(srv, "GET").json()["frozen"], "--clock real counts before what was kept")
    srv.stop()


naps(0.2)
kept(Stack.stop)
kept(Stack.kill)
naps(int(os.environ.get("NAP", "2")))
ends("DELETE")
ends("POST", "freeze")
ends("POST", "freeze 2030-01-01T00:00:00Z")
ends("POST", "resume")
with stack("true") as one:
    limits(one)
    by_hand(one)
done()
