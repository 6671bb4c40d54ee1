"""A value as IPython prints it: repr, with long containers one item a line."""

WIDTH, ITEMS = 79, 1000


def pretty(x, indent=0, depth=0):
    """The text of a value that begins at a column."""
    text = repr(x)
    if len(text) + indent <= WIDTH and "\n" not in text or depth > 8:
        return text
    kind = type(x)
    if kind is dict and kind.__repr__ is dict.__repr__ and x:
        return _items("{", "}", [_pair(k, v, indent + 1, depth) for k, v in list(x.items())[:ITEMS]], len(x), indent)
    if kind is list and x:
        return _items("[", "]", [pretty(v, indent + 1, depth + 1) for v in x[:ITEMS]], len(x), indent)
    if kind is tuple and x:
        return _items("(", ",)" if len(x) == 1 else ")", [pretty(v, indent + 1, depth + 1) for v in x[:ITEMS]], len(x), indent)
    if kind in (set, frozenset) and x:
        opens, closes = ("{", "}") if kind is set else ("frozenset({", "})")
        try:
            values = sorted(x)
        except TypeError:
            values = list(x)
        return _items(opens, closes, [pretty(v, indent + len(opens), depth + 1) for v in values[:ITEMS]], len(x), indent)
    return text


def _pair(k, v, indent, depth):
    key = pretty(k, indent, depth + 1) + ": "
    return key + pretty(v, indent + len(key.rsplit("\n", 1)[-1]), depth + 1)


def _items(opens, closes, items, n, indent):
    if n > ITEMS:
        items.append("...")
    return opens + (",\n" + " " * (indent + len(opens))).join(items) + closes
