"""The bench measures what it says: its events, the bare consumer, its arithmetic, and its page."""
import json
import os

from bench import pages, results
from bench.scenario import NAMES
from bench.stage import SMALL_TOPICS, bench_program
from harness.case import PARTITIONS, Case, KafkaCase
from harness.daemon import run, run_any
from harness.process import temporary_folder


class Events(Case):
    def lines(self, *options):
        path = os.path.join(temporary_folder("events"), "events.jsonl")
        run(bench_program("make_events"), "--out", path, "--end", 1767225600000, *options)
        with open(path, encoding="utf-8") as file:
            return file.read().splitlines()

    def test_the_same_seed_gives_the_same_events(self):
        first = self.lines("--events", 500)
        self.assertEqual(first, self.lines("--events", 500))
        self.assertNotEqual(first, self.lines("--events", 500, "--seed", 2))

    def test_they_are_as_large_as_said(self):
        added = len('"received_at":1767204000000,')
        sizes = [len(line) - added for line in self.lines("--events", 500)]
        self.assertTrue(all(200 <= size <= 212 for size in sizes), sorted(sizes)[::50])

    def test_customers_in_turn(self):
        events = [json.loads(line) for line in self.lines("--events", 200, "--customers", 100, "--in-turn", 1)]
        counts = {}
        for event in events:
            counts[event["customer"]] = counts.get(event["customer"], 0) + 1
        self.assertEqual({2}, set(counts.values()))
        self.assertEqual(100, len(counts))

    def test_a_wrong_option_is_named(self):
        done = run_any(bench_program("make_events"), "--event", 5)
        self.assertEqual(2, done.returncode)
        self.assertIn("--event", done.stderr)


class BareConsumer(KafkaCase):
    def test_it_reads_every_record(self):
        topics = [self.topic(name) for name in SMALL_TOPICS]
        self.tool.create(*topics, partitions=PARTITIONS)
        run(bench_program("make_events"), "--brokers", self.brokers, "--prefix", self.prefix, "--events", 20000)
        values = sum(len(record["value"]) for record in self.tool.dump(*topics))
        for mode, threads in (("drop", 1), ("drop", 3), ("count", 1), ("count", 2)):
            with self.subTest(mode=mode, threads=threads):
                said = json.loads(run(bench_program("bare_consumer"), "--brokers", self.brokers, "--topics", ",".join(topics), "--partitions", PARTITIONS,
                                      "--mode", mode, "--threads", threads))
                self.assertEqual((20000, values), (said["records"], said["bytes"]))
                self.assertGreater(said["cpu_seconds"], 0)


class Results(Case):
    def test_runs_take_turns(self):
        order = []
        cases = [results.Case(name, lambda name=name: order.append(name) or {"n": len(order)}) for name in "AB"]
        results.interleave(cases, 3, lambda _: None)
        self.assertEqual("ABABAB", "".join(order))
        self.assertEqual({"median": 3, "low": 1, "high": 5, "runs": 3}, cases[0].figures()["n"])

    def test_a_run_that_fails_is_not_a_figure(self):
        def fail():
            raise AssertionError("no broker")
        case, said = results.Case("A", fail), []
        results.interleave([case], 2, said.append)
        self.assertEqual(({}, ["no broker"] * 2), (case.figures(), case.failures))
        self.assertEqual(2, len(said))

    def test_the_page_says_what_the_results_say(self):
        for path, text in pages.made(NAMES).items():
            with self.subTest(file=os.path.basename(path)), open(path, encoding="utf-8") as file:
                self.assertEqual(text, file.read(), "tests/bench/run --docs")
