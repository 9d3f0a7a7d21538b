"""The harness itself: what the other tests build upon."""
import os
import signal
import subprocess
import sys
import time

from harness import figures
from harness.case import PARTITIONS, Case, KafkaCase
from harness.daemon import run
from harness.kafka import Broker, KafkaToolError
from harness.process import ROOT, wait_until
from harness.redis import RedisError, RedisServer

CHILD = """
import sys
sys.path.insert(0, sys.argv[1])
from harness import process, kafka, redis
process.handle_signals()
broker, server = kafka.Broker(), redis.RedisServer()
broker.start_without_waiting()
server.start()
print(broker.pid, server.pid, flush=True)
process.wait_until(lambda: False, 60)
"""


class Interruption(Case):
    def children_end(self, number):
        """A run that is ended by this signal leaves no process behind."""
        run = subprocess.Popen([sys.executable, "-c", CHILD, os.path.join(ROOT, "tests")], stdout=subprocess.PIPE, text=True,
                               stderr=subprocess.DEVNULL)
        try:
            pids = run.stdout.readline().split()
            self.assertEqual(2, len(pids))
            run.send_signal(number)
            run.wait(30)
            wait_until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in pids), 30, f"the end of {pids}")
        finally:
            run.kill()
            run.wait()
            run.stdout.close()

    def test_signals(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL):
            with self.subTest(number=number):
                self.children_end(number)


class OwnBroker(Case):
    def test_a_broker_keeps_its_records_over_a_kill(self):
        began = time.monotonic()
        with Broker() as broker:
            self.note(f"broker up in {time.monotonic() - began:.1f} s")
            tool = broker.tool()
            tool.create("t", partitions=2)
            tool.produce([{"topic": "t", "partition": 1, "key": b"k", "value": b"\xff\x00", "timestamp": 5, "headers": [("h", b"1")]}])
            broker.kill()
            broker.start()
            found = tool.dump("t")
            self.assertEqual([{"topic": "t", "partition": 1, "offset": 0, "timestamp": 5, "key": b"k", "value": b"\xff\x00",
                               "headers": [("h", b"1")]}], found)
            broker.restart()
            self.assertEqual({"t-0": 0, "t-1": 1}, tool.ends("t"))


class SharedBroker(KafkaCase):
    def test_the_partitioner_is_javas(self):
        topic = self.topic("keys")
        self.tool.create(topic, partitions=PARTITIONS)
        keys = [b"x" * length + b"\xf0\x9f" for length in range(40)]
        placed = self.produce(*({"topic": topic, "key": key, "value": b""} for key in keys))
        self.assertEqual([figures.murmur2_partition(key, PARTITIONS) for key in keys], [partition for partition, _ in placed])

    def test_large_and_future_records_are_taken(self):
        topic = self.topic("large")
        self.tool.create(topic)
        self.produce({"topic": topic, "key": None, "value": b"x" * (2 << 20), "timestamp": 4102444800000})
        record, = self.tool.dump(topic)
        self.assertEqual((2 << 20, 4102444800000, None), (len(record["value"]), record["timestamp"], record["key"]))

    def test_an_aborted_transaction_leaves_a_hole(self):
        topic = self.topic("transactions")
        self.tool.create(topic)
        self.tool.transaction([{"topic": topic, "key": b"a", "value": b"1"}], commit=False)
        self.tool.transaction([{"topic": topic, "key": b"a", "value": b"2"}])
        self.assertEqual([b"2"], [record["value"] for record in self.tool.dump(topic, committed=True)])
        self.assertEqual({topic + "-0": 4}, self.tool.ends(topic))  # two records, two markers

    def test_records_can_be_deleted_and_partitions_added(self):
        topic = self.topic("short")
        self.tool.create(topic)
        self.produce(*({"topic": topic, "key": b"a", "value": b"%d" % i} for i in range(5)))
        self.tool.delete_records(topic, 0, 3)
        self.assertEqual([3, 4], [record["offset"] for record in self.tool.dump(topic)])
        self.tool.add_partitions(topic, 3)
        self.assertEqual(3, self.tool.topics()[topic])
        with self.assertRaises(KafkaToolError):
            self.tool.dump(topic + "-not-there")

    def test_redis(self):
        client, listener = self.client(), self.redis.client()
        listener.subscribe("channel")
        client.command("HSET", "h", "f", b"\x00\xff")
        self.assertEqual({"f": "\x00\udcff"}, client.hgetall("h"))
        replies = client.pipeline([("INCR", "n")] * 2500 + [("INCR", "h")])
        self.assertEqual(2500, replies[2499])
        self.assertIsInstance(replies[2500], RedisError)
        client.command("PUBLISH", "channel", "news")
        self.assertEqual(("channel", "news"), listener.next_message())
        listener.close()
        port = self.redis.port
        self.redis.restart()
        self.assertEqual((port, []), (self.redis.port, self.client().keys()))

    def test_topics_hold_what_the_file_holds(self):
        """kpisim's file and its topics give the same lines, and so the same figures."""
        path = os.path.join(self.redis.folder, "events.jsonl")
        self.create_topics()
        self.produce_history("--days", 20, "--customers", 100, "--reps", 5, "--duplicates", 3, "--disorder", 5, "--late", 2, "--malformed", 2,
                             "--future", 1, "--wrong-partition", 1, "--conflicts", 1, "--out", path)
        written = figures.write_events(self.records(), PARTITIONS)
        instant = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        expected, counts = figures.oracle(path, [instant], as_arrived=True)
        actual, counts_of_topics = figures.oracle(written, [instant], as_arrived=True)
        for name in ("lines", "late", "future", "wrong_partition", "duplicate", "conflict", "events"):
            self.assertGreater(counts[name], 0, name)
        # An empty message is no line in a file.
        for extra in ("lines", "bad_json"):
            counts.pop(extra), counts_of_topics.pop(extra)
        self.assertEqual(counts, counts_of_topics)
        figures.compare(expected[instant], actual[instant])


class Comparison(Case):
    def test_a_figure_of_redis_is_a_line_of_the_oracle(self):
        text = '{"value":0.30000000000000004,"numerator":12345678901234567890.1,"n":1}'
        self.assertEqual('{"dimension": "rep", "key": "a:b", "kpi": "k", "window": "7d",'
                         '"value":0.30000000000000004,"numerator":12345678901234567890.1,"n":1,"reason":null}',
                         figures.line_of("rep", "a:b", "k@7d", text))

    def test_a_digit_is_noticed(self):
        line = '{"dimension":"rep","key":"r","kpi":"k","window":"7d","value":%s,"numerator":1,"denominator":2,"n":2,' \
               '"from":"2026-01-01T00:00:00Z","to":"2026-01-08T00:00:00Z","complete":true,"reason":null}'
        figures.compare([line % "0.5"], [line % "0.50"])
        with self.assertRaises(AssertionError):
            figures.compare([line % "12345678901234567890.1"], [line % "12345678901234567890.2"])
        with self.assertRaises(AssertionError):
            figures.compare([line % "0.5"], [])
        with self.assertRaises(AssertionError):
            figures.compare([], [])

    def test_redis_ends_with_its_test(self):
        with RedisServer() as server:
            pid = server.pid
        self.assertFalse(os.path.exists(f"/proc/{pid}"))

    def test_programs_say_who_they_are(self):
        for name in ("kpid", "kpictl", "kpisim"):
            with self.subTest(name):
                self.assertIn(name, run(name, "--version"))
