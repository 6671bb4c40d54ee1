"""The order in which dicts come out of Java: PySpark's maps go through java.util.HashMap in both directions."""
import struct


def _text_hash(text):
    units, h = text.encode("utf-16-be", "surrogatepass"), 0
    for i in range(0, len(units), 2):
        h = (h * 31 + units[i] * 256 + units[i + 1]) & 0xFFFFFFFF
    return h


def _long_hash(n):
    n &= 0xFFFFFFFFFFFFFFFF
    return (n ^ n >> 32) & 0xFFFFFFFF


def _hash(key):
    """hashCode of the Java object that a value of Python becomes; None: not known here."""
    if isinstance(key, str):
        return _text_hash(key)
    if isinstance(key, bool):
        return 1231 if key else 1237
    if isinstance(key, int):
        return key & 0xFFFFFFFF if -(1 << 31) <= key < 1 << 31 else _long_hash(key) if -(1 << 63) <= key < 1 << 63 else None
    if isinstance(key, float):
        return _long_hash(struct.unpack(">q", struct.pack(">d", key))[0])
    return None


def _room(n):
    """The table of a HashMap made for n: a power of two."""
    room = 1
    while room < n:
        room *= 2
    return room


def _ordered(hashes, room):
    """Pairs (hash, key), put one by one into a table of that room, as they lie in it."""
    while len(hashes) > room * 3 // 4:
        room *= 2
    return sorted(hashes, key=lambda pair: (pair[0] ^ pair[0] >> 16) & (room - 1))


def _hashes(keys):
    found = [(_hash(key), key) for key in keys]
    return None if len(found) < 2 or any(h is None for h, _ in found) else found


def to_java(keys):
    """Keys of a dict of Python in the order that its map in Java has."""
    found = _hashes(keys)
    if found is None:
        return list(keys)
    put = _ordered(found[::-1], 16)
    return [key for _, key in _ordered(put, _room(int(len(put) / 0.75 + 1)))]


def from_java(keys):
    """Keys of a map of the lake, as Python has them, in the order that the dict of Python has."""
    found = _hashes(keys)
    return list(keys) if found is None else [key for _, key in _ordered(found, _room(len(found)))]
