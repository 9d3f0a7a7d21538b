"""kpid killed as a crash or a power cut would end it."""
import time

from faults.row import Row
from faults.stage import Stage, pass_time


class KilledAnywhere(Row):
    id = "F1"
    fault = "kill -9 at random times, while kpid starts, reads and publishes"
    shows = "all figures right again"
    tries = 200
    quick = 3

    def open(self, seed):
        stage = Stage(seed).open()
        stage.subject = stage.kpid()
        return stage

    def attempt(self, stage, trial):
        kpid = stage.subject
        if kpid.running() and trial.random.random() < 0.5:
            stage.news(trial.seed)
            pass_time(trial.random.uniform(0, 0.2))
        else:
            if kpid.running():
                kpid.kill()
            stage.news(trial.seed)
            kpid.start()
            pass_time(trial.random.uniform(0, 0.6))
        kpid.kill()
        began = time.monotonic()
        kpid.start()
        stage.wait_right(kpid, trial, began)
        stage.assert_right(kpid, boards_too=trial.number % 10 == 0)
