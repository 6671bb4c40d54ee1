#!/usr/bin/env python3
"""tarn s3: ls, cp, sync, cat, rm, mb, rb, presign; names, types and bytes as other clients see them; with identities, too."""
import json
import os
import subprocess
import urllib.error
import urllib.request

from tarn import TARN, TMP, Stack, done, need, ok, same

need("boto3")

def run(*args, stdin=None, data=None, env=None):
    e = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")} | {"TARN_DATA": data or s.data} | (env or {})
    return subprocess.run([TARN, "s3", *args], capture_output=True, input=stdin, env=e, cwd=TMP)


def out(*args, **more):
    p = run(*args, **more)
    return p.stdout.decode() if not p.returncode else f"{p.returncode}: {p.stderr.decode()}"


def write(path, what):
    path = os.path.join(TMP, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(what)


def read(path):
    with open(os.path.join(TMP, path), "rb") as f:
        return f.read()


s = Stack(only="s3,aws", clock="2026-01-05T09:00:00Z")
aws = s.client("s3")

# buckets
same(out("mb", "s3://one"), "make_bucket: s3://one\n", "mb makes a bucket")
same(out("mb", "--region", "eu-west-1", "s3://far"), "make_bucket: s3://far\n", "elsewhere, too")
same(aws.get_bucket_location(Bucket="far")["LocationConstraint"], "eu-west-1", "where it was told")
first = out("ls").splitlines()
same([x for x in first if x[20:] in ("far", "one")], ["2026-01-05 09:00:00 far", "2026-01-05 09:00:00 one"], "ls without a word: buckets, the stack's time")
p = run("mb", "s3://A_b")
ok(p.returncode == 1 and b"InvalidBucketName" in p.stderr, "what S3 refuses is said", p.stderr)

# single files
write("d/a b+ü.json", b'{"a":1}')
same(out("cp", "d/a b+ü.json", "s3://one"), "upload: d/a b+ü.json to s3://one/a b+ü.json\n", "cp into a bucket takes the file's name")
got = aws.get_object(Bucket="one", Key="a b+ü.json")
same((got["Body"].read(), got["ContentType"]), (b'{"a":1}', "application/json"), "bytes, key and type arrive")
same(out("cp", "d/a b+ü.json", "s3://one/x/", "-H", "x-amz-meta-who: me", "-H", "Content-Type:text/x"),
     "upload: d/a b+ü.json to s3://one/x/a b+ü.json\n", "cp below a prefix")
got = aws.head_object(Bucket="one", Key="x/a b+ü.json")
same((got["Metadata"], got["ContentType"]), ({"who": "me"}, "text/x"), "headers that were given go with it")
same(out("cp", "-", "s3://one/in", stdin=b"from stdin"), "upload: - to s3://one/in\n", "cp - takes stdin")
same(out("cp", "-", "s3://one/empty", stdin=b""), "upload: - to s3://one/empty\n", "none of it, too")
same(out("cat", "s3://one/in"), "from stdin", "cat")
same(out("cp", "s3://one/in", "-"), "from stdin", "cp to - is stdout")
same(out("cp", "s3://one/in", "s3://one/copies/"), "copy: s3://one/in to s3://one/copies/in\n", "from object to object")
same(out("cp", "s3://one/x/a b+ü.json", "s3://far/m"), "copy: s3://one/x/a b+ü.json to s3://far/m\n", "to another bucket, of another region")
same(aws.head_object(Bucket="far", Key="m")["Metadata"], {"who": "me"}, "with what it had")
same(out("cp", "s3://one/in", "new/place/"), "download: s3://one/in to new/place/in\n", "down, into folders that are made")
same(read("new/place/in"), b"from stdin", "its bytes")
p = run("cp", "s3://one/none", "new/none")
ok(p.returncode == 1 and b"NoSuchKey" in p.stderr and os.listdir(f"{TMP}/new") == ["place"], "what isn't there leaves no file", p.stderr)
big = os.urandom(20 << 20)
same(out("cp", "-", "s3://one/big", stdin=big), "upload: - to s3://one/big\n", "stdin in parts")
got = aws.get_object(Bucket="one", Key="big")
ok(got["Body"].read() == big and got["ETag"].endswith('-2"'), "is whole", got["ETag"])
aws.delete_object(Bucket="one", Key="big")

# listings
same(out("ls", "s3://one"), "                           PRE copies/\n                           PRE x/\n"
     "2026-01-05 09:00:00          7 a b+ü.json\n2026-01-05 09:00:00          0 empty\n2026-01-05 09:00:00         10 in\n", "ls: folders and objects")
same(out("ls", "s3://one/x/"), "2026-01-05 09:00:00          7 a b+ü.json\n", "of a folder")
same([e["key"] for e in json.loads(out("ls", "-r", "--json", "s3://one"))["data"]], ["a b+ü.json", "copies/in", "empty", "in", "x/a b+ü.json"], "-r, --json")
p = run("ls", "s3://nothere")
ok(p.returncode == 1 and b"NoSuchBucket" in p.stderr, "no bucket", p.stderr)

# folders
for i in range(1005):
    write(f"many/{i % 7}/{i:04}.txt", b"%d" % i)
same(out("cp", "-r", "many", "s3://far/many").count("upload:"), 1005, "cp -r of more than a page")
same(out("sync", "many", "s3://far/many"), "", "sync finds nothing to do")
write("many/0/0000.txt", b"x")
os.unlink(f"{TMP}/many/1/0001.txt")
write("many/1/0001.txt0", b"more")
same(out("sync", "-n", "many", "s3://far/many").count("(dry run)"), 2, "a dry run says what would be")
same(out("sync", "many", "s3://far/many"), "upload: many/0/0000.txt to s3://far/many/0/0000.txt\n"
     "upload: many/1/0001.txt0 to s3://far/many/1/0001.txt0\n", "what differs, in as many bytes too, and what is new")
same(out("sync", "--delete", "many", "s3://far/many"), "delete: s3://far/many/1/0001.txt\n", "--delete")
same(len(out("sync", "s3://far/many", "back").splitlines()), 1005, "down")
same(out("sync", "s3://far/many", "back"), "", "and it is the same")
same(subprocess.run(["diff", "-r", "many", "back"], cwd=TMP, capture_output=True).stdout, b"", "in every byte")
write("back/extra", b"")
same(out("sync", "--delete", "s3://far/many", "back"), "delete: back/extra\n", "--delete of files")
same(out("sync", "s3://far/many", "s3://one/many", "--exclude", "*", "--include", "3/*").count("copy:"), 144, "between buckets, of some names")
same(out("sync", "s3://far/many/3", "s3://one/many/3"), "", "and it is the same")
aws.put_object(Bucket="one", Key="odd/a/../up", Body=b"x")
aws.put_object(Bucket="one", Key="odd/fine", Body=b"x")
aws.put_object(Bucket="one", Key="odd/folder/", Body=b"")
p = run("cp", "-r", "s3://one/odd", "odd")
ok(p.returncode == 0 and b"a/../up" in p.stderr and os.listdir(f"{TMP}/odd") == ["fine"], "a key can't leave the folder", p.stderr)

# presigned
url = out("presign", "s3://one/a b+ü.json").strip()
same(urllib.request.urlopen(url, timeout=30).read(), b'{"a":1}', "a presigned URL is good")
url = out("presign", "s3://one/put me", "PUT").strip()
urllib.request.urlopen(urllib.request.Request(url, b"put", method="PUT"), timeout=30)
same(out("cat", "s3://one/put me"), "put", "for other methods, too")

# removing
same(out("rm", "s3://one/in"), "delete: s3://one/in\n", "rm")
p = run("rm", "s3://one")
ok(p.returncode == 2, "a bucket isn't emptied by mistake", p.stderr)
same(out("rm", "-r", "s3://far/many").count("delete:"), 1005, "rm -r of more than a page")
same(out("ls", "-r", "s3://far"), "2026-01-05 09:00:00          7 m\n", "leaves what isn't below")
p = run("rb", "s3://far")
ok(p.returncode == 1 and b"BucketNotEmpty" in p.stderr, "rb of a full one", p.stderr)
same(out("rb", "--force", "s3://far"), "remove_bucket: s3://far\n", "--force empties it")
same(out("rb", "--force", "s3://one"), "remove_bucket: s3://one\n", "and with odd keys")
same(len(out("ls").splitlines()), len(first) - 2, "all gone")
p = run("ls", data=f"{TMP}/none")
same(p.returncode, 3, "no stack: 3")
p = run("cp", "a", "b")
same(p.returncode, 2, "nothing of S3: 2")

# identities
t = Stack("--set", "identities.alice=secret/of+hers", "--set", "identities.bob=his", only="s3,aws")
same(out("mb", "s3://hers", data=t.data), "make_bucket: s3://hers\n", "the stack's first identity without credentials")
p = run("ls", data=t.data, env={"AWS_ACCESS_KEY_ID": "alice", "AWS_SECRET_ACCESS_KEY": "wrong"})
ok(p.returncode == 1 and b"SignatureDoesNotMatch" in p.stderr, "those of the environment count", p.stderr)
url = out("presign", "s3://hers/none", data=t.data).strip()
try:
    urllib.request.urlopen(url, timeout=30)
    ok(False, "a presigned URL of hers")
except urllib.error.HTTPError as e:
    same(e.code, 404, "a presigned URL of hers is verified, and nothing is there")
ok(" hers\n" in out("ls", "--endpoint-url", t.at["aws"], env={"AWS_ACCESS_KEY_ID": "bob", "AWS_SECRET_ACCESS_KEY": "his"}), "--endpoint-url")
t.stop()

# a folder as a bucket
write("site/index.html", b"<p>")
write("site/a/big.bin", big[:300000])
write("site/a/empty", b"")
u = Stack("--set", f"s3.preload.my.site={TMP}/site", "--set", "buckets.my.site=eu-west-1", only="s3,aws")
same(out("sync", "--delete", "s3://my.site", "site", data=u.data), "", "preload: the bucket has the folder's files")
aws = u.client("s3")
same((aws.head_object(Bucket="my.site", Key="index.html")["ContentType"], aws.get_bucket_location(Bucket="my.site")["LocationConstraint"]),
     ("text/html", "eu-west-1"), "their types, and the region of [buckets]")
aws.delete_object(Bucket="my.site", Key="a/empty")
u.stop()
u.up()
same([o["Key"] for o in u.client("s3").list_objects_v2(Bucket="my.site")["Contents"]], ["a/big.bin", "index.html"], "a bucket that is there stays as it is")
subprocess.run([TARN, "reset", "--data", u.data], check=True, capture_output=True)
same(u.client("s3").list_objects_v2(Bucket="my.site")["KeyCount"], 3, "a reset fills it again")
u.stop()
p = subprocess.run([TARN, "up", "--ports=auto", "--only", "s3,aws", "--data", f"{TMP}/p", "--set", f"s3.preload.bbb={TMP}/nothere"], capture_output=True)
ok(p.returncode != 0 and b"nothere: No such file" in p.stderr, "a folder that isn't there is said at the start", p.stderr)
p = subprocess.run([TARN, "up", "--ports=auto", "--only", "s3,aws", "--data", f"{TMP}/p", "--set", f"s3.preload.B_={TMP}/site"], capture_output=True)
ok(p.returncode != 0 and b"preload.B_: " in p.stderr, "and a name that no bucket may have", p.stderr)
done()
