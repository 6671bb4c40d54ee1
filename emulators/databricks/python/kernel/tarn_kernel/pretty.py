"""A value as IPython prints it: repr, with long containers one item a line."""

WIDTH, ITEMS = 79, 1000
_OPENS = {list: "[", tuple: "(", set: "{", frozenset: "frozenset({", dict: "{"}
_CLOSES = {list: "]", tuple: ")", set: "}", frozenset: "})", dict: "}"}


def pretty(x, column=0, indent=0, tail=0):
    """The text of a value that begins at a column; its lines are indented by a place for each container around them;
    tail: how many characters follow before a line may end."""
    text, kind = _flat(x, 0), type(x)
    if len(text) + column + tail <= WIDTH and "\n" not in text or kind not in _OPENS or not x or indent > 20:
        return text
    opens, closes = _OPENS[kind], ",)" if kind is tuple and len(x) == 1 else _CLOSES[kind]
    inner = indent + len(opens)
    items, at = [], column + len(opens)
    values = _values(x, kind)
    for i, v in enumerate(values):
        after = 1 if i + 1 < len(values) else len(closes) + tail
        items.append(_pair(v[0], v[1], at, inner, after) if kind is dict else pretty(v, at, inner, after))
        at = inner
    if len(x) > ITEMS:
        items.append("...")
    return opens + (",\n" + " " * inner).join(items) + closes


def _flat(x, depth):
    """repr, with sets in order."""
    kind = type(x)
    if kind not in _OPENS or not x or len(x) > ITEMS or depth > 20:
        return repr(x)
    if kind is dict:
        items = ["%s: %s" % (_flat(k, depth + 1), _flat(v, depth + 1)) for k, v in x.items()]
    else:
        items = [_flat(v, depth + 1) for v in _values(x, kind)]
    return _OPENS[kind] + ", ".join(items) + (",)" if kind is tuple and len(x) == 1 else _CLOSES[kind])


def _values(x, kind):
    if kind in (set, frozenset):
        try:
            return sorted(x)[:ITEMS]
        except TypeError:
            return list(x)[:ITEMS]
    return list(x.items() if kind is dict else x)[:ITEMS]


def _pair(k, v, column, indent, tail):
    key = pretty(k, column, indent) + ": "
    return key + pretty(v, column + len(key), indent, tail)
