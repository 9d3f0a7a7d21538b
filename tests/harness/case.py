"""The base of the integration tests: servers, topics, simulated events, all of a test's own."""
import atexit
import os
import random
import subprocess
import unittest

from harness import figures
from harness.daemon import CONFIG, Daemon, program, run
from harness.kafka import Broker, KafkaTool
from harness.process import Process, handle_signals, temporary_folder, wait_until
from harness.redis import RedisServer

PARTITIONS = 4
DEAD_LETTERS, LATE = "sales.dead_letters", "sales.late"
NOT_EVENTS = (DEAD_LETTERS, LATE, "sales.alerts", "kpid.checkpoints", "kpid.clock", "kpid.partials")

_brokers = None
_tool = None


def places(records):
    """The identities of the records that were refused or late; after a crash one may stand there twice. A retraction that found nothing
    when it came counts all the same, and whether it did may change with a restart."""
    headers = [dict(record["headers"]) for record in records]
    return {tuple(letter[name] for name in ("kpid-topic", "kpid-partition", "kpid-offset")) for letter in headers
            if letter["kpid-reason"] != b"retraction_missed"}


def read_text(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def shared_brokers():
    """The address of a broker that all tests of a run share (tests/run starts it), else one of this process."""
    global _brokers
    if _brokers is None:
        _brokers = os.environ.get("KPID_TEST_BROKERS") or Broker().start().address
    return _brokers


def shared_tool():
    global _tool
    if _tool is None:
        _tool = KafkaTool(shared_brokers())
        atexit.register(_tool.close)
    return _tool


class Case(unittest.TestCase):
    """note(text) puts a measurement behind the test's line of progress."""

    maxDiff = None

    def setUp(self):
        self.notes = []
        self._roster = self._rates = None

    def note(self, text):
        self.notes.append(text)

    def simulate(self, *options, deadline_seconds=120):
        """Runs kpisim to its end with these options."""
        return run("kpisim", *options, deadline_seconds=deadline_seconds)

    def simulated_file(self, *options):
        """A file of events."""
        path = os.path.join(temporary_folder("sim"), "events.jsonl")
        self.simulate("--out", path, *options)
        return path

    def roster(self, *options):
        """The roster that belongs to these options of kpisim."""
        path = os.path.join(temporary_folder("sim"), "roster.yaml")
        self.simulate("--roster", path, *options)
        return path


class KafkaCase(Case):
    """A test with topics of its own on the shared broker, and a Redis of its own, started with `redis_options`."""

    redis_options = ()

    def setUp(self):
        super().setUp()
        self.brokers, self.tool = self.new_brokers()
        self.prefix = f"t{os.getpid()}-{random.randrange(1 << 32):08x}."
        self.redis = RedisServer(*self.redis_options).start()
        self.addCleanup(self.redis.stop)
        self._client = None

    def new_brokers(self):
        """Tests that break the broker start one of their own here."""
        return shared_brokers(), shared_tool()

    def client(self):
        """A connection to Redis, a new one after Redis was restarted."""
        if self._client:
            self._client.close()
        self._client = self.redis.client()
        self.addCleanup(self._client.close)
        return self._client

    # ---- topics

    def create_topics(self, partitions=PARTITIONS):
        run("kpisim", "topics", "--brokers", self.brokers, "--partitions", partitions, "--topic-prefix", self.prefix)
        self.tool.wait_for([self.topic(name) for name in figures.topics()])

    def topic(self, name):
        return self.prefix + name

    def event_topics(self):
        others = [self.topic(name) for name in NOT_EVENTS]
        return sorted(name for name in self.tool.topics() if name.startswith(self.prefix) and name not in others)

    def ends(self):
        """The ends of all event topics."""
        return self.tool.ends(*self.event_topics())

    def records(self):
        return self.tool.dump(*self.event_topics())

    def dump(self, name):
        """The records of one topic, [] where it does not exist (yet)."""
        topic = self.topic(name)
        return self.tool.dump(topic) if topic in self.tool.topics() else []

    def wait_letters(self, name, count):
        """Letters are still on their way when the figures are there."""
        wait_until(lambda: len(places(self.dump(name))) == count, 30, f"{count} letters in {name}",
                   lambda: f"{len(places(self.dump(name)))} are there", 0.2)

    # ---- events

    def produce_history(self, *options, deadline_seconds=120):
        self.simulate(*self.kafka_options(), *options, deadline_seconds=deadline_seconds)

    def start_producing(self, *options):
        """kpisim in the background; the caller waits for it or stops it. It is stopped at the end of the test."""
        log = os.path.join(temporary_folder("sim"), "kpisim.log")
        command = [program("kpisim"), *map(str, self.kafka_options()), *map(str, options)]
        process = Process("kpisim", command, log)
        self.addCleanup(process.stop)
        # A history is older than what a kpid that has caught up still takes: it must be there before kpid is.
        wait_until(lambda: "history written" in read_text(log), 60, "the history to be written", lambda: read_text(log))
        return process

    def kafka_options(self):
        return ["--brokers", self.brokers, "--partitions", PARTITIONS, "--topic-prefix", self.prefix]

    def produce(self, *records):
        return self.tool.produce(records)

    # ---- kpid

    def daemon(self, config=CONFIG, roster=None, **settings):
        """settings: with __ for the dot, checkpoint__interval="1s"."""
        self._roster, self._rates = roster, settings.get("rates__file")
        chosen = {key.replace("__", "."): value for key, value in settings.items()}
        if roster:
            chosen["roster.file"] = roster
        daemon = Daemon(self.brokers, self.redis, self.prefix, config, chosen)
        self.addCleanup(self._close, daemon)
        return daemon

    def _close(self, daemon):
        try:
            daemon.close()
        finally:
            if daemon.running():
                daemon.kill()

    def assert_equals_oracle(self, daemon, deadline_seconds=120):
        """Every figure in Redis equals the oracle's over what the topics hold. Returns kpi:meta and the oracle's counts."""
        meta, lines = figures.read_consistent(daemon, self.client(), self.ends(), deadline_seconds)
        events = figures.write_events(self.records(), PARTITIONS)
        expected, counts = figures.oracle(events, [meta["published_end"]], self._roster, as_arrived=True, rates=self._rates)
        figures.compare(expected[meta["published_end"]], lines)
        return meta, counts


if os.environ.get("KPID_TEST_BROKERS") is None:
    handle_signals()  # a test file run by itself
