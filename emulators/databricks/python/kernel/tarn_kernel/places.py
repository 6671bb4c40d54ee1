"""Where notebooks that a notebook names lie: beside it, in the workspace of a job, in its repository."""
import os

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
                    return self._checked(at + ending, path)
        raise FileNotFoundError("Notebook not found: %s. Notebooks can be specified via a relative path (./Notebook or ../folder/Notebook) or via an "
                                "absolute path (/Abs/Path/to/Notebook). Looked for: %s" % (path, ", ".join(tried)))

    def _checked(self, at, path):
        notebook = formats.read(at)
        if notebook.plain:
            raise formats.FormatError("%s is a plain file, not a notebook: its first line isn't \"# Databricks notebook source\". Import it instead" % path)
        return notebook

    def _candidates(self, path, beside):
        if not path.startswith("/"):
            yield os.path.normpath(os.path.join(beside.folder, path))
            return
        bare = path[len("/Workspace"):] if path.startswith("/Workspace/") else path
        if self._root:
            yield os.path.join(self._root, bare.lstrip("/"))
        yield path
        if bare.startswith(_WORKSPACE):
            yield from self._in_repository(bare)

    def _in_repository(self, path):
        """A path of a workspace that isn't here: its last names, below the repository that the notebook is in."""
        parts = path.strip("/").split("/")
        folder = self._top.folder
        roots = [folder]
        while not os.path.exists(os.path.join(folder, ".git")) and os.path.dirname(folder) != folder and len(roots) < 4:
            folder = os.path.dirname(folder)
            roots.append(folder)
        for root in roots if os.path.exists(os.path.join(folder, ".git")) else roots[:1]:
            for i in range(len(parts)):
                yield os.path.join(root, *parts[i:])

    def _in_archive(self, path, beside):
        wanted = os.path.normpath(os.path.join(os.path.dirname(beside.inside), path)) if not path.startswith("/") else path.strip("/")
        for n in formats.read_all(beside.path):
            if os.path.splitext(n.inside)[0] == wanted or n.inside == wanted or n.inside.endswith("/" + os.path.basename(wanted)):
                return n
        return None
