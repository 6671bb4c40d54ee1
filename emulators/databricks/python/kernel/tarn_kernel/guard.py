"""Limits of a run: time, memory, the network; and how it ends when it is told to."""
import re
import resource
import signal
import socket
import sys
import threading

EXIT_INTERRUPTED = 130


class TimedOut(BaseException):
    """The run's time is over."""


class Interrupted(BaseException):
    """SIGTERM, or SIGINT."""


def limit_memory(mib):
    """What this process and its children may have as data, each."""
    if mib:
        soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
        limit = mib << 20
        if hard != resource.RLIM_INFINITY:
            limit = min(limit, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))


def limit_time(seconds, at_last):
    """Raises TimedOut in the main thread when they are over, and again a second later where something took it; calls at_last() after
    five more, which ends the process."""
    if not seconds:
        return lambda: None

    def raise_it(*_):
        raise TimedOut()
    signal.signal(signal.SIGALRM, raise_it)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1)
    last = threading.Timer(seconds + 6, at_last)
    last.daemon = True
    last.start()

    def off():
        signal.setitimer(signal.ITIMER_REAL, 0)
        last.cancel()
    return off


def on_signals():
    """SIGTERM and SIGINT raise Interrupted once; a second one ends the process."""
    def raise_it(number, _):
        signal.signal(number, signal.SIG_DFL)
        raise Interrupted()
    signal.signal(signal.SIGTERM, raise_it)
    signal.signal(signal.SIGINT, raise_it)


def no_signals():
    """The run is over: what is written of it is written whole."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def die_with_parent():
    """A run that another began ends with it."""
    try:
        import ctypes
        ctypes.CDLL(None).prctl(1, signal.SIGTERM, 0, 0, 0)
    except (OSError, AttributeError, ImportError):
        pass


def _is_near(address):
    if not isinstance(address, tuple) or not address:
        return True  # a socket of the file system
    host = address[0].decode("ascii", "replace") if isinstance(address[0], bytes) else str(address[0])
    if not re.match(r"[0-9.]+\Z|.*:", host) and host:
        try:
            host = socket.gethostbyname(host)  # a name of the front door's leads here
        except OSError:
            return False
    return host.startswith(("127.", "::ffff:127.")) or host in ("::1", "0.0.0.0", "::", "")


def no_net():
    """From here on connects that would leave this machine are refused, wherever in Python they come from."""
    allowed = {socket.AF_UNIX, getattr(socket, "AF_NETLINK", -1)}

    def hook(event, args):
        if event in ("socket.connect", "socket.sendto") and args[0].family not in allowed and len(args) > 1 and not _is_near(args[1]):
            raise OSError("a notebook reaches the stack only: %s:%s is elsewhere; tarn notebook run --net lets it" % tuple(args[1][:2]))
    sys.addaudithook(hook)

