"""Where kpid cannot do right it stops, and says what is wrong."""
import os

from harness.case import PARTITIONS, Case, KafkaCase
from harness.daemon import CONFIG, run_any
from harness.process import wait_until

BAD_CONFIG = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bad_config")


class Partitions(KafkaCase):
    def assert_says(self, daemon, *texts):
        self.assertNotIn(daemon.wait_exit(60), (0, None))
        log = daemon.log_text()
        for text in texts:
            self.assertIn(str(text), log)

    def test_topics_of_different_counts(self):
        self.create_topics()
        self.tool.add_partitions(self.topic("sales.deals"), PARTITIONS + 2)
        self.assert_says(self.daemon().start(), "sales.deals", PARTITIONS, PARTITIONS + 2)

    def test_a_checkpoint_of_another_count(self):
        self.create_topics()
        self.produce_history("--days", 2, "--customers", 20)
        daemon = self.daemon().start()
        daemon.wait_consumed(self.ends())
        self.assertEqual(0, daemon.terminate())
        topics = self.event_topics()
        for topic in topics:
            self.tool.add_partitions(topic, PARTITIONS + 2)
        os.truncate(daemon.log, 0)
        daemon.start()
        self.assert_says(daemon, PARTITIONS, PARTITIONS + 2)

    def test_a_topic_that_is_not_there(self):
        self.create_topics()
        missing = self.topic("sales.deals")
        self.tool.delete(missing)
        daemon = self.daemon().start()
        self.wait_for_words(daemon, "sales.deals")

    def wait_for_words(self, daemon, text):
        """Whether it ends or waits for the topic, it names it."""
        wait_until(lambda: text in daemon.log_text(), 60, f"{text} in the log", daemon.log_tail)
        if daemon.running():
            self.assertEqual(0, daemon.terminate())


class Configuration(Case):
    """bad_config: expected.txt lists what must be said of it."""

    def check(self, program, *arguments):
        with open(os.path.join(BAD_CONFIG, "expected.txt"), encoding="utf-8") as file:
            expected = file.read().splitlines()
        self.assertGreaterEqual(len(expected), 10)
        done = run_any(program, *arguments)
        self.assertNotEqual(0, done.returncode)
        said = done.stdout + done.stderr
        for line in expected:
            with self.subTest(line):
                self.assertIn(line, said)

    def test_kpictl_check_names_every_mistake(self):
        self.check("kpictl", "check", BAD_CONFIG)

    def test_kpid_names_every_mistake(self):
        self.check("kpid", "--config", BAD_CONFIG)

    def test_the_shipped_configuration_is_right(self):
        done = run_any("kpictl", "check", CONFIG)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)

    def test_no_such_folder(self):
        done = run_any("kpid", "--config", "/nowhere/at/all")
        self.assertNotEqual(0, done.returncode)
        self.assertIn("/nowhere/at/all", done.stderr)

    def test_a_setting_that_does_not_exist(self):
        done = run_any("kpid", "--config", CONFIG, "--set", "kafka.broker=127.0.0.1:1")
        self.assertNotEqual(0, done.returncode)
        self.assertIn("kafka.brokers", done.stderr)
