"""What test_s3_model.py has of S3: requests over one connection, and the model, a few dicts."""
import base64
import collections
import hashlib
import hmac
import http.client
import time
import urllib.parse
import xml.etree.ElementTree as ET

SUB = {"delete", "object-lock", "partNumber", "policy", "tagging", "uploadId", "uploads", "versionId", "versioning", "versions"}  # signed by V2


def key_of(text):
    return urllib.parse.quote(text, safe="/-_.~")


class Wire:
    """Requests of an account, signed as V2 has it, over one connection."""

    def __init__(self, world, who):
        self.world, self.who, self.conn = world, who, None

    def __call__(self, method, bucket, key=None, query=(), body=b"", **headers):
        path = f"/{bucket}" + ("" if key is None else "/" + key_of(key))
        query = {k: v for k, v in dict(query).items() if v is not None}
        head = {k.replace("_", "-"): v for k, v in headers.items() if v is not None}
        head["date"] = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())
        amz = "".join(f"{k}:{v}\n" for k, v in sorted(head.items()) if k.startswith("x-amz-"))
        named = "&".join(k if v == "" else f"{k}={v}" for k, v in sorted(query.items()) if k in SUB)
        text = "\n".join([method, head.get("content-md5", ""), head.get("content-type", ""), head["date"], amz + path + (f"?{named}" if named else "")])
        head["authorization"] = f"AWS {self.who[0]}:" + base64.b64encode(hmac.new(self.who[1].encode(), text.encode(), "sha1").digest()).decode()
        url = path + ("?" + "&".join(k if v == "" else f"{k}={urllib.parse.quote(str(v), safe='')}" for k, v in query.items()) if query else "")
        if not self.conn:
            self.conn = http.client.HTTPConnection(*self.world.stack.address("aws"), timeout=60)
        self.conn.request(method, url, body, head)
        r = self.conn.getresponse()
        return Said(r.status, {k.lower(): v for k, v in r.getheaders()}, r.read())


class Said:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def xml(self):
        root = ET.fromstring(self.body)
        for e in root.iter():
            e.tag = e.tag.split("}")[-1]
        return root

    def code(self):
        return self.xml().findtext("Code") if self.body and self.status >= 300 else None

    def __repr__(self):
        return f"{self.status} {dict(self.headers)} {self.body[:600]}"


class Version:
    """One of a key: its bytes and all that is kept with them; body None: a delete marker."""

    def __init__(self, body, **more):
        self.id, self.body = "null", body
        self.type, self.meta, self.tags, self.etag, self.parts = "binary/octet-stream", {}, {}, None, 0
        self.mode = self.until = self.hold = None
        self.__dict__.update(more)
        if body is not None and not self.etag:
            self.etag = hashlib.md5(body).hexdigest()

    def kept(self, now, bypass):
        return self.hold == "ON" or (self.mode and self.until > now and not (bypass and self.mode == "GOVERNANCE"))


class Bucket:
    def __init__(self, name, lock=False):
        self.name, self.lock, self.state, self.default, self.rights = name, lock, "Enabled" if lock else None, None, "none"
        self.keys, self.gone = collections.defaultdict(list), []

    def current(self, key):
        return self.keys[key][0] if self.keys.get(key) else None

    def find(self, key, vid):
        if vid is None:
            return self.current(key)
        return next((v for v in self.keys.get(key, []) if v.id == vid), None)

    def put(self, key, v, vid):
        """What comes on top; vid: what the answer called it."""
        if self.state == "Enabled":
            v.id = vid
        else:
            self.keys[key] = [] if not self.state else [x for x in self.keys[key] if x.id != "null"]
        self.keys[key].insert(0, v)

    def drop(self, key, v):
        self.keys[key].remove(v)
        if v.id != "null":
            self.gone.append((key, v.id))
        if not self.keys[key]:
            del self.keys[key]

    def rows(self, versions):
        """(key, version, whether it is the latest) in the order of listings."""
        for key in sorted((k for k in self.keys if self.keys[k]), key=str.encode):
            for i, v in enumerate(self.keys[key]):
                if versions or (i == 0 and v.body is not None):
                    yield key, v, i == 0


class Wrong(Exception):
    """An answer that isn't what the model says."""


def vid_of(b, v):
    """The id of a version as x-amz-copy-source-version-id has it."""
    return v.id if b.state and v.id != "null" else None


def escape(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
