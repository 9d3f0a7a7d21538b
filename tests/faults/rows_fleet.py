"""A fleet: three kpid and three brokers, of which any may be killed or come at any time."""
import json
import threading
import time

from faults.brokers import ThreeBrokers
from faults.row import Row
from faults.stage import pass_time

MEMBERS = 3


class FleetStage(ThreeBrokers):
    def open(self, *options):
        super().open(*options)
        self.fleet = [self.kpid(cluster="true", checkpoint__store="kafka", kafka__session_timeout="6s") for _ in range(MEMBERS)]
        for member in self.fleet:
            member.start()
        self.subject = self.fleet[0]
        self.wait_all(self.subject, 240)
        return self

    def start_missing(self):
        for member in self.members:
            member.start_without_waiting()
        for member in self.members:
            member.wait_ready(120)
        for member in self.fleet:
            if not member.running():
                member.start()


class KilledAtRandom(Row):
    id = "F2"
    fault = "a fleet of three processes on three brokers; a minute of kill -9 of processes and brokers at random, ten times"
    shows = "all figures right after every minute"
    tries = 10
    tries_per_stage = 5
    limit_seconds = 600
    SECONDS = 60
    must_move = ("process killed", "broker killed")

    def open(self, trial):
        return FleetStage(trial.seed).open()

    def attempt(self, stage, trial):
        until = time.monotonic() + self.SECONDS
        while time.monotonic() < until:
            stage.news(trial)
            pass_time(trial.random.uniform(0, 3))
            if trial.random.random() < 0.15:
                self.kill_broker(stage, trial)
            else:
                self.kill_process(stage, trial)
        stage.start_missing()
        began = time.monotonic()
        stage.wait_heals(stage.subject, trial, began, 240, boards_too=True)

    @staticmethod
    def kill_process(stage, trial):
        member = trial.random.choice(stage.fleet)
        if member.running():
            member.kill()
            trial.path("process killed")
            pass_time(trial.random.uniform(0, 2))
        member.start()

    @staticmethod
    def kill_broker(stage, trial):
        """One at a time: of three, two must agree."""
        broker = trial.random.choice(stage.members)
        broker.kill()
        trial.path("broker killed")
        pass_time(trial.random.uniform(1, 5))
        broker.start_without_waiting()
        broker.wait_ready(120)


class Watcher:
    """Looks at kpi:meta all the time: how long after a change something new was published, and whether what was read ever falls."""

    def __init__(self, stage):
        self.pauses, self.falls, self.changed = [], [], None
        self._end = threading.Event()
        self._client = stage.redis.client()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def note_change(self):
        """A member joins or leaves now, and news come. While those of the change before are still waited for, their time runs on."""
        if self.changed is None:
            self.changed = time.monotonic()

    def _watch(self):
        known = {}
        while not self._end.wait(0.01):
            offsets = json.loads(self._client.hgetall("kpi:meta").get("offsets", "{}"))
            self.falls += [(name, known[name], offset) for name, offset in offsets.items() if offset < known.get(name, 0)]
            if sum(offsets.values()) > sum(known.values()) and self.changed is not None:
                self.pauses.append(time.monotonic() - self.changed)
                self.changed = None
            known.update(offsets)

    def stop(self):
        self._end.set()
        self._thread.join()
        self._client.close()


class ComingAndGoing(Row):
    id = "F4"
    fault = "members join and leave a fleet every 2 s, for a minute, five times"
    shows = "publishing resumes within 5 s (p99); no offset in kpi:meta ever falls; all figures right"
    tries = 5
    tries_per_stage = 5
    limit_seconds = 600
    SECONDS, EVERY = 60, 2
    must_move = ("left", "joined")

    def open(self, trial):
        return FleetStage(trial.seed).open()

    def attempt(self, stage, trial):
        watcher = Watcher(stage)
        try:
            for number in range(self.SECONDS // self.EVERY):
                began = time.monotonic()
                self.change(stage, trial, stage.fleet[1 + number // 2 % (MEMBERS - 1)])
                watcher.note_change()
                stage.news(trial)
                pass_time(max(0, began + self.EVERY - time.monotonic()))
        finally:
            watcher.stop()
        stage.start_missing()
        stage.wait_heals(stage.subject, trial, time.monotonic(), 240, boards_too=True)
        pauses = sorted(watcher.pauses)
        slow = pauses[int(len(pauses) * 0.99)] if pauses else float("inf")
        trial.note(f"published again after {pauses[len(pauses) // 2]:.2f} s (median), {slow:.2f} s (p99) of {len(pauses)} changes")
        if watcher.falls or slow > 5:
            raise AssertionError(f"{trial.notes[-1]}; fell: {watcher.falls[:5]}")

    @staticmethod
    def change(stage, trial, member):
        if member.running():
            if member.terminate(60) != 0:
                raise AssertionError(f"ended badly\n{member.log_tail()}")
            trial.path("left")
        else:
            member.start()
            trial.path("joined")
