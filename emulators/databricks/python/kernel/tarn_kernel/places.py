"""Where notebooks that a notebook names lie: beside it, in the workspace of a job, in its repository."""
import os
import re

from tarn_kernel import formats

_WORKSPACE = ("/Workspace", "/Users", "/Repos", "/Shared")


class Places:
    """root: the folder where /Users, /Repos ... are; None: no workspace is known."""

    def __init__(self, notebook, root):
        self._top, self._root = notebook, root

    def notebook(self, path, beside):
        """The notebook that %run or dbutils.notebook.run mean in another. Raises FileNotFoundError, formats.FormatError."""
        if beside.inside is not None:
            found = self._in_archive(path, beside)
            if found:
                return found
        tried = [t for t in self._candidates(path, beside) if t]
        for at in tried:
            for ending in ("",) + formats.ENDINGS:
                if os.path.isfile(at + ending):
                    return self._checked(at + ending, path, beside)
        raise FileNotFoundError("Notebook not found: %s. Notebooks can be specified via a relative path (./Notebook or ../folder/Notebook) or via an "
                                "absolute path (/Abs/Path/to/Notebook). Looked for: %s" % (path, ", ".join(tried)))

    def _checked(self, at, path, beside):
        notebook = formats.read(at)
        if notebook.plain and not beside.is_jupyter:
            raise formats.FormatError("%s is a plain file, not a notebook: its first line isn't \"# Databricks notebook source\". Import it instead" % path)
        return notebook

    def _candidates(self, path, beside):
        if not path.startswith("/"):
            yield os.path.normpath(os.path.join(beside.folder, path))
            yield from self._in_repository("/".join(p for p in path.split("/") if p not in ("", ".", "..")))
            return
        bare = path[len("/Workspace"):] if path.startswith("/Workspace/") else path
        if self._root:
            yield os.path.join(self._root, bare.lstrip("/"))
        yield path
        yield from self._in_repository(bare)

    def _roots(self):
        """The notebook's folder and those above, up to its repository's; without one two above it, but none that others use."""
        folder = self._top.folder
        home = os.path.expanduser("~")
        for level in range(8):
            yield folder
            above = os.path.dirname(folder)
            in_repository = any(os.path.exists(os.path.join(f, ".git")) for f in _above(folder)[1:])
            if os.path.exists(os.path.join(folder, ".git")) or above in ("/", "/tmp", "/home", home, folder) or (level > 1 and not in_repository):
                return
            folder = above

    def _in_repository(self, path):
        """A path of a workspace that isn't here: its last names, below the repository that the notebook is in; else its name, if there is
        one of that name."""
        parts = path.strip("/").split("/")
        roots = list(self._roots())
        for root in roots:
            for i in range(len(parts)):
                yield os.path.join(root, *parts[i:])
        for same in (lambda name: name, _letters):
            found = _named(roots[-1], parts[-1], same)
            if len(found) == 1:
                yield found[0]
                return

    def _in_archive(self, path, beside):
        wanted = os.path.normpath(os.path.join(os.path.dirname(beside.inside), path)) if not path.startswith("/") else path.strip("/")
        for n in formats.read_all(beside.path):
            if os.path.splitext(n.inside)[0] == wanted or n.inside == wanted or n.inside.endswith("/" + os.path.basename(wanted)):
                return n
        return None


def _above(folder):
    """A folder and all above it."""
    out = [folder]
    while os.path.dirname(folder) != folder:
        folder = os.path.dirname(folder)
        out.append(folder)
    return out


def _letters(name):
    """What is left of a name where a repository has read_data.py for the workspace's "Read Data"."""
    return re.sub(r"[\W_]+", "", name).lower()


def _named(root, name, same):
    """Files of that name below a folder, downloads' "name (1)" too, among the first thousands. same: what names are compared by."""
    found, seen = [], 0
    name = os.path.splitext(name)[0] if name.endswith(formats.ENDINGS) else name
    for folder, inner, files in os.walk(root):
        inner[:] = sorted(d for d in inner if not d.startswith("."))
        found += [os.path.join(folder, f) for f in files if f.endswith(formats.ENDINGS) and same(re.sub(r" \(\d+\)$", "", os.path.splitext(f)[0])) == same(name)]
        seen += len(files)
        if seen > 5000:
            break
    return found
