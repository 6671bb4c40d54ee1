#!/usr/bin/python3
"""kill -9 under mixed load on the object store: puts small and large, in parts, over others, copies, tags, deletes, versions. What was
acknowledged is there after the next start, whole and no more of it; what was under way is done or isn't; no file is left over.
KILLS: how often (2)."""
import hashlib
import http.client
import os
import random
import re
import sqlite3
import threading

from tarn import Stack, call, done, ok, same, until

KILLS = int(os.environ.get("KILLS", "2"))
THREADS, KEYS = 4, 6
rng = random.Random(int(os.environ.get("SEED", "7")))
BYTES = rng.randbytes(7 << 20)


def body_of(n):
    """Some are in the database, some are files, some large."""
    size = n % 50 if n % 3 else 200000 + n % 1000
    at = n * 7919 % (6 << 20)
    return b"%d " % n + BYTES[at:at + size]


class Worker(threading.Thread):
    """Knows of its own keys what they may be: one state when it was acknowledged, two while a call is under way. A state is None or
    (the MD5 of the bytes, tags)."""

    def __init__(self, url, number, known):
        super().__init__()
        self.address, self.number, self.known, self.rng = url.split("//")[1], number, known, random.Random(rng.random())
        self.calls, self.odd = 0, []

    def ask(self, method, path, body=b"", headers=None):
        self.c.request(method, path, body, headers or {})
        r = self.c.getresponse()
        text = r.read()
        self.calls += 1
        if r.status >= 300 and r.status != 404:
            self.odd.append((method, path, r.status, text[:200]))
        return r, text

    def parts(self, key, body):
        _, text = self.ask("POST", f"/load/{key}?uploads")
        at = re.search(b"<UploadId>(.*)</UploadId>", text)[1].decode()
        half, tags = 5 << 20, []
        for i, part in enumerate((body[:half], body[half:])):
            tags.append(self.ask("PUT", f"/load/{key}?partNumber={i + 1}&uploadId={at}", part)[0].headers["ETag"])
        if self.rng.random() < 0.2:
            return self.ask("DELETE", f"/load/{key}?uploadId={at}") and False
        xml = "".join(f"<Part><PartNumber>{i + 1}</PartNumber><ETag>{t}</ETag></Part>" for i, t in enumerate(tags))
        self.ask("POST", f"/load/{key}?uploadId={at}", f"<CompleteMultipartUpload>{xml}</CompleteMultipartUpload>".encode())
        return True

    def turn(self, key):
        now, kind, n = self.known["keys"][key][0], self.rng.random(), self.rng.randrange(1 << 30)
        may = self.known["keys"][key]
        if kind < 0.5:
            body = body_of(n)
            may.append((hashlib.md5(body).hexdigest(), ""))
            self.ask("PUT", f"/load/{key}", body)
        elif kind < 0.53:
            body = b"%d " % n + BYTES[:(5 << 20) + n % 100]
            may.append((hashlib.md5(body).hexdigest(), ""))
            if not self.parts(key, body):
                may.pop()
                return
        elif kind < 0.65:
            may.append(None)
            self.ask("DELETE", f"/load/{key}")
        elif kind < 0.8 and now:
            may.append((now[0], f"n={n}"))
            self.ask("PUT", f"/load/{key}?tagging", f"<Tagging><TagSet><Tag><Key>n</Key><Value>{n}</Value></Tag></TagSet></Tagging>".encode())
        elif kind < 0.9:
            other = self.rng.choice([k for k in self.known["keys"] if k.startswith(f"{self.number}-") and k != key])
            if not self.known["keys"][other][0]:
                return
            may.append(self.known["keys"][other][0])
            self.ask("PUT", f"/load/{key}", headers={"x-amz-copy-source": f"/load/{other}"})
        else:
            self.version(key, n)
            return
        del may[:-1]

    def version(self, key, n):
        made = self.known["versions"].setdefault(key, {})
        if made and n % 4 == 0:
            gone = self.rng.choice(list(made))
            self.known["unsure"].add(gone)
            self.ask("DELETE", f"/versions/{key}?versionId={gone}")
            made.pop(gone)
            self.known["gone"].add(gone)
            return
        body = body_of(n)
        r, _ = self.ask("PUT", f"/versions/{key}", body)
        made[r.headers["x-amz-version-id"]] = hashlib.md5(body).hexdigest()

    def run(self):
        self.c = http.client.HTTPConnection(self.address, timeout=60)
        try:
            while True:
                self.turn(f"{self.number}-{self.rng.randrange(KEYS)}")
        except (OSError, http.client.HTTPException, TypeError):
            pass  # it was killed


def state(url, key):
    r = call("GET", f"{url}/load/{key}")
    if r.status == 404:
        return None
    t = call("GET", f"{url}/load/{key}?tagging").text
    tag = re.search("<Key>n</Key><Value>(.*?)</Value>", t)
    return hashlib.md5(r.body).hexdigest(), f"n={tag[1]}" if tag else ""


def check(s, known, name):
    url, wrong = s.at["aws"], []
    for key, may in known["keys"].items():
        got = state(url, key)
        if got not in may:
            wrong.append((key, got, may))
        known["keys"][key] = [got]
    same(wrong, [], f"{name}: objects are as acknowledged, or as was under way")
    wrong = []
    for key, made in known["versions"].items():
        for version, md5 in list(made.items()):
            r = call("GET", f"{url}/versions/{key}?versionId={version}")
            if r.status != 200 and version in known["unsure"]:
                made.pop(version)
            elif r.status != 200 or hashlib.md5(r.body).hexdigest() != md5:
                wrong.append((key, version, r.status))
    listed = call("GET", f"{url}/versions?versions").text
    wrong += [v for v in known["gone"] if f"<VersionId>{v}</VersionId>" in listed]
    same(wrong, [], f"{name}: versions, too")


def files(s, name):
    """Those of pieces, when nothing is under way: each has a row and each row its file."""
    folder = os.path.join(s.data, "s3")
    there = {n for n in os.listdir(folder) if re.fullmatch("[0-9a-f]{16}(\\.part)?", n)}
    db = sqlite3.connect(f"file:{s.data}/s3.db?mode=ro", uri=True)
    rows = {f"{i:016x}" for i, in db.execute("SELECT id FROM piece WHERE data IS NULL AND size > 0")}
    db.close()
    same((sorted(there - rows)[:5], sorted(rows - there)[:5]), ([], []), f"{name}: no file is left over, none is missing")


stack = Stack(only="s3,aws")
call("PUT", f"{stack.at['aws']}/load")
call("PUT", f"{stack.at['aws']}/versions")
call("PUT", f"{stack.at['aws']}/versions?versioning", b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")
known = {"keys": {f"{t}-{k}": [None] for t in range(THREADS) for k in range(KEYS)}, "versions": {}, "unsure": set(), "gone": set()}
total = 0
for kill in range(KILLS):
    workers = [Worker(stack.at["aws"], t, known) for t in range(THREADS)]
    for w in workers:
        w.start()
    calls = rng.randrange(60, 300)
    until(lambda: sum(w.calls for w in workers), lambda n: n > calls)
    stack.kill()
    for w in workers:
        w.join()
    total += sum(w.calls for w in workers)
    same([o for w in workers for o in w.odd][:3], [], f"kill {kill + 1}: nothing was refused before")
    stack.up()
    check(stack, known, f"kill {kill + 1}")
    stack.stop()
    files(stack, f"kill {kill + 1}")
    stack.up()
ok(total > 20 * KILLS, f"{total} calls were answered", total)
done()
