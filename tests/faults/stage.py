"""Topics, a Redis and a kpid that a row of fault tests plays on, and the comparison of all of Redis with the oracle."""
import json
import os
import shutil
import sys
import time

from harness import boards, figures
from harness.case import PARTITIONS, KafkaCase
from harness.process import ROOT, wait_until
from harness.redis import RedisError

sys.path.insert(0, figures.ORACLE)
import compare  # noqa: E402  the oracle's own comparison

HISTORY = ["--days", 10, "--customers", 40, "--reps", 3, "--teams", 2]
HOSTILE = ["--duplicates", 3, "--disorder", 10, "--late", 1, "--malformed", 1, "--future", 0.5, "--conflicts", 0.5]
NEWS = ["--days", 2, "--customers", 12, "--reps", 3, "--teams", 2]

SENTENCES = {  # what the log says when a rare path is taken
    "loss detected": "all is written again",
    "older checkpoint used": "checkpoint passed over",
    "gap declared": "are gone before they were read",
}
WRITER = {"refused_older": "write refused", "refused_token": "token refused", "losses": "loss detected by writer", "wanted_all": "republished",
          "swept": "swept", "holds": "held", "scripts_lost": "script lost", "key_errors": "key error"}


class Stage(KafkaCase):
    """Unlike a test, it ends with close(), which fails when something that it started did not end well. `subject` is the kpid that it is
    about; `oracle_options` say what is not as shipped."""

    oracle_options = ()
    subject = None

    def __init__(self, seed):
        super().__init__()
        self.seed = seed
        self._enders = []
        self._expected = {}
        self._known = None
        self._events = (None, None)

    def runTest(self):
        """Not a test by itself."""

    def addCleanup(self, function, *arguments, **keywords):
        self._enders.append(lambda: function(*arguments, **keywords))

    def open(self, *options):
        """Topics with a history in them. options: further ones of kpisim."""
        self.open_empty()
        self.produce_history(*self.history, *(options or HOSTILE))
        return self

    def open_empty(self):
        """Empty topics; `history` are the options of the simulated time before now."""
        self.setUp()
        self.create_topics()
        self.until = text_of(self.now())
        self.history = ["--seed", self.seed, "--end", self.until, *HISTORY]
        self.people = self.roster(*self.history)

    def now(self):
        """Seconds since 1970, by the clock of kpid and Kafka."""
        return time.time()

    def close(self):
        problem = None
        while self._enders:
            try:
                self._enders.pop()()
            except Exception as error:  # the others must be ended, too
                problem = problem or error
        if problem:
            raise problem

    def news(self, trial, *options):
        """Some dozens of events of the last two days, by the same people; others each time."""
        self.produce_history("--seed", trial.random.randrange(1 << 40, 1 << 50), "--end", self.until, *NEWS, *(options or HOSTILE))

    def kpid(self, **settings):
        return self.daemon(roster=self.people, **{"checkpoint__interval": "200ms", "redis__refresh": "5s", **settings})

    def wait_all(self, daemon, deadline_seconds=120):
        """Until it has published all that the topics hold."""
        return daemon.wait_consumed(self.ends(), deadline_seconds)

    def wait_active(self, daemon, deadline_seconds=120):
        """Until this very process publishes."""
        def active():
            with self.redis.client() as client:
                return client.hgetall("kpi:meta").get("pid") == str(daemon.pid)
        daemon.wait_until(active, "this process to publish", deadline_seconds)

    def wait_right(self, daemon, trial, began, deadline_seconds=120):
        """Until this very process has published all that the topics hold; the time since `began` is what the try took."""
        self.wait_active(daemon, deadline_seconds)
        self.wait_all(daemon, deadline_seconds)
        trial.took(time.monotonic() - began)

    # ---- the comparison

    def assert_right(self, daemon, deadline_seconds=120, boards_too=False):
        """Every field of every snapshot equals the oracle's, and there is none besides. Returns kpi:meta."""
        ends = self.ends()
        meta, (lines, found) = figures.read_consistent(daemon, self.client(), ends, deadline_seconds, read_all if boards_too else read_snapshots)
        known = (ends, meta["published_end"], sorted(lines))
        if known != self._known:
            self.compare(ends, meta["published_end"], lines)
            self._known = known
        if boards_too:
            boards.check(found, lines)
        return meta

    def wait_heals(self, daemon, trial, began, deadline_seconds=60, boards_too=False):
        """Until all is right. What is read while kpid still writes may be wrong, or not be there at all."""
        last = [None]

        def right():
            try:
                return self.assert_right(daemon, deadline_seconds, boards_too)
            except (AssertionError, OSError, RedisError) as error:
                last[0] = error
                return None
        meta = wait_until(right, deadline_seconds, "Redis to be right again", lambda: f"{last[0]}\n{daemon.log_tail()}", 0.02)
        trial.took(time.monotonic() - began)
        return meta

    def compare(self, ends, instant, lines):
        differences = compare.compare(self.expected(ends, instant), lines)
        if differences:
            shown = "\n".join(differences[:compare.SHOWN])
            raise AssertionError(f"{len(differences)} figures differ from the oracle's at {instant} ({self.keep(lines)}):\n{shown}")

    def keep(self, lines):
        """Copies what a difference can be understood from; returns where."""
        folder = os.path.join(ROOT, "build", "faults", f"wrong-{self.seed}-{os.getpid()}")
        os.makedirs(folder, exist_ok=True)
        shutil.copy(self._events[1], os.path.join(folder, "events.jsonl"))
        shutil.copy(self.people, os.path.join(folder, "roster.yaml"))
        if self.subject:
            shutil.copy(self.subject.log, os.path.join(folder, "kpid.log"))
        shutil.copy(figures.write_lines(lines), os.path.join(folder, "figures.jsonl"))
        with open(os.path.join(folder, "meta.json"), "w", encoding="utf-8") as file:
            json.dump({"meta": self.client().hgetall("kpi:meta"), "ends": self._events[0]}, file, indent=1)
        return folder

    def foresee(self):
        """Has the oracle compute what is right from now on, so that waiting for it takes no time for the oracle."""
        ends, now = self.ends(), self.now()
        for minute in range(int(now // 60) + 1, int((now + 10) // 60) + 2):
            self.expected(ends, text_of(60 * minute))

    def expected(self, ends, instant):
        """The oracle's lines over what the topics hold."""
        if self._events[0] != ends:
            self._events, self._expected = (ends, figures.write_events(self.records(), PARTITIONS)), {}
        if instant not in self._expected:
            found, _ = figures.oracle(self._events[1], [instant], self.people, as_arrived=True, options=self.oracle_options)
            self._expected[instant] = found[instant]
        return self._expected[instant]


def read_snapshots(client):
    return figures.read_snapshots(client), None


def read_all(client):
    """Boards with the snapshots: the oracle may take longer than the minute in which both are of one `end`."""
    return figures.read_snapshots(client), boards.read(client)


def text_of(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


class Watch:
    """Counts the rare paths of one kpid from here on: by its log, and by what it tells in kpi:meta."""

    def __init__(self, daemon):
        self._daemon = daemon
        self._seen = len(daemon.log_text())
        self._before = self._writer(daemon.meta())

    def tell(self, trial, meta=None):
        text = self._daemon.log_text()[self._seen:]
        for name, sentence in SENTENCES.items():
            if sentence in text:
                trial.path(name, text.count(sentence))
        pid, numbers = self._writer(meta or self._daemon.meta())
        before = self._before[1] if self._before[0] == pid else {}
        for name, path in WRITER.items():
            moved = numbers.get(name, 0) - before.get(name, 0)
            if moved > 0:
                trial.path(path, moved)

    @staticmethod
    def _writer(meta):
        return (meta.get("host"), meta.get("pid"), meta.get("started_at")), json.loads(meta.get("writer") or "{}")


def pass_time(seconds):
    """Until the moment of a fault: a fault comes at any time, not when a condition holds."""
    moment = time.monotonic() + seconds
    wait_until(lambda: time.monotonic() >= moment, seconds + 60, "the moment of a fault", interval=min(0.005, seconds or 0.005))
