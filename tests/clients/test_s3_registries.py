#!/usr/bin/python3
"""Clients of S3 that Debian hasn't, unmodified: the AWS SDK for JavaScript with lib-storage and its presigners, minio's for JavaScript, s3fs,
the AWS CLI 1. `make clients` has them."""
import json
import os
import shutil
import subprocess

from tarn import Stack, TMP, done, ok, parts, registry, same

HERE = os.path.dirname(os.path.abspath(__file__))
ENV = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")} | {
    "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1", "AWS_CONFIG_FILE": "/dev/null", "HOME": TMP}
S3FS = r"""
import os, urllib.request
import s3fs
fs = s3fs.S3FileSystem(key="test", secret="test", endpoint_url=os.environ["ENDPOINT"])
def same(got, want):
    assert got == want, (got, want)
fs.mkdir("fsb")
big = os.urandom(12 << 20)
with fs.open("fsb/a/big", "wb", block_size=5 << 20) as f:
    f.write(big)
same(fs.cat("fsb/a/big") == big, True)
with fs.open("fsb/a/big", "rb") as f:
    f.seek(-10, 2)
    same(f.read(), big[-10:])
    f.seek(6 << 20)
    same(f.read(100), big[6 << 20:(6 << 20) + 100])
fs.pipe({"fsb/a/b c+d": b"x", "fsb/e": b"y"})
same(sorted(fs.find("fsb")), ["fsb/a/b c+d", "fsb/a/big", "fsb/e"])
same(sorted(fs.ls("fsb", detail=False)), ["fsb/a", "fsb/e"])
fs.setxattr("fsb/e", a="1")
same(fs.getxattr("fsb/e", "a"), "1")
fs.put_tags("fsb/e", {"t": "u"})
same(fs.get_tags("fsb/e"), {"t": "u"})
fs.touch("fsb/empty")
same(fs.info("fsb/empty")["size"], 0)
same(urllib.request.urlopen(fs.url("fsb/e")).read(), b"y")
fs.mv("fsb/e", "fsb/f")
same(fs.exists("fsb/e"), False)
fs.cp("fsb/a/big", "fsb/z/big")
same(fs.glob("fsb/*/big"), ["fsb/a/big", "fsb/z/big"])
fs.rm("fsb", recursive=True)
same(fs.exists("fsb"), False)
print("done")
"""


def javascript(s):
    modules = os.environ.get("TARN_NODE_MODULES", "/nonexistent")
    if not os.path.isdir(f"{modules}/@aws-sdk/lib-storage") or not shutil.which("node"):
        return ok(True, "JavaScript # SKIP node or its modules are not here (make clients)")
    p = subprocess.run(["node", f"{HERE}/s3_sdk.mjs"], env=ENV | {"ENDPOINT": s.at["aws"]}, capture_output=True, text=True, timeout=300)
    lines = [json.loads(line) for line in p.stdout.splitlines()]
    for name, good, got in lines:
        ok(good, name, got)
    return ok(p.returncode == 0 and len(lines) == 24, "all steps", p.stderr[-2000:])


def python(s):
    p = subprocess.run([registry("s3fs/bin/python"), "-c", S3FS], env=ENV | {"ENDPOINT": s.at["aws"]}, capture_output=True, text=True, timeout=300)
    same((p.returncode, p.stdout), (0, "done\n"), "s3fs" + (p.stderr and ": " + p.stderr.strip().splitlines()[-1]))


def cli(s):
    aws, env = registry("py/bin/aws"), ENV | {"AWS_ENDPOINT_URL": s.at["aws"]}
    folder = os.path.join(TMP, "files")
    os.makedirs(folder)
    for i in range(30):
        with open(f"{folder}/{i} +ü", "wb") as f:
            f.write(b"%d" % i if i else os.urandom(20 << 20))

    def run(*args, stdin=None):
        p = subprocess.run([aws, "s3", *args], env=env, input=stdin, capture_output=True, timeout=300)
        return p.stdout.decode() if p.returncode == 0 else p.stderr.decode()

    same(run("mb", "s3://cli-one"), "make_bucket: cli-one\n", "aws s3 mb")
    same(run("sync", folder, "s3://cli-one/all", "--quiet"), "", "sync up")
    same(run("sync", folder, "s3://cli-one/all"), "", "once more: nothing to do")
    same(run("sync", "s3://cli-one/all", folder + "2", "--quiet"), "", "sync down")
    same(subprocess.run(["diff", "-r", folder, folder + "2"], capture_output=True).stdout, b"", "the same bytes")
    run("cp", "-", "s3://cli-one/hi", stdin=b"hi")
    same(run("cp", "s3://cli-one/hi", "-"), "hi", "stdin and stdout")
    run("mv", "s3://cli-one/hi", "s3://cli-one/ho", "--storage-class", "STANDARD_IA")
    same(subprocess.run(["curl", "-sS", run("presign", "s3://cli-one/ho").strip()], capture_output=True).stdout, b"hi", "mv, presign")
    same(run("rb", "--force", "s3://cli-one").splitlines()[-1], "remove_bucket: cli-one", "rb --force")


with Stack(only="s3,aws") as stack:
    parts(javascript, python, cli, args=[stack])
done()
