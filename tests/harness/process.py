"""Child processes, temporary folders, ports and waiting, for all that the tests start.

Nothing outlives a test run: every child is registered and killed at exit, on a signal and, through its parent-death signal, even when the
test run itself is killed. Waiting is always for a condition with a deadline.
"""
import atexit
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TEMPORARY_PREFIX = "kpid-test-"

# Outgoing connections use ports from 32768 on, so that a port below stays free between a kill and the restart.
PORTS = range(15000, 32000)

_lock = threading.Lock()
_running = set()
_folder = None
_given_ports = set()


class Timeout(AssertionError):
    """A condition did not become true before its deadline."""


def wait_until(predicate, deadline_seconds=60.0, what="a condition", details=None, interval=0.02):
    """Returns the first true value of predicate(); details() adds to the message on failure."""
    pause = threading.Event()
    deadline = time.monotonic() + deadline_seconds
    while True:
        value = predicate()
        if value:
            return value
        if time.monotonic() >= deadline:
            more = "\n" + details() if details else ""
            raise Timeout(f"waited {deadline_seconds:g} s for {what}{more}")
        pause.wait(interval)


def free_port():
    """A loopback port that nobody listens on and that this process has not given out before."""
    for port in random.sample(PORTS, len(PORTS)):
        with _lock:
            if port in _given_ports:
                continue
            _given_ports.add(port)
        if _can_bind(port):
            return port
    raise RuntimeError(f"no free port in {PORTS}")


def _can_bind(port):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def can_connect(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def temporary_folder(name):
    """A new folder, removed at exit (kept with KPID_KEEP=1)."""
    global _folder
    with _lock:
        if _folder is None:
            _sweep()
            _folder = tempfile.mkdtemp(prefix=f"{TEMPORARY_PREFIX}{os.getpid()}-")
    return tempfile.mkdtemp(prefix=name + "-", dir=_folder)


def _sweep():
    """Removes what runs that were killed have left behind."""
    base = tempfile.gettempdir()
    for entry in os.listdir(base):
        owner = entry[len(TEMPORARY_PREFIX):].split("-")[0]
        if entry.startswith(TEMPORARY_PREFIX) and owner.isdigit() and not os.path.exists(f"/proc/{owner}"):
            shutil.rmtree(os.path.join(base, entry), ignore_errors=True)


def tail(path, lines=30):
    try:
        with open(path, "rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - 64 * 1024))
            text = file.read().decode("utf-8", "replace")
    except OSError as error:
        return str(error)
    return "\n".join(text.splitlines()[-lines:])


def guarded(command):
    """The command, made to die with the thread that starts it, however that ends; also when it has ended before the signal is asked for."""
    return ["setpriv", "--pdeathsig", "KILL", "--", "sh", "-c", '[ "$PPID" = "$0" ] && exec "$@"', str(os.getpid()), *map(str, command)]


class Process:
    """One child. Its standard error (and output, unless piped) is appended to `log`."""

    def __init__(self, name, command, log, env=None, cwd=None, stdin=subprocess.DEVNULL, stdout=None):
        self.name = name
        self.log = log
        program = command[0] if os.sep in command[0] else shutil.which(command[0])
        if not program or not os.access(program, os.X_OK):
            raise FileNotFoundError(f"{name}: there is no program {command[0]}; build or install it first")
        with open(log, "ab") as output:
            self._child = subprocess.Popen(
                guarded(command), stdin=stdin, stdout=stdout or output, stderr=output,
                env=env, cwd=cwd, start_new_session=True)
        with _lock:
            _running.add(self)

    @property
    def pid(self):
        return self._child.pid

    @property
    def stdin(self):
        return self._child.stdin

    @property
    def stdout(self):
        return self._child.stdout

    @property
    def exit_code(self):
        """None while it runs; negative: the signal that ended it."""
        return self._child.poll()

    def running(self):
        return self._child.poll() is None

    def signal(self, number):
        self._child.send_signal(number)

    def kill(self):
        if self.running():
            self._child.kill()
        return self.wait(10)

    def wait(self, deadline_seconds=60.0):
        try:
            code = self._child.wait(deadline_seconds)
        except subprocess.TimeoutExpired:
            raise Timeout(f"waited {deadline_seconds:g} s for the end of {self.name}\n{self.log_tail()}") from None
        self._forget()
        return code

    def stop(self, deadline_seconds=30.0):
        """SIGTERM, and SIGKILL after the deadline. Returns the exit code."""
        if self.running():
            self._child.terminate()
        try:
            return self.wait(deadline_seconds)
        except Timeout:
            return self.kill()

    def log_tail(self, lines=30):
        return f"--- last lines of {self.name}:\n{tail(self.log, lines)}"

    def _forget(self):
        with _lock:
            _running.discard(self)
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe:
                try:
                    pipe.close()
                except OSError:
                    pass


def stop_all():
    """Ends all children and removes the temporary folders."""
    global _folder
    with _lock:
        children = list(_running)
        folder, _folder = _folder, None
    for child in children:
        try:
            child.kill()
        except Exception as error:  # the others must still be ended
            print(f"could not end {child.name}: {error}", file=sys.stderr)
    if folder and not os.environ.get("KPID_KEEP"):
        shutil.rmtree(folder, ignore_errors=True)


def _on_signal(number, _frame):
    raise SystemExit(128 + number)


def handle_signals():
    """Turns the signals that end a run into SystemExit, so that finally blocks and exit handlers run."""
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, _on_signal)


atexit.register(stop_all)
