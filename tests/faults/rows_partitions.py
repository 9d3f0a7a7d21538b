"""Topics that get more partitions while kpid runs."""
import os
import time

from faults.row import Row
from faults.stage import HOSTILE, Stage
from harness import figures
from harness.case import PARTITIONS
from harness.daemon import CONFIG, run_any
from harness.process import temporary_folder, wait_until


class GrownStage(Stage):
    """A record lies where it belongs by the number of partitions that there was when it came."""

    def grow(self, count):
        self.before = {(record["topic"], record["partition"], record["offset"]) for record in self.records()}
        self.count, topics = count, self.event_topics()
        for topic in topics:
            self.tool.add_partitions(topic, count)
        wait_until(lambda: all(self.tool.topics()[topic] == count for topic in topics), 60, "the new partitions")

    def expected(self, ends, instant):
        path = os.path.join(temporary_folder("events"), "events.jsonl")
        with open(path, "wb") as file:
            for record in sorted(self.records(), key=lambda record: record["timestamp"]):
                old = (record["topic"], record["partition"], record["offset"]) in self.before
                file.write(figures.event_line(record, PARTITIONS if old else self.count) + b"\n")
        return figures.oracle(path, [instant], self.people, as_arrived=True)[0][instant]


class MorePartitions(Row):
    id = "K4"
    fault = "partitions added while kpid runs"
    shows = "exit code 78 that names the command; after `kpictl checkpoint reshard` all figures right"
    tries = 6
    tries_per_stage = 1
    must_move = ("clear stop", "resharded")

    def open(self, trial):
        stage = GrownStage(trial.seed).open()
        stage.subject = stage.kpid().start()
        stage.wait_all(stage.subject)
        return stage

    def attempt(self, stage, trial):
        kpid, more = stage.subject, trial.random.randrange(PARTITIONS + 1, 3 * PARTITIONS + 1)
        stage.news(trial)
        stage.grow(more)
        code = kpid.wait_exit(120)
        assert code == 78 and "kpictl checkpoint reshard" in kpid.log_text(), f"{code}\n{kpid.log_tail()}"
        trial.path("clear stop")
        stage.news(trial, *HOSTILE, "--partitions", more)
        self.reshard(kpid, more)
        trial.path("resharded")
        trial.note(f"{PARTITIONS} to {more}")
        began = time.monotonic()
        kpid.start()
        stage.wait_right(kpid, trial, began)
        meta = stage.assert_right(kpid)
        assert meta["shards"] == str(more), meta
        assert kpid.terminate() == 0

    def reshard(self, kpid, more):
        into = f"{kpid.checkpoint_folder}-{more}"
        settings = [argument for key, value in kpid.settings.items() for argument in ("--set", f"{key}={value}")]
        done = run_any("kpictl", "checkpoint", "reshard", "--config", CONFIG, *settings, "--to", str(more), "--into", into)
        assert done.returncode == 0, done.stderr
        kpid.settings["checkpoint.directory"] = into
