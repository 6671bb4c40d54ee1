"""Limits of a run: time, memory, the network; and how it ends when it is told to."""
import os
import re
import resource
import signal
import socket
import sys
import threading

LEFT_SECONDS = 3  # of what a notebook left running
END_SECONDS = 10  # of what a notebook does when it is told to end


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
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


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
    """SIGTERM and SIGINT raise Interrupted once; a second one ends the process, and so do some seconds, where a cell has taken it."""
    def raise_it(number, _):
        signal.signal(number, signal.SIG_DFL)
        _end_in(END_SECONDS, 128 + number)
        raise Interrupted()
    signal.signal(signal.SIGTERM, raise_it)
    signal.signal(signal.SIGINT, raise_it)
    both = (signal.SIGTERM, signal.SIGINT)
    os.register_at_fork(before=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, both),
                        after_in_parent=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, both), after_in_child=lambda: _as_usual(both))


def _as_usual(both):
    """A fork's child, such as multiprocessing's, is ended by a signal as any program, from its first moment on."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, both)


def end_soon(code):
    """Threads and atexit functions that a notebook has left get a moment, as on a cluster, and then it is over."""
    sys.stdout.flush()
    sys.stderr.flush()
    _end_in(LEFT_SECONDS, code)


def _end_in(seconds, code):
    last = threading.Timer(seconds, os._exit, (code,))
    last.daemon = True
    last.start()


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

