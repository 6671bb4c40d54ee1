"""StreamingQuery and spark.streams. The service `streaming` has a query's source, checkpoint and triggers; this process runs its batches, in
a thread: it has the lake run the frame's plan on the batch's rows, gives them to the sink, and says that they are done."""
import atexit
import itertools
import sys
import threading
import traceback
import warnings

from pyspark.errors import IllegalArgumentException, PySparkException, PySparkValueError, StreamingQueryException
from pyspark.sql.streaming import listener as _events
from pyspark.sql.streaming._sinks import Batch

__all__ = ["StreamingQuery", "StreamingQueryManager"]

_PROGRESSES = 100
_NOT_ACTIVE = "Cannot start query with name %s as a query with that name is already active in this SparkSession"


class _All:
    """The queries of this process, by session, and what listens to them."""

    def __init__(self):
        self.lock, self.numbers = threading.RLock(), itertools.count(1)
        self.queries, self.listeners, self.ended = [], [], threading.Condition()
        self.terminated = []

    def tell(self, what, event):
        for one in list(self.listeners):
            try:
                getattr(one, what)(event)
            except Exception:
                traceback.print_exc()


_all = _All()


@atexit.register
def _stop_all():
    for query in list(_all.queries):
        try:
            query.stop()
        except Exception:
            pass


class StreamingQuery:
    """A query that runs, or ran."""

    def __init__(self, spark, handle, name, mode, sink):
        self._spark, self._handle, self._name, self._mode, self._sink = spark, handle, name, mode, sink
        self._id = self._run_id = None
        self._progress, self._failure, self._told = [], None, False
        self._over, self._busy, self._thread = threading.Event(), threading.RLock(), None
        self._ref = self._last = self._checkpoint = None

    # ---- its beginning ----

    @classmethod
    def _begin(cls, df, sink, mode, name, trigger, checkpoint):
        spark = df._session
        lake = spark._lake
        with _all.lock:
            if name and any(q._name == name and q._spark is spark for q in _all.queries):
                raise IllegalArgumentException(_NOT_ACTIVE % name)
            handle = "stream-%s-%d" % (lake.session[-12:].lstrip("0") or "0", next(_all.numbers))
        query = cls(spark, handle, name, mode, sink)
        query._ref = "SELECT * FROM %s" % df._ref
        checked = lake.api("POST", lake._at("batches"), {"check": True, "sql": query._ref, "mode": mode, "query": handle, "keep": sink.keeps})
        if len(checked["sources"]) != 1:
            from pyspark.errors.exceptions.base import not_served
            raise not_served("a streaming query with %d streaming sources" % len(checked["sources"]))
        asked = {"source": checked["sources"][0], "stateful": checked["stateful"], "queryName": name, "sink": sink.description}
        asked.update({k: v for k, v in (("trigger", trigger), ("checkpointLocation", checkpoint)) if v is not None})
        sink.prepare(df)
        cls._let_go(spark, checkpoint)
        query._checkpoint = checkpoint
        query._started(*lake.call("POST", "/api/tarn/streams/%s/start" % handle, asked))
        return query

    @classmethod
    def _let_go(cls, spark, checkpoint):
        """Queries with the same folder are about to be stopped: they write what is there before, as they had the time to on a cluster."""
        for other in [q for q in _all.queries if checkpoint and q._spark is spark and q._checkpoint == checkpoint and q.isActive]:
            try:
                other.processAllAvailable()
            except StreamingQueryException:
                pass  # it says so itself

    def _started(self, status, answer):
        lake, failed = self._spark._lake, "StreamingQueryException: "
        text = answer.get("message") or ""
        if status >= 400 and not text.startswith(failed):
            if status in (400, 409):
                raise IllegalArgumentException(text)
            lake.checked(status, answer)
        if status >= 400:
            answer = lake.api("GET", "/api/tarn/streams/" + self._handle)
        self._take(answer)
        if answer.get("warning"):
            warnings.warn(answer["warning"], stacklevel=5)
        with _all.lock:
            _all.queries.append(self)
        _all.tell("onQueryStarted", _events.QueryStartedEvent(id=self._id, runId=self._run_id, name=self._name, timestamp=None))
        if answer.get("isActive"):
            self._sink.start(self)
            self._thread = threading.Thread(target=self._run, name="stream execution thread for %s" % (self._name or self._id), daemon=True)
            self._thread.start()
        else:
            self._end(answer)

    # ---- its thread ----

    def _take(self, answer):
        self._id, self._run_id, self._last = answer.get("id") or self._id, answer.get("runId") or self._run_id, answer
        progress = answer.get("lastProgress")
        if progress and (not self._progress or self._progress[-1]["batchId"] != progress["batchId"]):
            self._progress = (self._progress + [progress])[-_PROGRESSES:]
            _all.tell("onQueryProgress", _events.QueryProgressEvent(progress=_events.progress_of(progress)))

    def _ask(self, what, body=None):
        return self._spark._lake.api("POST", "/api/tarn/streams/%s/%s" % (self._handle, what), body)

    def _run(self):
        answer = None
        try:
            while True:
                answer = self._ask("next")
                self._take(answer)
                if not answer["isActive"]:
                    break
                if "batch" in answer:
                    with self._busy:
                        answer = self._batch(answer)
                    self._take(answer)
        except Exception as e:  # the stack is gone, or has forgotten the query
            self._failure = self._failure or self._exception(str(e), e)
            try:
                self._ask("stop")
            except Exception:
                pass
        self._end(answer)

    def _batch(self, answer):
        lake, number = self._spark._lake, answer["batch"]
        done = {"batch": number}
        try:
            ran = lake.api("POST", lake._at("batches"), {
                "query": self._handle, "id": self._id, "batch": number, "sql": self._ref, "mode": self._mode, "keep": self._sink.keeps,
                "watermark": answer.get("watermark", 0), "before": answer.get("before", 0)})
            done.update(ran)
            self._sink.batch(Batch(self._spark, self._handle, number), number)
        except Exception as e:
            if type(e).__name__ == "NoStack":  # there is nobody to be told
                raise
            text = _text(e, self._sink)
            self._failure = self._exception(text, e)
            done["error"] = text
        status, after = lake.call("POST", "/api/tarn/streams/%s/done" % self._handle, done)
        if status >= 400:  # it was ended while it ran: by stop, or by another start with its checkpoint
            after = lake.api("GET", "/api/tarn/streams/" + self._handle)
            if not after.get("exception"):
                self._failure = None
        return after

    def _exception(self, text, cause=None):
        e = StreamingQueryException._of({"message": "[STREAM_FAILED] Query [id = %s, runId = %s] terminated with exception: %s" % (
            self._id, self._run_id, text), "error_class": "STREAM_FAILED"})
        e.__cause__ = e.cause = cause
        return e

    def _end(self, answer):
        if answer and answer.get("exception") and not self._failure:
            self._failure = self._exception(answer["exception"])
        with _all.lock:
            if self in _all.queries:
                _all.queries.remove(self)
        self._over.set()
        with _all.ended:
            _all.terminated.append(self)
            _all.ended.notify_all()
        _all.tell("onQueryTerminated", _events.QueryTerminatedEvent(id=self._id, runId=self._run_id, exception=self._failure and str(self._failure),
                                                                    errorClassOnException=self._failure and "STREAM_FAILED"))

    # ---- what is asked of it ----

    @property
    def id(self):
        """The query's id, which its checkpoint keeps."""
        return self._id

    @property
    def runId(self):
        """The id of this start."""
        return self._run_id

    @property
    def name(self):
        """The name it was given, or None."""
        return self._name

    @property
    def isActive(self):
        """Whether it runs."""
        return not self._over.is_set()

    def _fail(self):
        if self._failure:
            self._told = True
            raise self._failure

    def awaitTermination(self, timeout=None):
        """Waits for its end; with a timeout in seconds gives whether it came. Raises StreamingQueryException where it failed. In a notebook
        that is run from its first to its last cell nobody would end it: there it ends when all is written that is there."""
        if timeout is None and "tarn_kernel.shell" in sys.modules and self.isActive:
            self.processAllAvailable()
            self.stop()
        if timeout is None:
            self._over.wait()
            self._fail()
            return None
        if not isinstance(timeout, (int, float)) or timeout < 0:
            raise PySparkValueError(error_class="VALUE_NOT_POSITIVE", message_parameters={"arg_name": "timeout", "arg_value": type(timeout).__name__})
        over = self._over.wait(timeout)
        if over:
            self._fail()
        return over

    @property
    def status(self):
        """message, isDataAvailable, isTriggerActive."""
        if self.isActive:
            return self._spark._lake.api("GET", "/api/tarn/streams/" + self._handle)["status"]
        return {"message": "Terminated with exception: %s" % self._failure if self._failure else "Stopped", "isDataAvailable": False,
                "isTriggerActive": False}

    @property
    def recentProgress(self):
        """The last batches."""
        return list(self._progress)

    @property
    def lastProgress(self):
        """The last batch, or None."""
        return self._progress[-1] if self._progress else None

    def processAllAvailable(self):
        """Waits until all is written that is there now. Raises StreamingQueryException where it fails."""
        if self.isActive:
            self._take(self._ask("all"))
            if not self._last.get("isActive"):
                self._over.wait()
        self._fail()

    def stop(self):
        """Ends it after its batch."""
        if not self.isActive:
            return
        inside = threading.current_thread() is self._thread
        if inside:
            self._ask("stop")
            return
        with self._busy:
            if self.isActive:
                self._ask("stop")
        self._over.wait()

    def explain(self, extended=False):
        """Prints the plan of a batch."""
        print("\n".join(r[0] for r in self._spark._lake.run("EXPLAIN " + self._ref)["rows"]))

    def exception(self):
        """Why it failed, or None."""
        if self._failure:
            self._told = True
        return self._failure

    def __repr__(self):
        return "<pyspark.sql.streaming.query.StreamingQuery object at 0x%x>" % id(self)


def _text(e, sink):
    """What an exception of a batch is in the query's own."""
    if type(sink).__name__ == "ForeachBatch":
        return "[FOREACH_BATCH_USER_FUNCTION_ERROR] An error occurred in the user provided function in foreach batch sink. Reason: %s" % (
            "".join(traceback.format_exception(type(e), e, e.__traceback__)))
    return str(e) if isinstance(e, PySparkException) else "".join(traceback.format_exception(type(e), e, e.__traceback__))


class StreamingQueryManager:
    """spark.streams: the queries of a session."""

    def __init__(self, spark):
        self._spark = spark

    @property
    def active(self):
        """Those that run."""
        with _all.lock:
            return [q for q in _all.queries if q._spark is self._spark]

    def get(self, id):
        """The one of that id that runs; None: none."""
        return next((q for q in self.active if q.id == id), None)

    def _ended(self):
        return [q for q in _all.terminated if q._spark is self._spark]

    def awaitAnyTermination(self, timeout=None):
        """Waits until one has ended since the start, or since resetTerminated. Raises StreamingQueryException where it failed."""
        if timeout is not None and (not isinstance(timeout, (int, float)) or timeout < 0):
            raise PySparkValueError(error_class="VALUE_NOT_POSITIVE", message_parameters={"arg_name": "timeout", "arg_value": type(timeout).__name__})
        if timeout is None and "tarn_kernel.shell" in sys.modules and not self._ended():
            for query in self.active:
                query.awaitTermination()
        with _all.ended:
            over = _all.ended.wait_for(self._ended, timeout)
        for query in self._ended():
            query._fail()
        return bool(over) if timeout is not None else None

    def resetTerminated(self):
        """Forgets those that have ended."""
        with _all.ended:
            _all.terminated[:] = [q for q in _all.terminated if q._spark is not self._spark]

    def addListener(self, listener):
        """Tells it of queries from now on."""
        listener.spark = self._spark
        _all.listeners.append(listener)

    def removeListener(self, listener):
        """Tells it no more."""
        if listener in _all.listeners:
            _all.listeners.remove(listener)


def failures():
    """Queries that failed and that nobody has asked why, once; for the kernel of notebooks."""
    with _all.ended:
        found = [q for q in _all.terminated if q._failure and not q._told]
    for query in found:
        query._told = True
    return found


def finish_all():
    """The end of a notebook: each of the queries writes what is there, and stops."""
    for query in list(_all.queries):
        try:
            query.processAllAvailable()
        except StreamingQueryException:
            query._told = False
        finally:
            query.stop()
