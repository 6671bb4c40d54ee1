#!/usr/bin/python3
"""groups.py HOST:PORT [MEMBERS [ROUNDS]]: ms that a rebalance of a group takes, a line a round: from the first JoinGroup to the last answer of
SyncGroup, all members' requests sent at once, each on its own connection. The classic protocol, version 0 of JoinGroup and SyncGroup."""
import selectors
import socket
import struct
import sys
import time

host, port = sys.argv[1].split(":")
members, rounds = (int(a) for a in (sys.argv[2:] + ["50", "5"][len(sys.argv[2:]):]))
socks = [socket.create_connection((host, int(port)), 30) for _ in range(members)]
for s in socks:
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
at = selectors.DefaultSelector()
for i, s in enumerate(socks):
    at.register(s, selectors.EVENT_READ, i)


def text(s):
    return struct.pack(">h", len(s)) + s


def frame(key, version, body):
    m = struct.pack(">hhi", key, version, 7) + text(b"bench") + body
    return struct.pack(">i", len(m)) + m


def all_answers(asked):
    """Sends each of them, returns what is answered, without correlation ids."""
    for i, body in asked.items():
        socks[i].sendall(body)
    had, out = {i: b"" for i in asked}, {}
    while len(out) < len(asked):
        for key, _ in at.select(30):
            i = key.data
            had[i] += socks[i].recv(1 << 20)
            if len(had[i]) >= 4 and len(had[i]) == 4 + struct.unpack(">i", had[i][:4])[0]:
                out[i] = had[i][8:]
    return out


def again(i, ids, turn):
    """Other bytes each time: the same ones are answered with the round that was."""
    return frame(11, 0, text(b"bench") + struct.pack(">i", 6000) + text(ids[i]) + text(b"consumer") + struct.pack(">i", 1) + text(b"range")
                 + struct.pack(">i", 20) + b"%020d" % turn)


def round_of(ids, turn):
    """Its time; None: not all came into the same round, as happens while the group forms."""
    began, leader, generations = time.perf_counter(), None, set()
    for i, got in all_answers({i: again(i, ids, turn) for i in range(members)}).items():
        code, generation = struct.unpack(">hi", got[:6])
        if code == 25: # it was alone in a first round, and the others didn't wait for it any longer
            ids[i] = b""
            generations |= {-1, -2}
            continue
        assert code == 0, code
        n = struct.unpack(">h", got[13:15])[0]
        lead, rest = got[15:15 + n], got[15 + n:]
        ids[i] = rest[2:2 + struct.unpack(">h", rest[:2])[0]]
        leader = i if lead == ids[i] else leader
        generations.add(generation)
    if len(generations) > 1:
        return None
    sync = {i: frame(14, 0, text(b"bench") + struct.pack(">i", generation) + text(ids[i]) + struct.pack(">i", members if i == leader else 0)
                     + (b"".join(text(m) + struct.pack(">i", 40) + b"y" * 40 for m in ids) if i == leader else b"")) for i in range(members)}
    assert all(got[:2] == b"\0\0" for got in all_answers(sync).values())
    return (time.perf_counter() - began) * 1000


who = [b""] * members
turn = 1
while round_of(who, turn) is None:
    turn += 1
for n in range(rounds):
    print(f"{round_of(who, turn + 1 + n):.1f}")
