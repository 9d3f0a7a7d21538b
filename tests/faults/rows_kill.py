"""kpid killed as a crash or a power cut would end it."""
import collections
import json
import signal
import time

from faults import points
from faults.row import Row
from faults.stage import Stage, pass_time
from harness.process import wait_until
from harness.proxy import Proxy


class Killed(Row):
    """Every second try at a random time, the others at a named point."""
    id = "F1"
    fault = "kill -9 at random times and at named points of the work with checkpoints and Redis"
    shows = "all figures right again"
    tries = 200
    quick = 4
    must_move = tuple(f"killed at {point}" for point in points.POINTS)

    def open(self, trial):
        stage = Stage(trial.seed).open()
        stage.subject = stage.kpid().start()
        stage.wait_all(stage.subject)  # there are checkpoints that a later start loads
        return stage

    def attempt(self, stage, trial):
        kpid = stage.subject
        if trial.number % 2:
            self.kill_at_a_point(stage, trial, kpid)
        elif trial.random.random() < 0.5:
            stage.news(trial)
            pass_time(trial.random.uniform(0, 0.2))
        else:
            kpid.kill()
            stage.news(trial)
            kpid.start()
            pass_time(trial.random.uniform(0, 0.5))
        kpid.kill()
        began = time.monotonic()
        kpid.start()
        stage.wait_right(kpid, trial, began)
        stage.assert_right(kpid, boards_too=trial.number % 10 == 0)

    def kill_at_a_point(self, stage, trial, kpid):
        point, nth, moment = points.draw(trial.random)
        kpid.kill()
        stage.news(trial)
        own = dict(kpid.env)
        kpid.env.update(points.environment(point, nth, moment, stage.redis.port))
        kpid.start()
        kpid.env = own

        def ended():
            if kpid.running():
                stage.news(trial)  # a checkpoint is written of what has changed
            return not kpid.running()
        wait_until(ended, 60, f"kpid to end {moment} {point} {nth}", kpid.log_tail, 0.3)
        trial.path(f"killed at {point}")


class Paused(Row):
    """Two kpid of one name, each with a way to Redis of its own. What the active one sends is held up; every second time it is stopped, too. The other
    takes over, and then all that was held up arrives."""
    id = "F3"
    fault = "the active one paused or cut off from Redis for longer than its lease; what it sent arrives after another has taken over"
    shows = "no older write is accepted; taken over within 10 s"
    tries = 50
    quick = 2
    must_move = ("write of an older token refused", "lease lost")

    def open(self, trial):
        stage = Stage(trial.seed).open()
        stage.pair, stage.counts = [], collections.defaultdict(dict)
        for _ in range(2):
            proxy = Proxy(stage.redis.port).start()
            stage.addCleanup(proxy.stop)
            kpid = stage.kpid(checkpoint__store="kafka", redis__lease="1s", redis__url=f"redis://{proxy.address}/0").start()
            stage.pair.append((kpid, proxy))
            stage.subject = stage.pair[0][0]
            stage.wait_active(stage.subject)
            if kpid is not stage.subject:
                self.wait_standby(kpid, stage.subject, 0)
        stage.wait_all(stage.subject)
        return stage

    def attempt(self, stage, trial):
        (active, proxy), (other, _) = stage.pair
        said = len(active.log_text())
        stage.news(trial)
        proxy.behave("hold")
        paused = trial.number % 2 == 0
        pass_time(trial.random.uniform(0, 0.3))
        if paused:
            active.signal(signal.SIGSTOP)
        began = time.monotonic()
        try:
            stage.wait_active(other)
            trial.took(time.monotonic() - began)
            stage.subject = other
            stage.news(trial)
            stage.assert_right(other)
        finally:
            proxy.behave("pass")
            active.signal(signal.SIGCONT)
        self.wait_standby(active, other, said)
        stage.news(trial)
        stage.assert_right(other, boards_too=trial.number % 10 == 0)
        stage.pair.reverse()
        self.tell(stage, other, trial)
        trial.note("paused" if paused else "cut off")
        if trial.seconds > 10:
            raise AssertionError(f"taken over only after {trial.seconds:.1f} s")

    @staticmethod
    def wait_standby(kpid, active, said):
        kpid.wait_until(lambda: f"pid {active.pid} is active" in kpid.log_text()[said:], "it to stand by")

    @staticmethod
    def tell(stage, kpid, trial):
        """A process tells in kpi:meta what happened to it only when it is active again."""
        numbers = json.loads(kpid.meta()["writer"])
        before, stage.counts[kpid.pid] = stage.counts[kpid.pid], numbers
        for name, path in (("refused_token", "write of an older token refused"), ("leases_lost", "lease lost")):
            if numbers[name] > before.get(name, 0):
                trial.path(path, numbers[name] - before.get(name, 0))
