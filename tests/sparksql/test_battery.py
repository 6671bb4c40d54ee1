#!/usr/bin/env python3
"""The library's answers to the battery beside Spark's. build/tests/sparksql/ask gives them; Spark isn't needed.

test_battery.py [-v] [FILE|GROUP|GROUP.]...    only these: a file's name, a group's, or how groups begin; -v: each that differs, with both answers
known.txt names the statements that are known to differ, each with its reason; BATTERY_DIFFERS=FILE: others are appended to FILE as its lines.
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
WHY = {"message": "the same error in other words", "class": "another error", "answered": "Spark refuses it", "rows": "other values",
       "types": "another type", "names": "another name of a column", "error": "refused here", "order": "another order", "crash": "ends the process"}
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
    got = battery.parse(out.decode(errors="replace"), group.name)[0].statements if out else []
    answers = [st.answer for st in got]
    return answers + [None] * (len(group.statements) - len(answers)), err.decode(errors="replace")


def wanted(names):
    groups = [g for f in battery.files() for g in battery.read(f)]
    if not names:
        return [g for g in groups if not g.name.startswith(LAKE)]
    return [g for g in groups if any(g.name == n or (n.endswith(".") and g.name.startswith(n)) or os.path.basename(g.file)[:-4] == n for n in names)]


def verdicts(group, how):
    """a line per statement: (statement, kind or None, text)"""
    answers, err = how(group)
    for st, got in zip(group.statements, answers):
        if got is None:
            yield st, "crash", err[-1500:]
        elif got.error is not None and got.error.startswith("UNSERVED"):
            yield st, "refused", got.message
        else:
            yield (st, *(battery.differs(st.answer, got, st.shape) or (None, "")))


def show(st, kind, text, loud):
    if not loud:
        return f"  {kind}: {st.text[:160]!r}  {text[:140]!r}"
    return f"  {kind}: {st.text}\n    got  {text[:1200]}\n    want " + "\n         ".join(battery.answer_lines(st))[:1200]


def compare(groups, how, told, loud=False):
    """Compares groups as `how` answers them; told(good, name, why) hears of each. The counts by kind, and what was refused."""
    differing = open(os.environ["BATTERY_DIFFERS"], "a", encoding="utf-8") if "BATTERY_DIFFERS" in os.environ else None
    spared, total, refusals, spare = known(), collections.Counter(), [], ([], [])
    for g in groups:
        kinds, wrong = collections.Counter(), []
        for st, kind, text in verdicts(g, how):
            total[kind or "right"] += 1
            why = spared.get((g.name, st.text))
            if why is not None:
                spare[kind is not None].append(f"{g.name}: {st.text[:120]!r}: {why}")
            elif kind == "refused":
                refusals.append(f"{g.name}: {st.text[:120]!r} {text[:100]!r}")
            elif kind:
                wrong.append(show(st, kind, text, loud))
                kinds[kind] += 1
                if differing:
                    print(g.name, battery.escape(st.text), WHY[kind], sep="\t", file=differing)
        told(not wrong, f"{g.name}: {len(g.statements)} statements" + "".join(f", {n} {k}" for k, n in kinds.most_common()), "\n".join(wrong))
    print(f"# {sum(total.values())} statements: " + ", ".join(f"{n} {k}" for k, n in total.most_common()))
    for what, lines in (("refused", refusals), ("known", spare[1]), ("known, but right now: take it out of known.txt", spare[0])):
        for line in lines:
            print(f"# {what}: {line}")
    return total


def main():
    args = [a for a in sys.argv[1:] if a != "-v"]
    loud = len(args) < len(sys.argv) - 1
    if not os.path.exists(ASK):
        print(f"SKIP {ASK} isn't built")
        return 77
    checks = []

    def told(good, name, why):
        checks.append(good)
        print(f"{'ok' if good else 'not ok'} {len(checks)} - {name}")
        if why:
            print(why if args else "# " + why.replace("\n", "\n# "))

    compare(wanted(args), ask, told, loud)
    return not all(checks)


if __name__ == "__main__":
    sys.exit(main())
