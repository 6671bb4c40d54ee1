#!/usr/bin/python3
"""The command line: exit codes, what goes to stdout and stderr, and the life of a stack in the background."""
import fcntl
import fnmatch
import glob
import json
import os
import re
import shutil
import signal
import subprocess
import time
import urllib.request
from xml.etree import ElementTree

from tarn import ROOT, TARN, TMP, call, done, ok, same, stack_folder, tarn


def words():
    bare = tarn()
    same((bare.returncode in (0, 2), "tarn up" in bare.stdout + bare.stderr), (True, True), "tarn alone says what it is")
    r = tarn("help")
    commands = re.findall(r"^  ([a-z]+) ", r.stdout.split("Services:")[0], re.M)
    same(r.returncode, 0, "help")
    for word in ("up", "down", "status", "env", "exec", "emit", "seed", "clean", "sql", "query", "run", "logs", "help"):
        h = tarn("help", word)
        ok(word in commands and h.returncode == 0 and f"usage: tarn {word}" in h.stdout, f"help {word}")
    r = tarn("statsu")
    same((r.returncode, r.stdout, "status" in r.stderr), (2, "", True), "did you mean")
    for args in (["up", "--nothing"], ["up", "--seed", "x"], ["run"], ["sql"], ["query"], ["up", "--only", "rds,nothing"]):
        r = tarn(*args, cwd=TMP)
        same((r.returncode, r.stdout), (2, ""), "wrong use: " + " ".join(args))
    same(tarn("version").stdout.split()[0], "tarn", "version")
    same(json.loads(tarn("version", "--json").stdout)["data"], {"version": tarn("version").stdout.split()[1]}, "version --json")
    r = tarn("status", "--json", cwd=TMP)
    same((r.returncode, json.loads(r.stdout)["error"]["code"]), (3, "NOT_RUNNING"), "status --json without a stack")
    for service in ("rds", "kafka", "rest", "connect", "s3", "kinesis", "apigateway", "aws", "databricks", "airflow"):
        r = tarn("help", service)
        ok(r.returncode == 0 and f"\n{service}: " in "\n" + r.stdout and "operations" in r.stdout, f"help {service}", r.stderr)
    for word, flags in (("up", ("--bind", "--set", "--durability", "--log-level", "--open")), ("emit", ("--via",)), ("seed", ("--from",)), ("exec", ("--only",))):
        r = tarn("help", word)
        ok(all(f in r.stdout for f in flags) and "for example: " in r.stdout, f"help {word}: flags and an example", r.stdout)
    for args, code, says, hint in (
        (["up", "--endpoint", "x"], 2, "up has no flag --endpoint", "--endpoints-file"), (["seed", "--nope"], 2, "", ""),
        (["up", "--log-level", "loud"], 2, "--log-level takes debug|info|warn|error, not loud", ""),
        (["status", "--json=yes"], 2, "--json takes no value", ""), (["up", "--seed"], 2, "--seed wants a value: N", ""),
        (["dag", "lst"], 2, "dag has no word lst (did you mean list?)", "tarn dag list"), (["dag", "show"], 2, "tarn dag show DAG", ""),
        (["commence"], 2, "there is no command commence", "try: tarn help"), (["doctor"], 2, "there is no command doctor", "try: tarn help"),
        (["statsu"], 2, "try: tarn status", ""), (["up", "--prots=auto"], 2, "try: --ports", ""), (["help", "kafak"], 2, "did you mean kafka?", ""),
        (["stream"], 2, "stream wants a word: list |", ""), (["notebook"], 2, "notebook wants a word: run |", ""), (["help", "srvices"], 2, "did you mean services?", ""),
        (["down", "now"], 2, "down takes no words", ""), (["logs", "-x"], 2, "logs has no flag -x", "")):
        r = tarn(*args, cwd=TMP)
        ok((r.returncode, r.stdout) == (code, "") and says in r.stderr and hint in r.stderr, "refused: " + " ".join(args), r.stderr)
    r = tarn("dag", "--json", "lst")
    same((r.returncode, r.stderr, json.loads(r.stdout)["error"]["code"]), (2, "", "USAGE"), "wrong use in JSON")


COMPLETE = """eval "$("$TARN" completion bash)"
for line in "tarn sta" "tarn dag l" "tarn up --log" "tarn up --log-level i" "tarn help serv" "tarn env --format f" "tarn up --only rds,apig" \
		"tarn up --set kafka.bro" "tarn up --set = s3.x" "tarn up m" "tarn run scen" "tarn exec -- python3 scen"; do
	COMP_WORDS=($line); COMP_WORDS[0]=$TARN; COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	_tarn tarn "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
	echo "${COMPREPLY[*]}"
done"""
FISH = """set -x PATH (dirname $TARN) $PATH
tarn completion fish | source
for line in "tarn sta" "tarn up --set=kafka.bro" "tarn run scen"
	complete -C "$line" | string split \\t -f 1
end"""


def completion():
    r = subprocess.run(["bash", "-c", COMPLETE], capture_output=True, text=True, timeout=30, env={**os.environ, "TARN": TARN}, cwd=ROOT)
    same((r.stdout.splitlines(), r.stderr), (["status", "list", "--log-level", "info", "services", "fish", "rds,apigateway", "kafka.brokers=", "", "msk",
                                              "scenarios", "scenarios"], ""), "bash completes words, flags, values and files")
    same(tarn("completion", "list", "--", "sta").stdout, "status\tShows services, addresses and the clock of a running stack.\n", "with what each is")
    if shutil.which("zsh"):
        r = subprocess.run(["zsh", "-fc", 'eval "$("$TARN" completion zsh)" && echo $_comps[tarn]'], capture_output=True, text=True, timeout=30,
                           env={**os.environ, "TARN": TARN})
        ok("_tarn" in r.stdout, "zsh takes it, too", r.stdout + r.stderr)
    if shutil.which("fish"):
        r = subprocess.run(["fish", "--no-config", "-c", FISH], capture_output=True, text=True, timeout=30, env={**os.environ, "TARN": TARN, "HOME": TMP}, cwd=ROOT)
        same(r.stdout.splitlines(), ["status", "--set=kafka.brokers=", "scenarios/"], "so does fish")


def manual():
    where = os.path.join(TMP, "man")
    tarn("man", "--dir", where)
    pages = sorted(os.listdir(where))
    commands = re.findall(r"^  (\w+) ", tarn("help").stdout.split("Services:")[0], re.M)
    same([c for c in commands if f"tarn-{c}.1" not in pages], [], "a page for each command")
    ok("tarn.1" in pages and "tarn-kafka.7" in pages and "tarn-exec.7" not in pages, "one for tarn, and for topics that are no command", pages)
    ok("tarn-settings.7" in pages and "tarn-api.7" in pages and "tarn-kinesis.7" in pages, "also of those that are made of tables, and of services", pages)
    with open(os.path.join(where, "tarn-scenario.7"), encoding="utf-8") as f:
        ok("expect SUBJECT OPERATOR VALUE" in f.read(), "with what tarn help prints")
    if shutil.which("man"):
        r = subprocess.run("for f in *; do man --warnings -l $f 2>&1 >/dev/null | sed \"s/^/$f: /\"; done", shell=True, cwd=where, capture_output=True, text=True,
                           timeout=60, env={**os.environ, "MANWIDTH": "130"})
        same(r.stdout, "", "groff has nothing to say against them")
        r = subprocess.run(["man", "-l", "tarn-up.1"], cwd=where, capture_output=True, text=True, timeout=30, env={**os.environ, "MANWIDTH": "100"})
        ok("--seed N" in r.stdout and "what chance is made of" in r.stdout, "flags stand there with what they do", r.stdout[:500])
    r = tarn("man", "upp")
    ok(r.returncode == 2 and "did you mean up?" in r.stderr, "a page that isn't there", r.stderr)


def settings(tmp):
    """What is read is declared, what is declared is read, and what isn't declared is refused before anything starts."""
    declared, section = {}, None
    for line in tarn("help", "settings").stdout.splitlines():
        if head := re.fullmatch(r"\[(.*)\]", line):
            section = declared.setdefault(head[1], [])
        elif section is not None and (row := re.match(r"  (\S+)", line)):
            section.append(row[1])
    calls = []
    for path in glob.glob(ROOT + "/emulators/*/*.c"):
        if not path.endswith("core/conf.c"):
            calls += re.findall(r'conf_(?:get|str|int|bool|at)\([^"();]*?(?:\([^()]*\)[^"();]*?)?, "([^"]+)", ("[^"]+"|[^,)]+)', open(path, encoding="utf-8").read())
    calls = [(s, k) for s, k in calls if s not in {"external_port", "listen_port", "port"}]  # whose section is a name that is made
    keys = {section: {k.strip('"') for s, k in calls if s == section and k[0] == '"'} for section, _ in calls}
    same(sorted(s for s in keys if s not in declared and not (keys[s] and keys[s] <= {"listen_host", "listen_port", "listen_token", "listen_page_token"})), [], "sections that are read are declared")
    own = {s: ks - {"listen_host", "listen_port", "listen_token", "listen_page_token"} for s, ks in keys.items()}
    same(sorted(f"{s}.{k}" for s, ks in own.items() for k in ks if not any(fnmatch.fnmatch(k, d) for d in declared.get(s, []))), [], "settings that are read are declared")
    maps = {s for s, k in calls if k[0] != '"'}
    loose = {"external_port", "stages.*", "api.*"}
    same(sorted(f"{s}.{k}" for s, ks in declared.items() for k in ks if k not in keys.get(s, ()) and s not in maps | {"apigateway.stage.*", "emit.*", "identity.*", "rest.*"} and k not in loose), [],
         "settings that are declared are read")
    ok(len(calls) > 60 and sum(map(len, declared.values())) > 60, "there are some", (len(calls), declared))
    for given, says in (("kafka.partitons=3", "[kafka] has no setting partitons (did you mean partitions?)"), ("stack.seed=abc", "[stack] seed takes a number from 0, not abc"),
                        ("topic.x=1", "there is no section [topic] (did you mean topics?)"), ("lake.rows_max=many", "[lake] rows_max takes"),
                        ("kafka.auto_create=maybe", "takes on|off, not maybe"), ("jobs.setup=soon", "takes a duration"), ("kafka.listen_port=1", "has no setting listen_port"),
                        ("topics.a.b=", ""), ("rds.users.alice=x", ""), ("apigateway.hosts:a.b:8082=rest", ""), ("apigateway.stage.prod.color=red", ""), ("stack", "SECTION.KEY=VALUE")):
        r = tarn("exec", "--only", "s3", "--set", given, "--", "true", cwd=tmp)
        ok((r.returncode == 2 and says in r.stderr and "--set " + given in r.stderr or given == "stack") if says else r.returncode == 0, f"--set {given}: {r.stderr.strip()!r}")
    for conf, says in (("[stack]\nuser = x\nrowz = 5\n", "stack.conf:3: [stack] has no setting rowz (did you mean rows?)"), ("# x\n\n[topic]\na = 1\n", "stack.conf:4: there is no section [topic]"),
                       ("[streams]\na = 0\n", "stack.conf:2: [streams] a takes a number of 1..10000 or on-demand or nothing, not 0")):
        r = tarn("up", stack_folder(conf), "--ports=auto", "--data", tmp + "/refused")
        ok(r.returncode == 2 and says in r.stderr and not os.path.exists(tmp + "/refused"), f"stack.conf: {r.stderr.strip()!r}")
    folder = stack_folder("[stack]\nseed = 7\n")
    for flags, want in (((), "7"), (("--seed", "9"), "9"), (("--set", "stack.seed=8"), "8")):
        r = tarn("exec", folder, "--only", "s3", *flags, "--", "sh", "-c", '"$TARN" status --json', TARN=TARN)
        same(json.loads(r.stdout)["data"]["stack"]["seed"], int(want), f"the seed of the stack, {flags}")


def faults(tmp):
    """A site that nobody asks at, and an act that makes no difference there, are refused wherever a fault is armed."""
    lines = tarn("help", "faults").stdout
    ok(all(re.search(rf"^  {re.escape(site)} .*{act}", lines, re.M) for site, act in (("kinesis.PutRecord", "error="), ("s3.PutObject", "delay="), ("http.rest", "status="),
       ("lake.stream.rows", "error="), ("task.*", "error="), ("jobs.RunsSubmit", "status="), ("kafka.store", "io"))), "help faults", lines)
    cases = (("kinesis.PutRecrd error=X", "there is no fault site kinesis.PutRecrd (did you mean kinesis.PutRecord?)"), ("rds reset", "there is no fault site rds"),
             ("control.Health error=SlowDown", "fault control.Health takes delay= drop reset only"), ("lake.stream.row error=X", "there is no fault site lake.stream.row (did you mean lake.stream.rows?)"))
    data = tmp + "/faults"
    tarn("up", "-d", "--ports=auto", "--data", data, "--only", "s3")
    control = json.load(open(data + "/endpoints.json"))["control"]
    for spec, says in cases:
        with open(tmp + "/f.tarn", "w") as f:
            f.write(f'step "x"\n  fault add {spec}\n')
        r = tarn("run", tmp + "/f.tarn")
        ok(r.returncode == 2 and r.stdout == "" and f"f.tarn:2:13: {says}" in r.stderr, f"scenario: {r.stderr.strip()!r}")
        r = tarn("fault", "add", *spec.split(), "--data", data)
        ok(r.returncode == 2 and says in r.stderr, f"tarn fault: {r.stderr.strip()!r}")
        a = call("POST", control + "/_tarn/faults", spec, {"X-Tarn": "1"})
        ok(a.status == 400 and says in a.json()["error"], f"HTTP: {a.text.strip()!r}")
    r = tarn("fault", "add", "s3.PutObject", "delay=1ms", "name=slow", "--data", data)
    ok(r.returncode == 0 and "s3.PutObject" in r.stdout and "slow" in r.stdout, "tarn fault add", r.stderr)
    same(json.loads(tarn("fault", "list", "--json", "--data", data).stdout)["data"], [{"site": "s3.PutObject", "name": "slow", "fired": 0, "spec": "s3.PutObject name=slow delay=1ms"}], "tarn fault list --json")
    same((tarn("fault", "clear", "slow", "--data", data).stdout, tarn("fault", "list", "--data", data).stdout), ("", ""), "tarn fault clear")
    tarn("down", "--data", data)


def references():
    """What help prints whole is what there is."""
    text = tarn("help", "differences").stdout
    written = sum(open(f, encoding="utf-8").read().count("DIFFERS:") for f in glob.glob(ROOT + "/emulators/*/*.[ch]"))
    same((len(text.splitlines()) - 2, "keys aren't checked here" in text, "is refused in the words for what isn't known" in text), (written, True, True), "help differences: every DIFFERS of the sources")
    r = tarn("exec", "--", "sh", "-c", 'curl -s "$TARN_CONTROL/_tarn/operations"')
    served = [o for o in json.loads(r.stdout)["operations"]]
    api = tarn("help", "api").stdout
    same([o["name"] for o in served if not re.search(rf" {o['name']} +{re.escape(o['doc'])}$", api, re.M)], [], "help api: every operation that is served")
    text = tarn("help", "scenario").stdout
    ok(all(f"\n  {word} " in text for word in ("scenario", "emit", "query", "status", "topic", "==", "contains", "url.SERVICE")), "help scenario", text)
    listed = tarn("help").stdout
    for topic in ("scenario", "settings", "faults", "api", "differences", "services", "exit"):
        ok(f"\n  {topic} " in listed and tarn("help", topic).returncode == 0, f"help {topic}")


def life(tmp):
    data = tmp + "/state"
    r = tarn("up", "-d", "--wait", "--ports=auto", "--data", data, "--seed", "7", "--clock", "2026-01-05T09:00:00Z")
    same((r.returncode, "seed 7" in r.stdout, "rds " in r.stdout), (0, True, True), "up -d prints the endpoints")
    same(tarn("up", "-d", "--ports=auto", "--data", data).returncode, 5, "a second stack on the folder is a conflict")
    s = json.loads(tarn("status", "--json", "--data", data).stdout)
    same((s["ok"], s["data"]["clock"][:16], s["data"]["frozen"]), (True, "2026-01-05T09:00", True), "status --json")
    ends = s["data"]["endpoints"]
    same(sorted(ends), ["apigateway", "aws", "connect", "control", "kafka", "lake", "rds", "rest"] if "airflow" not in ends else sorted(ends),
         "every endpoint by name")
    env = dict(re.findall(r"^export ([A-Z_]+)='(.*)'$", tarn("env", "--data", data).stdout, re.M))
    same((env["AWS_ENDPOINT_URL"], env["TARN_INVOKE_URL"]), (ends["aws"], ends["apigateway"] + "/prod"), "env")
    same(json.loads(tarn("env", "--format", "json", "--data", data).stdout)["AWS_ENDPOINT_URL"], ends["aws"], "env --format json")
    port = int(ends["rds"].split(":")[1])
    r = tarn("up", "--only", "rds", "--data", tmp + "/other", "--set", f"ports.rds={port}")
    same((r.returncode, str(port) in r.stderr), (5, True), "a taken port is a conflict and is named")
    r = tarn("exec", "--data", tmp + "/other", "--", "true")
    same(r.returncode, 0, "exec beside it")
    urllib.request.urlopen(ends["rest"] + "/topics", timeout=10).read()
    same((tarn("down", "--data", data).returncode, os.path.exists(data + "/endpoints.json")), (0, False), "down")
    same(tarn("down", "--data", data).returncode, 3, "down when nothing runs")
    r = tarn("status", "--data", data)
    same((r.returncode, r.stdout, "tarn up -d" in r.stderr), (3, "", True), "status when nothing runs says what to do")
    logged = tarn("logs", "--data", data)
    same(logged.returncode, 0, "logs")
    stale(tmp)


def stale(tmp):
    """kill -9 leaves the pid file; the next start isn't stopped by it."""
    data = tmp + "/killed"
    tarn("up", "-d", "--ports=auto", "--data", data, "--only", "s3")
    pid = int(open(data + "/pid").read())
    os.kill(pid, signal.SIGKILL)
    with open(data + "/lock") as lock:  # until it is dead: a kill is a message
        fcntl.flock(lock, fcntl.LOCK_EX)
    r = tarn("up", "-d", "--ports=auto", "--data", data, "--only", "s3")
    same(r.returncode, 0, "up after kill -9")
    tarn("down", "--data", data)
    with open(data + "/lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        up = subprocess.Popen([TARN, "up", "-d", "--ports=auto", "--data", data, "--only", "s3"], stdout=subprocess.DEVNULL)
        time.sleep(0.2) # a child of the killed one holds it so long
    same(up.wait(), 0, "the lock of one just killed is waited for")
    tarn("down", "--data", data)


def log_files(tmp):
    """tarn.log has a bound; logs -f follows over its end."""
    data = tmp + "/logged"
    tarn("up", "-d", "--ports=auto", "--data", data, "--only", "s3", "--set", "log.max_bytes=20000")
    aws = json.loads(open(data + "/endpoints.json").read())["aws"]
    follow = subprocess.Popen([TARN, "logs", "-f", "--data", data], stdout=subprocess.PIPE, text=True)
    signed = "AWS4-HMAC-SHA256 Credential=AK/20260105/us-east-1/nowhere/aws4_request, SignedHeaders=host, Signature=" + 64 * "0"
    for n in range(400):
        call("GET", f"{aws}/line-{n}-", None, {"Authorization": signed})
    seen = [line for line in iter(follow.stdout.readline, "") if "line-" in line and (follow.kill() if "line-399-" in line else True)]
    follow.wait()
    tarn("down", "--data", data)
    same(sorted(f for f in os.listdir(data) if f.startswith("tarn.log")), ["tarn.log", "tarn.log.1"], "one old log is kept")
    ok(all(os.path.getsize(f"{data}/{f}") < 22000 for f in ("tarn.log", "tarn.log.1")), "both are as long as they may be")
    numbers = [int(re.search("line-([0-9]+)-", line).group(1)) for line in seen]
    ok(numbers == sorted(numbers) and len(numbers) > 300, "logs -f goes on with the next one", numbers)


def programs(tmp):
    same(tarn("exec", "--data", tmp + "/exec", "--", "sh", "-c", "exit 7").returncode, 7, "exec passes the exit code on")
    r = tarn("exec", "--data", tmp + "/exec", "--", "sh", "-c", 'echo "$AWS_ENDPOINT_URL$TARN_AWS $TARN_RDS"')
    ok(re.search(r"http://127\.0\.0\.1:\d+ 127\.0\.0\.1:\d+\n$", r.stdout), "exec's environment")
    same(tarn("status", "--data", tmp + "/exec").returncode, 3, "exec leaves no addresses behind")
    ok(tarn("exec", "--data", tmp + "/exec", "--", "no-such-program").returncode not in (0, 2), "exec of nothing")
    r = tarn("exec", "--data", tmp + "/exec", "--", TARN, "emit", "pinterest", "--count", "2")
    same((r.returncode, "sent 6 posts" in r.stderr), (0, True), "tarn's own commands find the stack that exec started")


def scenarios(tmp):
    open(tmp + "/a.tarn", "w").write('scenario "x"\nstep "one"\n  send GET /nothing\n  expect status == 200\nstep "two"\n  note hi\n')
    with open(tmp + "/after.tarn", "w") as f:
        f.write('scenario "After"\nstep "One"\n  expect metric tarn_requests_total{service="s3",op="none at all"} absent\n  fault add http.rest status=503 name=f1\n'
                '  expect fault f1 state == armed\n  expect fault f2 state absent\n  expect clock is never\nstep "Two" after="One"\n  expect clock exists\nstep "Three"\n  expect clock exists\n')
    r = tarn("run", tmp + "/after.tarn", "--junit", tmp + "/after.xml")
    same([line for line in r.stdout.splitlines() if line.startswith(("ok", "not"))], ["not ok 1 - One", 'ok 2 - Two # SKIP after "One", which failed', "ok 3 - Three"],
         "a step that is after one that failed is left out")
    ok('want: "is never"' in r.stdout and 'skipped="1"' in open(tmp + "/after.xml").read(), "a metric's labels, a fault's state; JUnit says what was left out", r.stdout)
    r = tarn("run", tmp + "/a.tarn", "--junit", tmp + "/j.xml")
    same((r.returncode, "not ok 1 - one" in r.stdout, "ok 2 - two" in r.stdout, "a.tarn:4:" in r.stdout), (1, True, True, True),
         "a failing step: exit 1, TAP, file and line")
    xml = ElementTree.parse(tmp + "/j.xml").getroot()
    failure = xml.find("testsuite/testcase[@name='one']/failure")
    same((xml.tag, xml.get("failures"), [(s.get("name"), s.get("tests"), s.get("failures")) for s in xml], len(xml.findall(".//failure"))),
         ("testsuites", "1", [(tmp + "/a.tarn", "2", "1")], 1), "JUnit: a suite a file")
    ok(failure.get("message").startswith("want == 200, got ") and f"{tmp}/a.tarn:4:3\n" in failure.text and "body: " in failure.text, "with values, place and body",
       ElementTree.tostring(failure))
    for n, (lines, code, says) in enumerate([
            ("send GET / to=s3", 1, "no endpoint s3; there are rest, connect, apigateway, airflow, aws"), ('exec sh -c "echo boom >&2; exit 3"', 1, "sh ended with 3; where that is right: expect exit == 3"),
            ('exec sh -c "echo boom >&2; exit 3"\n  expect exit == 3', 0, "ok 1 - one"), ('exec sh -c "echo boom >&2; exit 3"\n  expect exit == 0', 1, 'stderr: "boom"'),
            ('exec sh -c "exit 3"\n  exec true\n  expect exit == 0', 1, "sh ended with 3"), ('exec sh -c "exit 3"\nstep "two"\n  expect exit == 3', 1, "sh ended with 3"),
            ("fault add kinesis.PutRecrd error=x", 2, "there is no fault site kinesis.PutRecrd (did you mean kinesis.PutRecord?)")]):
        open(tmp + f"/c{n}.tarn", "w").write(f'step "one"\n  {lines}\n')
        r = tarn("run", tmp + f"/c{n}.tarn")
        same((r.returncode, says in r.stdout + r.stderr), (code, True), f"{lines!r}: {says}")
    open(tmp + "/b.tarn", "w").write('scenario "x"\nstep "one"\n  sned GET /\n')
    r = tarn("run", tmp + "/b.tarn")
    same((r.returncode, "b.tarn:3:3" in r.stderr), (2, True), "a wrong statement: exit 2, file, line, column")
    for line, says in (("expect statu == 200", "b.tarn:3:10: nothing to expect is called statu (did you mean status?)"), ("emit pinterest cuont=5", "b.tarn:3:18: emit has no cuont= (did you mean count?)"),
                       ("expect status = 200", "did you mean ==?"), ("expect topic x recrods == 1", "topic has no recrods (did you mean records?)")):
        open(tmp + "/b.tarn", "w").write(f'scenario "x"\nstep "one"\n  {line}\n')
        r = tarn("run", tmp + "/a.tarn", tmp + "/b.tarn")
        same((r.returncode, r.stdout, says in r.stderr), (2, "", True), f"refused before anything starts: {r.stderr.strip()!r}")


words()
completion()
manual()
settings(TMP)
faults(TMP)
references()
life(TMP)
log_files(TMP)
programs(TMP)
scenarios(TMP)
done()
