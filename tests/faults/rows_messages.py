"""Messages that are hostile, that end kpid, or that come from the future."""
import json
import os
import re
import signal
import time

from faults import hostile
from faults.row import Row
from faults.stage import Stage
from harness import figures
from harness.case import DEAD_LETTERS, PARTITIONS, places
from harness.process import ROOT, wait_until

SUITE = os.path.join(ROOT, "tests", "data", "json-test-suite")
NOT_JSON = {"empty", "malformed_json", "too_deep", "not_utf8"}


def documented():
    """{name of an i_ file: what kpid makes of it}, by docs/dead-letters.md"""
    with open(os.path.join(ROOT, "docs", "dead-letters.md"), encoding="utf-8") as file:
        return dict(re.findall(r"^\| `(i_\w[^`]*)` \| `?(\w+)`? \|$", file.read(), re.MULTILINE))


def suite():
    """[(name, bytes)]"""
    names = sorted(name for name in os.listdir(SUITE) if name.endswith(".json"))
    return [(name[:-5], open(os.path.join(SUITE, name), "rb").read()) for name in names]


def reasons(stage):
    """{(partition, offset) of the topic of calls: reason}"""
    found = {}
    for letter in stage.dump(DEAD_LETTERS):
        headers = dict(letter["headers"])
        if headers["kpid-topic"].decode() == stage.topic("sales.calls"):
            found[int(headers["kpid-partition"]), int(headers["kpid-offset"])] = headers["kpid-reason"].decode()
    return found


class AcceptedStage(Stage):
    """The oracle gets what kpid has accepted: should one of the two be wrong about a message, the figures differ."""

    def records(self):
        refused = places(self.dump(DEAD_LETTERS))
        return [record for record in super().records()
                if (record["topic"].encode(), b"%d" % record["partition"], b"%d" % record["offset"]) not in refused]


class HostileMessages(Row):
    id = "I1"
    fault = "JSONTestSuite's 318 files and 1,000 hostile events as messages"
    shows = "what is accepted and why not is as documented; the figures of the others are right"
    tries = 3
    quick = 1
    tries_per_stage = 1

    def open(self, trial):
        stage = AcceptedStage(trial.seed).open("--malformed", 1)
        stage.subject = stage.kpid().start()
        return stage

    def attempt(self, stage, trial):
        kpid, topic, now = stage.subject, stage.topic("sales.calls"), int(time.time() * 1000)
        files, table, drawn = suite(), hostile.table(trial.random, 500, now), hostile.drawn(trial.random, 500, now)
        records = [{"topic": topic, "key": b"c-hostile", "value": text} for _, text in files]
        records += [{"topic": topic, "key": key, "value": value} for _, key, value in table]
        records += [{"topic": topic, "key": key, "value": value} for key, value in drawn]
        written = [tuple(place) for place in stage.tool.produce(records)]
        trial.counts_for(len(records))
        meta = kpid.wait_consumed(stage.ends())
        stage.wait_letters(DEAD_LETTERS, int(meta["refused"]))
        found = reasons(stage)
        self.assert_suite(files, [found.get(place) for place in written])
        self.assert_table(table, [found.get(place) for place in written[len(files):]])
        stage.assert_right(kpid, 200)
        trial.note(f"{meta['refused']} refused")

    def assert_suite(self, files, found):
        expected = documented()
        for (name, _), reason in zip(files, found):
            accepted = expected[name] == "accepted" if name.startswith("i_") else name.startswith("y_")
            assert (reason not in NOT_JSON) == accepted, f"{name}: {reason}"
            if name.startswith("i_") and not accepted:
                assert reason == expected[name], f"{name}: {reason}"

    def assert_table(self, table, found):
        wrong = [f"{value[:200]!r}: expected {reason}, got {got}" for (reason, _, value), got in zip(table, found) if reason != got]
        assert not wrong, "\n".join(wrong[:20])


class PoisonedStage(Stage):
    """The oracle does not count what was put aside."""

    def __init__(self, seed):
        super().__init__(seed)
        self.poison = set()

    def records(self):
        return [record for record in super().records() if not any(name in (record["value"] or b"") for name in self.poison)]


class PoisonMessage(Row):
    id = "I2"
    fault = "a message that ends the process each time it is read"
    shows = "put aside after three deaths, all others right"
    tries = 20
    quick = 1
    must_move = ("quarantined",)
    quick_must_move = must_move

    def open(self, trial):
        stage = PoisonedStage(trial.seed).open()
        stage.subject = stage.kpid()
        return stage

    def attempt(self, stage, trial):
        kpid, name = stage.subject, f"poison-{trial.number}-"
        if not kpid.running():
            kpid.start()
            kpid.wait_until(lambda: kpid.meta().get("pid") == str(kpid.pid), "this process to publish")
        before = self.quarantined(stage)
        count = 1 if trial.quick else trial.random.randrange(1, 4)
        kpid.kill()
        kpid.env["KPID_TEST_CRASH_ID"] = name
        stage.poison.add(name.encode())
        stage.news(trial)
        stage.produce(*(self.message(stage, name, trial.random) for _ in range(count)))
        stage.news(trial)
        deaths = self.die(stage, kpid)
        assert 3 <= deaths <= 3 * count, f"{deaths} deaths of {count} messages"
        trial.note(f"{count} messages, {deaths} deaths")
        stage.wait_right(kpid, trial, time.monotonic())
        stage.assert_right(kpid)
        wait_until(lambda: self.quarantined(stage) == before + count, 30, f"{count} dead letters", lambda: str(self.quarantined(stage)))
        trial.path("quarantined", count)

    def die(self, stage, kpid):
        """Until it lives: how often it died."""
        deaths = 0
        while True:
            kpid.start()
            ended = wait_until(lambda: "died" if not kpid.running() else "lives" if self.read_all(stage, kpid) else None, 120,
                               "kpid to die or to read all", kpid.log_tail)
            if ended == "lives":
                return deaths
            assert kpid.wait_exit() == -signal.SIGABRT, kpid.log_tail()
            deaths += 1
            assert deaths < 30, "it dies again and again"

    def read_all(self, stage, kpid):
        meta = kpid.meta()
        return meta.get("pid") == str(kpid.pid) and meta.get("caught_up") == "1" and meta.get("lag") == "0"

    def message(self, stage, name, source):
        customer = f"c-{source.randrange(1000)}"
        event = {"id": name, "type": "call.completed", "time": int(time.time() * 1000), "customer": customer, "rep": "r01",
                 "direction": "outbound", "outcome": "connected"}
        return {"topic": stage.topic("sales.calls"), "key": customer.encode(), "value": json.dumps(event).encode()}

    def quarantined(self, stage):
        return len(places([record for record in stage.dump(DEAD_LETTERS) if (b"quarantined" in dict(record["headers"])["kpid-reason"])]))


class FromTheFuture(Row):
    id = "I4"
    fault = "one event dated in 2100 among a million"
    shows = "as_of is not moved by it; one key in the dead letters, all others count"
    tries = 1
    limit_seconds = 900

    def open(self, trial):
        stage = Stage(trial.seed)
        stage.setUp()
        stage.create_topics()
        return stage

    def attempt(self, stage, trial):
        customers, days = 48000, 60
        stage.until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        stage.people = stage.roster("--end", stage.until, "--days", days, "--customers", customers)
        kpid = stage.kpid(checkpoint__interval="10s")
        stage.produce_history("--seed", trial.seed, "--end", stage.until, "--days", days, "--customers", customers, deadline_seconds=300)
        event = {"id": "far", "type": "call.completed", "time": "2100-01-01T00:00:00Z", "customer": "c-far", "rep": "r01",
                 "direction": "outbound", "outcome": "connected"}
        stage.produce({"topic": stage.topic("sales.calls"), "key": b"c-far", "value": json.dumps(event).encode()})
        began = time.monotonic()
        kpid.start()
        meta = kpid.wait_consumed(stage.ends(), 600)
        trial.took(time.monotonic() - began)
        records = int(meta["records"])
        trial.counts_for(records)
        soon = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() + 3600))
        assert max(meta["as_of"], meta["end"], meta["published_end"]) < soon, meta
        assert json.loads(meta["refusals"]) == {"future": 1}, meta["refusals"]
        assert int(meta["applied"]) == records - 1, meta
        stage.wait_letters(DEAD_LETTERS, 1)
        assert {letter["key"] for letter in stage.dump(DEAD_LETTERS)} == {b"c-far"}
        trial.note(f"{records} records")
