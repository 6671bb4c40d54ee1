"""What show and printSchema print."""
import re

from pyspark.sql import types as T

_WIDE = "[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]"
_ESCAPES = str.maketrans({"\n": "\\n", "\r": "\\r", "\t": "\\t", "\f": "\\f", "\b": "\\b", "\x0b": "\\v", "\x07": "\\a"})


def _width(text):
    """Half widths: East Asian letters count two. Java counts UTF-16 units."""
    if text.isascii():
        return len(text)
    return len(text) + len(re.findall(_WIDE, text)) + sum(c > "\uffff" for c in text)


def _cut(text, most):
    """A cell of at most so many letters, the last three of them dots."""
    if most <= 0 or len(text) <= most:
        return text
    return text[:most] if most < 4 else text[:most - 3] + "..."


def _pad(text, width, left):
    blanks = " " * (width - _width(text))
    return text + blanks if left else blanks + text


def _flat(names, rows, n, most):
    widths = [max([3, _width(name)] + [_width(row[i]) for row in rows]) for i, name in enumerate(names)]
    rule = "+%s+\n" % "+".join("-" * w for w in widths)

    def line(cells):
        return "|%s|\n" % "|".join(_pad(c, w, most <= 0) for c, w in zip(cells, widths))
    return rule + line(names) + rule + "".join(map(line, rows)) + rule


def _upright(names, rows, n):
    name_width = max([3] + [_width(name) for name in names])
    cell_width = max([3] + [_width(c) for row in rows for c in row])
    out = []
    for i, row in enumerate(rows):
        head = "-RECORD %d" % i
        out.append(head + "-" * max(0, name_width + cell_width + 5 - len(head)) + "\n")
        out += [" %s | %s \n" % (_pad(name, name_width, True), _pad(c, cell_width, True)) for name, c in zip(names, row)]
    return "".join(out)


def table(names, rows, n, most, vertical=False):
    """The text that show prints. rows: cells as texts or None, one more than n where there are more; most: letters of a cell, 0 any."""
    more, cells = len(rows) > n, []
    for row in rows[:n]:
        cells.append([_cut(("NULL" if c is None else c if isinstance(c, str) else str(c)).translate(_ESCAPES), most) for c in row])
    names = [name.translate(_ESCAPES) for name in names]
    text = _upright(names, cells, n) if vertical else _flat(names, cells, n, most)
    if more:
        return text + "only showing top %d %s\n" % (n, "row" if n == 1 else "rows")
    return text + ("(0 rows)\n" if vertical and not cells else "")


# ---- printSchema ----

_NAMES = {T.IntegerType: "integer", T.LongType: "long", T.ShortType: "short", T.ByteType: "byte"}


def _type_name(t):
    if type(t) in _NAMES:
        return _NAMES[type(t)]
    return t.simpleString() if isinstance(t, (T.DecimalType, T.CharType, T.VarcharType, T.AnsiIntervalType)) else t.typeName()


def _bool(b):
    return "true" if b else "false"


def _below(t, prefix, deep):
    """Lines of a type's parts."""
    if deep <= 0:
        return []
    if isinstance(t, T.ArrayType):
        return ["%s-- element: %s (containsNull = %s)" % (prefix, _type_name(t.elementType), _bool(t.containsNull))] + \
            _below(t.elementType, prefix + "    |", deep - 1)
    if isinstance(t, T.MapType):
        return ["%s-- key: %s" % (prefix, _type_name(t.keyType))] + _below(t.keyType, prefix + "    |", deep - 1) + \
            ["%s-- value: %s (valueContainsNull = %s)" % (prefix, _type_name(t.valueType), _bool(t.valueContainsNull))] + \
            _below(t.valueType, prefix + "    |", deep - 1)
    lines = []
    for f in t.fields if isinstance(t, T.StructType) else []:
        lines.append("%s-- %s: %s (nullable = %s)" % (prefix, f.name, _type_name(f.dataType), _bool(f.nullable)))
        lines += _below(f.dataType, prefix + "    |", deep - 1)
    return lines


def tree(schema, level=None):
    """The text that printSchema prints; level: how deep, None or 0 all the way."""
    return "root\n" + "".join(line + "\n" for line in _below(schema, " |", level if level and level > 0 else 1 << 30))
