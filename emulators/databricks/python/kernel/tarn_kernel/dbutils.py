"""dbutils: fs, widgets, secrets, notebook, jobs, library, data, credentials."""
import base64
import json
import urllib.parse

from tarn_kernel.fs import ExecutionError

EXIT_BYTES_MAX, TASK_VALUE_BYTES_MAX = 5 << 20, 48 << 10


class NotebookExit(BaseException):
    """dbutils.notebook.exit: no `except Exception` takes it."""

    def __init__(self, value):
        self.value = value
        super().__init__("Notebook exited: %s" % value)


class Widgets:
    """dbutils.widgets. given: the run's parameters, kept: what the notebook's file says."""

    def __init__(self, given, kept):
        self._given, self._kept, self._values = dict(given), dict(kept), {}

    def values(self):
        """All by name."""
        return dict(self._given, **self._values)

    def _define(self, name, default):
        if name not in self._values:
            self._values[name] = self._given.get(name, self._kept.get(name, default))

    def text(self, name, defaultValue, label=None):
        self._define(name, _text(defaultValue))

    def _choice(self, kind, name, defaultValue, choices):
        choices = [_text(c) for c in choices]
        if kind != "combobox" and _text(defaultValue) not in choices:
            raise ExecutionError(kind, "java.lang.IllegalArgumentException: requirement failed: The default value '%s' is not in the list of choices" %
                                 _text(defaultValue))
        self._define(name, _text(defaultValue))

    def dropdown(self, name, defaultValue, choices, label=None):
        self._choice("dropdown", name, defaultValue, choices)

    def combobox(self, name, defaultValue, choices, label=None):
        self._choice("combobox", name, defaultValue, choices)

    def multiselect(self, name, defaultValue, choices, label=None):
        self._choice("multiselect", name, defaultValue, choices)

    def get(self, name):
        return self._get("getArgument", name)

    def _get(self, call, name):
        values = self.values()
        if name not in values:
            raise ExecutionError(call, "com.databricks.dbutils_v1.InputWidgetNotDefined: No input widget named %s is defined" % name)
        return values[name]

    def getAll(self):
        return self.values()

    def getArgument(self, name, defaultValue=None):
        return self.values().get(name, defaultValue) if defaultValue is not None else self.get(name)

    def remove(self, name):
        if self._values.pop(name, None) is None:
            raise ExecutionError("remove", "com.databricks.dbutils_v1.InputWidgetNotDefined: No input widget named %s is defined" % name)

    def removeAll(self):
        self._values.clear()

    def help(self, name=None):
        print("dbutils.widgets: text, dropdown, combobox, multiselect, get, getAll, getArgument, remove, removeAll")


def _text(x):
    return x if isinstance(x, str) else str(x)


SecretScope = type("SecretScope", (tuple,), {"name": property(lambda s: s[0]), "getName": lambda s: s[0],
                                             "__repr__": lambda s: "SecretScope(name='%s')" % s[0]})
SecretMetadata = type("SecretMetadata", (tuple,), {"key": property(lambda s: s[0]), "__repr__": lambda s: "SecretMetadata(key='%s')" % s[0]})


class Secrets:
    """dbutils.secrets, from the workspace."""

    def __init__(self, client, hide):
        self._client, self._hide = client, hide

    def _call(self, call, path, wrong):
        status, answer = self._client.call("GET", "/api/2.0/secrets/" + path)
        if status >= 400:
            missing = answer.get("error_code") == "RESOURCE_DOES_NOT_EXIST"
            raise ExecutionError(call, "java.lang.IllegalArgumentException: " + (wrong if missing else answer.get("message", "")))
        return answer

    def getBytes(self, scope, key):
        answer = self._call("get", "get?" + urllib.parse.urlencode({"scope": scope, "key": key}),
                            "Secret does not exist with scope: %s and key: %s" % (scope, key))
        value = base64.b64decode(answer.get("value", ""))
        self._hide(value.decode("utf-8", "replace"))
        return value

    def get(self, scope, key):
        return self.getBytes(scope, key).decode("utf-8")

    def list(self, scope):
        answer = self._call("list", "list?" + urllib.parse.urlencode({"scope": scope}), "Scope %s does not exist!" % scope)
        return [SecretMetadata((s["key"],)) for s in answer.get("secrets") or []]

    def listScopes(self):
        return [SecretScope((s["name"],)) for s in self._call("listScopes", "scopes/list", "no scopes").get("scopes") or []]

    def help(self, name=None):
        print("dbutils.secrets: get, getBytes, list, listScopes")


class TaskValues:
    """dbutils.jobs.taskValues. job: None outside of a job."""

    def __init__(self, job):
        self._job, self.given = job, {}

    def set(self, key, value):
        text = json.dumps(value, allow_nan=False)
        if len(text) > TASK_VALUE_BYTES_MAX:
            raise ValueError("The value of task value %s exceeds 48 KiB" % key)
        if self._job is not None:
            self.given[key] = json.loads(text)

    def get(self, taskKey, key, default=None, debugValue=None):
        if self._job is None:
            if debugValue is None:
                raise TypeError("Must pass debugValue when calling get outside of a job context. debugValue cannot be None.")
            return debugValue
        values = (self._job.get("task_values") or {}).get(taskKey) or {}
        if key in values:
            return values[key]
        if default is None:
            raise ValueError("No task value of task %s and key %s, and no default value." % (taskKey, key))
        return default

    def help(self, name=None):
        print("dbutils.jobs.taskValues: set(key, value), get(taskKey, key, default=None, debugValue=None)")


class Jobs:
    def __init__(self, job):
        self.taskValues = TaskValues(job)

    def help(self, name=None):
        self.taskValues.help()


class Library:
    """dbutils.library. restart: begins a new Python, as it were."""

    def __init__(self, restart):
        self._restart = restart

    def restartPython(self):
        self._restart()

    def help(self, name=None):
        print("dbutils.library: restartPython()")


class Data:
    def __init__(self, display):
        self._display = display

    def summarize(self, df, precise=False):
        """Shows count, mean, deviation, least, quartiles and greatest of each column."""
        self._display(df.summary() if hasattr(df, "summary") else df.describe(include="all").reset_index())

    def help(self, name=None):
        print("dbutils.data: summarize(df, precise=False)")


class Credentials:
    def assumeRole(self, role):
        raise NotImplementedError("dbutils.credentials.assumeRole isn't served here: cells have the keys of their environment")

    def showCurrentRole(self):
        return []

    def showRoles(self):
        return []


class _Some:
    """An Option of Scala's."""

    def __init__(self, value):
        self._value = value

    def get(self):
        if self._value is None:
            raise ExecutionError("get", "java.util.NoSuchElementException: None.get")
        return self._value

    def getOrElse(self, default):
        return default if self._value is None else self._value

    def isDefined(self):
        return self._value is not None

    def toString(self):
        return "None" if self._value is None else "Some(%s)" % self._value

    __str__ = __repr__ = toString


class Context:
    """dbutils.notebook.entry_point.getDbutils().notebook().getContext()."""

    def __init__(self, facts):
        self._facts = facts

    def tags(self):
        facts = self._facts

        class Tags:
            def get(self, name):
                return _Some(facts["tags"].get(name))

            def apply(self, name):
                return self.get(name).get()

            __call__ = apply
        return Tags()

    def toJson(self):
        return json.dumps({"currentRunId": {"id": self._facts["currentRunId"]} if self._facts.get("currentRunId") else None,
                           "tags": self._facts["tags"], "extraContext": {"notebook_path": self._facts["notebookPath"], "api_url": self._facts["apiUrl"]}})

    safeToJson = toJson

    def __getattr__(self, name):
        if name.startswith("_") or name not in self._facts:
            raise AttributeError("'Context' object has no attribute '%s'" % name)
        return lambda: _Some(self._facts[name])


class _Path:
    """entry_point.getDbutils().notebook(): words that lead to the context."""

    def __init__(self, notebook):
        self._notebook = notebook

    def getDbutils(self):
        return self

    def notebook(self):
        return self

    def getContext(self):
        return self._notebook.getContext()

    def getCurrentBindings(self):
        return self._notebook.bindings()

    def __getattr__(self, name):
        raise AttributeError("'entry_point' has no attribute '%s'" % name)


class NotebookHandler:
    """dbutils.notebook. run(path, seconds, arguments) -> its exit's value."""

    def __init__(self, run, facts, widgets, on_exit):
        self._run, self._facts, self._widgets, self._on_exit = run, facts, widgets, on_exit
        self.entry_point = _Path(self)

    def bindings(self):
        return self._widgets.values()

    def exit(self, value=""):
        value = _text(value) if value is not None else ""
        if len(value.encode("utf-8", "replace")) > EXIT_BYTES_MAX:
            raise ExecutionError("exit", "java.lang.IllegalArgumentException: requirement failed: the value is longer than 5 MB")
        self._on_exit(value)
        raise NotebookExit(value)

    def run(self, path, timeout_seconds=0, arguments=None):
        return self._run(path, timeout_seconds, {k: _text(v) for k, v in (arguments or {}).items()})

    def getContext(self):
        return Context(self._facts())

    def help(self, name=None):
        print("dbutils.notebook: exit(value), run(path, timeout_seconds, arguments={})")


class DBUtils:
    """What notebooks know as dbutils. parts: its members by name."""

    def __init__(self, **parts):
        self.__dict__.update(parts)

    def help(self, name=None):
        print("dbutils: %s. Each has help()." % ", ".join(sorted(n for n in self.__dict__)))

    def __getattr__(self, name):
        raise AttributeError("'DBUtils' object has no attribute '%s'" % name)

    def __repr__(self):
        return "<tarn_kernel.dbutils.DBUtils object>"

