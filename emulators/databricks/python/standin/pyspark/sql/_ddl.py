"""Types as DDL writes them: "a INT NOT NULL, b ARRAY<STRING>", "int", "struct<a: int>"."""
import re

from pyspark.errors import ParseException
from pyspark.sql import types as T

_TOKEN = re.compile(r"\s*(?:(`(?:[^`]|``)*`)|([A-Za-z0-9_]+)|('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")|([<>(),:\-])|(\S))")
_SIMPLE = {
    "boolean": T.BooleanType, "tinyint": T.ByteType, "byte": T.ByteType, "smallint": T.ShortType, "short": T.ShortType, "int": T.IntegerType,
    "integer": T.IntegerType, "bigint": T.LongType, "long": T.LongType, "float": T.FloatType, "real": T.FloatType, "double": T.DoubleType,
    "date": T.DateType, "timestamp": T.TimestampType, "timestamp_ntz": T.TimestampNTZType, "timestamp_ltz": T.TimestampType,
    "string": T.StringType, "binary": T.BinaryType, "void": T.NullType, "null": T.NullType,
}


class _Wrong(Exception):
    """No type; word: where one stands that isn't known."""

    def __init__(self, word=None):
        super().__init__()
        self.word = word


class _Reader:
    def __init__(self, text):
        self.text, self.at = text, 0
        found = [m for m in _TOKEN.finditer(text) if m.lastindex]
        self.tokens, self.starts = [m.group(m.lastindex) for m in found], [m.start(m.lastindex) for m in found]
        if any(m.lastindex == 5 for m in found):
            raise _Wrong()

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def next(self):
        token = self.peek()
        if token is None:
            raise _Wrong()
        self.at += 1
        return token

    def take(self, token):
        """Whether the next one is that; it's taken then."""
        found = (self.peek() or "").lower() == token
        self.at += found
        return found

    def want(self, token):
        if not self.take(token):
            raise _Wrong()

    def name(self):
        token = self.next()
        if token[0] == "`":
            return token[1:-1].replace("``", "`")
        if not re.match(r"\w+$", token):
            raise _Wrong()
        return token

    def number(self):
        sign = -1 if self.take("-") else 1
        token = self.next()
        if not token.isdigit():
            raise _Wrong()
        return sign * int(token)


def _numbers(r, most):
    """(10, 2); none at all: []."""
    found = []
    if r.take("("):
        found.append(r.number())
        while r.take(","):
            found.append(r.number())
        r.want(")")
    if len(found) > most:
        raise _Wrong()
    return found


def _interval(r):
    first = r.next().lower()
    text = "interval " + first + (" to " + r.next().lower() if r.take("to") else "")
    made = T._parse_interval(text)
    if made is None:
        raise _Wrong()
    return made


def _nested(r, word):
    r.want("<")
    if word == "array":
        made = T.ArrayType(_type(r))
    elif word == "map":
        key = _type(r)
        r.want(",")
        made = T.MapType(key, _type(r))
    else:
        made = T.StructType([] if r.peek() == ">" else _fields(r))
    r.want(">")
    return made


def _type(r):
    word = r.next().lower()
    if word in ("array", "map", "struct"):
        return _nested(r, word)
    if word in ("decimal", "dec", "numeric"):
        return T.DecimalType(*_numbers(r, 2))
    if word in ("char", "character", "varchar"):
        length = _numbers(r, 1)
        if not length:
            raise _Wrong()
        return (T.VarcharType if word == "varchar" else T.CharType)(*length)
    if word == "interval":
        return _interval(r)
    if word not in _SIMPLE:
        raise _Wrong(r.starts[r.at - 1] if word.isidentifier() else None)
    return _SIMPLE[word]()


def _text(token):
    if token[:1] not in "'\"":
        raise _Wrong()
    return re.sub(r"\\(.)", r"\1", token[1:-1])


def _field(r):
    name = r.name()
    r.take(":")
    made, nullable, about = _type(r), True, {}
    if r.take("not"):
        r.want("null")
        nullable = False
    if r.take("comment"):
        about["comment"] = _text(r.next())
    return T.StructField(name, made, nullable, about)


def _fields(r):
    found = [_field(r)]
    while r.take(","):
        found.append(_field(r))
    return found


def _whole(text, part):
    """What part reads of all of the text, and where an unknown type stands; None: not that."""
    try:
        r = _Reader(text)
        made = part(r)
        return (made, None) if r.peek() is None else (None, None)
    except _Wrong as e:
        return None, e.word


def _refused(text, at):
    """What Spark says of a text that is no type; at: where an unknown one stands."""
    if at is None:
        alone = re.match(r"\s*\w*\s*$", text)
        said, at = "[PARSE_SYNTAX_ERROR] Syntax error at or near %s." % ("end of input" if alone else "'%s'" % text.strip().split()[-1]), len(text)
    else:
        said = "[UNSUPPORTED_DATATYPE] Unsupported data type \"%s\"." % re.match(r"\w+", text[at:]).group().upper()
    known = said.startswith("[UNS")
    return ParseException._of({
        "message": "%s(line 1, pos %d)\n\n== SQL ==\n%s\n%s^^^\n" % (said, at, text, "-" * at), "sql_state": "0A000" if known else "42601",
        "error_class": "UNSUPPORTED_DATATYPE" if known else "PARSE_SYNTAX_ERROR"})


def check_type(text):
    """Raises ParseException for what is no type, as cast does."""
    if text not in _known and not isinstance(_whole(text, _type)[0], T.DataType):
        raise _refused(text, 0 if text.strip().isidentifier() else None)


_known = {}


def parse(text):
    """The type of DDL: a table's fields, else one type. Raises ParseException."""
    made = _known.get(text)
    if made is None:
        fields, at = _whole(text, _fields) if text.strip() else ([], None)
        made = T.StructType(fields) if fields is not None else _whole(text, _type)[0]
        if made is None:
            raise _refused(text, at)
        if not isinstance(made, T.StructType):
            _known[text] = made
    return made
