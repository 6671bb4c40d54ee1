"""display(), displayHTML(), and what a cell's last expression shows."""
import base64
import io
import re
import sys

from tarn_kernel.pretty import pretty
from tarn_kernel.tables import ROWS_MAX, Table

_NUMPY = (("int64", "long"), ("int32", "integer"), ("int16", "short"), ("int8", "byte"), ("uint", "long"), ("float32", "float"), ("float", "double"),
          ("bool", "boolean"), ("datetime64", "timestamp"))


class Display:
    """Puts things into the cell's outputs. spark(): the session, asked for when rows need one."""

    def __init__(self, outputs, spark):
        self._outputs, self._spark, self._streams = outputs, spark, 0

    # ---- what users call ----

    def display(self, x=None, *_, **options):
        """display(x): frames, rows, pandas, figures; anything else as the last expression of a cell. What else is given changes nothing, as on
        a cluster."""
        self._one(x, options)

    def display_html(self, text="", **_):
        """displayHTML(text)."""
        text = text if isinstance(text, str) else str(text)
        shown = re.sub(r"(?i)<(br|/p|/div|/h\d|/li|/tr)\b[^>]*>", "\n", text)
        shown = re.sub(r"[ \t]*\n\s*", "\n", re.sub(r"<[^>]*>", "", re.sub(r"(?is)<(style|script).*?</\1>", "", shown))).strip()
        self._outputs.display({"text/html": text}, {"application/vnd.databricks.v1+output": {
            "addedWidgets": {}, "arguments": {}, "data": text, "datasetInfos": [], "metadata": {}, "removedWidgets": [], "textData": None,
            "type": "htmlSandbox"}}, shown + "\n" if shown else "(HTML)\n")

    def result(self, x, count):
        """The value of a cell's last expression."""
        data = self._rich(x)
        text = _repr(x)
        if data is None:
            data = {}
        data["text/plain"] = text
        shown = text if text.endswith("\n") else text + "\n"
        self._outputs.result(data, count, self._shown_frame(x) or shown)

    # ---- kinds ----

    def _one(self, x, options):
        if is_frame(x):
            self._frame(x, options)
        elif is_pandas(x):
            self.table(pandas_table(x))
        elif _is_figure(x):
            self.figure(x)
        elif isinstance(x, (list, tuple)) and x and all(_is_row(r) for r in x):
            self._rows(x)
        elif x is None:
            pass
        else:
            data = self._rich(x) or {}
            data["text/plain"] = _repr(x)
            self._outputs.display(data, None, data["text/plain"] + "\n")

    def table(self, table):
        self._outputs.display({"text/html": table.html()}, table.metadata(), table.text(self._columns()))

    def _columns(self):
        return self._outputs.terminal.columns if self._outputs.terminal else None

    def _frame(self, df, options):
        if getattr(df, "isStreaming", False):
            self._stream(df, options)
            return
        self.table(frame_table(df, options.get("name")))

    def _rows(self, rows):
        first = rows[0]
        names = getattr(first, "_fields", None) or getattr(first, "__fields__", None)
        if names and all(isinstance(v, (str, int)) for r in rows for v in r):
            types = ["long" if isinstance(v, int) and not isinstance(v, bool) else "boolean" if isinstance(v, bool) else "string" for v in first]
            self.table(Table(names, types, rows))
        else:
            self._frame(self._spark().createDataFrame(list(rows)), {})

    def _stream(self, df, options):
        """What has come so far: the stream runs into memory until it has all there is, and stops."""
        self._streams += 1
        name = options.get("streamName") or "display_query_%d" % self._streams
        writer = df.writeStream.format("memory").queryName(name)
        if options.get("checkpointLocation"):
            writer = writer.option("checkpointLocation", options["checkpointLocation"])
        try:
            query = writer.outputMode("append").start()
        except Exception as e:
            if "output mode" not in str(e).lower():
                raise
            query = writer.outputMode("complete").start()
        try:
            query.processAllAvailable()
        finally:
            query.stop()
        self.table(frame_table(self._spark().table(name)))

    def figure(self, figure):
        """A figure of matplotlib, or what has one."""
        figure = getattr(figure, "figure", None) or figure
        out = io.BytesIO()
        pyplot = sys.modules.get("matplotlib.pyplot")
        if pyplot and pyplot.fignum_exists(getattr(figure, "number", -1)):
            pyplot.close(figure)  # else it would show again at the cell's end
        figure.savefig(out, format="png", bbox_inches="tight")
        width, height = (figure.get_size_inches() * figure.dpi).astype(int)
        self._outputs.display({"image/png": base64.b64encode(out.getvalue()).decode("ascii"), "text/plain": "<Figure size %dx%d>" % (width, height)}, None,
                              "(figure of %d x %d: --out FILE.html shows it)\n" % (width, height))

    def _rich(self, x):
        """The MIME types by which a value shows itself, as IPython asks for them; None: by none."""
        if isinstance(x, type):
            return None
        data = {}
        for kind, method in (("text/html", "_repr_html_"), ("text/markdown", "_repr_markdown_"), ("image/svg+xml", "_repr_svg_"), ("image/png", "_repr_png_"),
                             ("image/jpeg", "_repr_jpeg_")):
            found = getattr(type(x), method, None)
            try:
                value = found(x) if found else None
            except Exception:
                value = None
            if isinstance(value, tuple):
                value = value[0]
            if isinstance(value, bytes):
                value = base64.b64encode(value).decode("ascii")
            if value is not None:
                data[kind] = value
        return data or None

    def _shown_frame(self, x):
        return pandas_table(x).text(self._columns()) if self._columns() and is_pandas(x) else None


def is_frame(x):
    """Whether it is a DataFrame of Spark's."""
    return type(x).__name__ == "DataFrame" and type(x).__module__.startswith("pyspark.") and ".pandas" not in type(x).__module__


def is_pandas(x):
    return type(x).__name__ in ("DataFrame", "Series") and type(x).__module__.split(".")[0] == "pandas"


def _is_figure(x):
    return hasattr(x, "savefig") or (hasattr(getattr(x, "figure", None), "savefig") and type(x).__module__.startswith(("matplotlib.", "seaborn.")))


def _is_row(x):
    return isinstance(x, (tuple, dict)) or hasattr(x, "_fields")


def frame_table(df, name=None):
    """The first rows of a frame; runs it."""
    schema = df.schema
    return Table([f.name for f in schema.fields], [f.dataType.jsonValue() for f in schema.fields], df.limit(ROWS_MAX + 1).collect(), name)


def pandas_table(pdf):
    """The rows of pandas, with their index where that isn't the count of rows."""
    if type(pdf).__name__ == "Series":
        pdf = pdf.to_frame(pdf.name if pdf.name is not None else "0")
    if type(pdf.index).__name__ != "RangeIndex":
        pdf = pdf.reset_index()
    head = pdf.head(ROWS_MAX + 1)
    types = [next((t for n, t in _NUMPY if str(d).lower().startswith(n)), "string") for d in head.dtypes]
    columns = [[_pandas_value(v, t) for v in head.iloc[:, i].tolist()] for i, t in enumerate(types)]
    return Table([str(c) for c in head.columns], types, zip(*columns) if columns else [])


def _pandas_value(v, type_):
    if v is None or type(v).__name__ in ("NaTType", "NAType"):
        return None
    if type_ == "string" and isinstance(v, float) and v != v:
        return None
    if type_ == "timestamp":
        return v.to_pydatetime() if hasattr(v, "to_pydatetime") else v
    return v.item() if hasattr(v, "item") and not isinstance(v, (list, dict)) else v


def _repr(x):
    return pretty(x)
