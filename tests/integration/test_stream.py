"""From Kafka to Redis, everything right and everything wrong that can arrive."""
import collections
import json
import os
import time

from harness.case import DEAD_LETTERS, LATE, PARTITIONS, KafkaCase, read_text
from harness.daemon import run
from harness.figures import murmur2_partition, refused_count
from harness.process import wait_until

FAULTS = ["--duplicates", 3, "--disorder", 10, "--late", 2, "--malformed", 2, "--future", 1, "--wrong-partition", 1, "--conflicts", 1,
          "--oversized", 2, "--cloudevents", 20]
HISTORY = ["--days", 60, "--customers", 300, "--reps", 8, "--teams", 3]
DAY = 86400 * 1000


def now():
    return int(time.time() * 1000)


def event(**members):
    """An outbound call of now by r01, as bytes, with these members instead."""
    whole = {"id": f"test-{time.time_ns()}", "type": "call.completed", "time": now(), "customer": "c-1", "rep": "r01",
             "direction": "outbound", "outcome": "connected", **members}
    return json.dumps({name: value for name, value in whole.items() if value is not None}).encode()


def counts_of(meta):
    return {name: int(meta[name]) for name in ("records", "applied", "duplicates", "late", "refused", "seeded", "waiting")}


class Stream(KafkaCase):
    def options(self, *more):
        return ["--end", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), *HISTORY, *more]

    def assert_accounts(self, meta, oracle):
        """Every record is accounted for, once, and in the right place."""
        counts = counts_of(meta)
        self.assertEqual(sum(self.ends().values()), counts["records"])
        self.assertEqual(counts["records"], sum(counts.values()) - counts["records"], counts)
        self.assertEqual((oracle.get("late", 0), refused_count(oracle), oracle.get("duplicate", 0), oracle["events"]),
                         (counts["late"], counts["refused"], counts["duplicates"], counts["applied"] + counts["waiting"]), f"{oracle} {meta['refusals']}")
        self.wait_letters(DEAD_LETTERS, counts["refused"])
        self.wait_letters(LATE, counts["late"])

    def test_a_clean_history(self):
        options = self.options("--seed", 31)
        self.create_topics()
        self.produce_history(*options)
        daemon = self.daemon(roster=self.roster(*options)).start()
        meta, counts = self.assert_equals_oracle(daemon)
        self.assertEqual("0", meta["refused"])
        self.assert_accounts(meta, counts)
        self.assertEqual(0, daemon.terminate())

    def test_a_history_with_all_faults(self):
        options = self.options("--seed", 32, *FAULTS)
        self.create_topics()
        self.produce_history(*options)
        daemon = self.daemon(roster=self.roster(*options)).start()
        meta, counts = self.assert_equals_oracle(daemon)
        for reason in ("late", "future", "wrong_partition", "conflict", "duplicate"):
            self.assertGreater(counts[reason], 0, reason)
        self.assert_accounts(meta, counts)

    def test_a_shuffled_history(self):
        """Most records arrive long after they happened, within the allowed lateness: the figures are those of the events in order."""
        options = self.options("--seed", 35, "--duplicates", 5)
        shuffled = [*options, "--disorder", 70, "--disorder-max", "6d"]
        self.create_topics()
        self.produce_history(*shuffled)
        daemon = self.daemon(roster=self.roster(*options)).start()
        _, counts = self.assert_equals_oracle(daemon)
        self.assertGreater(counts["duplicate"], 0)

    def test_events_that_come_while_it_runs(self):
        options = self.options("--seed", 33, "--duplicates", 2, "--disorder", 5)
        self.create_topics()
        producer = self.start_producing(*options, "--live", "--rate", 200)
        daemon = self.daemon(roster=self.roster(*options)).start()
        daemon.wait_until(lambda: daemon.meta().get("caught_up") == "1" and int(daemon.meta().get("applied", 0)) > 5000,
                          "live events to be counted")
        self.assertEqual(0, producer.stop())
        meta, counts = self.assert_equals_oracle(daemon)
        self.assert_accounts(meta, counts)

    def test_a_history_that_comes_after_the_start(self):
        """kpid waits at the end of empty topics when a history with old timestamps is written."""
        options = self.options("--seed", 36)
        self.create_topics()
        daemon = self.daemon(roster=self.roster(*options)).start()
        daemon.wait_consumed(self.ends())
        self.produce_history(*options)
        meta, _ = self.assert_equals_oracle(daemon)
        self.assertEqual("0", meta["refused"])

    def test_empty_topics(self):
        self.create_topics()
        daemon = self.daemon().start()
        meta = daemon.wait_consumed(self.ends())
        self.assertEqual("0", meta["records"])
        self.assertEqual(0, daemon.terminate())

    def test_holes_of_transactions(self):
        """An aborted transaction, and control records at the very end of a partition."""
        self.create_topics()
        topic = self.topic("sales.calls")
        self.tool.transaction([{"topic": topic, "key": b"c-1", "value": event(id="aborted")}], commit=False)
        self.tool.transaction([{"topic": topic, "key": b"c-1", "value": event(id="committed")}])
        daemon = self.daemon().start()
        daemon.wait_until(lambda: daemon.meta().get("caught_up") == "1" and daemon.meta().get("applied") == "1",
                          "the committed event, and the end behind it")
        self.assertEqual("1", daemon.meta()["records"])

    def test_nothing_to_do_costs_nothing(self):
        """Without events there are a few turns a second, as a sign of life: not one after the other."""
        self.create_topics()
        daemon = self.daemon().start()
        daemon.wait_consumed(self.ends())
        began, first = time.monotonic(), int(daemon.meta()["sequence"])
        daemon.wait_until(lambda: int(daemon.meta()["sequence"]) >= first + 100, "a hundred turns")
        self.assertGreater(time.monotonic() - began, 1)

    def test_memory_goes_back_by_itself(self):
        """The allocator has a thread of its own for it: the setting is found only if it has the right name."""
        self.create_topics()
        daemon = self.daemon().start()
        daemon.wait_consumed(self.ends())
        if "jemalloc" not in read_text(f"/proc/{daemon.pid}/maps"):
            self.skipTest("built without jemalloc, as for a sanitizer")
        threads = [read_text(f"/proc/{daemon.pid}/task/{thread}/comm").strip() for thread in os.listdir(f"/proc/{daemon.pid}/task")]
        self.assertIn("jemalloc_bg_thd", threads)

    def test_latency(self):
        self.create_topics()
        daemon = self.daemon().start()
        daemon.wait_consumed(self.ends())
        client, taken = self.client(), []

        def calls():
            text = client.command("HGET", "kpi:snap:rep:r01", "calls_made@24h")
            return json.loads(text)["n"] if text else 0
        for number in range(1, 21):
            began = time.monotonic()
            self.produce({"topic": self.topic("sales.calls"), "key": b"c-1", "value": event()})
            wait_until(lambda: calls() == number, 60, f"call {number} in Redis", daemon.log_tail, 0.001)
            taken.append((time.monotonic() - began) * 1000)
        taken.sort()
        self.note(f"from before the send to Redis: median {taken[10]:.0f} ms, longest {taken[-1]:.0f} ms")

    def test_changes_are_announced(self):
        self.create_topics()
        daemon = self.daemon().start()
        daemon.wait_consumed(self.ends())
        listener = self.redis.client()
        self.addCleanup(listener.close)
        listener.subscribe("kpi:changes")
        self.produce({"topic": self.topic("sales.calls"), "key": b"c-1", "value": event(rep="r-new")})
        seen = []
        while "r-new" not in "".join(seen):
            seen.append(listener.next_message()[1])


class Hostile(KafkaCase):
    """Each message in the dead letters, for its reason; kpid goes on."""

    MESSAGES = [  # (reason, value)
        ("empty", b""),
        ("empty", None),
        ("too_large", b'{"id":"' + b"x" * (1 << 20) + b'"}'),
        ("too_large", b"x" * (2 << 20)),
        ("not_utf8", b"\xff\xfe\x00"),
        ("not_utf8", event(customer="c-1").replace(b"connected", b"\xc3\x28")),
        ("malformed_json", b"{"),
        ("malformed_json", b'{"id":"a"} trailing'),
        ("malformed_json", b"\x00" * 100),
        ("malformed_json", b"nul"),
        ("too_deep", b"[" * 100000),
        ("too_deep", b'{"a":' * 70 + b"1" + b"}" * 70),
        ("not_object", b"[]"),
        ("not_object", b"17"),
        ("missing_type", event(type=None)),
        ("unknown_type", event(type="call.imagined")),
        ("wrong_topic", event(type="lead.created")),
        ("missing_id", event(id=None)),
        ("missing_id", event(id="x" * 257)),
        ("bad_time", event(time="yesterday")),
        ("bad_time", event(time=1e300)),
        ("bad_time", event(time="2026-02-30T00:00:00Z")),
        ("missing_customer", event(customer=None)),
        ("missing_field", event(outcome=None)),
        ("bad_value", event(direction="sideways")),
        ("bad_value", event(amount=-1)),
        ("unknown_currency", event(amount=1, currency="XTS")),
        ("future", event(time=now() + 365 * DAY)),
        ("future", event(time="2100-01-01T00:00:00Z")),
    ]

    def test_each_is_kept_with_its_reason(self):
        self.create_topics()
        topic = self.topic("sales.calls")
        key, wrong = b"c-1", (murmur2_partition(b"c-1", PARTITIONS) + 1) % PARTITIONS
        expected = {}
        daemon = self.daemon().start()
        for reason, value in self.MESSAGES:
            place, = self.produce({"topic": topic, "key": key, "value": value})
            expected[tuple(place)] = (reason, value)
        place, = self.produce({"topic": topic, "partition": wrong, "key": key, "value": event()})
        expected[tuple(place)] = ("wrong_partition", None)
        self.produce({"topic": topic, "key": key, "value": event(id="same", outcome="connected", time=now() - 1000)},
                     {"topic": topic, "key": key, "value": event(id="late", time=now() - 8 * DAY)},
                     {"topic": topic, "key": key, "value": event(id="good", time=now() - 1000)})
        meta = daemon.wait_consumed(self.ends())
        self.wait_letters(DEAD_LETTERS, len(expected))
        self.wait_letters(LATE, 1)
        self.check_letters(topic, expected)
        counts = counts_of(meta)
        self.assertEqual({"records": len(expected) + 3, "applied": 2, "duplicates": 0, "late": 1, "refused": len(expected), "seeded": 0, "waiting": 0}, counts)
        by_reason = collections.Counter(reason for reason, _ in expected.values())
        self.assertEqual(by_reason, json.loads(meta["refusals"]))
        # The figures are those of the two good ones, and no message moved time.
        self.assertEqual(2, json.loads(self.client().text("HGET", "kpi:snap:rep:r01", "calls_made@24h"))["n"])
        self.assertLess(meta["as_of"], "2099")

    def check_letters(self, topic, expected):
        found = {}
        for letter in self.dump(DEAD_LETTERS):
            headers = dict(letter["headers"])
            self.assertEqual(topic, headers["kpid-topic"].decode())
            found[int(headers["kpid-partition"]), int(headers["kpid-offset"])] = (headers["kpid-reason"].decode(), letter)
        self.assertEqual({place: reason for place, (reason, _) in expected.items()}, {place: reason for place, (reason, _) in found.items()})
        for place, (reason, value) in expected.items():
            letter = found[place][1]
            self.assertEqual(b"c-1", letter["key"])
            if reason != "wrong_partition":
                self.assertEqual(value, letter["value"], f"{reason} is kept as it came")

    def test_a_record_without_a_key(self):
        """It counts where its customer belongs, and nowhere else: there its other events would not be seen."""
        self.create_topics()
        topic, right = self.topic("sales.calls"), murmur2_partition(b"c-1", PARTITIONS)
        daemon = self.daemon().start()
        self.produce({"topic": topic, "partition": right, "value": event(id="right")},
                     {"topic": topic, "partition": (right + 1) % PARTITIONS, "value": event(id="wrong")})
        meta = daemon.wait_consumed(self.ends())
        self.assertEqual(("1", "1"), (meta["applied"], meta["refused"]))
        self.wait_letters(DEAD_LETTERS, 1)

    def test_a_conflict(self):
        """Of two events with one id the one that comes first in order stays, whichever arrives first."""
        self.create_topics()
        topic, instant = self.topic("sales.calls"), now() - 10000
        daemon = self.daemon().start()
        self.produce(*({"topic": topic, "key": b"c-1", "value": event(id="one", time=instant + shift, rep=rep)}
                       for shift, rep in ((5, "r-second"), (0, "r-first"), (9, "r-third"))))
        meta = daemon.wait_consumed(self.ends())
        self.assertEqual(("1", "2"), (meta["applied"], meta["refused"]))
        self.wait_letters(DEAD_LETTERS, 2)
        self.assertEqual({b"conflict"}, {dict(letter["headers"])["kpid-reason"] for letter in self.dump(DEAD_LETTERS)})
        self.assert_equals_oracle(daemon)


class Topics(KafkaCase):
    def test_the_topics_are_there(self):
        run("kpisim", "topics", "--brokers", self.brokers, "--partitions", PARTITIONS, "--topic-prefix", self.prefix)
        for name in ("sales.calls", "sales.emails", "sales.proposals", "sales.deals", DEAD_LETTERS, LATE):
            wait_until(lambda: self.tool.topics().get(self.topic(name)) == PARTITIONS, 30, f"{name} with {PARTITIONS} partitions")
