"""Brokers that are killed, and topics that lose what was not read."""
import re
import signal
import time

from faults.brokers import OneBroker, ThreeBrokers
from faults.row import Row
from faults.stage import Stage, pass_time
from harness import figures
from harness.case import PARTITIONS
from harness.process import wait_until


GAP = re.compile(r"topic (\S+) partition (\d+): records (\d+) to (\d+) are gone")


class BrokerKilled(Row):
    id = "K1"
    fault = "the only broker killed and restarted"
    shows = "kpid goes on by itself; all figures right"
    tries = 12

    def open(self, trial):
        stage = OneBroker(trial.seed).open()
        stage.subject = stage.kpid().start()
        stage.assert_right(stage.subject)
        return stage

    def attempt(self, stage, trial):
        kpid = stage.subject
        stage.news(trial)
        pass_time(trial.random.uniform(0, 0.5))
        stage.broker.kill()
        pass_time(trial.random.uniform(0, 3))
        stage.broker.start()
        began = time.monotonic()
        stage.news(trial)
        stage.wait_right(kpid, trial, began)
        stage.assert_right(kpid)


class BrokersAway(Row):
    id = "K1c"
    fault = "all brokers away for two minutes"
    shows = "no exit; all figures right after"
    tries = 1
    AWAY_SECONDS = 120

    def open(self, trial):
        return BrokerKilled.open(self, trial)

    def attempt(self, stage, trial):
        kpid = stage.subject
        stage.news(trial)
        stage.broker.kill()
        pass_time(self.AWAY_SECONDS)
        assert kpid.running(), kpid.log_tail()
        stage.broker.start()
        began = time.monotonic()
        stage.news(trial)
        stage.wait_right(kpid, trial, began)
        stage.assert_right(kpid)


class OneOfThreeLost(Row):
    id = "K1b"
    fault = "one of three brokers lost, its leaders moved, then moved back"
    shows = "all figures right while it is lost, and after"
    tries = 6

    def open(self, trial):
        stage = ThreeBrokers(trial.seed).open()
        stage.subject = stage.kpid().start()
        stage.assert_right(stage.subject)
        return stage

    def attempt(self, stage, trial):
        kpid, lost = stage.subject, trial.random.choice(stage.members)
        stage.news(trial)
        pass_time(trial.random.uniform(0, 0.5))
        lost.kill()
        began = time.monotonic()
        stage.news(trial)
        stage.wait_right(kpid, trial, began)
        stage.assert_right(kpid)
        lost.start_without_waiting()
        stage.wait_whole()
        stage.news(trial)
        stage.wait_right(kpid, trial, time.monotonic())
        stage.assert_right(kpid)


class LossyStage(Stage):
    """The oracle counts what kpid has read: also what the topics hold no more. What covers a gap says that it is not complete; the oracle does
    not know of it."""

    def __init__(self, seed):
        super().__init__(seed)
        self._kept = {}

    def remember(self):
        """All that kpid has read by now."""
        for record in super().records():
            self._kept[record["topic"], record["partition"], record["offset"]] = record

    def drop(self, topic, partition, first, last):
        """What kpid says that it has not read."""
        for offset in range(first, last + 1):
            self._kept.pop((topic, partition, offset), None)

    def forget(self):
        self._kept = {}

    def records(self):
        now = {(record["topic"], record["partition"], record["offset"]): record for record in super().records()}
        return [record for _, record in sorted({**self._kept, **now}.items())]

    def compare(self, ends, instant, lines):
        self._events = (None, None)
        super().compare(ends, instant, [self.plain(line) for line in lines])

    def expected(self, ends, instant):
        return [self.plain(line) for line in super().expected(ends, instant)]

    @staticmethod
    def plain(line):
        return re.sub(r'"complete":(true|false)', '"complete":false', line)


class RecordsGone(Row):
    id = "K2"
    fault = "records deleted before they are read; topics created anew, and grown beyond where kpid was"
    shows = "a declared gap and `complete: false`, or exit code 78 with the way on; all figures right"
    tries = 15
    quick = 1
    tries_per_stage = 5
    must_move = ("gap declared", "clear stop")
    KINDS = ["deleted while down", "deleted while paused", "created anew while down", "created anew while running", "grown while down"]

    def open(self, trial):
        stage = LossyStage(trial.seed).open()
        stage.subject = stage.kpid()
        return stage

    def attempt(self, stage, trial):
        kind = self.KINDS[trial.number % len(self.KINDS)]
        trial.note(kind)
        kpid = stage.subject
        if not kpid.running():
            kpid.start()
        stage.assert_right(kpid)
        stage.remember()
        if kind.startswith("deleted"):
            self.gap(stage, trial, kpid, kind)
        else:
            self.other_log(stage, trial, kpid, kind)

    def gap(self, stage, trial, kpid, kind):
        before, down = kpid.offsets(), kind.endswith("down")
        if down:
            assert kpid.terminate() == 0
        else:
            kpid.signal(signal.SIGSTOP)
        stage.news(trial)
        stage.remember()
        ends = {name.removeprefix(stage.prefix): end for name, end in stage.ends().items()}
        lost = trial.random.choice(sorted(name for name, end in ends.items() if end > before[name] + 1))
        topic, partition = lost.rsplit("-", 1)
        stage.tool.delete_records(stage.topic(topic), int(partition), trial.random.randrange(before[lost] + 1, ends[lost] + 1))
        seen = len(kpid.log_text())
        if down:
            kpid.start()
        else:
            kpid.signal(signal.SIGCONT)
        stage.wait_right(kpid, trial, time.monotonic())
        gaps = GAP.findall(kpid.log_text()[seen:])
        for name, number, first, last in gaps:
            stage.drop(name, int(number), int(first), int(last))
        if gaps:
            self.assert_declared(stage, kpid)
            trial.path("gap declared")
        elif down:
            raise AssertionError(f"no word of the gap\n{kpid.log_tail()}")
        else:
            trial.note("they were under way already")
        stage.assert_right(kpid)

    def assert_declared(self, stage, kpid):
        meta, lines = figures.read_consistent(kpid, stage.client(), stage.ends())
        assert meta["gap"], meta
        assert any('"complete":false' in line and '"window": "1h"' in line for line in lines), "the newest hour says that it is complete"

    def other_log(self, stage, trial, kpid, kind):
        down, grown = kind.endswith("down"), kind.startswith("grown")
        if down:
            assert kpid.terminate() == 0
        seen = len(kpid.log_text())
        topic = stage.topic("sales.calls")
        records = [record for record in stage.records() if record["topic"] == topic]
        stage.tool.delete(topic)
        wait_until(lambda: topic not in stage.tool.topics(), 60, "the topic to be gone")
        stage.tool.create(topic, partitions=PARTITIONS, configs={"retention.ms": "-1"})
        self.refill(stage, topic, records, 2 if grown else 0.3, trial)
        stage.forget()
        if down:
            kpid.start()
        code = kpid.wait_exit(120)
        said = kpid.log_text()[seen:]
        assert code == 78, f"{code}\n{kpid.log_tail()}"
        assert "checkpoint" in said, kpid.log_tail()
        trial.path("clear stop")
        kpid.settings["checkpoint.directory"] += "-next"
        kpid.start()
        stage.wait_right(kpid, trial, time.monotonic())
        stage.assert_right(kpid)

    def refill(self, stage, topic, records, share, trial):
        """Other records: as many as there were, times the share, in each partition."""
        copies = [{**{name: record[name] for name in ("topic", "partition", "key", "timestamp")}, "value": value}
                  for record in records for value in self.values(record["value"] or b"", share, trial)]
        stage.tool.produce(copies)

    def values(self, value, share, trial):
        whole = int(share) + (trial.random.random() < share - int(share))
        return [value.replace(b'"id":"', b'"id":"again-%d-' % number) for number in range(whole)]
