#!/usr/bin/python3
"""[identities]: every AWS service takes the right secret and refuses a wrong secret, an unknown key, and no signature, in its own words;
the services of plain HTTP take basic and bearer; and what a stack says that strangers can reach."""
import base64
import os

from tarn import TARN, Stack, call, done, fresh, need, ok, same, tarn

ClientError, UNSIGNED = need("botocore.exceptions").ClientError, need("botocore").UNSIGNED

# service, a call, the answer's key, codes: wrong secret, unknown key, unsigned (404: no scope says which service is meant, and S3 has no such bucket)
ROWS = [
    ("s3", "list_buckets", "Buckets", "SignatureDoesNotMatch", "InvalidAccessKeyId", "AccessDenied"),
    ("kinesis", "list_streams", "StreamNames", "InvalidSignatureException", "UnrecognizedClientException", "MissingAuthenticationTokenException"),
    ("apigateway", "get_rest_apis", "items", "InvalidSignatureException", "UnrecognizedClientException", "404"),
    ("mwaa", "list_environments", "Environments", "InvalidSignatureException", "UnrecognizedClientException", "404"),
    ("sts", "get_caller_identity", "Arn", "SignatureDoesNotMatch", "InvalidClientTokenId", "MissingAuthenticationToken"),
    ("iam", "list_users", "Users", "SignatureDoesNotMatch", "InvalidClientTokenId", "MissingAuthenticationToken"),
    ("ec2", "describe_vpcs", "Vpcs", "AuthFailure", "AuthFailure", "MissingAuthenticationToken"),
    ("ssm", "describe_parameters", "Parameters", "InvalidSignatureException", "UnrecognizedClientException", "MissingAuthenticationTokenException"),
    ("kms", "list_keys", "Keys", "InvalidSignatureException", "UnrecognizedClientException", "MissingAuthenticationTokenException"),
    ("logs", "describe_log_groups", "logGroups", "InvalidSignatureException", "UnrecognizedClientException", "MissingAuthenticationTokenException"),
    ("kafka", "list_clusters", "ClusterInfoList", "InvalidSignatureException", "UnrecognizedClientException", "404"),
    ("kafkaconnect", "list_connectors", "connectors", "InvalidSignatureException", "UnrecognizedClientException", "404"),
]


def said(client, word):
    """The answer's keys, or the error's code."""
    try:
        return getattr(client, word)()
    except ClientError as e:
        return e.response["Error"]["Code"]


with Stack(conf="[identities]\nAKIATARN = s3cr3t/key\n", only="s3,kinesis,apigateway,airflow,kafka,connect,aws") as s:
    for service, word, key, wrong, unknown, unsigned in ROWS:
        same(key in said(s.client(service, "AKIATARN", "s3cr3t/key"), word), True, f"{service}: the right secret")
        same(said(s.client(service, "AKIATARN", "other"), word), wrong, f"{service}: a wrong secret")
        same(said(s.client(service, "AKIANONE", "s3cr3t/key"), word), unknown, f"{service}: an unknown key")
        same(said(s.client(service, signature_version=UNSIGNED), word), unsigned, f"{service}: no signature")

def basic(user, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def bearer(token):
    return {"Authorization": "Bearer " + token}


def plain(s):
    """Status and body of each for: nothing said, a wrong secret, the right one; then who else comes in."""
    right, wrong, unauthorized = basic("AKIATARN", "s3cr3t/key"), basic("AKIATARN", "other"), (401, 401, 200)
    for port, path, want, body in (("rest", "/topics", unauthorized, {"error_code": 401, "message": "Unauthorized"}),
                                   ("connect", "/connectors", unauthorized, "User cannot access the resource."),
                                   ("airflow", "/api/v1/dags", unauthorized, "Unauthorized"),
                                   ("control", "/_tarn/faults", unauthorized, "[identities]"),
                                   ("lake", "/api/tarn/queries", (401, 403, 200), "Credential was not sent"),
                                   ("lake", "/api/2.1/jobs/list", (401, 403, 200), "Credential was not sent")):
        answers = [call("GET", s.at[port] + path, headers=h) for h in ({}, wrong, right)]
        same(tuple(a.status for a in answers), want, f"{port} {path}: nobody, a wrong secret, the right one")
        ok(answers[0].json() == body if isinstance(body, dict) else body in answers[0].text, f"{port} {path}: its words", answers[0].text)
    same(call("GET", s.at["rest"] + "/topics").headers["WWW-Authenticate"], 'Basic realm="KafkaRest"', "rest asks for basic")
    same(call("GET", s.at["lake"] + "/api/2.1/jobs/list", headers=bearer("s3cr3t/key")).status, 200, "a secret is a bearer token")
    same(call("GET", s.at["lake"] + "/api/2.1/jobs/list", headers=bearer("AKIATARN")).status, 403, "a key is none")
    same(call("GET", s.at["lake"] + "/api/2.1/jobs/list", headers=basic("token", "s3cr3t/key")).status, 200, "token is the user of a token")
    same(call("GET", s.at["control"] + "/health").status, 200, "health is anyone's")
    same(call("GET", s.at["airflow"] + "/health").status, 200, "airflow's too")
    same(call("POST", s.at["control"] + "/_tarn/stop", "{}", {"Content-Type": "application/json"}).status, 401, "nobody stops it")
    token = os.path.join(s.data, "token")
    same(oct(os.stat(token).st_mode & 0o777), "0o600", "tarn's own token is its user's alone")
    same(s.run("fault", "list").returncode, 0, "tarn's own commands come in")
    same(s.run("sql", "SELECT 1").returncode, 0, "tarn sql")
    r = s.run("fault", "list", TARN_TOKEN="x")
    same(r.returncode, 0, "by the folder that is named")


CONF = """[identities]
AKIATARN = s3cr3t/key
[identity.loader]
key = ASIALOADER
secret = l0ad
session = tok3n
role = nightly
account = 111111111111
"""


def temporary(s):
    for token, want in (("tok3n", True), ("other", "InvalidToken"), (None, "InvalidAccessKeyId")):
        session = need("boto3").session.Session(aws_access_key_id="ASIALOADER", aws_secret_access_key="l0ad", aws_session_token=token)
        client = session.client("s3", endpoint_url=s.at["aws"], region_name="us-east-1")
        got = said(client, "list_buckets")
        same("Buckets" in got if want is True else got, want, f"a role's session, token {token}")


def refused_settings():
    for conf, says in (("[stack]\nauth = enforced\n", "off|verify|enforce"), ("[stack]\nauth = verify\n", "lets nobody in"),
                       ("[stack]\nauth = enforce\n", "lets nobody in"), ("[identity.x]\nkey = k\nsecret = s\npolicies = None\n", "not known here"),
                       ("[roles]\nx = trust=nobody\n", "Invalid principal"), ("[roles]\nx = policy=none.json\n", "none.json"),
                       ("[identity.x]\nkey = k\n", "needs a secret"), ("[stack]\naccount = 12\n", "12 digits"),
                       ("[identity.x]\nkey = k\nsecret = s\naccount = abc\n", "12 digits")):
        folder = fresh("stack")
        os.mkdir(folder)
        with open(os.path.join(folder, "stack.conf"), "w", encoding="utf-8") as f:
            f.write(conf)
        r = tarn("up", folder, "--ports=auto", "--data", fresh("data"))
        ok(r.returncode == 2 and says in r.stderr, f"refused: {conf.splitlines()[-1]}", r.stderr)


def strangers():
    """--bind beyond this machine."""
    r = tarn("up", "--bind", "0.0.0.0", "--ports=auto", "--data", fresh("data"))
    ok(r.returncode == 2 and "--open" in r.stderr and "run Python" in r.stderr, "code for anyone needs --open", r.stderr)
    data = fresh("data")
    names = ["--set", "identities.k=s"]
    for flags, says in ((["--only", "s3,kafka"], ["control", "s3", "kafka"]), (["--open", "--only", "airflow,rds"], ["airflow", "control", "rds"]),
                        (names + ["--only", "airflow,kafka,rds,s3"], ["kafka", "rds"]), (names + ["--only", "rds", "--set", "rds.users.a=b"], [])):
        r = tarn("up", "-d", "--bind", "0.0.0.0", "--ports=auto", "--data", data, *flags)
        warned = [line.split()[0] for line in r.stderr.splitlines() if line.startswith("  ") and "try:" not in line]
        same((r.returncode, warned, "warning: at 0.0.0.0" in r.stderr), (0, says, says != []), f"{' '.join(flags)}: started, and of whom it warned")
        same(tarn("down", "--data", data).returncode, 0, "and stopped")
    r = tarn("up", "-d", "--bind", "127.0.0.2", "--ports=auto", "--data", data)
    same((r.returncode, r.stderr), (0, ""), "this machine's own addresses are no one else's")
    tarn("down", "--data", data)


def exec_env():
    folder = fresh("stack")
    os.mkdir(folder)
    with open(os.path.join(folder, "stack.conf"), "w", encoding="utf-8") as f:
        f.write(CONF)
    r = tarn("exec", folder, "--", "sh", "-c", f'echo $AWS_ACCESS_KEY_ID $AWS_SECRET_ACCESS_KEY; exec {TARN} fault list --json')
    ok(r.stdout.startswith("AKIATARN s3cr3t/key\n") and r.returncode == 0, "tarn exec hands the first identity on, and its token", r.stdout + r.stderr)


with Stack(conf=CONF) as s:
    plain(s)
    temporary(s)
with Stack(conf="[stack]\nauth = off\n" + CONF, only="s3,lake,databricks") as s:
    same("Buckets" in said(s.client("s3", "AKIATARN", "other"), "list_buckets"), True, "auth = off: any secret")
    same(call("GET", s.at["lake"] + "/api/2.1/jobs/list").status, 200, "auth = off: nobody is asked")
refused_settings()
strangers()
exec_env()

with Stack(conf="", only="s3,kinesis,apigateway,airflow,kafka,connect,aws") as s:
    for service, word, key, *_ in ROWS:
        same(key in said(s.client(service), word), True, f"{service}: without [identities] anyone will do")
done()
