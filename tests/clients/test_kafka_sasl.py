#!/usr/bin/python3
"""Kafka's SASL with real clients (kcat, kafka-python) and, byte by byte, what they never send; see test_kafka_sasl_registries for IAM's."""
import base64
import datetime
import hashlib
import hmac
import json
import socket
import struct
import subprocess
import time

from tarn import TMP, Stack, done, need, ok, parts, same, until, log

kafka, errors = need("kafka", "kafka.errors")
CONF = """
[topics]
t = 1
[kafka.users]
alice = sesame
bob,o = x=,y
"""
VERIFY = CONF + "[stack]\nauth = verify\n[identities]\nAKIDVERIFIED = secretsecret\n[identity.session]\nkey = ASIASESSION\nsecret = sss\nsession = TOKEN\n"
open_stack = Stack(only="kafka", conf=CONF)
strict = Stack(only="kafka", conf=VERIFY)


# ---- kcat ----

def kcat(s, mechanism, user, password, *args, protocol="SASL_PLAINTEXT", stdin=None):
    p = subprocess.run(["kcat", "-b", s.at["kafka"], "-X", f"security.protocol={protocol}", "-X", f"sasl.mechanisms={mechanism}",
                        "-X", f"sasl.username={user}", "-X", f"sasl.password={password}", "-m", "2", *args], input=stdin,
                       capture_output=True, text=True, timeout=60)
    return p.stdout + p.stderr


def with_kcat():
    for m in ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"):
        said = kcat(open_stack, m, "alice", "sesame", "-L")
        ok('topic "t" with 1 partitions' in said, f"kcat -L by {m}", said)
        said = kcat(open_stack, m, "alice", "wrong", "-L", "-d", "security")
        ok("uthentication fail" in said and 'topic "t"' not in said, f"and not with another password ({m})", said)
    said = kcat(open_stack, "SCRAM-SHA-512", "bob,o", "x=,y", "-L")
    ok('topic "t"' in said, "a user with a comma, a password with an equals sign", said)
    said = kcat(open_stack, "PLAIN", "anyone", "anything", "-L")
    ok('topic "t"' in said, "without verifying PLAIN takes anyone", said)
    said = kcat(strict, "PLAIN", "anyone", "anything", "-L")
    ok("Invalid username or password" in said, "with verifying it doesn't, and says so", said)
    said = kcat(strict, "PLAIN", "AKIDVERIFIED", "secretsecret", "-L")
    ok('topic "t"' in said, "an access key and its secret are a user, too", said)
    said = kcat(strict, "SCRAM-SHA-256", "AKIDVERIFIED", "secretsecret", "-L")
    ok('topic "t"' in said, "by SCRAM as well", said)
    said = kcat(open_stack, "SCRAM-SHA-256", "nobody", "x", "-L")
    ok("invalid credentials with SASL mechanism SCRAM-SHA-256" in said, "an unknown user of SCRAM", said)
    ok("[kafka.users] NAME = PASSWORD" in log(), "of whom the log says what to do")
    kcat(open_stack, "SCRAM-SHA-256", "alice", "sesame", "-P", "-t", "t", "-p", "0", stdin="one\ntwo\n")
    said = kcat(open_stack, "SCRAM-SHA-512", "alice", "sesame", "-C", "-t", "t", "-p", "0", "-o", "beginning", "-e", "-q")
    same(said, "one\ntwo\n", "what one produced another reads")
    said = kcat(open_stack, "OAUTHBEARER", "", "", "-X", "enable.sasl.oauthbearer.unsecure.jwt=true", "-X", "sasl.oauthbearer.config=principal=me", "-L")
    ok('topic "t"' in said, "kcat's unsecured token", said)
    said = kcat(strict, "OAUTHBEARER", "", "", "-X", "enable.sasl.oauthbearer.unsecure.jwt=true", "-X", "sasl.oauthbearer.config=principal=me", "-L")
    ok("invalid_token" in said, "which is nobody's where identities are verified", said)


def with_tls():
    ca = strict.run("ca", "--pem")
    with open(f"{TMP}/ca.pem", "w", encoding="utf-8") as f:
        f.write(ca.stdout)
    said = kcat(strict, "SCRAM-SHA-512", "alice", "sesame", "-X", f"ssl.ca.location={TMP}/ca.pem", "-L", protocol="SASL_SSL")
    ok('topic "t"' in said, "SASL_SSL", said)


def with_kafka_python():
    for m in ("PLAIN",):
        p = kafka.KafkaProducer(bootstrap_servers=open_stack.at["kafka"], security_protocol="SASL_PLAINTEXT", sasl_mechanism=m,
                                sasl_plain_username="alice", sasl_plain_password="sesame")
        same(p.send("py", b"v").get(20).offset, 0, f"kafka-python by {m}")
        p.close()
    try:
        kafka.KafkaProducer(bootstrap_servers=open_stack.at["kafka"], security_protocol="SASL_PLAINTEXT", sasl_mechanism="PLAIN",
                            sasl_plain_username="alice", sasl_plain_password="no", api_version=(2, 0, 0), max_block_ms=1000).partitions_for("t")
        ok(False, "kafka-python with another password")
    except errors.KafkaError as e:
        ok(True, f"kafka-python with another password: {e}")


# ---- bytes ----

def string(s):
    return struct.pack(">h", len(s)) + s.encode()


class Raw:
    def __init__(self, s):
        self.s = socket.create_connection(s.address("kafka"), timeout=10)

    def bare(self, body):
        self.s.sendall(struct.pack(">i", len(body)) + body)
        head = self.exactly(4)
        return head and self.exactly(struct.unpack(">i", head)[0])

    def exactly(self, n):
        got = b""
        while len(got) < n:
            more = self.s.recv(n - len(got))
            if not more:
                return None
            got += more
        return got

    def call(self, key, version, body):
        got = self.bare(struct.pack(">hhi", key, version, 7) + string("raw") + body)
        return got and got[4:]

    def handshake(self, mechanism, version=1):
        got = self.call(17, version, string(mechanism))
        code, n = struct.unpack(">hi", got[:6])
        at, names = 6, []
        for _ in range(n):
            size, = struct.unpack(">h", got[at:at + 2])
            names.append(got[at + 2:at + 2 + size].decode())
            at += 2 + size
        return code, names

    def authenticate(self, token, version=1):
        got = self.call(36, version, struct.pack(">i", len(token)) + token)
        if got is None:
            return None
        code, n = struct.unpack(">hh", got[:4])
        at = 4 + max(n, 0)
        text = None if n < 0 else got[4:at].decode()
        size, = struct.unpack(">i", got[at:at + 4])
        lives, = struct.unpack(">q", got[at + 4 + size:at + 12 + size]) if version else (0,)
        return code, text, got[at + 4:at + 4 + size], lives

    def metadata(self):
        return self.call(3, 1, struct.pack(">i", -1)) is not None

    def ended(self):
        try:
            return self.s.recv(1) == b""
        except ConnectionError:
            return True


GENERAL = "Authentication failed during authentication due to invalid credentials with SASL mechanism "
ALL = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER", "AWS_MSK_IAM"]


def refused(s, mechanism, token):
    r = Raw(s)
    r.handshake(mechanism)
    got = r.authenticate(token)
    return (got[0], got[1], r.ended()) if got else None


def handshakes():
    r = Raw(open_stack)
    same(r.handshake("FOO"), (33, ALL), "an unknown mechanism: 33 and those there are")
    ok(r.ended(), "and the connection ends")
    r = Raw(open_stack)
    same(r.authenticate(b"\0a\0b"), (34, "SaslAuthenticate request received after successful authentication", b"", 0), "no handshake: 34")
    ok(r.metadata(), "which ends nothing where SASL is optional")
    same(r.handshake("PLAIN"), (0, ALL), "handshake")
    ok(not r.metadata(), "another request in the midst ends it")
    r = Raw(open_stack)
    r.handshake("PLAIN")
    same(r.authenticate(b"\0alice\0sesame", 0), (0, None, b"", 0), "authenticate v0")
    ok(r.metadata(), "and go on")
    same(r.handshake("PLAIN"), (34, []), "a second handshake of a session without end: 34")
    ok(r.metadata(), "which ends nothing")
    r = Raw(open_stack)
    same(r.handshake("PLAIN", 0), (0, ALL), "handshake v0")
    same(r.bare(b"\0alice\0sesame"), b"", "its tokens come bare, both ways")
    ok(r.metadata(), "and what follows has headers again")
    r = Raw(open_stack)
    r.handshake("PLAIN", 0)
    same(r.bare(b"\0alice\0no"), None, "a failure after it has no answer")


def plain_texts():
    for token, text in ((b"\0\0p", "Authentication failed: username not specified"), (b"\0u\0", "Authentication failed: password not specified"),
                        (b"\0alice\0x", "Authentication failed: Invalid username or password"),
                        (b"other\0alice\0sesame", "Authentication failed: Client requested an authorization id that is different from username"),
                        (b"a\0b", GENERAL + "PLAIN"), (b"\0a\0b\0c", GENERAL + "PLAIN"), (b"", GENERAL + "PLAIN")):
        same(refused(open_stack, "PLAIN", token), (58, text, True), f"PLAIN {token}")
    same(refused(open_stack, "SCRAM-SHA-256", b"n,,n=alice"), (58, GENERAL + "SCRAM-SHA-256", True), "SCRAM without a nonce")
    same(refused(open_stack, "OAUTHBEARER", b"junk"), (58, GENERAL + "OAUTHBEARER", True), "OAUTHBEARER that is none")


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def jws(claims, header=None, signature=b""):
    return b".".join((b64url(json.dumps(header or {"alg": "none"}).encode()), b64url(json.dumps(claims).encode()), signature))


def bearer(token, authzid=""):
    return b"n," + authzid.encode() + b",\x01auth=Bearer " + token + b"\x01\x01"


def tokens():
    now = time.time()
    r = Raw(open_stack)
    r.handshake("OAUTHBEARER")
    code, text, answer, lives = r.authenticate(bearer(jws({"sub": "me", "exp": now + 60, "iat": now - 1, "scope": ["a"]})))
    ok((code, text, answer) == (0, None, b"") and 50000 < lives <= 60000, "an unsecured token lasts as long as it says", (code, text, answer, lives))
    ok(r.metadata(), "and is served")
    same(r.handshake("PLAIN")[0], 33, "who authenticates again does so by the same mechanism")
    r = Raw(open_stack)
    r.handshake("OAUTHBEARER")
    r.authenticate(bearer(jws({"sub": "me", "exp": now + 60})))
    same(r.handshake("OAUTHBEARER")[0], 0, "again, by the same")
    same(r.authenticate(bearer(jws({"sub": "you", "exp": now + 60})))[:2], (58, "Cannot change principals during re-authentication from User:me: User:you"),
         "and as the same")
    r = Raw(open_stack)
    r.handshake("OAUTHBEARER")
    r.authenticate(bearer(jws({"sub": "me", "exp": now + 60})))
    r.handshake("OAUTHBEARER")
    same(r.authenticate(bearer(jws({"sub": "me", "exp": now + 90})))[0], 0, "which goes on with the same connection")
    ok(r.metadata(), "that is served further")
    bad = {"expired": jws({"sub": "me", "exp": now - 5}), "without sub": jws({"exp": now + 60}), "without exp": jws({"sub": "me"}),
           "signed": jws({"sub": "me", "exp": now + 60}, {"alg": "RS256"}, b"c2ln"), "of the future": jws({"sub": "me", "exp": now + 60, "iat": now + 50}),
           "no JSON": b"eA.eA.", "two parts": b"eA.eA", "of text": b"a.b.c", "unsecured but signed": jws({"sub": "me", "exp": now + 60}, None, b"AA")}
    for name, token in bad.items():
        r = Raw(open_stack)
        r.handshake("OAUTHBEARER")
        same(r.authenticate(bearer(token))[:3], (0, None, b'{"status":"invalid_token"}'), f"a token {name} is told in the answer")
        same(r.authenticate(b"\x01")[:2], (58, '{"status":"invalid_token"}'), "and fails when that was read")
        ok(r.ended(), "and ends")
    same(refused(open_stack, "OAUTHBEARER", bearer(jws({"sub": "me", "exp": now + 60}), "a=you"))[0], 58, "an authorization id of another")
    with Stack(only="kafka", conf=CONF + "[kafka]\noauth = unverified\n") as s:
        r = Raw(s)
        r.handshake("OAUTHBEARER")
        same(r.authenticate(bearer(bad["signed"]))[0], 0, "oauth = unverified takes signed ones")


def sessions_end():
    with Stack(only="kafka", conf=CONF + "[kafka]\nconnections.max.reauth.ms = 300\n") as s:
        r = Raw(s)
        r.handshake("PLAIN")
        same(r.authenticate(b"\0alice\0sesame"), (0, None, b"", 300), "the broker's own end of sessions")
        ok(r.metadata(), "until then it is served")
        until(lambda: time.time(), lambda now, end=time.time() + 0.35: now > end)
        ok(not r.metadata(), "then it isn't")
        ok("its session has ended" in log(), "as the log says")
    with Stack(only="kafka", conf=CONF + "[kafka]\nsasl = required\n") as s:
        r = Raw(s)
        ok(r.call(18, 0, b"") is not None and not r.metadata(), "sasl = required serves nothing before")
        r = Raw(s)
        r.handshake("PLAIN")
        r.authenticate(b"\0alice\0sesame")
        ok(r.metadata(), "and everything after")
    with Stack(only="kafka", conf=CONF + "[kafka]\nsasl = off\n") as s:
        r = Raw(s)
        same(r.handshake("PLAIN"), (34, []), "sasl = off: 34")
        ok(r.metadata(), "and the connection goes on")


# ---- IAM ----

def presigned(key, secret, token=None, host="b-1.c.a.c1.kafka.us-east-1.amazonaws.com", when=None, expires=900, action="kafka-cluster:Connect"):
    when = when or datetime.datetime.now(datetime.timezone.utc)
    date = when.strftime("%Y%m%dT%H%M%SZ")
    scope = f"{date[:8]}/us-east-1/kafka-cluster/aws4_request"
    q = {"Action": action, "X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Credential": f"{key}/{scope}", "X-Amz-Date": date,
         "X-Amz-Expires": str(expires), "X-Amz-SignedHeaders": "host"}
    if token:
        q["X-Amz-Security-Token"] = token
    from urllib.parse import quote
    query = "&".join(f"{quote(n, safe='')}={quote(v, safe='')}" for n, v in sorted(q.items()))
    canonical = f"GET\n/\n{query}\nhost:{host}\n\nhost\n{hashlib.sha256(b'').hexdigest()}"
    text = f"AWS4-HMAC-SHA256\n{date}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    k = ("AWS4" + secret).encode()
    for part in scope.split("/"):
        k = hmac.new(k, part.encode(), hashlib.sha256).digest()
    q["X-Amz-Signature"] = hmac.new(k, text.encode(), hashlib.sha256).hexdigest()
    return host, q, query + "&X-Amz-Signature=" + q["X-Amz-Signature"]


def iam(*args, leave=(), add=None, **more):
    host, q, _ = presigned(*args, **more)
    body = {"version": "2020_10_22", "host": host, "user-agent": "test", **{n.lower(): v for n, v in q.items()}, **(add or {})}
    return json.dumps({n: v for n, v in body.items() if n not in leave}).encode()


def url(*args, **more):
    host, _, query = presigned(*args, **more)
    return bearer(b64url(f"https://kafka.us-east-1.amazonaws.com/?{query}&User-Agent=x%2F1".encode()))


def ask(s, mechanism, token):
    r = Raw(s)
    r.handshake(mechanism)
    got = r.authenticate(token)
    return got, got[0] == 0 and r.metadata()


def with_iam():
    good = ("AKIDVERIFIED", "secretsecret")
    (code, text, answer, lives), served = ask(strict, "AWS_MSK_IAM", iam(*good))
    ok(code == 0 and served and json.loads(answer)["version"] == "2020_10_22" and json.loads(answer)["request-id"] and lives > 3600000,
       "AWS_MSK_IAM with the right secret", (code, text, answer, lives))
    ok(ask(strict, "AWS_MSK_IAM", iam("ASIASESSION", "sss", "TOKEN"))[1], "of a session, with its token")
    host = "kafka.us-east-1.amazonaws.com"
    ok(ask(strict, "OAUTHBEARER", url(*good, host=host))[1], "OAUTHBEARER with a signed URL, as the signers for Python and Node make them")
    ok(ask(strict, "OAUTHBEARER", url("ASIASESSION", "sss", "TOKEN", host=host))[1], "of a session")
    old = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=1000)
    bad = {"another secret": iam("AKIDVERIFIED", "x"), "an unknown key": iam("AKIDNO", "x"), "a session without its token": iam("ASIASESSION", "sss"),
           "an expired one": iam(*good, when=old), "another action": iam(*good, action="kafka-cluster:Alter"),
           "another host than was signed": iam(*good, add={"host": "else.where"}), "no version": iam(*good, leave=["version"]),
           "no signature": iam(*good, leave=["x-amz-signature"]), "no date": iam(*good, leave=["x-amz-date"]), "no JSON": b"{", "a list": b"[]",
           "nothing": b"", "numbers": iam(*good, add={"x-amz-date": 5})}
    for name, token in bad.items():
        got, _ = ask(strict, "AWS_MSK_IAM", token)
        ok(got[0] == 58 and got[1].endswith("]: Access denied") and len(got[1]) == len("[]: Access denied") + 36, f"{name}: 58 Access denied", got)
    for name, token in {"another secret": url("AKIDVERIFIED", "x", host=host), "another action": url(*good, host=host, action="kafka:ListClusters"),
                        "no URL": bearer(b64url(b"kafka")), "http": bearer(b64url(b"http://x/?a=b"))}.items():
        got, _ = ask(strict, "OAUTHBEARER", token)
        ok(got[0] == 58 and got[1].endswith("]: Access denied"), f"a URL, {name}: 58", got)
    ok(ask(open_stack, "AWS_MSK_IAM", iam("any", "thing"))[1], "without verifying any well-formed one will do")
    ok(ask(open_stack, "OAUTHBEARER", url("any", "thing"))[1], "a URL, too")
    same(ask(open_stack, "AWS_MSK_IAM", iam("any", "thing", leave=["x-amz-credential"]))[0][0], 58, "but well-formed it must be")
    same(ask(open_stack, "AWS_MSK_IAM", iam("any", "thing", when=old))[0][0], 58, "and not expired")


ENFORCE = """
[stack]
auth = enforce
[topics]
open = 1
closed = 1
[identity.admin]
key = AKIDADMIN
secret = adminsecret
policies = AdministratorAccess
[identity.limited]
key = AKIDLIMITED
secret = limitedsecret
"""


def produce(r, topic):
    """The error code of an empty batch's append: what is denied is told before it is looked at."""
    got = r.call(0, 3, struct.pack(">hhii", -1, 1, 1000, 1) + string(topic) + struct.pack(">iii", 1, 0, 0))
    return struct.unpack(">h", got[4 + 2 + len(topic) + 4 + 4:][:2])[0]


def topics_of(r):
    """Names and codes of Metadata v1 for all topics."""
    got = r.call(3, 1, struct.pack(">i", -1))
    at = 4 + 4
    at += 2 + struct.unpack(">h", got[at:at + 2])[0] + 4 + 2  # host, port, no rack
    at += 4
    n, = struct.unpack(">i", got[at:at + 4])
    at += 4
    names = []
    for _ in range(n):
        size, = struct.unpack(">h", got[at + 2:at + 4])
        names.append(got[at + 4:at + 4 + size].decode())
        at += 4 + size + 1
        parts, = struct.unpack(">i", got[at:at + 4])
        at += 4 + parts * 26
    return names


def with_policies():
    with Stack(only="kafka,aws", conf=ENFORCE) as e:
        iam_api = e.client("iam", "AKIDADMIN", "adminsecret")
        arn = e.client("kafka", "AKIDADMIN", "adminsecret").list_clusters()["ClusterInfoList"][0]["ClusterArn"]
        limited = ("AKIDLIMITED", "limitedsecret")
        got, _ = ask(e, "AWS_MSK_IAM", iam(*limited))
        ok(got[0] == 58 and got[1].endswith("]: Access denied"), "without a policy there is no connection", got)
        allow = [{"Effect": "Allow", "Action": "kafka-cluster:Connect", "Resource": arn},
                 {"Effect": "Allow", "Action": ["kafka-cluster:DescribeTopic", "kafka-cluster:*Data"], "Resource": arn.replace(":cluster/", ":topic/") + "/open"}]
        iam_api.put_user_policy(UserName="limited", PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": allow}))
        r = Raw(e)
        r.handshake("AWS_MSK_IAM")
        same(r.authenticate(iam(*limited))[0], 0, "with one it may connect")
        same(topics_of(r), ["open"], "Metadata shows what it may describe")
        same((produce(r, "open") != 29, produce(r, "closed")), (True, 29), "Produce: 29 for what it may not write")
        admin = Raw(e)
        admin.handshake("AWS_MSK_IAM")
        admin.authenticate(iam("AKIDADMIN", "adminsecret"))
        same(topics_of(admin), ["closed", "open"], "who may do all sees all")
        ok(produce(admin, "closed") != 29, "and writes to all")
        same(topics_of(Raw(e)), ["closed", "open"], "who didn't come by IAM isn't judged by it, as on MSK")


# ---- users that admins make ----

def compact(b):
    return bytes([len(b) + 1]) + b


def alter(r, user, mechanism, iterations=4096, salt=b"salt", password=b"pw", remove=False):
    name = {1: "sha256", 2: "sha512"}.get(mechanism, "sha256")
    salted = hashlib.pbkdf2_hmac(name, password, salt, max(iterations, 1))
    one = compact(user) + bytes([mechanism])
    body = (b"\x02" + one + b"\0" + b"\x01" if remove else b"\x01" + b"\x02" + one + struct.pack(">i", iterations) + compact(salt) + compact(salted) + b"\0") + b"\0"
    got = r.bare(struct.pack(">hhi", 51, 0, 7) + string("raw") + b"\0" + body)
    at = 5 + 4 + 1
    at += got[at]
    return struct.unpack(">h", got[at:at + 2])[0]


def made_users():
    r = Raw(open_stack)
    same(alter(r, b"carol", 2, 8192, b"saltsalt", b"carols"), 0, "AlterUserScramCredentials makes a user")
    said = kcat(open_stack, "SCRAM-SHA-512", "carol", "carols", "-L")
    ok('topic "t"' in said, "who can log in", said)
    said = kcat(open_stack, "SCRAM-SHA-256", "carol", "carols", "-L")
    ok('topic "t"' not in said, "by that mechanism alone")
    same(alter(r, b"carol", 2, 4095), 93, "too few iterations: 93")
    same(alter(r, b"carol", 2, 16385), 93, "too many: 93")
    same(alter(r, b"", 1), 93, "no name: 93")
    same(alter(r, b"carol", 3), 33, "an unknown mechanism: 33")
    same(alter(r, b"nobody", 1, remove=True), 91, "deleting nobody: 91")
    open_stack.stop()
    open_stack.up()
    said = kcat(open_stack, "SCRAM-SHA-512", "carol", "carols", "-L")
    ok('topic "t"' in said, "and is kept over a restart", said)
    r = Raw(open_stack)
    same(alter(r, b"carol", 2, remove=True), 0, "a user is deleted")
    said = kcat(open_stack, "SCRAM-SHA-512", "carol", "carols", "-L")
    ok("invalid credentials" in said, "and can't log in any more", said)
    ok(open_stack.alive() and strict.alive(), "both brokers are alive")


parts(with_kcat, with_tls, with_kafka_python, handshakes, plain_texts, tokens, sessions_end, with_iam, with_policies, made_users)
open_stack.stop()
strict.stop()
done()
