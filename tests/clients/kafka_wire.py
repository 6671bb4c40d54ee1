"""Kafka's frames by hand: batches and messages as no client would send them, and what the broker says of them."""
import gzip
import socket
import struct
import time
import zlib

TABLE = []
for i in range(256):
    c = i
    for _ in range(8):
        c = c >> 1 ^ 0x82F63B78 if c & 1 else c >> 1
    TABLE.append(c)


def crc32c(data):
    c = 0xFFFFFFFF
    for b in data:
        c = TABLE[(c ^ b) & 255] ^ c >> 8
    return c ^ 0xFFFFFFFF


def uvarint(n):
    out = b""
    while n >= 128:
        out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n])


def varint(n):
    return uvarint((n << 1 ^ n >> 63) & 0xFFFFFFFFFFFFFFFF)


def sized(b):
    return varint(-1) if b is None else varint(len(b)) + b


def rec(key, value, ts=0, offset=0, headers=(), attributes=0):
    b = bytes([attributes]) + varint(ts) + varint(offset) + sized(key) + sized(value) + varint(len(headers))
    b += b"".join(varint(len(k)) + k + sized(v) for k, v in headers)
    return varint(len(b)) + b


def batch(recs, ts=None, max_ts=None, attr=0, count=None, last=None, pid=-1, epoch=-1, seq=-1, base=0, crc=None, magic=2, raw=None, codec=0):
    """A record batch; raw: its records, whatever they are."""
    ts = int(time.time() * 1000) if ts is None else ts
    body = raw if raw is not None else gzip.compress(b"".join(recs)) if codec == 1 else b"".join(recs)
    n = len(recs) if count is None else count
    tail = struct.pack(">hiqqqhii", attr | codec, n - 1 if last is None else last, ts, ts if max_ts is None else max_ts, pid, epoch, seq, n) + body
    m = struct.pack(">ibI", -1, magic, crc32c(tail) if crc is None else crc) + tail
    return struct.pack(">qi", base, len(m)) + m


def message(magic, key, value, ts=0, attr=0, offset=0, crc=None):
    """Of magic 0 or 1."""
    m = bytes([magic, attr]) + (struct.pack(">q", ts) if magic else b"")
    for x in (key, value):
        m += struct.pack(">i", -1) if x is None else struct.pack(">i", len(x)) + x
    m = struct.pack(">I", zlib.crc32(m) if crc is None else crc) + m
    return struct.pack(">qi", offset, len(m)) + m


def wrapped(magic, inner, ts=0):
    return message(magic, None, gzip.compress(inner), ts=ts, attr=1)


def heads(data):
    """The headers of batches."""
    out = []
    while len(data) >= 61 and len(data) >= 12 + struct.unpack_from(">i", data, 8)[0]:
        base, n = struct.unpack_from(">qi", data)
        epoch, _, crc, attr, last, ts, max_ts, pid, pepoch, seq, count = struct.unpack_from(">ibIhiqqqhii", data, 12)
        out.append(dict(base=base, epoch=epoch, attr=attr, last=last, ts=ts, max=max_ts, pid=pid, pepoch=pepoch, seq=seq, count=count,
                        crc=crc == crc32c(data[21:12 + n])))
        data = data[12 + n:]
    return out


def messages(data, base=None):
    """What is in a message set, compressed or not: offset, magic, timestamp type, timestamp, key and value."""
    out = []
    while len(data) >= 26 and len(data) >= 12 + struct.unpack_from(">i", data, 8)[0]:
        offset, n, crc = struct.unpack_from(">qiI", data)
        m, data = data[16:12 + n], data[12 + n:]
        magic, attr = m[0], m[1]
        ts, at = (struct.unpack_from(">q", m, 2)[0], 10) if magic else (None, 2)
        fields = []
        for _ in range(2):
            size = struct.unpack_from(">i", m, at)[0]
            fields.append(None if size < 0 else m[at + 4:at + 4 + size])
            at += 4 + max(size, 0)
        assert crc == zlib.crc32(m)
        if attr & 7:
            inner = messages(gzip.decompress(fields[1]))
            out += [(i[0] + (offset - inner[-1][0] if magic else 0),) + i[1:] for i in inner]
        else:
            out.append((offset, magic, attr & 8, ts) + tuple(fields))
    return out


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def get(self, how):
        v = struct.unpack_from(">" + how, self.data, self.at)[0]
        self.at += struct.calcsize(">" + how)
        return v

    def uvarint(self):
        n = shift = 0
        while True:
            b = self.get("B")
            n, shift = n | (b & 127) << shift, shift + 7
            if b < 128:
                return n

    def bytes(self, flex, size="i"):
        n = self.uvarint() - 1 if flex else self.get(size)
        if n < 0:
            return None
        v = self.data[self.at:self.at + n]
        self.at += n
        return v

    def text(self, flex=False):
        v = self.bytes(flex, "h")
        return None if v is None else v.decode()

    def count(self, flex=False):
        return self.uvarint() - 1 if flex else self.get("i")

    def tags(self, flex):
        for _ in range(self.uvarint() if flex else 0):
            self.uvarint()
            self.at += self.uvarint()


def text(s, flex=False):
    if s is None:
        return b"\0" if flex else b"\xff\xff"
    return (uvarint(len(s) + 1) if flex else struct.pack(">h", len(s))) + s.encode()


class Wire:
    """A client of the broker at (host, port). What hangs up is answered as CLOSED."""
    CLOSED = "CLOSED"

    def __init__(self, host, port):
        self.where, self.sock = (host, int(port)), None

    def exactly(self, n):
        got = b""
        while len(got) < n:
            piece = self.sock.recv(n - len(got))
            if not piece:
                raise EOFError
            got += piece
        return got

    def ask(self, key, version, body, flex=False):
        m = struct.pack(">hhih", key, version, 7, 1) + b"x" + (b"\0" if flex else b"") + body
        try:
            if not self.sock:
                self.sock = socket.create_connection(self.where, 20)
            self.sock.sendall(struct.pack(">i", len(m)) + m)
            r = Reader(self.exactly(struct.unpack(">i", self.exactly(4))[0]))
        except (EOFError, ConnectionError):
            self.sock = None
            return None
        r.get("i")
        r.tags(flex)
        return r

    def produce(self, topic, records, version=8, part=0, acks=1):
        """(error, base, log append time, log start, [(index, text)], text), as far as the version has them."""
        flex = version >= 9
        one, tags = b"\2" if flex else struct.pack(">i", 1), b"\0" if flex else b""
        size = uvarint(len(records) + 1) if flex else struct.pack(">i", len(records))
        body = (text(None, flex) if version >= 3 else b"") + struct.pack(">hi", acks, 3000) + one + text(topic, flex) + one
        r = self.ask(0, version, body + struct.pack(">i", part) + size + records + tags * 3, flex)
        if r is None:
            return self.CLOSED
        r.count(flex), r.text(flex), r.count(flex), r.get("i")
        out = (r.get("h"), r.get("q"))
        if version >= 2:
            out += (r.get("q"),)
        if version >= 5:
            out += (r.get("q"),)
        if version >= 8:
            errors = []
            for _ in range(r.count(flex)):
                errors.append((r.get("i"), r.text(flex)))
                r.tags(flex)
            out += (errors, r.text(flex))
        return out

    def create(self, topic, partitions=1, **configs):
        body = struct.pack(">i", 1) + text(topic) + struct.pack(">ihii", partitions, 1, 0, len(configs))
        body += b"".join(text(k.replace("_", ".")) + text(str(v)) for k, v in configs.items())
        r = self.ask(19, 4, body + struct.pack(">ib", 10000, 0))
        r.get("i"), r.count(), r.text()
        return r.get("h"), r.text()

    def offsets(self, topic, ts, version=7, part=0, isolation=0, most=2, epoch=-1):
        flex = version >= 6
        one, tags = b"\2" if flex else struct.pack(">i", 1), b"\0" if flex else b""
        body = struct.pack(">i", -1) + (struct.pack(">b", isolation) if version >= 2 else b"") + one + text(topic, flex) + one
        body += struct.pack(">i", part) + (struct.pack(">i", epoch) if version >= 4 else b"") + struct.pack(">q", ts)
        body += (struct.pack(">i", most) if version == 0 else b"") + tags * 2 + (struct.pack(">i", 1000) if version >= 10 else b"") + tags
        r = self.ask(2, version, body, flex)
        if r is None:
            return self.CLOSED
        if version >= 2:
            r.get("i")
        r.count(flex), r.text(flex), r.count(flex), r.get("i")
        code = r.get("h")
        if version == 0:
            return code, [r.get("q") for _ in range(r.count())]
        return (code, r.get("q"), r.get("q")) + ((r.get("i"),) if version >= 4 else ())

    def fetch(self, topic, offset, version=11, part=0, most=1 << 20):
        """(error, high watermark, last stable offset, log start), as far as the version has them, and the records."""
        body = struct.pack(">iii", -1, 0, 0) + (struct.pack(">i", 1 << 24) if version >= 3 else b"") + (b"\0" if version >= 4 else b"")
        body += (struct.pack(">ii", 0, -1) if version >= 7 else b"") + struct.pack(">i", 1) + text(topic) + struct.pack(">ii", 1, part)
        body += (struct.pack(">i", -1) if version >= 9 else b"") + struct.pack(">q", offset) + (struct.pack(">q", -1) if version >= 5 else b"")
        body += struct.pack(">i", most) + (struct.pack(">i", 0) if version >= 7 else b"") + (text("") if version >= 11 else b"")
        r = self.ask(1, version, body)
        if r is None:
            return self.CLOSED, b""
        if version >= 1:
            r.get("i")
        if version >= 7:
            r.get("h"), r.get("i")
        r.count(), r.text(), r.count(), r.get("i")
        out = (r.get("h"), r.get("q"))
        if version >= 4:
            out += (r.get("q"),)
        if version >= 5:
            out += (r.get("q"),)
        for _ in range(max(0, r.count()) if version >= 4 else 0):
            r.get("q"), r.get("q")
        if version >= 11:
            r.get("i")
        return out, r.bytes(False) or b""

    def delete_records(self, topic, offset, part=0):
        r = self.ask(21, 1, struct.pack(">i", 1) + text(topic) + struct.pack(">iiqi", 1, part, offset, 3000))
        r.get("i"), r.count(), r.text(), r.count(), r.get("i")
        return r.get("q"), r.get("h")

    def epoch_end(self, topic, epoch, current=-1, part=0):
        r = self.ask(23, 3, struct.pack(">ii", -1, 1) + text(topic) + struct.pack(">iiii", 1, part, current, epoch))
        r.get("i"), r.count(), r.text(), r.count()
        code = r.get("h")
        r.get("i")
        return code, r.get("i"), r.get("q")
