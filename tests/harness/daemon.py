"""kpid itself, as its users run it, and the other programs of the build."""
import json
import os
import re
import signal
import subprocess

from harness.process import ROOT, Process, guarded, temporary_folder, wait_until
from harness.redis import RedisError

BUILD = os.path.join(ROOT, os.environ.get("KPID_BUILD", "build"))
CONFIG = os.path.join(ROOT, "config")
REPORT = re.compile(r"ERROR: \w+Sanitizer|WARNING: \w+Sanitizer|runtime error:|AddressSanitizer:DEADLYSIGNAL|: CHECK failed")


def program(name):
    path = os.path.join(BUILD, name)
    if not os.access(path, os.X_OK):
        raise AssertionError(f"{path} is not built")
    return path


def built(target):
    """The path of a program that only some tests need; it is made if it is not there."""
    path = os.path.join(BUILD, target)
    if not os.access(path, os.X_OK):
        folder = os.path.relpath(BUILD, ROOT)
        sanitizers = folder.partition("sanitize-")[2].replace("-", ",")
        command = ["make", "-s", f"BUILD={folder}", f"SANITIZE={sanitizers}", os.path.relpath(path, ROOT)]
        subprocess.run(command, cwd=ROOT, check=True, stdin=subprocess.DEVNULL, env={
            name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))})
    return path


def assert_no_report(text, name):
    """No sanitizer and no failed check has said anything."""
    found = REPORT.search(text)
    if found:
        raise AssertionError(f"{name} reported:\n{text[max(0, found.start() - 200):found.start() + 6000]}")


def run(name, *arguments, stdin=None, expect=0, deadline_seconds=120):
    """Runs a program of the build to its end; returns its standard output. expect=None accepts any exit code."""
    done = run_any(name, *arguments, stdin=stdin, deadline_seconds=deadline_seconds)
    if expect is not None and done.returncode != expect:
        raise AssertionError(f"{name} {' '.join(map(str, arguments))}\nended with {done.returncode}, not {expect}:\n{done.stderr[-4000:]}")
    return done.stdout


def run_any(name, *arguments, stdin=None, deadline_seconds=120):
    """The finished process, output and errors as text."""
    done = subprocess.run(guarded([program(name), *arguments]), input=stdin, capture_output=True, text=True,
                          errors="surrogateescape", timeout=deadline_seconds, stdin=None if stdin is not None else subprocess.DEVNULL)
    assert_no_report(done.stderr, name)
    return done


class Daemon:
    """One kpid with its own state folder. `settings` are those of --set, `env` its environment: both may be changed before a start; a start
    after a kill goes on from the same state."""

    def __init__(self, brokers, redis, topic_prefix="", config=CONFIG, settings=None, env=None):
        self.folder = temporary_folder("kpid")
        self.redis = redis
        self.config = config
        self.log = os.path.join(self.folder, "kpid.log")
        self.settings = {
            "kafka.brokers": brokers,
            "kafka.topic_prefix": topic_prefix,
            "redis.url": redis.url,
            "checkpoint.directory": os.path.join(self.folder, "state"),
            "checkpoint.interval": "1s",
            "workers.threads": "2",
            **(settings or {}),
        }
        self.env = {**os.environ, **(env or {})}
        self._process = None
        os.makedirs(self.settings["checkpoint.directory"], exist_ok=True)

    @property
    def pid(self):
        return self._process.pid

    @property
    def checkpoint_folder(self):
        return self.settings["checkpoint.directory"]

    def command(self):
        command = [program("kpid"), "--config", self.config]
        for key, value in self.settings.items():
            command += ["--set", f"{key}={value}"]
        return command

    def start(self):
        self._process = Process("kpid", self.command(), self.log, env=self.env)
        return self

    def running(self):
        return self._process is not None and self._process.running()

    def kill(self):
        """As a crash would."""
        self._process.kill()

    def signal(self, number):
        self._process.signal(number)

    def wait_exit(self, deadline_seconds=60):
        """For a kpid that is expected to end by itself: its exit code."""
        code = self._process.wait(deadline_seconds)
        self.assert_no_report()
        return code

    def terminate(self, deadline_seconds=30):
        """SIGTERM; the exit code. AssertionError when it does not end in time."""
        self._process.signal(signal.SIGTERM)
        return self.wait_exit(deadline_seconds)

    def close(self):
        """The end of a test: whatever state it is in. Fails on a report or when SIGTERM does not end it."""
        if self.running():
            self._process.signal(signal.SIGCONT)
            self.terminate()
        else:
            self.assert_no_report()

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, *_):
        if kind is None:
            self.close()
        elif self._process:
            self._process.kill()

    def log_text(self):
        try:
            with open(self.log, encoding="utf-8", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def log_tail(self, lines=30):
        return self._process.log_tail(lines) if self._process else "kpid was not started"

    def assert_no_report(self):
        assert_no_report(self.log_text(), "kpid")

    # ---- conditions

    def wait_until(self, predicate, what, deadline_seconds=60):
        """Like process.wait_until, but fails at once when kpid ends, and shows its last lines and what kpi:meta says."""
        def check():
            if not self.running():
                raise AssertionError(f"kpid ended with {self._process.exit_code} while waiting for {what}\n{self.log_tail()}")
            return predicate()
        return wait_until(check, deadline_seconds, what, self._details)

    def _details(self):
        return f"kpi:meta: {self.meta()}\n{self.log_tail()}"

    def meta(self):
        """The fields of kpi:meta; {} while Redis cannot be asked."""
        try:
            with self.redis.client() as client:
                return client.hgetall("kpi:meta")
        except (OSError, RedisError):
            return {}

    def offsets(self, meta=None):
        """{"topic-partition": next offset}, topics without the prefix."""
        offsets = json.loads((self.meta() if meta is None else meta).get("offsets", "{}"))
        return {self._short(name): int(offset) for name, offset in offsets.items()}

    def _short(self, name):
        return name.removeprefix(self.settings["kafka.topic_prefix"])

    def wait_caught_up(self, deadline_seconds=60):
        return self.wait_until(lambda: self.meta().get("caught_up") == "1", "kpid to catch up", deadline_seconds)

    def wait_consumed(self, ends, deadline_seconds=120):
        """Until every offset in `ends` ({"topic-partition": end}) is behind, and published. Returns kpi:meta."""
        ends = {self._short(name): end for name, end in ends.items()}

        def consumed():
            meta = self.meta()
            offsets = self.offsets(meta)
            behind = any(offsets.get(name, 0) < end for name, end in ends.items())
            settled = meta.get("caught_up") == "1" and meta.get("published_end") == meta.get("end")
            return meta if settled and not behind else None
        return self.wait_until(consumed, f"kpid to read to {ends}", deadline_seconds)
