"""kpid killed as a crash or a power cut would end it."""
import time

from faults import points
from faults.row import Row
from faults.stage import Stage, pass_time
from harness.process import wait_until


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
