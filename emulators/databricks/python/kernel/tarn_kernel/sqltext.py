"""Text of %sql cells: statements apart, ${names} of widgets."""
import re

_TOKEN = re.compile(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`(?:``|[^`])*`|--[^\n]*|/\*|;""", re.S)
_HASH_NAME = re.compile(r"\$\{([^}]*)\}|\$(\w+)")
_PARAMETER = re.compile(r"(?<![:\w]):([A-Za-z_]\w*)")


def _comment_end(text, at):
    """Behind a comment that begins at a place; comments nest."""
    depth = 0
    for m in re.compile(r"/\*|\*/").finditer(text, at):
        depth += 1 if m.group() == "/*" else -1
        if not depth:
            return m.end()
    return len(text)


def split(text):
    """-> [(statement, line it begins on, counted from 0)], comments left in; what is only comments is none."""
    out, begin, at, says = [], 0, 0, False
    def end(stop):
        piece = text[begin:stop]
        if says:
            lead = len(piece) - len(piece.lstrip())
            out.append((piece.strip(), text.count("\n", 0, begin + lead)))
    while True:
        m = _TOKEN.search(text, at)
        says = says or bool(text[at:m.start() if m else len(text)].strip())
        if not m:
            end(len(text))
            return out
        kind = m.group()
        if kind == ";":
            end(m.start())
            begin, says = m.end(), False
        at = _comment_end(text, m.start()) if kind == "/*" else m.end()
        says = says or kind[0] in "'\"`"


def _outside(text, change):
    """The text with what is outside of quotes and comments changed."""
    out, at = [], 0
    while True:
        m = _TOKEN.search(text, at)
        out.append(change(text[at:m.start() if m else len(text)]))
        if not m:
            return "".join(out)
        at = _comment_end(text, m.start()) if m.group() == "/*" else m.end()
        out.append(text[m.start():at])


def with_widgets(text, values):
    """${name}, $name and getArgument("name") replaced by the widget's value; what names none stays."""
    def value(m):
        name = m.group(1) if m.group(1) is not None else m.group(2)
        return values[name] if name in values else m.group()
    text = _HASH_NAME.sub(value, text)
    return re.sub(r"""getArgument\(\s*['"]([^'"]*)['"]\s*\)""", lambda m: "'%s'" % values[m.group(1)].replace("'", "\\'") if m.group(1) in values else m.group(), text)


def parameters(text, values):
    """Those of the widgets that the statement names as :name."""
    named = set()
    def look(piece):
        named.update(_PARAMETER.findall(piece))
        return piece
    _outside(text, look)
    return {n: values[n] for n in named if n in values}
