#!/usr/bin/python3
"""A model of S3 in a few dicts, held against random requests of two accounts: puts, conditions, ranges, copies, uploads in parts, versions
and delete markers, suspended versioning, tags, retention and legal hold, deletes one by one and many, listings of every kind with their
pages, policies that let the other account in, days that go by, restarts, kill -9. Each answer is what the model says, and at the end every
version has its bytes. SEED, STEPS (1200), KILLS (2)."""
import base64
import collections
import datetime
import hashlib
import os
import random

from s3_model import Bucket, Version, Wire, Wrong, escape, key_of, vid_of
from tarn import Stack, call, done, ok, same

SEED, STEPS, KILLS = (int(os.environ.get(name, dflt)) for name, dflt in (("SEED", "11"), ("STEPS", "1200"), ("KILLS", "2")))
chance = random.Random(SEED)
OWNER, OTHER = ("AKIDONE", "onesecret"), ("AKIDTWO", "twosecret")
CONF = """[identity.one]
key = AKIDONE
secret = onesecret
account = 111111111111
[identity.two]
key = AKIDTWO
secret = twosecret
account = 222222222222
"""
KEYS = ["a", "a/b", "a/c", "a/c/d", "a b+c", "ä/ö", "b", "b//x", "z&<y>", "b/", "0", "folder/one", "folder/two"]
BEGAN = 1767603600  # the clock stands, but for days that go by
HALF = datetime.timedelta(hours=12)


class World:
    def __init__(self):
        self.stack, self.days, self.began = Stack(only="s3", conf=CONF), 0, BEGAN
        self.buckets = {b.name: b for b in (Bucket("plain-one"), Bucket("kept-one"), Bucket("kept-two"), Bucket("locked-one", True))}
        self.uploads, self.count, self.log = {}, collections.Counter(), []
        self.clock("freeze 2026-01-05T09:00:00Z")  # which restarts keep
        self.connect()
        for b in self.buckets.values():
            self.check(self.one("PUT", b.name, x_amz_bucket_object_lock_enabled="true" if b.lock else None), 200)
        for name in ("kept-one", "kept-two"):
            self.set_state(self.buckets[name], "Enabled")

    def connect(self):
        self.one, self.two = Wire(self, OWNER), Wire(self, OTHER)

    def seconds(self):
        return self.began + self.days * 86400

    def now(self):
        return datetime.datetime.fromtimestamp(self.seconds(), datetime.timezone.utc)

    # what is asked of answers

    def check(self, said, status, code=None, **headers):
        if said.status != status or (code and said.body and said.code() != code):
            raise Wrong(f"wanted {status} {code}, got {said}")
        for name, want in headers.items():
            got = said.headers.get(name.replace("_", "-"))
            if got != want:
                raise Wrong(f"wanted {name} {want}, got {said}")
        return said

    def equal(self, got, want, what):
        if got != want:
            raise Wrong(f"{what}: got {got!r}, wanted {want!r}")

    # choices

    def bucket(self):
        return chance.choice(list(self.buckets.values()))

    def key(self, b, there=0.8):
        have = [k for k, vs in b.keys.items() if vs]
        return chance.choice(have) if have and chance.random() < there else chance.choice(KEYS)

    def version(self, b, key):
        """None: what is current; one of the key's; one that went; null, there or not."""
        vs, n = b.keys.get(key, []), chance.random()
        if n < 0.45 or not b.state:
            return None if n < 0.9 else "null"
        if n < 0.85 and vs:
            return chance.choice(vs).id
        gone = [vid for k, vid in b.gone if k == key]
        return chance.choice(gone) if gone and n < 0.95 else "null"

    def bytes(self):
        return chance.randbytes(chance.choice((0, 1, 3, 100, 1000, 70000) if chance.random() < 0.3 else (5, 50)))

    def shape(self):
        """How an object is to be put: headers, and the model's words for them."""
        head, more = {}, {}
        if chance.random() < 0.3:
            head["content-type"] = more["type"] = chance.choice(("text/plain", "application/json"))
        if chance.random() < 0.3:
            more["meta"] = {"n": str(chance.randrange(9))}
            head["x-amz-meta-n"] = more["meta"]["n"]
        if chance.random() < 0.2:
            more["tags"] = {"t": str(chance.randrange(9))}
            head["x-amz-tagging"] = f"t={more['tags']['t']}"
        return head, more

    def lock_shape(self, b):
        head, more = {}, {}
        if b.lock and chance.random() < 0.3:
            more["mode"], more["until"] = chance.choice(("GOVERNANCE", "GOVERNANCE", "COMPLIANCE")), self.date(chance.choice((1, 2, 3)))
            head.update({"x-amz-object-lock-mode": more["mode"], "x-amz-object-lock-retain-until-date": more["until"].isoformat()})
        if b.lock and chance.random() < 0.1:
            head["x-amz-object-lock-legal-hold"] = more["hold"] = "ON"
        return head, more

    def date(self, days):
        """Not near any now: days go by in whole ones."""
        base = datetime.datetime.fromtimestamp(int(self.began), datetime.timezone.utc) + HALF
        return base + datetime.timedelta(days=self.days + days - 1)

    def locked_by_default(self, b, v):
        if b.default and not v.mode:
            v.mode, v.until = b.default[0], self.now() + datetime.timedelta(days=b.default[1])
        return v

    # steps

    def written(self, b, key, v, said, named=False):
        vid = said.headers.get("x-amz-version-id")
        if b.state == "Enabled":
            self.equal(bool(vid) and len(vid) == 32 and not b.find(key, vid), True, f"a version id of its own: {vid}")
        else:
            self.equal(vid, "null" if named and b.state else None, "no version id")
        b.put(key, self.locked_by_default(b, v), vid)

    def do_put(self):
        b = self.bucket()
        key, body, (head, more), (lock, locked), cond, now = self.key(b), self.bytes(), self.shape(), self.lock_shape(b), {}, None
        now, want = b.current(key), (200, None)
        there = now is not None and now.body is not None
        n = chance.random()
        if n < 0.1:
            cond, want = {"if-none-match": "*"}, (412, "PreconditionFailed") if there else want
        elif n < 0.2:
            right = there and chance.random() < 0.7
            cond = {"if-match": now.etag if right else "0" * 32}
            want = want if right else (412, "PreconditionFailed") if there else (404, "NoSuchKey")
        said = self.check(self.one("PUT", b.name, key, body=body, **head, **lock, **cond), *want)
        if said.status == 200:
            v = Version(body, **more, **locked)
            self.equal(said.headers["etag"], f'"{v.etag}"', "ETag")
            self.written(b, key, v, said)

    def missing(self, b, key, vid, v, said, marker_is_405=False):
        """The answer about a version that isn't there, or is a delete marker; False: it is there."""
        if v is not None and v.body is not None:
            return False
        if vid is None and not (v is not None and marker_is_405):
            self.check(said, 404, "NoSuchKey", **({"x_amz_delete_marker": "true", "x_amz_version_id": v.id} if v else {}))
        elif v is None:
            self.check(said, 404, "NoSuchVersion")
        else:
            self.check(said, 405, "MethodNotAllowed", x_amz_delete_marker="true", x_amz_version_id=v.id)
        return True

    def tells(self, b, v, said):
        """Whether an answer's headers tell all of a version."""
        want = {"etag": f'"{v.etag}"', "content-type": v.type, "x-amz-version-id": v.id if b.state else None,
                "x-amz-tagging-count": str(len(v.tags)) if v.tags else None, "x-amz-object-lock-mode": v.mode, "x-amz-object-lock-legal-hold": v.hold,
                "x-amz-meta-n": v.meta.get("n")}
        self.equal({k: said.headers.get(k) for k in want}, want, "headers")

    def do_get(self):
        b = self.bucket()
        key = self.key(b)
        vid, method = self.version(b, key), chance.choice(("GET", "GET", "HEAD"))
        v, query = b.find(key, vid), {"versionId": vid}
        if v is None or v.body is None or len(v.body) == 0 or chance.random() < 0.7:
            said = self.one(method, b.name, key, query)
            if not self.missing(b, key, vid, v, said):
                self.check(said, 200, content_length=str(len(v.body)))
                self.tells(b, v, said)
                self.equal(said.body, v.body if method == "GET" else b"", "bytes")
            return
        at = chance.randrange(len(v.body))
        to = chance.randrange(at, len(v.body) + 5)
        said = self.check(self.one(method, b.name, key, query, range=f"bytes={at}-{to}"), 206)
        self.equal(said.body, v.body[at:to + 1] if method == "GET" else b"", "bytes of a range")

    def do_conditional_get(self):
        b = self.bucket()
        key = self.key(b, 1)
        v = b.current(key)
        if v is None or v.body is None:
            return
        right = chance.random() < 0.5
        tag = v.etag if right else "0" * 32
        self.check(self.one("GET", b.name, key, **{"if-match": tag}), 200 if right else 412)
        self.check(self.one("GET", b.name, key, **{"if-none-match": tag}), 304 if right else 200)

    def removed(self, b, key, vid, bypass):
        """What the model says of a delete: (status, code, whether it is about a marker); applies it, but for the id of a new marker."""
        v = b.find(key, vid) if vid else None
        if vid and v is None:
            return 204, None, False
        if v:
            if v.body is not None and v.kept(self.now(), bypass):
                return 403, "AccessDenied", False
            b.drop(key, v)
            return 204, None, v.body is None
        return 204, None, bool(b.state)

    def marked(self, b, key, vid):
        if not b.state:
            b.keys.pop(key, None)
        else:
            b.put(key, Version(None), vid)

    def do_delete(self):
        b = self.bucket()
        key = self.key(b)
        vid, bypass = self.version(b, key), b.lock and chance.random() < 0.5
        status, code, marker = self.removed(b, key, vid, bypass)
        said = self.one("DELETE", b.name, key, {"versionId": vid}, **({"x-amz-bypass-governance-retention": "true"} if bypass else {}))
        self.check(said, status, code, x_amz_delete_marker="true" if marker else None)
        if status == 204 and not vid:
            got = said.headers.get("x-amz-version-id")
            self.equal(bool(got) and (len(got) == 32 if b.state == "Enabled" else got == "null") if b.state else got is None, True, f"the marker's id {got}")
            self.marked(b, key, got)
        elif status == 204:
            self.equal(said.headers.get("x-amz-version-id"), vid if b.state else None, "which went")

    def do_delete_many(self):
        b = self.bucket()
        asked = [(key, self.version(b, key)) for key in (self.key(b) for _ in range(chance.randrange(1, 5)))]
        xml = "".join(f"<Object><Key>{escape(k)}</Key>" + (f"<VersionId>{v}</VersionId>" if v else "") + "</Object>" for k, v in asked)
        body = f"<Delete>{xml}</Delete>".encode()
        said = self.one("POST", b.name, None, {"delete": ""}, body, **{"content-md5": base64.b64encode(hashlib.md5(body).digest()).decode()})
        rows = list(self.check(said, 200).xml())
        self.equal(len(rows), len(asked), "one answer for each")
        for row, (key, vid) in zip(rows, asked):
            status, code, marker = self.removed(b, key, vid, False)
            got = (row.tag, row.findtext("Key"), row.findtext("VersionId"), row.findtext("Code"), row.findtext("DeleteMarker"))
            self.equal(got, ("Error" if code else "Deleted", key, vid, code, "true" if marker else None), "an answer of several")
            if status == 204 and not vid:
                self.marked(b, key, row.findtext("DeleteMarkerVersionId"))

    def do_copy(self):
        a, b = self.bucket(), self.bucket()
        key, to = self.key(a, 0.9), self.key(b)
        vid = self.version(a, key)
        v, (head, more), (lock, locked) = a.find(key, vid), self.shape(), self.lock_shape(b)
        replace, retag = chance.random() < 0.4, chance.random() < 0.3
        send = {**lock, "x-amz-copy-source": f"/{a.name}/{key_of(key)}" + (f"?versionId={vid}" if vid else "")}
        if replace:
            send.update({k: x for k, x in head.items() if k != "x-amz-tagging"}, **{"x-amz-metadata-directive": "REPLACE"})
        if retag:
            send.update({"x-amz-tagging-directive": "REPLACE", "x-amz-tagging": head.get("x-amz-tagging", "")})
        said = self.one("PUT", b.name, to, **send)
        if v is None:
            return self.check(said, 404, "NoSuchVersion" if vid else "NoSuchKey")
        if v.body is None:
            return self.check(said, *((400, "InvalidRequest") if vid else (404, "NoSuchKey")))
        if a is b and key == to and not vid and not replace:
            return self.check(said, 400, "InvalidRequest")
        self.check(said, 200, x_amz_copy_source_version_id=vid_of(a, v))
        new = Version(v.body, type=more.get("type", "binary/octet-stream") if replace else v.type, meta=dict(more.get("meta", {}) if replace else v.meta),
                      tags=dict(more.get("tags", {}) if retag else v.tags), **locked)
        self.equal(said.xml().findtext("ETag"), f'"{new.etag}"', "the copy's ETag")
        self.written(b, to, new, said, named=True)

    def do_upload(self):
        """Begins one, adds to it, ends it, gives it up."""
        n = chance.random()
        if not self.uploads or n < 0.3:
            b = self.bucket()
            key, (head, more), (lock, locked) = self.key(b), self.shape(), self.lock_shape(b)
            said = self.check(self.one("POST", b.name, key, {"uploads": ""}, **head, **lock), 200)
            self.uploads[said.xml().findtext("UploadId")] = (b, key, {**more, **locked}, {})
            return
        uid = chance.choice(list(self.uploads))
        b, key, more, parts = self.uploads[uid]
        if n < 0.6:
            self.add_part(uid, b, key, parts)
        elif n < 0.7:
            self.check(self.one("DELETE", b.name, key, {"uploadId": uid}), 204)
            del self.uploads[uid]
            self.check(self.one("PUT", b.name, key, {"partNumber": 1, "uploadId": uid}, b"x"), 404, "NoSuchUpload")
        elif n < 0.8:
            rows = self.check(self.one("GET", b.name, key, {"uploadId": uid}), 200).xml().findall("Part")
            self.equal([(int(p.findtext("PartNumber")), p.findtext("ETag").strip('"')) for p in rows], sorted((i, e) for i, (_, e) in parts.items()), "parts")
        elif parts:
            self.complete(uid, b, key, more, parts)

    def add_part(self, uid, b, key, parts):
        number, a = chance.randrange(1, 4), self.bucket()
        query = {"partNumber": number, "uploadId": uid}
        src = self.key(a)
        v = a.current(src)
        if v is not None and v.body and chance.random() < 0.4:
            at = chance.randrange(len(v.body))
            body = v.body[at:]
            said = self.check(self.one("PUT", b.name, key, query, **{"x-amz-copy-source": f"{a.name}/{key_of(src)}",
                                                                     "x-amz-copy-source-range": f"bytes={at}-{len(v.body) - 1}"}), 200,
                              x_amz_copy_source_version_id=vid_of(a, v))
            etag = said.xml().findtext("ETag").strip('"')
        else:
            body = LARGE if chance.random() < 0.05 else self.bytes()
            etag = self.check(self.one("PUT", b.name, key, query, body), 200).headers["etag"].strip('"')
        self.equal(etag, hashlib.md5(body).hexdigest(), "a part's ETag")
        parts[number] = (body, etag)

    def complete(self, uid, b, key, more, parts):
        chosen = sorted(parts) if chance.random() < 0.5 else [chance.choice(sorted(parts))]
        xml = "".join(f"<Part><PartNumber>{i}</PartNumber><ETag>{parts[i][1]}</ETag></Part>" for i in chosen)
        said = self.one("POST", b.name, key, {"uploadId": uid}, f"<CompleteMultipartUpload>{xml}</CompleteMultipartUpload>".encode())
        if any(len(parts[i][0]) < 5 << 20 for i in chosen[:-1]):
            return self.check(said, 400, "EntityTooSmall")
        self.check(said, 200)
        etag = hashlib.md5(b"".join(bytes.fromhex(parts[i][1]) for i in chosen)).hexdigest() + f"-{len(chosen)}"
        self.equal(said.xml().findtext("ETag"), f'"{etag}"', "the whole's ETag")
        del self.uploads[uid]
        if more.get("mode") and more["until"] < self.now():
            more = {**more}  # its retention was over before it came to be: kept all the same
        self.written(b, key, Version(b"".join(parts[i][0] for i in chosen), etag=etag, parts=len(chosen), **more), said)

    def do_tags(self):
        b = self.bucket()
        key = self.key(b)
        vid = self.version(b, key)
        v, query, what = b.find(key, vid), {"tagging": "", "versionId": vid}, chance.choice(("GET", "PUT", "DELETE"))
        tags = {"k": str(chance.randrange(9)), "l": "a b=c"}
        body = "".join(f"<Tag><Key>{k}</Key><Value>{escape(x)}</Value></Tag>" for k, x in tags.items())
        body = f"<Tagging><TagSet>{body}</TagSet></Tagging>".encode() if what == "PUT" else b""
        said = self.one(what, b.name, key, query, body)
        if self.missing(b, key, vid, v, said, marker_is_405=True):
            return
        self.check(said, {"GET": 200, "PUT": 200, "DELETE": 204}[what], x_amz_version_id=v.id if b.state else None)
        if what == "GET":
            self.equal({t.findtext("Key"): t.findtext("Value") or "" for t in said.xml().iter("Tag")}, v.tags, "tags")
        else:
            v.tags = tags if what == "PUT" else {}

    def do_lock(self):
        b = self.buckets["locked-one"] if chance.random() < 0.9 else self.bucket()
        key = self.key(b, 0.95)
        vid = self.version(b, key)
        v, bypass = b.find(key, vid), chance.random() < 0.4
        if chance.random() < 0.3:
            hold = chance.choice(("ON", "OFF", "OFF"))
            said = self.one("PUT", b.name, key, {"legal-hold": "", "versionId": vid}, f"<LegalHold><Status>{hold}</Status></LegalHold>".encode())
            if self.unlockable(b, key, vid, v, said):
                return
            self.check(said, 200)
            v.hold = hold
            return
        mode, until = chance.choice(("GOVERNANCE", "COMPLIANCE")), self.date(chance.choice((1, 2, 3)))
        body = f"<Retention><Mode>{mode}</Mode><RetainUntilDate>{until.isoformat()}</RetainUntilDate></Retention>".encode()
        said = self.one("PUT", b.name, key, {"retention": "", "versionId": vid}, body, **({"x-amz-bypass-governance-retention": "true"} if bypass else {}))
        if self.unlockable(b, key, vid, v, said):
            return
        grows = v.mode == mode and until >= v.until
        if v.mode and v.until > self.now() and not grows and not (bypass and v.mode == "GOVERNANCE"):
            self.check(said, 403, "AccessDenied")
        else:
            self.check(said, 200)
            v.mode, v.until = mode, until
        got = self.check(self.one("GET", b.name, key, {"retention": "", "versionId": vid}), 200).xml()
        self.equal(got.findtext("Mode"), v.mode, "the mode that counts")

    def unlockable(self, b, key, vid, v, said):
        if not b.lock:
            self.check(said, 400, "InvalidRequest")
            return True
        return self.missing(b, key, vid, v, said, marker_is_405=True)

    def set_state(self, b, state):
        self.check(self.one("PUT", b.name, None, {"versioning": ""}, f"<VersioningConfiguration><Status>{state}</Status></VersioningConfiguration>".encode()),
                   409 if b.lock and state == "Suspended" else 200, "InvalidBucketState")
        if not b.lock:
            b.state = state

    def do_state(self):
        b = chance.choice([x for x in self.buckets.values() if x.name != "plain-one"])
        self.set_state(b, chance.choice(("Enabled", "Suspended")))
        self.equal(self.check(self.one("GET", b.name, None, {"versioning": ""}), 200).xml().findtext("Status"), b.state, "the state")

    def do_default(self):
        b = self.buckets["locked-one"]
        b.default = chance.choice((None, ("GOVERNANCE", 1), ("COMPLIANCE", 1)))
        rule = f"<Rule><DefaultRetention><Mode>{b.default[0]}</Mode><Days>{b.default[1]}</Days></DefaultRetention></Rule>" if b.default else ""
        body = f"<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled>{rule}</ObjectLockConfiguration>".encode()
        self.check(self.one("PUT", b.name, None, {"object-lock": ""}, body), 200)

    # listings

    def paged(self, b, kind, prefix, delimiter, size):
        """What pages of a listing give: each entry, common prefixes among them in their place."""
        at, out = {}, []
        while True:
            query = {"max-keys": size, **at}
            query.update({k: x for k, x in (("prefix", prefix), ("delimiter", delimiter)) if x})
            query.update({"versions": {"versions": ""}, "v2": {"list-type": "2"}, "v1": {}}[kind])
            root = self.check(self.one("GET", b.name, None, query), 200).xml()
            keys = [(e.findtext("Key"), e.findtext("VersionId"), e.findtext("IsLatest"), e.tag == "DeleteMarker", (e.findtext("ETag") or "").strip('"'))
                    for e in root if e.tag in ("Contents", "Version", "DeleteMarker")]
            rolled = [(e.findtext("Prefix"),) for e in root.findall("CommonPrefixes")]
            self.equal(len(keys) + len(rolled) <= size, True, "no more than asked for")
            out += sorted(keys + rolled, key=lambda e: e[0].encode())  # stable: versions stay in their order
            if root.findtext("IsTruncated") != "true":
                return out
            self.equal(len(keys) + len(rolled), size, "a page that isn't the last is full")
            at = {"versions": {"key-marker": root.findtext("NextKeyMarker"), "version-id-marker": root.findtext("NextVersionIdMarker")},
                  "v2": {"continuation-token": root.findtext("NextContinuationToken")},
                  "v1": {"marker": root.findtext("NextMarker") or (keys[-1][0] if keys else None)}}[kind]

    def do_list(self):
        b, kind = self.bucket(), chance.choice(("v1", "v2", "versions", "versions"))
        prefix, delimiter, size = chance.choice(("", "", "a", "a/", "b/", "ä", "none")), chance.choice(("", "/", "/", "c")), chance.choice((1, 2, 3, 7, 1000))
        want, rolled = [], set()
        for key, v, latest in b.rows(kind == "versions"):
            if not key.startswith(prefix):
                continue
            cut = key.find(delimiter, len(prefix)) if delimiter else -1
            if cut >= 0:
                common = key[:cut + len(delimiter)]
                if common not in rolled:
                    rolled.add(common)
                    want.append((common,))
            elif kind == "versions":
                want.append((key, v.id, "true" if latest else "false", v.body is None, v.etag or ""))
            else:
                want.append((key, None, None, False, v.etag))
        self.equal(self.paged(b, kind, prefix, delimiter, size), want, f"{kind} of {b.name}, prefix {prefix!r}, delimiter {delimiter!r}, {size} a page")

    def do_list_uploads(self):
        b = self.bucket()
        rows = self.check(self.one("GET", b.name, None, {"uploads": ""}), 200).xml().findall("Upload")
        want = sorted((key, uid) for uid, (of, key, _, _) in self.uploads.items() if of is b)
        self.equal(sorted((u.findtext("Key"), u.findtext("UploadId")) for u in rows), want, "uploads under way")

    # the other account

    def do_rights(self):
        b = self.bucket()
        b.rights = chance.choice(("none", "read", "all"))
        arn, who = f"arn:aws:s3:::{b.name}", '"Effect":"Allow","Principal":{"AWS":"222222222222"}'
        rule = {"read": f'"Action":["s3:GetObject","s3:GetObjectVersion"],"Resource":"{arn}/*"', "all": f'"Action":"s3:*","Resource":["{arn}","{arn}/*"]'}
        if b.rights == "none":
            self.check(self.one("DELETE", b.name, None, {"policy": ""}), 204)
        else:
            self.check(self.one("PUT", b.name, None, {"policy": ""}, ('{"Version":"2012-10-17","Statement":[{' + f"{who},{rule[b.rights]}" + "}]}").encode()), 204)

    def do_other(self):
        b = self.bucket()
        key, n = self.key(b), chance.random()
        vid = self.version(b, key)
        v = b.find(key, vid)
        if n < 0.5:
            said = self.two("GET", b.name, key, {"versionId": vid})
            if b.rights == "none" or (b.rights == "read" and vid is None and (v is None or v.body is None)):
                self.check(said, 403, "AccessDenied")
            elif not self.missing(b, key, vid, v, said):
                self.equal(self.check(said, 200).body, v.body, "bytes for the other account")
        elif n < 0.7:
            body = self.bytes()
            said = self.check(self.two("PUT", b.name, key, body=body), 200 if b.rights == "all" else 403, "AccessDenied")
            if said.status == 200:
                self.written(b, key, Version(body), said)
        elif n < 0.85:
            if b.rights != "all":
                self.check(self.two("DELETE", b.name, key, {"versionId": vid}), 403, "AccessDenied")
                self.check(self.two("GET", b.name, None, {"versions": ""}), 403, "AccessDenied")
            else:
                self.check(self.two("GET", b.name, None, {"versions": ""}), 200)
        else:
            self.check(self.two("PUT", b.name, None, {"versioning": ""}, b"<VersioningConfiguration/>"), 400 if b.rights == "all" else 403)

    # time, and the end of processes

    def clock(self, words):
        said = call("POST", self.stack.at["control"] + "/_tarn/clock", words, {"X-Tarn": "1", "Authorization": f"Bearer {OWNER[1]}"})
        self.equal(said.status, 200, f"the clock: {said.text}")

    def advance(self, days):
        self.clock(f"advance {days}d")
        self.days += days

    def do_day(self):
        self.advance(1)

    def restart(self, kill):
        if kill:
            self.stack.kill()
        else:
            self.stack.stop()
        self.stack.up()
        self.connect()

    def everything(self):
        """Every version's bytes, and each bucket's whole listing."""
        for b in self.buckets.values():
            for key, v, _ in b.rows(True):
                if v.body is not None:
                    said = self.check(self.one("GET", b.name, key, {"versionId": v.id}), 200)
                    self.equal(said.body, v.body, f"bytes of {b.name}/{key} {v.id}")
                    self.tells(b, v, said)
            want = [(k, v.id, "true" if latest else "false", v.body is None, v.etag or "") for k, v, latest in b.rows(True)]
            self.equal(self.paged(b, "versions", "", "", 1000), want, "all versions")
        return sum(len(vs) for b in self.buckets.values() for vs in b.keys.values())

    def empty(self):
        """After all has run out, all can go; and then nothing is left on disk."""
        self.advance(9)
        for b in self.buckets.values():
            for key, v, _ in list(b.rows(True)):
                if v.hold == "ON":
                    self.one("PUT", b.name, key, {"legal-hold": "", "versionId": v.id}, b"<LegalHold><Status>OFF</Status></LegalHold>")
                self.check(self.one("DELETE", b.name, key, {"versionId": v.id}), 204)
            self.check(self.one("DELETE", b.name), 204)
        self.stack.stop()
        return os.listdir(os.path.join(self.stack.data, "s3"))


LARGE = chance.randbytes(5 << 20)
WEIGHTS = {"put": 22, "get": 18, "conditional_get": 3, "delete": 12, "delete_many": 5, "copy": 10, "upload": 14, "tags": 8, "lock": 8, "state": 3,
           "default": 1, "list": 12, "list_uploads": 2, "rights": 3, "other": 8, "day": 1}
kills = set(chance.sample(range(STEPS), min(KILLS, STEPS)))
w, step, name = World(), -1, ""
try:
    for step in range(STEPS):
        if step in kills:
            w.restart(len(w.log) % 2 == 0)
            w.log.append(step)
        name = chance.choices(list(WEIGHTS), WEIGHTS.values())[0]
        getattr(w, "do_" + name)()
        w.count[name] += 1
    ok(True, f"{STEPS} steps of seed {SEED} as the model says: {dict(w.count)}")
    name = "everything"
    ok(w.everything() > 0, "every version is there with its bytes")
    w.restart(True)
    w.everything()
    ok(True, "after kill -9, too")
    name = "empty"
    same(w.empty(), [], "when all is deleted no file is left")
except Wrong as e:
    ok(False, f"step {step} ({name}) of seed {SEED}", str(e))
w.stack.stop()
done()
