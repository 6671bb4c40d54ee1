"""Rows of display(), as Databricks writes them into notebooks and as a terminal shows them."""
import base64
import datetime
import decimal
import json
import math

from tarn_kernel.formats import escape
from tarn_kernel.terminal import cut, plain, width_of

ROWS_MAX, BYTES_MAX = 10000, 2 << 20
SHOWN, CELL_WIDTH = 40, 48

_STYLE = """<style scoped>
  .table-result-container {
    max-height: 300px;
    overflow: auto;
  }
  table, th, td {
    border: 1px solid black;
    border-collapse: collapse;
  }
  th, td {
    padding: 5px;
  }
  th {
    text-align: left;
  }
</style>"""


# ---- values ----

def real_text(x):
    """A double as Java prints it: 1.0, 1.0E7, NaN."""
    if math.isnan(x) or math.isinf(x):
        return "NaN" if math.isnan(x) else "Infinity" if x > 0 else "-Infinity"
    if x == 0 or 1e-3 <= abs(x) < 1e7:
        text = repr(float(x))
        return text if "e" not in text else format(decimal.Decimal(text), "f")
    digits, _, power = repr(float(x)).partition("e")
    value = decimal.Decimal(digits + "e" + power if power else digits)
    sign, number, exponent = value.as_tuple()
    number = "".join(map(str, number)).rstrip("0") or "0"
    power = value.adjusted()
    return "%s%s.%sE%d" % ("-" if sign else "", number[0], number[1:] or "0", power)


def _time(x, between, zone):
    text = x.strftime("%Y-%m-%d").rjust(10, "0") + between + x.strftime("%H:%M:%S")
    if x.microsecond:
        text += (".%06d" % x.microsecond).rstrip("0")
    return text + zone


def json_value(x):
    """A value as the output's data has it."""
    if x is None or isinstance(x, (bool, int, str)):
        return x
    if isinstance(x, float):
        return x if math.isfinite(x) else real_text(x)
    if isinstance(x, datetime.datetime):
        return _time(x, "T", "Z")
    if isinstance(x, (bytes, bytearray)):
        return base64.b64encode(bytes(x)).decode("ascii")
    if isinstance(x, dict):
        return {k if isinstance(k, str) else html_text(k): json_value(v) for k, v in x.items()}
    if isinstance(x, (list, tuple)):
        return [json_value(v) for v in x]
    return str(x)


def html_text(x):
    """A value as the HTML table shows it."""
    if x is None or isinstance(x, bool):
        return "null" if x is None else str(x).lower()
    if isinstance(x, float):
        return real_text(x)
    if isinstance(x, dict):
        return "Map(%s)" % ", ".join("%s -> %s" % (html_text(k), html_text(v)) for k, v in x.items())
    if isinstance(x, (list, tuple)):
        return "List(%s)" % ", ".join(map(html_text, x))
    return x if isinstance(x, str) else str(json_value(x))


def show_text(x):
    """A value as show() prints it."""
    if x is None:
        return "NULL"
    if isinstance(x, bool):
        return str(x).lower()
    if isinstance(x, float):
        return real_text(x)
    if isinstance(x, datetime.datetime):
        return _time(x, " ", "")
    if isinstance(x, (bytes, bytearray)):
        return "[%s]" % " ".join("%02X" % b for b in x)
    if isinstance(x, dict):
        return "{%s}" % ", ".join("%s -> %s" % (show_text(k), show_text(v)) for k, v in x.items())
    if isinstance(x, tuple):
        return "{%s}" % ", ".join(map(show_text, x))
    if isinstance(x, list):
        return "[%s]" % ", ".join(map(show_text, x))
    return str(x)


# ---- tables ----

class Table:
    """names, types as Spark's JSON has them ("long", {"type": "array", ...}), rows of Python values. Cut at Databricks' limits."""

    def __init__(self, names, types, rows, dataframe=None):
        self.names, self.types, self.dataframe = list(names), list(types), dataframe
        rows = [list(r) for r in rows]
        self.overflow = len(rows) > ROWS_MAX
        self.rows = rows[:ROWS_MAX]
        self.data = [[json_value(v) for v in r] for r in self.rows]
        self._cut_bytes()

    def _cut_bytes(self):
        used = 0
        for i, row in enumerate(self.data):
            used += sum(len(v) + 3 if isinstance(v, str) else 8 if not isinstance(v, (list, dict)) else len(str(v)) for v in row)
            if used > BYTES_MAX and i:
                self.rows, self.data, self.overflow = self.rows[:i], self.data[:i], True
                return

    def html(self):
        head = "".join("<th>%s</th>" % escape(n) for n in self.names)
        body = "".join("<tr>%s</tr>" % "".join("<td>%s</td>" % escape(html_text(v)) for v in r) for r in self.rows)
        return ("%s<div class='table-result-container'><table class='table-result'><thead style='background-color: white'><tr>%s</tr></thead>"
                "<tbody>%s</tbody></table></div>" % (_STYLE, head, body))

    def metadata(self):
        """What Databricks keeps beside the HTML."""
        return {"application/vnd.databricks.v1+output": {
            "addedWidgets": {}, "aggData": [], "aggError": "", "aggOverflow": False, "aggSchema": [], "aggSeriesLimitReached": False, "aggType": "",
            "arguments": {}, "columnCustomDisplayInfos": {}, "data": self.data, "datasetInfos": [], "dbfsResultPath": None, "isJsonSchema": True,
            "metadata": {"dataframeName": self.dataframe} if self.dataframe else {"isDbfsCommandResult": False}, "overflow": self.overflow,
            "plotOptions": {"customPlotOptions": {}, "displayType": "table", "pivotAggregation": None, "pivotColumns": None, "xColumns": None,
                            "yColumns": None},
            "removedWidgets": [],
            "schema": [{"metadata": "{}", "name": n, "type": json.dumps(t, separators=(",", ":"))} for n, t in zip(self.names, self.types)],
            "type": "table"}}

    # ---- on a terminal ----

    def text(self, columns=None):
        """The table as lines; columns: the terminal's width, which it then fits, with bars where they say something."""
        rows = self.rows[:SHOWN]
        texts = [[cut(plain(show_text(v)), CELL_WIDTH) for v in r] for r in rows]
        heads = [cut(plain(n), CELL_WIDTH) for n in self.names]
        widths = [max([3, width_of(h)] + [width_of(r[i]) for r in texts]) for i, h in enumerate(heads)]
        if not heads:
            return "(no columns)\n"
        if columns:
            widths = _fitting(widths, columns)
        right = [_is_number(t) for t in self.types]
        bars = self._bars(rows, sum(widths) + 3 * len(widths) + 1, columns) if columns else None
        edge = "+" + "+".join("-" * (w + 2) for w in widths) + "+\n"
        out = [edge, _row(heads, widths, right), "\n", edge]
        for i, r in enumerate(texts):
            out += [_row(r, widths, right), " " + bars[i] if bars and bars[i] else "", "\n"]
        out += [edge, self._tail(len(rows))]
        return "".join(out)

    def _tail(self, shown):
        n = len(self.rows)
        of = "the first %d" % n if self.overflow else "%d" % n
        if shown < n or self.overflow:
            return "%d of %s rows\n" % (shown, of)
        return "%d row%s\n" % (n, "" if n == 1 else "s")

    def _bars(self, rows, used, columns):
        """A bar a row, of groups beside a number: two or three columns, the last of which counts something."""
        if not 2 <= len(self.names) <= 3 or not 2 <= len(rows) <= 30 or len(rows) < len(self.rows) or not _is_number(self.types[-1]):
            return None
        if _is_number(self.types[0]) and "id" in self.names[0].lower().split("_"):
            return None
        values = [r[-1] for r in rows]
        if any(v is not None and (isinstance(v, bool) or v < 0 or v != v) for v in values):
            return None
        top, room = max((v for v in values if v is not None), default=0), min(columns - used - 1, 40)
        if not top or room < 8:
            return None
        return [_bar(float(v) / float(top) * room) if v is not None else "" for v in values]


def _bar(length):
    whole = int(length)
    return "█" * whole + ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")[int((length - whole) * 8)]


def _is_number(type_):
    return isinstance(type_, str) and (type_ in ("byte", "short", "integer", "long", "float", "double") or type_.startswith("decimal"))


def _row(cells, widths, right):
    out = []
    for text, width, r in zip(cells, widths, right):
        text = cut(text, width)
        fill = " " * (width - width_of(text))
        out.append(" %s%s " % (fill, text) if r else " %s%s " % (text, fill))
    return "|" + "|".join(out) + "|"


def _fitting(widths, columns):
    """Widths that fit: the widest columns give first, none below 6."""
    widths = list(widths)
    room = columns - 3 * len(widths) - 1
    while sum(widths) > room:
        widest = max(widths)
        if widest <= 6:
            break
        widths[widths.index(widest)] -= 1
    return widths
