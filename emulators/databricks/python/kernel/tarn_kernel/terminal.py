"""A run on a terminal, or wherever its output goes."""
import os
import shutil
import unicodedata


def width_of(text):
    """Columns that a text takes."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def cut(text, width):
    """A text of at most that many columns."""
    if width_of(text) <= width:
        return text
    out, used = [], 0
    for c in text:
        w = width_of(c)
        if used + w > width - 1:
            break
        out.append(c)
        used += w
    return "".join(out) + "…"


def plain(text):
    """A cell's text on one line, without what would move the cursor."""
    if text.isprintable():
        return text
    names = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f", "\v": "\\v", "\a": "\\a"}
    return "".join(names.get(c, c if c.isprintable() else "\\x%02x" % ord(c)) for c in text)


class Terminal:
    """Writes to a file; color and bars only where it is a terminal."""

    def __init__(self, out):
        self.out, self.tty = out, bool(getattr(out, "isatty", lambda: False)())
        self.color = self.tty and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        self._fresh = True

    @property
    def columns(self):
        """Its width; None: it has none."""
        return shutil.get_terminal_size((100, 40)).columns if self.tty else None

    def stream(self, name, text):
        self._write(text)

    def _write(self, text):
        try:
            self.out.write(text)
            self.out.flush()
        except UnicodeEncodeError:  # a ValueError, too
            self.out.write(text.encode(self.out.encoding or "ascii", "replace").decode(self.out.encoding or "ascii"))
            self.out.flush()
        except (BrokenPipeError, ValueError):
            os._exit(141)
        self._fresh = text.endswith("\n")

    def line(self, text, style=None):
        """A line of our own, on a fresh line."""
        if not self._fresh:
            self._write("\n")
        self._write((self.styled(text, style) if style else text) + "\n")

    def styled(self, text, style):
        codes = {"dim": "2", "bold": "1", "red": "31", "blue": "34"}
        return "\033[%sm%s\033[0m" % (codes[style], text) if self.color else text

    def cell(self, cell, language):
        """The line above a cell's output."""
        first = next((line.strip() for line in cell.source.splitlines() if line.strip()), "")
        text = cell.title or first
        self.line(cut("[%d] %s" % (cell.number, plain(text)), (self.columns or 100) - 1), "dim")

    def end(self):
        if not self._fresh:
            self._write("\n")
