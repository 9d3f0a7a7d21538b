"""A machine whose clock is wrong: figures stand still, kpid says so, and no figure is ever of a time that was not."""
import mmap
import os
import struct
import subprocess
import time
import unittest

from harness.case import KafkaCase
from harness.process import ROOT, temporary_folder

SHIM = os.path.join(ROOT, "tests", "harness", "clock_shim.c")
HOUR, DAY, YEARS = 3600, 86400, 315532800
RECENT = ["--days", 20, "--customers", 120, "--reps", 5]


@unittest.skipIf("sanitize" in os.environ.get("KPID_BUILD", ""), "the sanitizers want to be loaded first")
class Clock(KafkaCase):
    def setUp(self):
        super().setUp()
        self.create_topics()
        folder = temporary_folder("clock")
        self.shim, self.file = os.path.join(folder, "shim.so"), os.path.join(folder, "offset")
        subprocess.run(["gcc", "-O1", "-fPIC", "-shared", "-D_GNU_SOURCE", "-o", self.shim, SHIM], check=True)
        with open(self.file, "wb") as file:
            file.write(bytes(8))
        with open(self.file, "r+b") as file:
            self.offset = mmap.mmap(file.fileno(), 8)
        self.options = ["--end", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), *RECENT]
        self.people = self.roster(*self.options)
        self.produce_history("--seed", 81, *self.options)

    def set_clock(self, offset):
        """Seconds that it is ahead."""
        self.offset[:] = struct.pack("=q", offset * 1000)

    def faked(self, offset):
        self.set_clock(offset)
        daemon = self.daemon(roster=self.people)
        daemon.env.update({"LD_PRELOAD": self.shim, "KPID_TEST_CLOCK": self.file})
        return daemon.start()

    def wait_said(self, daemon, text, count=1):
        daemon.wait_until(lambda: daemon.log_text().count(text) >= count, f"the words '{text}'")

    def assert_recovers(self, daemon, count=1):
        before = daemon.meta().get("published_end", "")
        self.set_clock(0)
        self.wait_said(daemon, "agrees with Kafka's again", count)
        daemon.wait_until(lambda: daemon.meta().get("published_end", "") > before, "the end to move on", 120)
        self.assert_equals_oracle(daemon)
        self.assertLess(daemon.meta()["end"], time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600)))
        self.assertLess(abs(int(daemon.meta()["clock_skew"])), 60000)

    def step(self, offset, said, number):
        """The clock steps while kpid runs."""
        self.set_clock(offset)
        self.wait_said(self.kpid, f"{said} Kafka's: figures stand still")
        end = self.kpid.meta()["end"]
        self.kpid.wait_until(lambda: abs(int(self.kpid.meta()["clock_skew"]) - offset * 1000) < 60000, "the skew in kpi:meta")
        self.produce_history("--seed", 81 + number, "--end", self.options[1], "--days", 1, "--customers", 20)
        self.assert_equals_oracle(self.kpid)
        self.assertEqual(end, self.kpid.meta()["end"])
        self.set_clock(0)
        self.wait_said(self.kpid, "agrees with Kafka's again", number)
        self.kpid.wait_until(lambda: self.kpid.log_text().rstrip().endswith("caught up") or self.kpid.meta()["end"] > end, "it to catch up", 120)
        self.kpid.wait_caught_up(120)

    def test_steps_while_it_runs(self):
        self.kpid = self.faked(0)
        self.assert_equals_oracle(self.kpid)
        self.step(HOUR, "ahead of", 1)
        self.step(-DAY, "behind", 2)
        self.step(YEARS, "ahead of", 3)
        self.assert_recovers(self.kpid, 3)

    def test_wrong_at_the_start(self):
        daemon = self.faked(YEARS)
        self.wait_said(daemon, "ahead of Kafka's: figures stand still")
        self.assertNotIn("published_end", daemon.meta())
        self.assert_recovers(daemon)
        self.assertEqual(0, daemon.terminate())
        self.set_clock(-DAY)
        daemon.start()
        self.wait_said(daemon, "behind Kafka's: figures stand still")
        self.assert_recovers(daemon, 2)
        self.assertEqual(0, daemon.terminate())

    def test_a_topic_that_does_not_stamp(self):
        """Said once, and nothing is compared."""
        self.tool.create(self.topic("kpid.clock"), configs={"message.timestamp.type": "CreateTime"})
        daemon = self.faked(0)
        self.assert_equals_oracle(daemon)
        self.wait_said(daemon, "the broker does not stamp the records")
        self.assertEqual("", daemon.meta()["clock_skew"])
        self.assertEqual(1, daemon.log_text().count("the broker does not stamp the records"))
