"""dbutils.fs: DBFS, its mounts and S3 by the workspace's API, the driver's own files by file:/."""
import collections
import os
import posixpath
import shutil
import urllib.parse

BLOCK = 1 << 20
HEAD_BYTES = 65536


class ExecutionError(Exception):
    """What dbutils raises where Java does: "An error occurred while calling o1.ls.\\n: java.io.FileNotFoundException: ..."."""

    _tarn_plain = True

    def __init__(self, call, java):
        self.java = java
        super().__init__("An error occurred while calling o398.%s.\n: %s" % (call, java))


class FileInfo(collections.namedtuple("FileInfo", "path name size modificationTime")):
    """An entry of a folder; folders' names end in /."""
    __slots__ = ()

    def isDir(self):
        return self.path.endswith("/")

    def isFile(self):
        return not self.isDir()


MountInfo = collections.namedtuple("MountInfo", "mountPoint source encryptionType")


def is_local(path):
    return path.startswith("file:")


def local(path):
    """A path of the driver without file:."""
    return "/" + path[5:].lstrip("/")


def full(path):
    """A path as it is shown: dbfs:/x; S3's as it stands."""
    if "://" in path:
        return path
    path = "/" + (path[5:] if path.startswith("dbfs:") else path).lstrip("/")
    if "/." in path:  # Hadoop's paths are normal: /mnt/x/../y is /mnt/y
        path = posixpath.normpath(path)
    return "dbfs:" + path


def _bare(path):
    """Without dbfs:, for the API."""
    return full(path)[5:] if full(path).startswith("dbfs:") else path


def _java(answer, path, missing="No such file or directory: %s"):
    code, text = answer.get("error_code", ""), answer.get("message", "")
    if text.startswith(("java.", "com.")):
        return text
    if code in ("RESOURCE_DOES_NOT_EXIST", "NOT_FOUND"):
        return "java.io.FileNotFoundException: " + missing % full(path)
    if code == "RESOURCE_ALREADY_EXISTS":
        return "java.nio.file.FileAlreadyExistsException: " + full(path)
    if code == "INVALID_PARAMETER_VALUE":
        return "java.lang.IllegalArgumentException: " + text
    return "java.io.IOException: %s" % text


class Files:
    """Bytes of files and entries of folders, by whatever address: what fs and open("/dbfs/...") stand on. client: tarn_client.Client."""

    def __init__(self, client):
        self._client = client

    def _call(self, call, method, path, body, about):
        status, answer = self._client.call(method, path, body)
        if status >= 400:
            raise ExecutionError(call, _java(answer, about))
        return answer

    def _raw(self, path):
        bare = _bare(path)
        return "/api/2.0/fs/files/" + urllib.parse.quote(bare if "://" in bare else bare.lstrip("/"), safe="/:@")

    def status(self, path, call="getStatus"):
        """is_dir, file_size, modification_time (ms); raises ExecutionError."""
        return self._call(call, "GET", "/api/2.0/dbfs/get-status?path=" + urllib.parse.quote(_bare(path), safe=""), None, path)

    def find(self, path):
        """The same; None: nothing is there."""
        try:
            return self.status(path)
        except ExecutionError as e:
            if "FileNotFoundException" in e.java:
                return None
            raise

    def list(self, path, call="ls"):
        if is_local(path):
            return self._list_local(path, call)
        answer = self._call(call, "GET", "/api/2.0/dbfs/list?path=" + urllib.parse.quote(_bare(path), safe=""), None, path)
        out = []
        for f in answer.get("files") or []:
            shown, slash = full(f["path"]), "/" if f["is_dir"] else ""
            out.append(FileInfo(shown + slash, shown.rstrip("/").rsplit("/", 1)[-1] + slash, f["file_size"], f["modification_time"]))
        return out

    def _list_local(self, path, call):
        at = local(path)
        if not os.path.lexists(at):
            raise ExecutionError(call, "java.io.FileNotFoundException: File %s does not exist" % path)
        if not os.path.isdir(at):
            names, folder = [os.path.basename(at)], os.path.dirname(at)
        else:
            names, folder = sorted(os.listdir(at)), at
        out = []
        for n in names:
            s = os.stat(os.path.join(folder, n)) if os.path.exists(os.path.join(folder, n)) else os.lstat(os.path.join(folder, n))
            slash = "/" if os.path.isdir(os.path.join(folder, n)) else ""
            out.append(FileInfo("file:" + os.path.join(folder, n) + slash, n + slash, 0 if slash else s.st_size, int(s.st_mtime * 1000)))
        return out

    def read(self, path, call="head", length=None):
        """Bytes of a file, from its beginning."""
        if is_local(path):
            try:
                with open(local(path), "rb") as f:
                    return f.read() if length is None else f.read(length)
            except OSError as e:
                raise ExecutionError(call, "java.io.FileNotFoundException: File %s does not exist (%s)" % (path, e.strerror)) from None
        status, raw = self._client.send("GET", self._raw(path))
        if status < 400:
            return raw if length is None else raw[:length]
        if self.status(path, call)["is_dir"]:
            raise ExecutionError(call, "java.io.IOException: Cannot %s a directory: %s" % (call, full(path)))
        raise ExecutionError(call, "java.io.IOException: %s" % raw[:300].decode("utf-8", "replace"))

    def write(self, path, data, call="put"):
        """Writes a file anew."""
        if is_local(path):
            os.makedirs(os.path.dirname(local(path)), exist_ok=True)
            with open(local(path), "wb") as f:
                f.write(data)
            return
        status, raw = self._client.send("PUT", self._raw(path) + "?overwrite=true", data, "application/octet-stream")
        if status >= 400:
            import json
            try:
                answer = json.loads(raw.decode("utf-8"))
            except ValueError:
                answer = {"message": raw[:300].decode("utf-8", "replace")}
            raise ExecutionError(call, _java(answer, path))

    def make(self, path):
        if is_local(path):
            os.makedirs(local(path), exist_ok=True)
        else:
            self._call("mkdirs", "POST", "/api/2.0/dbfs/mkdirs", {"path": _bare(path)}, path)

    def remove(self, path, recurse):
        """False: nothing was there."""
        if is_local(path):
            at = local(path)
            if not os.path.lexists(at):
                return False
            if not os.path.isdir(at) or os.path.islink(at):
                os.remove(at)
            elif recurse or not os.listdir(at):
                shutil.rmtree(at)
            else:
                raise ExecutionError("rm", "java.io.IOException: Directory %s is not empty. Use recursive mode to delete it." % path)
            return True
        try:
            self._call("rm", "POST", "/api/2.0/dbfs/delete", {"path": _bare(path), "recursive": recurse}, path)
        except ExecutionError as e:
            if "FileNotFoundException" in e.java:
                return False
            raise
        return True

    def is_folder(self, path, call):
        if is_local(path):
            if not os.path.exists(local(path)):
                raise ExecutionError(call, "java.io.FileNotFoundException: File %s does not exist" % path)
            return os.path.isdir(local(path))
        return self.status(path, call)["is_dir"]

    def transfer(self, call, source, target, recurse):
        """cp and mv: into a folder that is there, or to the name given."""
        folder = self.is_folder(source, call)
        if folder and not recurse:
            raise ExecutionError(call, "java.io.IOException: Cannot %s directory %s unless recurse is set to true" %
                                 ("copy" if call == "cp" else "move", full(source) if not is_local(source) else source))
        if not folder and self._is_there_as_folder(target):
            target = target.rstrip("/") + "/" + source.rstrip("/").rsplit("/", 1)[-1]
        if not is_local(source) and not is_local(target):
            self._call(call, "POST", "/api/2.0/dbfs/" + ("copy" if call == "cp" else "move"),
                       {"source_path": _bare(source), "destination_path": _bare(target), "overwrite": True}, source)
            return
        self._carry(call, source, target, folder)
        if call == "mv":
            self.remove(source, True)

    def _is_there_as_folder(self, path):
        if is_local(path):
            return os.path.isdir(local(path)) or path.endswith("/")
        found = self.find(path)
        return bool(found and found["is_dir"]) or path.endswith("/")

    def _carry(self, call, source, target, folder):
        if not folder:
            self.write(target, self.read(source, call), call)
            return
        self.make(target)
        for f in self.list(source, call):
            self._carry(call, f.path, target.rstrip("/") + "/" + f.name.rstrip("/"), f.isDir())


_HELP = """dbutils.fs: cp(from, to, recurse=False), head(file, max_bytes=65536), ls(dir), mkdirs(dir), mv(from, to, recurse=False),
put(file, contents, overwrite=False), rm(dir, recurse=False), mount(source, mount_point, ...), mounts(), refreshMounts(),
unmount(mount_point), updateMount(source, mount_point, ...)"""


class FSHandler:
    """dbutils.fs."""

    def __init__(self, client):
        self._client, self._files = client, Files(client)

    def ls(self, path, recursive=False):
        if recursive:
            raise NotImplementedError("dbutils.fs.ls(recursive=True) isn't served here")
        return self._files.list(path)

    def head(self, file, max_bytes=HEAD_BYTES, maxBytes=None):
        limit = maxBytes or max_bytes
        raw = self._files.read(file, "head", limit + 1)
        if len(raw) > limit:
            print("[Truncated to first %d bytes]" % limit)
            raw = raw[:limit]
        return raw.decode("utf-8", "ignore" if len(raw) == limit else "replace")

    def put(self, file, contents, overwrite=False):
        there = os.path.exists(local(file)) if is_local(file) else self._files.find(file)
        if there and not overwrite:
            raise ExecutionError("put", "java.nio.file.FileAlreadyExistsException: " + (file if is_local(file) else full(file)))
        data = contents.encode("utf-8")
        self._files.write(file, data)
        print("Wrote %d bytes." % len(data))
        return True

    def cp(self, source, target, recurse=False):
        self._files.transfer("cp", source, target, recurse)
        return True

    def mv(self, source, target, recurse=False):
        self._files.transfer("mv", source, target, recurse)
        return True

    def rm(self, dir, recurse=False):
        return self._files.remove(dir, bool(recurse))

    def mkdirs(self, dir):
        self._files.make(dir)
        return True

    # ---- mounts ----

    def _mount(self, call, source, mount_point):
        status, answer = self._client.call("POST", "/api/tarn/mounts", {"source": source, "mountPoint": mount_point})
        if status >= 400:
            raise ExecutionError(call, _java(answer, source))

    def mount(self, source, mount_point=None, encryption_type="", owner=None, extra_configs=None, mountPoint=None, encryptionType="", extraConfigs=None):
        self._mount("mount", source, mount_point or mountPoint)
        return True

    def updateMount(self, source, mount_point=None, encryption_type="", owner=None, extra_configs=None, mountPoint=None, encryptionType="",
                    extraConfigs=None):
        point = mount_point or mountPoint
        if any(m.mountPoint == point.rstrip("/") for m in self.mounts()):
            self._unmount("updateMount", point)
        self._mount("updateMount", source, point)
        return True

    def _unmount(self, call, point):
        status, answer = self._client.call("DELETE", "/api/tarn/mounts?mountPoint=" + urllib.parse.quote(point, safe=""))
        if status >= 400:
            raise ExecutionError(call, _java(answer, point))

    def unmount(self, mount_point=None, mountPoint=None):
        point = mount_point or mountPoint
        self._unmount("unmount", point)
        print("%s has been unmounted." % point)
        return True

    def mounts(self):
        status, answer = self._client.call("GET", "/api/tarn/mounts")
        if status >= 400:
            raise ExecutionError("mounts", _java(answer, "/mnt"))
        return [MountInfo(m["mountPoint"], m["source"], m.get("encryptionType", "")) for m in answer["mounts"]]

    def refreshMounts(self):
        return True

    def help(self, name=None):
        print(_HELP)

    def __getattr__(self, name):
        raise AttributeError("'FSHandler' object has no attribute '%s'" % name)
