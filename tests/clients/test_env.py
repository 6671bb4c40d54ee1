#!/usr/bin/env python3
"""tarn env: the variables by which clients of every kind find a stack, in the forms of shells and files; exec and scenarios export the
same ones."""
import json
import os
import shutil
import subprocess
import sys

from tarn import TARN, TMP, Stack, done, fresh, ok, parts, same, stack_folder, tarn

ODD = """a'b "c" $HOME `id` \\ %PATH% \u2018x\u2019 .corp"""  # a NO_PROXY that every form has to quote


def variables(s, *args, **env):
    r = tarn("env", "--format", "json", "--data", s.data, *args, **env)
    return json.loads(r.stdout)


def names(s):
    e = variables(s)
    aws, host, port = s.at["aws"], *s.address("rds")
    same({k: e.get(k) for k in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_KINESIS", "AWS_ENDPOINT_URL_API_GATEWAY", "TARN_AWS")},
         dict.fromkeys(("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_KINESIS", "AWS_ENDPOINT_URL_API_GATEWAY", "TARN_AWS"), aws),
         "every AWS client's endpoint")
    same((e["AWS_REGION"], e["AWS_DEFAULT_REGION"], e["AWS_ACCESS_KEY_ID"], e["AWS_DISABLE_HOST_PREFIX_INJECTION"], e["AWS_EC2_METADATA_DISABLED"]),
         ("us-east-1", "us-east-1", "test", "true", "true"), "region, keys, no host prefix, no metadata service")
    same((e["DATABRICKS_HOST"], e["TARN_LAKE"], e["TARN_AIRFLOW"], e["DATABRICKS_TOKEN"] != ""), (s.at["lake"], s.at["lake"], s.at["airflow"], True),
         "lake, workspace and Airflow")
    same((e["MYSQL_HOST"], e["MYSQL_TCP_PORT"], e["TARN_INVOKE_URL"], e["LOCALSTACK_HOST"]),
         (host, str(port), s.at["apigateway"] + "/prod", aws.removeprefix("http://")), "MySQL, the invoke URL, LocalStack's name for us")
    same((e["NO_PROXY"], e["no_proxy"]), ("127.0.0.1,localhost",) * 2, "no proxy stands between")
    same([variables(s, NO_PROXY=given)["NO_PROXY"] for given in (".corp", "localhost, .corp", "127.0.0.1,localhost", "*", "")],
         [".corp,127.0.0.1,localhost", "localhost, .corp,127.0.0.1", "127.0.0.1,localhost", "*", "127.0.0.1,localhost"], "added to NO_PROXY as it is")
    e = variables(s, no_proxy=".corp")
    same((e["NO_PROXY"], e["no_proxy"]), (".corp,127.0.0.1,localhost",) * 2, "in whichever case it is written")
    e = variables(s, AWS_PROFILE="work", AWS_SESSION_TOKEN="old", AWS_ENDPOINT_URL_IAM="http://there", AWS_ENDPOINT_URL_S3="http://there")
    same((e["AWS_PROFILE"], e["AWS_SESSION_TOKEN"], e["AWS_ENDPOINT_URL_IAM"], e["AWS_ENDPOINT_URL_S3"]), (None, None, None, aws),
         "what would lead elsewhere is unset")


SHELLS = {  # form -> program that prints a variable after having read the form from its standard input
    "sh": (["bash", "-c", 'eval "$(cat)"; printf "%s" "$NO_PROXY|${AWS_PROFILE-none}|$AWS_REGION"'],
           ["dash", "-c", 'eval "$(cat)"; printf "%s" "$NO_PROXY|${AWS_PROFILE-none}|$AWS_REGION"']),
    "fish": (["fish", "-c", 'source; set -q AWS_PROFILE; or set AWS_PROFILE none; printf "%s" "$NO_PROXY|$AWS_PROFILE|$AWS_REGION"'],),
    "powershell": (["pwsh", "-NoProfile", "-Command", "[Console]::In.ReadToEnd() | Invoke-Expression; if (-not $env:AWS_PROFILE) { $env:AWS_PROFILE = 'none' }; "
                    "[Console]::Out.Write($env:NO_PROXY + '|' + $env:AWS_PROFILE + '|' + $env:AWS_REGION)"],),
}


def shells(s):
    want = f"{ODD},127.0.0.1,localhost|none|us-east-1"
    for form, programs in SHELLS.items():
        text = tarn("env", "--format", form, "--data", s.data, NO_PROXY=ODD, AWS_PROFILE="work").stdout
        for program in programs:
            if not shutil.which(program[0]):
                continue
            r = subprocess.run(program, input=text, capture_output=True, text=True, timeout=60, env={**os.environ, "AWS_PROFILE": "work", "HOME": TMP})
            same((r.stdout, r.stderr), (want, ""), f"{program[0]} reads --format {form}, whatever is in a value")
        lines = [line for line in text.splitlines() if "NO_PROXY" in line or "PROFILE" in line]
        same(lines, {"sh": ["unset AWS_PROFILE", "export NO_PROXY='" + ODD.replace("'", "'\\''") + ",127.0.0.1,localhost'"],
                     "fish": ["set -e AWS_PROFILE", "set -gx NO_PROXY '" + ODD.replace("\\", "\\\\").replace("'", "\\'") + ",127.0.0.1,localhost'"],
                     "powershell": ["Remove-Item -ErrorAction Ignore Env:AWS_PROFILE", "$env:NO_PROXY = '" + ODD.replace("'", "''").replace(
                         "\u2018", "\u2018\u2018").replace("\u2019", "\u2019\u2019") + ",127.0.0.1,localhost'"]}[form], f"the text of {form}")


def files(s):
    dotenv = tarn("env", "--format", "dotenv", "--data", s.data, AWS_PROFILE="work").stdout
    ok(f"\nAWS_ENDPOINT_URL_S3={s.at['aws']}\n" in dotenv and "PROFILE" not in dotenv and "\nNO_PROXY=127.0.0.1,localhost\n" in dotenv,
       "dotenv: plain where every reader agrees", dotenv)
    ok("\nDATABASE_URL=mysql+pymysql" in dotenv or "\nDATABASE_URL='mysql+pymysql" in dotenv, "and the database's address", dotenv)
    r = subprocess.run(["sh", "-c", 'set -a; . "$1"; printf %s "$NO_PROXY"', "sh", write("dotenv", dotenv)], capture_output=True, text=True, timeout=30)
    same((r.stdout, r.stderr), ("127.0.0.1,localhost", ""), "a shell may read it, too")
    same([line for line in tarn("env", "--format", "dotenv", "--data", s.data, NO_PROXY="a b").stdout.splitlines() if line.startswith("NO_PROXY")],
         ["NO_PROXY='a b,127.0.0.1,localhost'"], "and quoted where it must be")
    path = write("github", "HERE=1\n")
    r = tarn("env", "--format", "github", "--data", s.data, GITHUB_ENV=path)
    with open(path, encoding="utf-8") as f:
        lines = f.read().splitlines()
    same((r.returncode, r.stdout, lines[0], f"AWS_ENDPOINT_URL={s.at['aws']}" in lines), (0, "", "HERE=1", True), "github: added to the file of GITHUB_ENV")
    r = tarn("env", "--format", "github", "--data", s.data, GITHUB_ENV="")
    same((r.returncode, "GITHUB_ENV names no file" in r.stderr), (2, True), "which has to be there")


def write(kind, text):
    path = fresh(kind)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


def back(s):
    given = {k: v for k, v in variables(s, NO_PROXY=".corp").items() if v is not None}
    given.update(PATH=os.environ["PATH"], HOME=TMP)
    r = subprocess.run(["bash", "-c", f'eval "$({TARN} env --unset)"; env'], env=given, capture_output=True, text=True, timeout=30)
    left = dict(line.split("=", 1) for line in r.stdout.splitlines())
    same((sorted(set(left) & set(given)), left["NO_PROXY"]), (["HOME", "NO_PROXY", "PATH", "no_proxy"], ".corp"), "env --unset takes all of them back")


def same_table(s):
    """One table: tarn env prints it; exec, where names lead here, exports what no SDK reads instead of a name."""
    r = tarn("exec", "--", sys.executable, "-c", "import json, os; print(json.dumps(dict(os.environ)))", NO_PROXY=".corp")
    inside = json.loads(r.stdout)
    own = [k for k, v in variables(s).items() if v is not None and k.startswith(("TARN_", "DATABRICKS_"))]
    same(([k for k in own if k not in inside], len(own) > 8), ([], True), "exec exports the addresses that env prints")
    same([k for k in inside if k.startswith("AWS_ENDPOINT_URL")], [], "and no endpoint: names lead here")
    steps = fresh("steps") + ".tarn"
    with open(steps, "w", encoding="utf-8") as f:
        f.write("scenario \"variables\"\nstep \"one\"\nexec sh -c \"echo $AWS_REGION $AWS_ENDPOINT_URL_S3 $NO_PROXY $TARN_LAKE\"\nexpect stdout contains \"us-east-1 http://127\"\n")
    r = tarn("run", steps)
    ok(r.returncode == 0, "and scenarios' steps have it", r.stdout + r.stderr)


def people():
    """A stack with identities: who holds the state folder signs as the first."""
    conf = "[identities]\nAKIATARN = s3cr3t/'key\n[stack]\nregion = eu-west-1\n[apigateway]\nstages = dev,prod\n"
    with Stack(conf=conf, only="s3,apigateway,lake,databricks") as s:
        e = variables(s)
        same([e.get(k) for k in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "DATABRICKS_TOKEN", "AWS_REGION", "TARN_INVOKE_URL", "TARN_RDS")],
             ["AKIATARN", "s3cr3t/'key", "s3cr3t/'key", "eu-west-1", s.at["apigateway"] + "/dev", None], "identities, region and stage are the stack's")
        r = subprocess.run(["curl", "-s", s.at["control"] + "/health"], capture_output=True, text=True, timeout=30)
        ok("s3cr3t" not in r.stdout and r.stdout.startswith("{"), "health tells no stranger of them", r.stdout)


CA = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")


def trust(s):
    same([variables(s).get(k) for k in CA], [None] * 5, "a stack without an authority names none")
    tarn("ca", "--data", s.data)
    e = variables(s)
    with open(e["AWS_CA_BUNDLE"], encoding="utf-8") as f:
        before = f.read()
    secure = {k: e[k] for k in CA}
    r = subprocess.run(["curl", "-s", s.at["control"].replace("http", "https") + "/_tarn/endpoints"], capture_output=True, text=True, timeout=30,
                       env={**os.environ, **secure})
    same(json.loads(r.stdout or "{}"), s.at, "with one, clients of TLS trust it")
    variables(s, **secure)
    with open(e["AWS_CA_BUNDLE"], encoding="utf-8") as f:
        same(f.read() == before, True, "a second env leaves the bundle as it is")
    ok("unset AWS_CA_BUNDLE\n" in tarn("env", "--unset", **secure).stdout, "and --unset takes the variables back")


def none():
    r = tarn("env", "--data", fresh("nothing"))
    same((r.returncode, r.stdout, "no stack runs" in r.stderr), (3, "", True), "without a stack: nothing on stdout")


with Stack() as stack:
    parts(names, shells, files, back, same_table, trust, args=(stack,))
parts(people, none)
done()
