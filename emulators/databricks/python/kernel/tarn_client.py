"""HTTP to a stack's lake: sessions, frames, statements, and functions of Python that a statement calls.

The stack is found by TARN_LAKE_URL (tarn notebook, tarn pyspark and Jobs set it); else by the endpoints.json of TARN_ENDPOINTS, of the
folder that `tarn pyspark --path` was asked for (the module tarn_stack), of TARN_DATA, of .tarn.
"""
import atexit
import http.client
import json
import os
import socket
import threading
import traceback
import urllib.parse


_hints = {}  # first line of a refusal: what to do about it


def hint_of(error):
    """What the lake said of what to do about an error whose text this is; None: nothing."""
    return next((hint for line, hint in _hints.items() if line and line in (error or "")), None)


class LakeError(Exception):
    """What the lake refused. `answer` is its JSON: error_code, message, error_class, sql_state, exception; `status` that of HTTP."""

    def __init__(self, answer, status=400):
        self.answer, self.status = answer, status
        super().__init__(answer.get("message") or "HTTP %d" % status)


class NoStack(Exception):
    """No stack runs where one is looked for."""


def _stack_file():
    """The endpoints.json to read, which may not be there."""
    named = os.environ.get("TARN_ENDPOINTS")
    if named:
        return named
    try:
        import tarn_stack
        return tarn_stack.ENDPOINTS
    except ImportError:
        return os.path.join(os.environ.get("TARN_DATA") or ".tarn", "endpoints.json")


def endpoints():
    """Addresses of the stack's services by name ("lake", "s3", "rds" ...). Raises NoStack."""
    file = _stack_file()
    try:
        with open(file, encoding="utf-8") as f:
            return json.load(f)
    except (OSError, ValueError):
        raise NoStack("no stack runs with %s; try: tarn up -d --wait" % os.path.dirname(file)) from None


def lake_url():
    """The address of the lake, which is the workspace's, too: http://127.0.0.1:PORT. Raises NoStack."""
    url = os.environ.get("TARN_LAKE_URL")
    if not url:
        all_of = endpoints()
        url = all_of.get("lake") or all_of.get("databricks")
    if not url:
        raise NoStack("the stack that runs has no lake; try: tarn up -d --only s3,lake,databricks,streaming")
    return url.rstrip("/")


def token():
    """What a stack with [identities] asks its callers for; None: nothing."""
    if "TARN_TOKEN" in os.environ:
        return os.environ["TARN_TOKEN"] or None
    try:
        with open(os.path.join(os.path.dirname(_stack_file()), "token"), encoding="ascii") as f:
            return f.read().strip() or None
    except OSError:
        return None


class Arguments(list):
    """What a function is called with: a list of columns, each a list of values, one a row. `rows` is their number (there may be no
    column), `types` their types as Spark's JSON has them."""

    def __init__(self, asked):
        super().__init__(asked.get("arguments") or [])
        self.rows, self.types = asked["rows"], asked.get("types") or []


class Client:
    """Requests to one address over connections that are kept, one a thread. Never goes by a proxy."""

    def __init__(self, url=None):
        self._url, self._token, self._own, self._pid = url, None, threading.local(), None

    @property
    def url(self):
        if self._url is None:
            self._url = lake_url()
        return self._url

    def _connection(self):
        """The thread's connection, and whether it was used before; a fork's child has none yet."""
        if self._pid != os.getpid():
            self._own, self._pid, self._token = threading.local(), os.getpid(), token()
        c = getattr(self._own, "connection", None)
        if c:
            return c, True
        at = urllib.parse.urlsplit(self.url)
        c = http.client.HTTPConnection(at.hostname, at.port or 80)
        try:
            c.connect()
        except OSError as e:
            raise NoStack("the stack on %s doesn't answer: %s" % (self.url, e)) from None
        c.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._own.connection = c
        return c, False

    def _drop(self):
        c = getattr(self._own, "connection", None)
        self._own.connection = None
        if c:
            c.close()

    def send(self, method, path, body=None, type_=None):
        """-> (status, bytes). A kept connection that the other side has closed is made anew. An interrupt closes it."""
        headers = {"X-Tarn": "1"}
        if type_:
            headers["Content-Type"] = type_
        while True:
            c, used = self._connection()
            if self._token:
                headers["Authorization"] = "Bearer " + self._token
            try:
                c.request(method, path, body, headers)
                answer = c.getresponse()
                return answer.status, answer.read()
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError) as e:
                self._drop()
                if not used:
                    raise NoStack("the stack on %s ended the connection: %s" % (self.url, e)) from None
            except BaseException:
                self._drop()
                raise

    def call(self, method, path, body=None):
        """JSON there and back -> (status, dict). `body`: a dict, bytes or text as they are, None. Raises UnicodeEncodeError for half characters."""
        type_ = None
        if isinstance(body, dict):
            body, type_ = json.dumps(body, ensure_ascii=False).encode("utf-8"), "application/json"
        elif isinstance(body, str):
            body = body.encode("utf-8", "surrogatepass")
        if body is None and method in ("POST", "PUT"):
            body = b""
        status, raw = self.send(method, path, body, type_)
        try:
            answer = json.loads(raw.decode("utf-8", "replace")) if raw.strip() else {}
        except ValueError:
            answer = {"error_code": "INTERNAL_ERROR", "message": raw[:500].decode("utf-8", "replace")}
            status = status if status >= 400 else 500
        return status, answer if isinstance(answer, dict) else {"value": answer}


class Lake(Client):
    """A session of the lake, which begins with the first call and ends with the process.

    raiser(answer, status): raises what a refusal is in Python; without one LakeError is raised.
    functions[name]: what a function of the session does, Arguments -> a list of values, one a row.
    """

    def __init__(self, url=None, session=None, raiser=None):
        super().__init__(url)
        self._session, self._began, self._lock = session, None, threading.Lock()
        self._function = threading.local()  # .runs: one of functions is under way in this thread
        self.raiser, self.functions = raiser, {}

    @property
    def session(self):
        """Its id."""
        with self._lock:
            if self._session is None:
                self._session = self.checked(*self.call("POST", "/api/tarn/spark/sessions"))["session_id"]
                self._began = os.getpid()
                atexit.register(self.close)
            return self._session

    def close(self):
        """Ends the session, if this process began it."""
        atexit.unregister(self.close)
        if self._began == os.getpid():
            began, self._session, self._began = self._session, None, None
            try:
                self.call("DELETE", "/api/tarn/spark/sessions/" + began)
            except (NoStack, OSError):
                pass

    def checked(self, status, answer):
        """The answer, or raises what it refuses."""
        if status < 400:
            return answer
        if answer.get("hint"):
            _hints[(answer.get("message") or "").split("\n")[0]] = answer["hint"]
        if self.raiser:
            self.raiser(answer, status)
        raise LakeError(answer, status)

    def api(self, method, path, body=None):
        """JSON there and back; raises what is refused, runs the functions that are asked for. A function's statement would wait for itself."""
        if getattr(self._function, "runs", False):
            raise RuntimeError("[CONTEXT_ONLY_VALID_ON_DRIVER] It appears that you are attempting to reference SparkContext from a broadcast variable, "
                               "action, or transformation. SparkContext can only be used on the driver, not in code that it run on workers. For more "
                               "information, see SPARK-5063.")
        status, answer = self.call(method, path, body)
        while status == 202 and "udf" in answer:
            status, answer = self.call("POST", "/api/tarn/spark/sessions/%s/results" % self.session, self._ran(answer["udf"]))
        return self.checked(status, answer)

    def _ran(self, asked):
        """What a function of ours gave for a batch; what it raises goes to the statement, as a worker's trace does."""
        self._function.runs = True
        try:
            values = json.dumps(list(self.functions[asked["function"]](Arguments(asked))), ensure_ascii=False)
            return ('{"call":%d,"values":%s}' % (asked["call"], values)).encode("utf-8")
        except BaseException as e:
            answer = {"call": asked["call"], "error": "An exception was thrown from the Python worker. Please see the stack trace below.\n" +
                      traceback.format_exc().encode("utf-8", "replace").decode("utf-8")}
            if not isinstance(e, (Exception, SystemExit)):  # an interrupt: the statement ends with it
                self.call("POST", self._at("results"), answer)
                raise
            return answer
        finally:
            self._function.runs = False

    def _at(self, what):
        return "/api/tarn/spark/sessions/%s/%s" % (self.session, what)

    def frame(self, sql=None, columns=None, schema=None):
        """A frame of a query, or of rows column by column with a struct type as Spark's JSON has it -> the answer: frame, columns, schema,
        streaming. SQL that is no query runs at once: the answer is the one of run, without "frame"."""
        return self.api("POST", self._at("frames"), {"sql": sql} if sql is not None else {"columns": columns, "schema": schema})

    def run(self, sql, as_="json", rows=None):
        """Runs a statement -> columns, schema, rows, truncated. as_: json, text, or show (cells as show() prints them); rows: at most so
        many of them."""
        path = "/api/tarn/sql?session=%s&as=%s" % (self.session, as_)
        return self.api("POST", path if rows is None else "%s&rows=%d" % (path, rows), sql)

    def view(self, name, frame, replace=True, global_=False):
        """A temporary view of a frame's number."""
        self.api("POST", self._at("views"), {"name": name, "frame": frame, "replace": replace, "global": global_})

    def function(self, name, type_ddl):
        """Tells the lake that statements may call functions[name], which gives that type."""
        self.api("POST", self._at("functions"), {"name": name, "type": type_ddl})
