"""The state of kpid outside kpid: seeds from history, inspect, verify, export, import, and topics that get more partitions."""
import json
import os
import shutil
import time
import unittest

from harness import figures
from harness.case import Case, KafkaCase
from harness.daemon import CONFIG, run, run_any
from harness.process import temporary_folder, wait_until

DAY = 86400000
MORE = 7
FAULTS = ["--duplicates", 3, "--disorder", 10, "--late", 1, "--conflicts", 0.5]


def rfc3339(ms):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(ms // 1000))


class Tool(Case):
    """Without Kafka: on the checkpoints of a seed."""

    def setUp(self):
        super().setUp()
        options = ["--end", "2026-06-30T00:00:00Z", "--days", 20, "--customers", 100]
        self.config = ["--config", CONFIG, "--set", f"roster.file={self.roster(*options)}"]
        self.folder = temporary_folder("checkpoints")
        self.state = os.path.join(self.folder, "state")
        self.events = self.simulated_file(*options)
        run("kpictl", "replay", *self.config, "--checkpoint", self.state, "--partitions", 3, self.events)

    def kpictl(self, *arguments, expect=0):
        done = run_any("kpictl", "checkpoint", *arguments)
        self.assertEqual(expect, done.returncode, f"{arguments}\n{done.stdout}\n{done.stderr}")
        return done.stdout + done.stderr

    def damage(self, shard):
        path = os.path.join(self.state, f"shard-{shard:04d}.1.checkpoint")
        with open(path, "r+b") as file:
            file.seek(os.path.getsize(path) // 2)
            byte = file.read(1)
            file.seek(-1, os.SEEK_CUR)
            file.write(bytes([byte[0] ^ 1]))

    def test_inspect(self):
        lines = [json.loads(line) for line in self.kpictl("inspect", self.state, "--json", *self.config).splitlines()]
        self.assertEqual([(0, 1), (1, 1), (2, 1)], [(line["shard"], line["generation"]) for line in lines])
        for line in lines:
            self.assertEqual((True, 5, True, 0, 3, "2026-06-30T00:00:00Z", {}),
                             tuple(line[name] for name in ("whole", "format", "of_this_configuration", "token", "partitions", "end", "offsets")))
            self.assertEqual(["INPT", "STAT", "GRPS", "CUST", "WIND", "WAIT", "PAST"], list(line["sections"]))
            self.assertGreater(line["customers"], 10)
        text = self.kpictl("inspect", self.state, "--shard", 1, *self.config)
        self.assertIn("shard 1, generation 1\n  format 5", text)
        self.assertIn(": that of the configuration", text)
        self.assertNotIn("shard 0", text)
        other = self.kpictl("inspect", self.state, *self.config, "--set", "time_zone=Asia/Tokyo")
        self.assertIn("not that of the configuration", other)
        self.assertIn("no checkpoint", self.kpictl("inspect", temporary_folder("empty"), expect=1))

    def test_verify(self):
        self.assertIn("3 generations, 0 damaged", self.kpictl("verify", self.state, *self.config))
        self.assertIn("other measures, windows or events", self.kpictl("verify", self.state, *self.config, "--set", "time_zone=Asia/Tokyo", expect=1))
        shutil.copy(os.path.join(self.state, "shard-0002.1.checkpoint"), os.path.join(self.folder, "kept"))
        self.damage(1)
        said = self.kpictl("verify", self.state, expect=1)
        self.assertIn("shard 1, generation 1: ", said)
        self.assertIn("shard 1: no generation can be used", said)
        self.assertIn("3 generations, 1 damaged", said)
        os.remove(os.path.join(self.state, "shard-0000.1.checkpoint"))
        self.assertIn("shard 0: there is no checkpoint", self.kpictl("verify", self.state, expect=1))

    def test_export_and_import(self):
        file, copy = os.path.join(self.folder, "export"), os.path.join(self.folder, "copy")
        self.kpictl("export", self.state, file)
        self.kpictl("import", file, copy)
        for name in os.listdir(self.state):
            with open(os.path.join(self.state, name), "rb") as one, open(os.path.join(copy, name), "rb") as other:
                self.assertEqual(one.read(), other.read(), name)
        self.assertIn("holds checkpoints already", self.kpictl("import", file, copy, expect=1))
        self.kpictl("import", file, copy, "--force")
        self.assertIn("3 generations, 0 damaged", self.kpictl("verify", copy, *self.config))
        with open(file, "rb") as whole:
            content = whole.read()
        for bad in (content[:-1], content + b"x", b"KPIDEXPX" + content[8:], content[:1000] + b"?" + content[1001:], b""):
            with open(file, "wb") as damaged:
                damaged.write(bad)
            self.assertIn("no whole export", self.kpictl("import", file, os.path.join(self.folder, "none"), expect=1))
        self.damage(0)
        self.assertIn("shard 0", self.kpictl("export", self.state, file, expect=1))

    def test_called_wrongly(self):
        for arguments in ([], ["look"], ["inspect"], ["export", "file"], ["import", "file"], ["inspect", "a", "b"],
                          ["inspect", self.state, "--shard", "x"], ["reshard", self.state, "--to", 4]):
            self.assertNotEqual("", self.kpictl(*arguments, expect=2))
        again = run_any("kpictl", "replay", *self.config, "--checkpoint", self.state, "--partitions", "3", self.events)
        self.assertEqual(1, again.returncode)
        self.assertIn("holds checkpoints already", again.stderr)
        missing = run_any("kpictl", "replay", *self.config, "--checkpoint", self.state + "2", self.events)
        self.assertEqual((2, True), (missing.returncode, "--partitions is missing" in missing.stderr))


class Seeded(KafkaCase):
    def test_history_from_a_file(self):
        """The first half of history is in the file only, the last three days of it and all that follows in Kafka."""
        end = int(time.time()) * 1000
        cut = (end - 20 * DAY) // 60000 * 60000
        options = ["--seed", 21, "--end", rfc3339(end), "--days", 45, "--customers", 300, *FAULTS]
        self.create_topics()
        self.produce_history(*options)
        records = self.records()
        events = figures.write_events(records, 4)
        for topic, partition in {(record["topic"], record["partition"]) for record in records}:
            old = [record["offset"] for record in records
                   if (record["topic"], record["partition"]) == (topic, partition) and record["timestamp"] < cut - 3 * DAY]
            if old:
                self.tool.delete_records(topic, partition, max(old) + 1)
        daemon = self.daemon(roster=self.roster(*options))
        seed = run_any("kpictl", "replay", "--config", CONFIG, "--set", f"roster.file={self._roster}", "--as-arrived",
                       "--checkpoint", daemon.checkpoint_folder, "--partitions", "4", "--until", rfc3339(cut), events)
        self.assertEqual(0, seed.returncode, seed.stderr)
        daemon.start()
        meta, lines = figures.read_consistent(daemon, self.client(), self.ends(), 120)
        expected, _ = figures.oracle(events, [meta["published_end"]], self._roster, as_arrived=True)
        figures.compare(expected[meta["published_end"]], lines)
        counts = {name: int(meta[name]) for name in ("records", "applied", "duplicates", "late", "refused", "seeded", "waiting")}
        self.assertEqual(counts["records"], sum(counts.values()) - counts["records"], counts)
        self.assertGreater(counts["seeded"], 500)
        self.assertEqual("", meta["gap"])
        self.note(f"{counts['applied']} applied, {counts['seeded']} of Kafka's were in the seed")


class InTopics(KafkaCase):
    def test_an_export_goes_into_a_topic(self):
        options = ["--end", "2026-06-30T00:00:00Z", "--days", 5, "--customers", 50]
        folder, file = os.path.join(temporary_folder("checkpoints"), "seed"), os.path.join(temporary_folder("checkpoints"), "export")
        config = ["--config", CONFIG, "--set", "roster.file="]
        topic = [*config, "--set", f"kafka.brokers={self.brokers}", "--set", f"kafka.topic_prefix={self.prefix}", "--set", "checkpoint.store=kafka"]
        run("kpictl", "replay", *config, "--checkpoint", folder, "--partitions", "4", self.simulated_file(*options))
        run("kpictl", "checkpoint", "export", folder, file)
        run("kpictl", "checkpoint", "import", file, *topic)
        self.assertIn("4 generations, 0 damaged", run("kpictl", "checkpoint", "verify", *topic))
        there = [json.loads(line) for line in run("kpictl", "checkpoint", "inspect", "--json", *topic).splitlines()]
        here = [json.loads(line) for line in run("kpictl", "checkpoint", "inspect", folder, "--json", *config).splitlines()]
        self.assertEqual([{**line, "generation": 0} for line in here], [{**line, "generation": 0} for line in there])
        self.assertEqual(1, run_any("kpictl", "checkpoint", "import", file, *topic).returncode)


class MorePartitions(KafkaCase):
    def add_partitions(self):
        for topic in self.event_topics():
            self.tool.add_partitions(topic, MORE)
        wait_until(lambda: all(self.tool.topics()[topic] == MORE for topic in self.event_topics()), 60, "the new partitions")

    def events_of(self, before):
        """What lies in an old or a new partition by the number that there was when it came."""
        places = {(record["topic"], record["partition"], record["offset"]) for record in before}
        old = [record for record in self.records() if (record["topic"], record["partition"], record["offset"]) in places]
        new = [record for record in self.records() if (record["topic"], record["partition"], record["offset"]) not in places]
        self.assertGreater(len({record["partition"] for record in new}), 4)
        path = os.path.join(temporary_folder("events"), "both.jsonl")
        lines = [(record["timestamp"], figures.event_line(record, count)) for records, count in ((old, 4), (new, MORE)) for record in records]
        with open(path, "wb") as file:
            for _, line in sorted(lines, key=lambda line: line[0]):
                file.write(line + b"\n")
        return path

    def test_partitions_are_added_while_kpid_runs(self):
        now = int(time.time()) * 1000
        first = ["--seed", 31, "--end", rfc3339(now - 3 * DAY), "--days", 40, "--customers", 200, *FAULTS]
        later = ["--seed", 32, "--start", rfc3339(now - 3 * DAY), "--end", rfc3339(now), "--customers", 200, *FAULTS]
        self.create_topics()
        self.produce_history(*first)
        daemon = self.daemon(roster=self.roster(*first)).start()
        self.assert_equals_oracle(daemon)
        before = self.records()
        self.add_partitions()
        self.assertEqual(78, daemon.wait_exit(90))
        self.assertIn("kpictl checkpoint reshard", daemon.log_text())
        self.produce_history(*later, "--partitions", MORE)
        self.assertEqual(78, daemon.start().wait_exit(90))
        self.assertIn(f"but they have {MORE} now", daemon.log_text())
        self.reshard(daemon)
        daemon.start()
        meta, lines = figures.read_consistent(daemon, self.client(), self.ends(), 120)
        expected, _ = figures.oracle(self.events_of(before), [meta["published_end"]], self._roster, as_arrived=True)
        figures.compare(expected[meta["published_end"]], lines)
        self.assertEqual(str(MORE), meta["shards"])
        self.assertEqual(sum(self.ends().values()), int(meta["records"]))

    def reshard(self, daemon):
        into = daemon.checkpoint_folder + "-7"
        settings = [argument for key, value in daemon.settings.items() for argument in ("--set", f"{key}={value}")]
        done = run_any("kpictl", "checkpoint", "reshard", "--config", CONFIG, *settings, "--to", str(MORE), "--into", into)
        self.assertEqual(0, done.returncode, done.stderr)
        self.note(done.stdout.strip().split("; ")[1])
        daemon.settings["checkpoint.directory"] = into


if __name__ == "__main__":
    unittest.main()
