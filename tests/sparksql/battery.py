"""The battery's files: statements of Spark SQL, in groups, with what Spark answered. Read, write, compare.

    # a comment line, anywhere
    == group NAME [key=value ...]     a session of its own, from nothing; key=value is SET in it first
    > SELECT 7/2 AS a                 a statement; `>> ` goes on with it on the next line
    : a :: double                     the columns: name :: type, tabs between them (none: nothing follows the colon)
    | 3.5                             a row in the order given: cells as CAST(… AS STRING) says them (binary as hex), tabs between them
    ~ 3.5                             a row of a result without order: these are sorted
    0 rows                            none
    ? shape                           the rows differ from run to run: only the columns are compared
    ! CLASS SQLSTATE                  or the error: then its message, a line each, without the plan that Spark puts behind
    ! [CLASS] text

In names and cells \\t, \\n, \\r, \\\\ and other control characters (\\uXXXX) are escaped, and \\N is NULL. record.py fills in what stands below each statement."""
import dataclasses
import glob
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(HERE, "battery")
CONTROL = re.compile("[\0-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
ESCAPED = re.compile(r"\\(t|n|r|\\|u[0-9a-f]{4})")


@dataclasses.dataclass
class Answer:
    columns: list = None  # of (name, type)
    rows: list = None  # of lists of text or None; None when only the shape is compared
    ordered: bool = False
    error: str = None  # "CLASS SQLSTATE"
    message: str = ""


@dataclasses.dataclass
class Statement:
    text: str
    answer: Answer = None
    before: list = dataclasses.field(default_factory=list)  # comment lines
    shape: bool = False


@dataclasses.dataclass
class Group:
    name: str
    conf: dict
    statements: list
    before: list = dataclasses.field(default_factory=list)
    file: str = ""


def escape(text):
    if text is None:
        return "\\N"
    text = text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
    return CONTROL.sub(lambda m: f"\\u{ord(m.group()):04x}", text)


def unescape(text):
    if text == "\\N":
        return None
    if "\\" not in text:
        return text
    return ESCAPED.sub(lambda m: {"t": "\t", "n": "\n", "r": "\r", "\\": "\\"}.get(m.group(1)) or chr(int(m.group(1)[1:], 16)), text)


def group_line(line):
    words = line.split()[2:]
    return words[0], dict(w.split("=", 1) for w in words[1:])


def read(path):
    """the groups of a file"""
    with open(path, encoding="utf-8", newline="\n") as f:
        return parse(f.read(), path)


def parse(text, path):
    groups, notes = [], []
    for number, line in enumerate(text.split("\n"), 1):
        st = groups[-1].statements[-1] if groups and groups[-1].statements else None
        if line.startswith("== group "):
            name, conf = group_line(line)
            groups.append(Group(name, conf, [], notes, path))
            notes = []
        elif line.startswith("#"):
            notes.append(line)
        elif line.startswith(">> "):
            st.text += "\n" + line[3:]
        elif line.startswith("> "):
            groups[-1].statements.append(Statement(line[2:], before=notes))
            notes = []
        elif not line:
            continue
        else:
            answer_line(st, line, f"{path}:{number}")
    return groups


def answer_line(st, line, where):
    mark, rest = line[:1], line[2:]
    if st.answer is None:
        st.answer = Answer()
    a = st.answer
    if mark == ":":
        a.columns = [tuple(unescape(x) for x in c.rsplit(" :: ", 1)) for c in rest.split("\t")] if rest else []
        a.rows = []
    elif mark in "|~":
        a.rows.append([unescape(c) for c in rest.split("\t")] if a.columns else [])
        a.ordered = mark == "|"
    elif line == "0 rows":
        a.rows = []
    elif line == "? shape":
        st.shape, a.rows = True, None
    elif mark == "!":
        if a.error is None:
            a.error = rest.strip()
        else:
            a.message += ("\n" if a.message else "") + (unescape(rest) or "")
    else:
        raise ValueError(f"{where}: what is {line!r}?")


def row_key(row):
    return [(c is not None, c or "") for c in row]


def answer_lines(st):
    a = st.answer
    if a is None:
        return []
    if a.error is not None:
        return [("! " + line).rstrip() if i else "! " + line for i, line in enumerate([a.error] + [escape(m) for m in a.message.split("\n")])]
    out = [(": " + "\t".join(escape(n) + " :: " + t for n, t in a.columns)).rstrip(" ")]
    if st.shape:
        return out + ["? shape"]
    rows = a.rows if a.ordered else sorted(a.rows, key=row_key)
    mark = "| " if a.ordered or len(rows) == 1 else "~ "
    return out + ([mark + "\t".join(escape(c) for c in r) for r in rows] or ["0 rows"])


def write(path, groups, head=()):
    lines = list(head)
    for g in groups:
        lines += [""] * bool(lines) + g.before + ["== group " + " ".join([g.name] + [f"{k}={v}" for k, v in g.conf.items()])]
        for st in g.statements:
            lines += [""] + st.before
            lines += [("> " if i == 0 else ">> ") + t for i, t in enumerate(st.text.split("\n"))]
            lines += answer_lines(st)
    with open(path, "w", encoding="utf-8", newline="\n") as f:
        f.write("\n".join(lines) + "\n")


def error_class(error):
    """CLASS SQLSTATE as it counts: old errors have numbers for classes that nobody sees, others of Java have none. Spark 3.5 has
    no SQLSTATE for some, where later ones do."""
    return "none" if error.startswith("_LEGACY") or not re.match(r"[A-Z][A-Z0-9_.]+( |$)", error) else error


def same_text(a, b):
    return [line.rstrip() for line in a.strip("\n").split("\n")] == [line.rstrip() for line in b.strip("\n").split("\n")]


def differs(want, got, shape=False):
    """why `got` isn't what Spark said: None, or (kind, text); kinds: error, answered, class, message, names, types, rows, order

    A statement without columns only has to succeed: Databricks counts the rows of an INSERT, Spark doesn't."""
    if want.error is not None:
        if got.error is None:
            return "answered", "an answer in place of " + want.error
        mine, theirs = error_class(got.error), error_class(want.error)
        if mine.split(" ")[0] != theirs.split(" ")[0]:
            return "class", got.error + " " + got.message
        if (" " in theirs.strip() and mine.strip() != theirs.strip()) or not same_text(got.message, want.message):
            return "message", got.error + " " + got.message
        return None
    if got.error is not None:
        return "error", got.error + " " + got.message
    if not want.columns:
        return None
    if [t for _, t in want.columns] != [t for _, t in got.columns]:
        return "types", "types " + ", ".join(t for _, t in got.columns)
    if not shape and want.rows != got.rows:
        if sorted(want.rows, key=row_key) != sorted(got.rows, key=row_key):
            return "rows", "rows " + "; ".join("\t".join(escape(c) for c in r) for r in got.rows[:8])
        if want.ordered:
            return "order", "rows " + "; ".join("\t".join(escape(c) for c in r) for r in got.rows[:8])
    if [n for n, _ in want.columns] != [n for n, _ in got.columns]:
        return "names", "names " + ", ".join(n for n, _ in got.columns)
    return None


def files(names=()):
    """the battery's files, or those of these names"""
    every = sorted(glob.glob(os.path.join(FOLDER, "*.txt")))
    return [f for f in every if not names or os.path.basename(f)[:-4] in names]
