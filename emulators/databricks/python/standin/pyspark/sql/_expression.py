"""Spark SQL text as a Column, lambdas of functions over arrays and maps, schemas as literals."""
import inspect
import json
import re

from pyspark.errors import PySparkValueError
from pyspark.sql import _literal as _l
from pyspark.sql.column import Column, _col, _lit, _type_text

_TOKEN = re.compile(r"""\s+|--[^\n]*|/\*.*?\*/|(?P<quote>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?P<name>`(?:[^`]|``)*`)|(?P<number>\.?\d[\w.]*)|"""
                    r"""(?P<word>[^\W\d]\w*)|(?P<other>.)""", re.S)
# words after which, or for which, a name is part of the expression and no alias
_NO_ALIAS_AFTER = frozenset("and or not like ilike rlike regexp is in div between from when then else case distinct escape interval over "
                            "as to exists any all some by collate".split())
_NO_ALIAS = frozenset("end null true false distinct and or not asc desc".split())
_UNITS = frozenset("year years month months week weeks day days hour hours minute minutes second seconds millisecond milliseconds "
                   "microsecond microseconds".split())


def _tokens(text):
    """(kind, text, depth of parentheses, offset) of each token."""
    depth, found = 0, []
    for m in _TOKEN.finditer(text):
        if m.lastgroup is None:
            continue
        t = m.group()
        if t in ")]":
            depth -= 1
        found.append((m.lastgroup, t, depth, m.start()))
        if t in "([":
            depth += 1
    return found


def _alias_of(text):
    """(expression, its names) of an SQL text; without an alias the names are None."""
    tokens = _tokens(text)
    if len(tokens) < 2:
        return text, None
    kind, last, depth, start = tokens[-1]
    if last == ")":
        return _aliases_of(text, tokens)
    if kind not in ("word", "name") or depth != 0:
        return text, None
    name = (last[1:-1].replace("``", "`") if kind == "name" else last,)
    kind2, before, _, start2 = tokens[-2]
    if kind2 == "word" and before.lower() == "as":
        return text[:start2], name
    if kind == "word" and last.lower() in _NO_ALIAS:
        return text, None
    if kind == "word" and last.lower() in _UNITS and any(t[1].lower() == "interval" for t in tokens):
        return text, None
    if kind2 == "other" and before not in ")]":
        return text, None
    if kind2 == "word" and before.lower() in _NO_ALIAS_AFTER:
        return text, None
    return text[:start], name


def _aliases_of(text, tokens):
    """`... AS (a, b)`."""
    opened = max(i for i, t in enumerate(tokens) if t[1] == "(" and t[2] == 0)
    if opened == 0 or tokens[opened - 1][1].lower() != "as":
        return text, None
    names = tuple(t[1].strip("`") for t in tokens[opened + 1:-1] if t[0] in ("word", "name"))
    return text[:tokens[opened - 1][3]], names


def of_text(text):
    """A Column of Spark SQL text. A syntax error is the lake's, when the Column is used."""
    text = text.strip()
    if text == "*" or text.endswith(".*"):
        return Column(text, text)
    bare, names = _alias_of(text)
    tokens = _tokens(bare)
    bare = bare.strip()
    if any(t[0] == "other" and t[1] != "." for t in tokens) or len(tokens) > 1 or "--" in bare:
        bare = "(%s%s)" % (bare, "\n" if "--" in bare else "")
    made = Column(bare, text if names is None else bare)
    return made if names is None else made.alias(*names)


def schema(given):
    """from_json's schema as a Column: of a DataType, of DDL or JSON text, or a Column as it is."""
    from pyspark.sql import types as t
    if isinstance(given, str) and given.lstrip().startswith("{"):
        given = t._parse_datatype_json_string(json.dumps(json.loads(given)))
    if isinstance(given, t.DataType):
        given = _type_text(given)
    return _lit(given)


_depth = [0]
_KINDS = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.POSITIONAL_ONLY)


def _lambda(f):
    """(SQL, repr) of a Python function of one to three Columns."""
    parameters = inspect.signature(f).parameters.values()
    if not 1 <= len(parameters) <= 3:
        raise PySparkValueError(error_class="WRONG_NUM_ARGS_FOR_HIGHER_ORDER_FUNCTION",
                                message_parameters={"func_name": f.__name__, "num_args": str(len(parameters))})
    if not all(p.kind in _KINDS for p in parameters):
        raise PySparkValueError(error_class="UNSUPPORTED_PARAM_TYPE_FOR_HIGHER_ORDER_FUNCTION",
                                message_parameters={"func_name": f.__name__})
    _depth[0] += 1
    try:
        names = ["%s_%d" % (letter, _depth[0]) for letter in "xyz"[:len(parameters)]]
        result = f(*[Column(name) for name in names])
    finally:
        _depth[0] -= 1
    if not isinstance(result, Column):
        raise PySparkValueError(error_class="HIGHER_ORDER_FUNCTION_SHOULD_RETURN_COLUMN",
                                message_parameters={"func_name": f.__name__, "return_type": type(result).__name__})
    listed = names[0] if len(names) == 1 else "(%s)" % ", ".join(names)
    return "%s -> %s" % (listed, result._expr), "lambdafunction(%s, %s)" % (result._repr, ", ".join(names))


def higher(name, columns, functions):
    """A call of a function that takes lambdas, after its columns."""
    columns, made = [_col(c) for c in columns], [_lambda(f) for f in functions]
    return Column("%s(%s)" % (name, ", ".join([c._expr for c in columns] + [sql for sql, _ in made])),
                  "%s(%s)" % (name, ", ".join([c._repr for c in columns] + [shown for _, shown in made])))
