"""/dbfs/x as a path of the driver's: open, os.stat, os.listdir and those that stand on them."""
import builtins
import errno
import io
import os
import shutil
import stat
import tempfile

from tarn_kernel.fs import ExecutionError, Files

_open, _stat, _listdir, _mkdir, _remove, _rmdir, _lstat = builtins.open, os.stat, os.listdir, os.mkdir, os.remove, os.rmdir, os.lstat
_OWN = os.path.isdir("/dbfs")  # the machine's


def _path(path):
    """The DBFS path of /dbfs/x; None: it is another."""
    if isinstance(path, int):
        return None
    try:
        text = os.fsdecode(os.fspath(path))
    except TypeError:
        return None
    if text != "/dbfs" and not text.startswith("/dbfs/"):
        return None
    if _OWN:
        return None
    return text[5:] or "/"


class _Upload(io.FileIO):
    """A local copy that goes to DBFS when it is closed."""

    def __init__(self, at, mode, files, path):
        self._at, self._files, self._path, self._sent = at, files, path, False
        super().__init__(at, mode)

    def close(self):
        if self.closed:
            return
        super().close()
        if not self._sent:
            self._sent = True
            try:
                with _open(self._at, "rb") as f:
                    self._files.write(self._path, f.read())
            finally:
                _remove(self._at)


class Dbfs:
    """Puts itself in the place of the functions. undo takes it away again."""

    def __init__(self, client):
        self._files = Files(client)
        self._folder = None

    def install(self):
        builtins.open = io.open = self.open
        os.stat, os.listdir, os.mkdir, os.remove, os.unlink, os.rmdir, os.lstat = (self.stat, self.listdir, self.mkdir, self.remove, self.remove, self.rmdir,
                                                                               self.lstat)

    def undo(self):
        builtins.open = io.open = _open
        os.stat, os.listdir, os.mkdir, os.remove, os.unlink, os.rmdir, os.lstat = _stat, _listdir, _mkdir, _remove, _remove, _rmdir, _lstat
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _temporary(self):
        self._folder = self._folder or tempfile.mkdtemp(prefix="tarn-dbfs-")
        fd, at = tempfile.mkstemp(dir=self._folder)
        os.close(fd)
        return at

    def _found(self, path, shown):
        try:
            found = self._files.find(path)
        except ExecutionError as e:
            raise OSError(errno.EIO, e.java, shown) from None
        if not found:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), shown)
        return found

    def open(self, file, mode="r", buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None):
        """open() of a path of DBFS: a copy, which is written back when it is closed."""
        path = _path(file)
        if path is None:
            return _open(file, mode, buffering, encoding, errors, newline, closefd, opener)
        kind = mode.replace("t", "").replace("b", "")
        there = self._files.find(path)
        if there and there["is_dir"]:
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), file)
        if there and "x" in kind:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), file)
        if not there and kind in ("r", "r+"):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), file)
        at = self._temporary()
        if there and "w" not in kind:
            with _open(at, "wb") as f:
                f.write(self._files.read(path))
        if kind == "r":
            f = _open(at, mode, buffering, encoding, errors, newline)
            _remove(at)
            return f
        return self._writer(at, mode, kind.replace("x", "w"), path, encoding, errors, newline)

    def _writer(self, at, mode, kind, path, encoding, errors, newline):
        raw = _Upload(at, kind, self._files, path)
        buffered = io.BufferedRandom(raw) if "+" in kind else io.BufferedWriter(raw)
        return buffered if "b" in mode else io.TextIOWrapper(buffered, encoding, errors, newline)

    def stat(self, path, *args, **named):
        at = _path(path)
        if at is None:
            return _stat(path, *args, **named)
        if at == "/":
            return os.stat_result((stat.S_IFDIR | 0o777, 0, 0, 2, 0, 0, 0, 0, 0, 0))
        found = self._found(at, path)
        when = found["modification_time"] // 1000
        return os.stat_result(((stat.S_IFDIR if found["is_dir"] else stat.S_IFREG) | 0o777, 0, 0, 1, 0, 0, found["file_size"], when, when, when))

    def lstat(self, path, *args, **named):
        return _lstat(path, *args, **named) if _path(path) is None else self.stat(path)

    def listdir(self, path="."):
        at = _path(path)
        if at is None:
            return _listdir(path)
        try:
            return [f.name.rstrip("/") for f in self._files.list(at)]
        except ExecutionError:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path) from None

    def mkdir(self, path, mode=0o777, **named):
        at = _path(path)
        if at is None:
            return _mkdir(path, mode, **named)
        if self._files.find(at):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)
        return self._files.make(at)

    def remove(self, path, **named):
        at = _path(path)
        if at is None:
            return _remove(path, **named)
        if not self._files.remove(at, False):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)

    def rmdir(self, path, **named):
        at = _path(path)
        if at is None:
            return _rmdir(path, **named)
        if not self._files.remove(at, False):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
