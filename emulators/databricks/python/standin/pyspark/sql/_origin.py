"""Which side of a join a column is of, where both sides come from one frame.

A column of a frame (df.x) is written `\\x01ID@FRAME\\x01name`: ID is the column's, FRAME the one it was taken of. Frames that come from one share
ids. Where such ones are joined, the right side is made anew, with ids of its own, and what was taken of its frames is of them from there on:
in the join's condition, and in all that is made of the join. Spark does so for `a.x == b.x` and refuses the rest as ambiguous.
"""
import re

_TOKEN = re.compile("`\x01(\\d+)@(\\d+)\x01")
_SAME = re.compile("\\((`\x01\\d+@\\d+\x01(?:[^`]|``)*`) (=|<=>) \\1\\)")


class Line:
    """A frame's number, the lines of those it is made of, and the joins on the way: what right sides became in them."""

    __slots__ = ("frame", "parents", "joins", "_all")

    def __init__(self, frame, parents=(), joins=()):
        self.frame, self.parents, self.joins, self._all = frame, parents, joins, None

    def frames(self):
        """Numbers of all of them."""
        if self._all is None:
            found, todo = set(), [self]
            while todo:
                line = todo.pop()
                if line.frame not in found:
                    found.add(line.frame)
                    todo += line.parents
            self._all = frozenset(found)
        return self._all


class Renewed:
    """What the ids of a join's right side became."""

    def __init__(self, left, right, ids, kept):
        self.exact, self.ids, self.kept = right.frame if right.frame != left.frame else None, ids, kept
        self.left, self.right = left.frames(), right.frames()

    def of(self, number, frame):
        """The id that a column has behind the join."""
        if number not in self.ids:
            return number
        right = frame == self.exact or (frame in self.right and frame not in self.left) or number not in self.kept
        return self.ids[number] if right else number


class Became:
    """Columns that are the same ones under other ids."""

    def __init__(self, ids):
        self.ids = ids

    def of(self, number, frame):
        """The id that a column has now."""
        return self.ids.get(number, number)


def mapped(sql, joins):
    """SQL in which columns are those that they became in the joins."""
    if not joins or "@" not in sql:
        return sql

    def put(found):
        number, frame = int(found.group(1)), int(found.group(2))
        for join in joins:
            number = join.of(number, frame)
        return "`\x01%d@%d\x01" % (number, frame)
    return _TOKEN.sub(put, sql)


def right_side(left, right):
    """The right frame for a join, and what its columns became; (right, None) where the sides share no column."""
    shared = {f.get("id") for f in left._fields} & {f.get("id") for f in right._fields}
    if not shared - {None}:
        return right, None
    anew = right._made("SELECT * FROM `#`.`%d+`" % right._frame)
    ids = {old["id"]: new["id"] for old, new in zip(right._fields, anew._fields)}
    return anew, Renewed(left._line, right._line, ids, {f["id"] for f in left._fields})


def condition(sql, left, right, renewed):
    """A join's condition: columns of either side as they are now. Where both sides of = are one column, the second is the right's."""
    sql = mapped(mapped(sql, left._line.joins), right._line.joins) if left._line.joins or right._line.joins else sql
    if renewed is None:
        return sql

    def second(found):
        number = int(_TOKEN.match(found.group(1)).group(1))
        if renewed.ids.get(number) is None:
            return found.group(0)
        return "(%s %s `\x01%d\x01%s)" % (found.group(1), found.group(2), renewed.ids[number], found.group(1).split("\x01")[2])
    return mapped(_SAME.sub(second, sql), (renewed,))
