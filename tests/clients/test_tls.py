#!/usr/bin/python3
"""TLS on every port, beside plain text: curl, boto3, kcat, kafka-python, mariadb, PyMySQL, and connections that behave badly."""
import os
import shutil
import socket
import ssl
import stat
import subprocess

from tarn import Stack, TMP, becomes, call, done, need, ok, parts, same, skip, tarn

boto3, pymysql, kafka = need("boto3", "pymysql", "kafka")
MIB = 1 << 20


def run(*words, stdin=b""):
    return subprocess.run(words, input=stdin, capture_output=True, timeout=60)


def port_of(address):
    return int(address.rsplit(":", 1)[1])


def secure(stack, key):
    return f"https://localhost:{port_of(stack.at[key])}"


def pem_of(stack):
    return os.path.join(stack.data, "ca.pem")


def dial(stack, key, name="localhost"):
    trust = ssl.create_default_context(cafile=pem_of(stack))
    return trust.wrap_socket(socket.create_connection(("127.0.0.1", port_of(stack.at[key])), timeout=30), server_hostname=name)


def descriptors(stack):
    return len(os.listdir(f"/proc/{stack.proc.pid}/fd"))


def authority():
    stack = Stack(only="s3")
    key, pem = os.path.join(stack.data, "ca.key"), pem_of(stack)
    ok(not os.path.exists(key), "nothing is made until somebody asks")
    at = secure(stack, "control") + "/health"
    ok(run("curl", "-s", at).returncode == 60, "who doesn't trust the authority isn't served")
    same(stat.S_IMODE(os.stat(key).st_mode), 0o600, "the key is its owner's")
    same(run("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--cacert", pem, at).stdout, b"200", "who does is")
    with open(pem) as f:
        text = f.read()
    same(tarn("ca", "--pem", "--data", stack.data).stdout, text, "tarn ca --pem")
    out = os.path.join(TMP, "out.pem")
    same(tarn("ca", "--out", out, "--data", stack.data).returncode, 0, "tarn ca --out")
    with open(out) as f:
        same(f.read(), text, "has the same in a file")
    same(tarn("ca", "--out", "/nowhere/at/all", "--data", stack.data).returncode, 1, "which must be writable")
    same(call("GET", stack.at["control"] + "/_tarn/ca.pem").text, text, "the control port has it")
    ok(pem in tarn("ca", "--data", stack.data).stdout, "tarn ca says where it lies")
    stack.stop()
    stack.up()
    same(run("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--cacert", pem, secure(stack, "control") + "/health").stdout, b"200",
         "it stays over a restart")
    with open(pem) as f:
        same(f.read(), text, "and is the same")
    other = os.path.join(TMP, "not-yet")
    ok("BEGIN CERTIFICATE" in tarn("ca", "--pem", "--data", other).stdout, "tarn ca makes it where no stack has run")


def http(stack):
    aws, pem = port_of(stack.at["aws"]), pem_of(stack)
    for version, flag in ((b"2", "--http2"), (b"1.1", "--http1.1")):
        for name in ("127.0.0.1", "localhost", "b.s3.us-east-1.amazonaws.com", "x" * 60 + ".execute-api.eu-west-1.amazonaws.com"):
            got = run("curl", "-s", "-o", "/dev/null", "-w", "%{http_version} %{ssl_verify_result}", flag, "--cacert", pem,
                      "--connect-to", f"::127.0.0.1:{aws}", f"https://{name}:{aws}/_localstack/health")
            same(got.stdout, version + b" 0", f"{flag} to {name}")
    same(call("GET", stack.at["aws"] + "/_localstack/health").status, 200, "plain text on the same port")
    for key in ("control", "rest", "apigateway", "connect"):
        got = run("curl", "-s", "-o", "/dev/null", "-w", "%{http_version} %{ssl_verify_result}", "--cacert", pem, secure(stack, key) + "/")
        same(got.stdout, b"1.1 0", f"{key} takes TLS")
    s3 = boto3.client("s3", endpoint_url=secure(stack, "aws"), verify=pem, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
    s3.create_bucket(Bucket="secured")
    body = os.urandom(20 * MIB)
    s3.put_object(Bucket="secured", Key="big", Body=body)
    ok(s3.get_object(Bucket="secured", Key="big")["Body"].read() == body, "boto3 puts and gets 20 MiB")
    upload = s3.create_multipart_upload(Bucket="secured", Key="parts")["UploadId"]
    part = s3.upload_part(Bucket="secured", Key="parts", UploadId=upload, PartNumber=1, Body=b"a")
    done_parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    made = s3.complete_multipart_upload(Bucket="secured", Key="parts", UploadId=upload, MultipartUpload=done_parts)
    same(made["Location"], secure(stack, "aws") + "/secured/parts", "an address that is told begins with https")
    got = run("curl", "-s", "--http2", "--cacert", pem, secure(stack, "aws") + "/secured/big")
    ok(got.stdout == body, "curl gets it by HTTP/2")


def limits(stack):
    """Through TLS, too, a client that goes frees everything."""
    aws = stack.at["aws"]
    call("PUT", aws + "/much")
    call("PUT", aws + "/much/big", b"a" * (50 * MIB))
    files = descriptors(stack)
    held = [dial(stack, "aws") for _ in range(10)]
    for s in held:
        s.sendall(b"GET /much/big HTTP/1.1\r\nHost: localhost\r\n\r\n")
        s.recv(1)
    for s in held:
        s.close()
    becomes(lambda: descriptors(stack) <= files, True, "their descriptors are given back")
    for say in (b"", b"GET /much/k HTTP/1.1\r\nHost: x\r\n", b"PUT /much/z HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc"):
        for _ in range(20):
            s = dial(stack, "aws")
            s.sendall(say)
            s.close()
        becomes(lambda: descriptors(stack) <= files, True, f"20 that hang up after {say[:3]}")
    for _ in range(20):  # in the midst of the handshake, and with no TLS at all
        s = socket.create_connection(("127.0.0.1", port_of(aws)))
        s.sendall(b"\x16\x03\x01\x02\x00\x01\x00")
        s.close()
        s = socket.create_connection(("127.0.0.1", port_of(aws)))
        s.sendall(b"\x16" + os.urandom(1000))
        s.settimeout(30)
        try:
            while s.recv(1000):
                pass
        except ConnectionError:
            pass
        s.close()
    becomes(lambda: descriptors(stack) <= files, True, "20 cut short in their hello, and 20 that say no such thing")
    try:
        dial(stack, "aws", "bad name").close()
        ok(False, "a name that is none is refused")
    except (ssl.SSLError, ValueError, UnicodeError, OSError):
        ok(True, "a name that is none is refused")


def kafka_clients(stack):
    address, pem = f"localhost:{port_of(stack.at['kafka'])}", pem_of(stack)
    more = dict(bootstrap_servers=address, security_protocol="SSL", ssl_cafile=pem)
    producer = kafka.KafkaProducer(**more)
    producer.send("secret", b"by kafka-python" * 1000).get(timeout=30)
    producer.close()
    consumer = kafka.KafkaConsumer("secret", auto_offset_reset="earliest", consumer_timeout_ms=30000, **more)
    same(next(iter(consumer)).value, b"by kafka-python" * 1000, "kafka-python produces and consumes")
    consumer.close()
    if not shutil.which("kcat"):
        return skip("kcat", "not here")
    flags = ("-b", address, "-X", "security.protocol=ssl", "-X", f"ssl.ca.location={pem}", "-t", "cat")
    run("kcat", "-P", *flags, stdin=b"by kcat\n")
    same(run("kcat", "-C", "-e", "-q", "-o", "beginning", *flags).stdout, b"by kcat\n", "kcat produces and consumes")


def mysql_clients(stack):
    port, pem = port_of(stack.at["rds"]), pem_of(stack)
    with pymysql.connect(host="localhost", port=port, user="u", password="p", database="pinterest_data", ssl={"ca": pem}) as c:
        cursor = c.cursor()
        cursor.execute("SELECT 1 + 1")
        same((cursor.fetchone(), c._secure), ((2,), True), "PyMySQL in TLS")
        cursor.execute("CREATE TABLE wide (v LONGTEXT)")
        cursor.execute("INSERT INTO wide VALUES (%s)", ("x" * (4 * MIB),))
        cursor.execute("SELECT v FROM wide")
        same(len(cursor.fetchone()[0]), 4 * MIB, "a row of 4 MiB both ways")
    with pymysql.connect(host="127.0.0.1", port=port, user="u", password="p") as c:
        c.ping()
        ok(not c._secure, "and in plain text")
    if not shutil.which("mariadb"):
        return skip("mariadb", "not here")
    got = run("mariadb", "-h", "127.0.0.1", "-P", str(port), "-u", "u", "-pp", "--ssl", f"--ssl-ca={pem}", "--ssl-verify-server-cert", "-N", "-e",
              "SELECT 40 + 2")
    same(got.stdout, b"42\n", "mariadb verifies the certificate")


def everything():
    stack = Stack()
    ok(tarn("ca", "--data", stack.data).returncode == 0, "tarn ca")
    parts(http, limits, kafka_clients, mysql_clients, args=(stack,))


parts(authority, everything)
done()
