"""Checkpoints in a topic: nothing that counts is on the machine's disk."""
import json
import os
import random
import shutil
import time

from harness import kafka
from harness.case import PARTITIONS, KafkaCase
from harness.daemon import CONFIG, run

CHECKPOINTS = "kpid.checkpoints"
FAULTS = ["--duplicates", 3, "--disorder", 10, "--late", 1, "--malformed", 1, "--conflicts", 0.5]


class KafkaStore(KafkaCase):
    def setUp(self):
        super().setUp()
        self.create_topics()
        self.options = ["--end", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "--days", 30, "--customers", 200, "--reps", 6]
        self.people = self.roster(*self.options)

    def kafka_daemon(self, **settings):
        return self.daemon(roster=self.people, checkpoint__store="kafka", **settings)

    def manifests(self):
        """How many were ever written."""
        return sum(record["key"].startswith(b"manifest/") and record["value"] is not None for record in self.dump(CHECKPOINTS))

    def wait_checkpoints(self, daemon, count):
        daemon.wait_until(lambda: self.manifests() >= count, f"{count} checkpoints", 60)


class Crashes(KafkaStore):
    def test_killed_again_and_again_with_its_disk(self):
        source = random.Random(91)
        producer = self.start_producing("--seed", 91, *self.options, *FAULTS, "--live", "--rate", 200)
        daemon = self.kafka_daemon()
        for number in range(4):
            daemon.start()
            wanted = sum(daemon.offsets().values()) + source.randrange(100, 1500)
            daemon.wait_until(lambda: sum(daemon.offsets().values()) >= wanted, f"{wanted} offsets in run {number}")
            daemon.kill()
            shutil.rmtree(daemon.checkpoint_folder, ignore_errors=True)
        daemon.start()
        daemon.wait_caught_up()
        self.assertEqual(0, producer.stop())
        meta, counts = self.assert_equals_oracle(daemon)
        self.assertEqual(counts["events"], int(meta["applied"]) + int(meta["waiting"]))

    def wait_active(self, daemon):
        """After a kill the lease of the one before has to run out; until then Redis holds what that one wrote."""
        daemon.wait_until(lambda: daemon.meta().get("pid") == str(daemon.pid), "this very process to publish")

    def test_a_start_reads_on_from_the_newest(self):
        self.produce_history("--seed", 92, *self.options)
        daemon = self.kafka_daemon().start()
        self.assert_equals_oracle(daemon)
        self.assertEqual(0, daemon.terminate())
        self.assertNotIn("cannot write a checkpoint", daemon.log_text())
        self.assertFalse([name for _, _, names in os.walk(daemon.checkpoint_folder) for name in names if name.endswith(".checkpoint")])
        began = time.monotonic()
        self.client().command("FLUSHALL")
        daemon.start()
        daemon.wait_caught_up()
        self.note(f"caught up {time.monotonic() - began:.2f} s after the start")
        meta, counts = self.assert_equals_oracle(daemon)
        self.assertEqual(sum(self.ends().values()), int(meta["records"]), "records are not counted twice")

    def test_a_checkpoint_without_its_chunks(self):
        """The one before is used, and kpid says so."""
        self.produce_history("--seed", 93, *self.options)
        daemon = self.kafka_daemon().start()
        self.assert_equals_oracle(daemon)
        daemon.kill()
        newest = [record for record in self.dump(CHECKPOINTS) if record["key"].startswith(b"manifest/0/") and record["value"]][-1]
        _, shard, epoch, generation = newest["key"].decode().split("/")
        forged = f"manifest/{shard}/{epoch}/{int(generation) + 1}"
        self.produce({"topic": self.topic(CHECKPOINTS), "partition": 0, "key": forged, "value": "KPIDMNFT and nothing more"})
        daemon.start()
        self.wait_active(daemon)
        self.assert_equals_oracle(daemon)
        self.assertIn("checkpoint passed over", daemon.log_text())

    def test_a_zombie_does_no_harm(self):
        """A process that goes on after its shards were claimed writes under an older epoch."""
        self.produce_history("--seed", 94, *self.options)
        first = self.kafka_daemon().start()
        self.assert_equals_oracle(first)
        second = self.kafka_daemon(redis__prefix="second:").start()
        second.wait_until(lambda: "caught up" in second.log_text(), "the second to catch up")
        before = self.manifests()
        self.produce_history("--seed", 95, "--end", self.options[1], "--days", 2, "--customers", 50)
        self.wait_checkpoints(first, before + 4)
        first.kill()
        second.kill()
        first.start()
        self.wait_active(first)
        meta, counts = self.assert_equals_oracle(first)
        self.assertEqual(sum(self.ends().values()), int(meta["records"]))
        self.assertNotIn("checkpoint passed over", first.log_text())

    def test_explain_reads_it_while_kpid_runs(self):
        self.produce_history("--seed", 96, *self.options)
        daemon = self.kafka_daemon().start()
        self.assert_equals_oracle(daemon)
        self.wait_checkpoints(daemon, PARTITIONS)
        settings = [part for key in ("kafka.brokers", "kafka.topic_prefix", "checkpoint.store", "roster.file")
                    for part in ("--set", f"{key}={daemon.settings[key]}")]
        told = json.loads(run("kpictl", "explain", "--config", CONFIG, "--json", "revenue", *settings))
        self.assertTrue(told)


class Broker(KafkaStore):
    def new_brokers(self):
        self.broker = kafka.Broker().start()
        self.addCleanup(self.broker.stop)
        return self.broker.address, self.broker.tool()

    def test_away_and_back(self):
        self.produce_history("--seed", 97, *self.options)
        daemon = self.kafka_daemon().start()
        self.assert_equals_oracle(daemon)
        self.produce_history("--seed", 98, "--end", self.options[1], "--days", 2, "--customers", 50)
        self.broker.kill()
        began = time.monotonic()
        self.assertIn(daemon.terminate(), (0, 1))
        self.assertLess(time.monotonic() - began, 30)
        self.note(f"SIGTERM took {time.monotonic() - began:.1f} s without a broker")
        self.broker.start()
        daemon.start()
        self.assert_equals_oracle(daemon, 180)
        self.broker.kill()
        self.broker.start()
        self.produce_history("--seed", 99, "--end", self.options[1], "--days", 2, "--customers", 50)
        self.assert_equals_oracle(daemon, 180)
        began = time.monotonic()
        self.assertEqual(0, daemon.terminate())
        self.assertLess(time.monotonic() - began, 5)
        self.note(f"{time.monotonic() - began:.1f} s with one")
