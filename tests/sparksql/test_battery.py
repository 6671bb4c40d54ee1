#!/usr/bin/env python3
"""The library's answers to the battery beside Spark's. build/tests/sparksql/ask gives them; Spark isn't needed.

test_battery.py [-v] [FILE|GROUP|GROUP.]...    only these: a file's name, a group's, or how groups begin; -v: each that differs, with both answers
known.txt names the statements that are known to differ, each with its reason; one that doesn't differ any more must leave it.
What we refuse by name (UNSERVED) is counted and told, it isn't wrong; an answer where Spark has another one is."""
import collections
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import battery  # noqa: E402

BUILD = os.path.dirname(os.path.abspath(os.environ.get("TARN", os.path.join(battery.HERE, "../../build/tarn"))))
ASK = os.path.join(BUILD, "tests/sparksql/ask")
KNOWN = os.path.join(battery.HERE, "known.txt")
LAKE = ("delta.", "st.")  # groups of statements that need a lake: clients/test_sparksql.py


def known():
    """of (group, statement): why it differs"""
    out = {}
    with open(KNOWN, encoding="utf-8") as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                group, text, why = line.rstrip("\n").split("\t")
                out[group, battery.unescape(text)] = why
    return out


def ask(group):
    """our answers to a group's statements; those that came before a crash, then None"""
    lines = ["== group " + " ".join([group.name] + [f"{k}={v}" for k, v in group.conf.items()])]
    for st in group.statements:
        lines += [("> " if i == 0 else ">> ") + t for i, t in enumerate(st.text.split("\n"))]
    try:
        run = subprocess.run([ASK], input=("\n".join(lines) + "\n").encode(), capture_output=True, timeout=600, check=False)
        out, err = run.stdout, run.stderr
    except subprocess.TimeoutExpired as e:
        out, err = e.stdout or b"", b"timeout"
    path = os.path.join(os.environ.get("TMPDIR", "/tmp"), f"battery-{os.getpid()}")
    with open(path, "wb") as f:
        f.write(out)
    try:
        got = battery.read(path)[0].statements if out else []
    finally:
        os.unlink(path)
    answers = [st.answer for st in got]
    return answers + [None] * (len(group.statements) - len(answers)), err.decode(errors="replace")


def wanted(names):
    groups = [g for f in battery.files() for g in battery.read(f)]
    if not names:
        return [g for g in groups if not g.name.startswith(LAKE)]
    return [g for g in groups if any(g.name == n or (n.endswith(".") and g.name.startswith(n)) or os.path.basename(g.file)[:-4] == n for n in names)]


def verdicts(group):
    """a line per statement: (statement, kind or None, text)"""
    answers, err = ask(group)
    for st, got in zip(group.statements, answers):
        if got is None:
            yield st, "crash", err[-1500:]
        elif got.error is not None and got.error.startswith("UNSERVED"):
            yield st, "refused", got.message
        else:
            yield (st, *(battery.differs(st.answer, got, st.shape) or (None, "")))


def main():
    args = [a for a in sys.argv[1:] if a != "-v"]
    loud = len(args) < len(sys.argv) - 1
    if not os.path.exists(ASK):
        print(f"SKIP {ASK} isn't built")
        return 77
    spared, bad, checks, refusals = known(), 0, 0, []
    total = collections.Counter()
    for g in wanted(args):
        kinds = collections.Counter()
        wrong = []
        for st, kind, text in verdicts(g):
            total[kind or "right"] += 1
            why = spared.pop((g.name, st.text), None)
            if why is not None and kind is None:
                wrong.append((st, "known", "it is in known.txt, but doesn't differ: take it out there"))
            elif kind == "refused":
                refusals.append((g.name, st.text, text))
            elif kind and why is None:
                wrong.append((st, kind, text))
                kinds[kind] += 1
        checks += 1
        bad += bool(wrong)
        if not wrong and args and not loud:
            print(f"ok   {g.name}")
        elif not args or wrong:
            print(f"{'not ok' if wrong else 'ok'} {checks} - {g.name}: {len(g.statements)} statements" +
                  "".join(f", {n} {k}" for k, n in kinds.most_common()))
        for st, kind, text in wrong:
            if not args:
                print(f"# {kind}: {st.text[:300]!r}")
            elif loud:
                print(f"  {kind}: {st.text}\n    got  {text[:1200]}")
                print("    want " + "\n         ".join(battery.answer_lines(st))[:1200])
            else:
                print(f"  {kind}: {st.text[:160]!r}  {text[:140]!r}")
    print(f"# {sum(total.values())} statements: " + ", ".join(f"{n} {k}" for k, n in total.most_common()))
    for name, text, why in refusals if loud or not args else refusals[:20]:
        print(f"# refused: {name}: {text[:120]!r} {why[:100]!r}")
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
