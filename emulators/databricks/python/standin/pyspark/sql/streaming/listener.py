"""StreamingQueryListener: who is told of queries' starts, batches and ends."""
from abc import ABC, abstractmethod

__all__ = ["StreamingQueryListener"]


class StreamingQueryListener(ABC):
    """Told of all queries of a session, from the threads that run them."""

    spark = None

    @abstractmethod
    def onQueryStarted(self, event):
        """One was started."""

    @abstractmethod
    def onQueryProgress(self, event):
        """One has done a batch: event.progress."""

    def onQueryIdle(self, event):
        """One found nothing new. Never called here."""

    @abstractmethod
    def onQueryTerminated(self, event):
        """One has ended: event.exception, or None."""


class _Event:
    def __init__(self, **members):
        self.__dict__.update(members)

    def __repr__(self):
        return "%s(%s)" % (type(self).__name__, ", ".join("%s=%r" % i for i in self.__dict__.items()))


class QueryStartedEvent(_Event):
    """id, runId, name, timestamp."""


class QueryProgressEvent(_Event):
    """progress."""


class QueryIdleEvent(_Event):
    """id, runId, timestamp."""


class QueryTerminatedEvent(_Event):
    """id, runId, exception, errorClassOnException."""


class StreamingQueryProgress(_Event):
    """A batch: the members of lastProgress by name; json, prettyJson."""

    @property
    def json(self):
        """As one line of JSON."""
        import json
        return json.dumps(self._all)

    @property
    def prettyJson(self):
        """As JSON with indents."""
        import json
        return json.dumps(self._all, indent=2)


def progress_of(answer):
    """The progress of an answer's dict."""
    return StreamingQueryProgress(_all=answer, **answer)
