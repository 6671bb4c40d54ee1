"""What cells put out, as nbformat 4 has it, and where it goes meanwhile: the terminal."""
import io
import sys
import threading

STREAM_MAX = 20 << 20  # characters that a cell's report keeps of what it printed


class Secrets:
    """Texts that must not be printed as they are."""

    def __init__(self):
        self._known = set()

    def add(self, text):
        if len(text) >= 3:
            self._known.add(text)

    def hidden(self, x):
        """A text, or texts in lists and dicts, with "[REDACTED]" for each of them."""
        if not self._known:
            return x
        if isinstance(x, dict):
            return {k: self.hidden(v) for k, v in x.items()}
        if isinstance(x, list):
            return [self.hidden(v) for v in x]
        return self._text(x) if isinstance(x, str) else x

    def _text(self, text):
        for known in self._known:
            if known in text:
                text = text.replace(known, "[REDACTED]")
        return text


class Outputs:
    """The outputs of the cell under way. terminal: what prints them as they come; None: nothing does."""

    def __init__(self, terminal=None):
        self.terminal, self.items, self.secrets = terminal, [], Secrets()
        self._lock, self._kept, self._muted = threading.RLock(), 0, 0

    def begin(self):
        with self._lock:
            self.items, self._kept = [], 0

    def take(self):
        """What came since begin."""
        with self._lock:
            return self.items

    def stream(self, name, text):
        """stdout or stderr."""
        if not text:
            return
        text = self.secrets.hidden(text)
        with self._lock:
            if self.terminal:
                self.terminal.stream(name, text)
            room = STREAM_MAX - self._kept
            if room <= 0:
                return
            self._kept += len(text)
            kept = text if len(text) <= room else text[:room] + "\n*** output is cut here ***\n"
            last = self.items[-1] if self.items else None
            if last and last["output_type"] == "stream" and last["name"] == name:
                last["text"].append(kept)
            else:
                self.items.append({"output_type": "stream", "name": name, "text": [kept]})

    def put(self, output, show=None):
        """An output of nbformat; show: what the terminal prints in its place, as it prints a stream's text."""
        with self._lock:
            if self.terminal and show is not None:
                self.terminal.stream("stdout", self.secrets.hidden(show))
            self.items.append(self.secrets.hidden(output))

    def display(self, data, metadata=None, show=None):
        self.put({"output_type": "display_data", "data": data, "metadata": metadata or {}}, show)

    def result(self, data, count, show=None):
        self.put({"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": count}, show)

    def error(self, name, value, trace, show):
        self.put({"output_type": "error", "ename": name, "evalue": value, "traceback": trace.split("\n")}, show)


def finished(items):
    """Outputs as they are written: texts whole."""
    return [dict(o, text="".join(o["text"])) if o["output_type"] == "stream" else o for o in items]


class Stream(io.TextIOBase):
    """sys.stdout or sys.stderr of cells. Its buffer and fileno are the real one's, for those who ask."""

    def __init__(self, outputs, name, real):
        self._outputs, self._name, self._real = outputs, name, real
        self._buffer = _Bytes(self)

    encoding, errors, newlines = "utf-8", "strict", None

    @property
    def name(self):
        return "<%s>" % self._name

    @property
    def buffer(self):
        return self._buffer

    def write(self, text):
        if not isinstance(text, str):
            raise TypeError("write() argument must be str, not %s" % type(text).__name__)
        self._outputs.stream(self._name, text)
        return len(text)

    def writable(self):
        return True

    def isatty(self):
        return False

    def fileno(self):
        return self._real.fileno()

    def flush(self):
        pass


class _Bytes(io.RawIOBase):
    """sys.stdout.buffer."""

    def __init__(self, stream):
        self._stream = stream

    def writable(self):
        return True

    def write(self, data):
        self._stream.write(bytes(data).decode("utf-8", "replace"))
        return len(data)


class Captured:
    """While it is entered, what is printed goes to the outputs."""

    def __init__(self, outputs):
        self._outputs = outputs

    def __enter__(self):
        self._was = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = Stream(self._outputs, "stdout", sys.__stdout__), Stream(self._outputs, "stderr", sys.__stderr__)
        return self

    def __exit__(self, *_):
        sys.stdout, sys.stderr = self._was
