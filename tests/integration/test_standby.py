"""Several kpid of one name: one is active, the others stand by and take over."""
import json
import os
import signal
import time

from harness.case import KafkaCase
from harness.process import wait_until


class Standby(KafkaCase):
    DEADLINE = 90

    def setUp(self):
        super().setUp()
        self.create_topics()
        self.options = ["--end", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "--days", 30, "--customers", 200, "--reps", 6]
        self.people = self.roster(*self.options)

    def active(self, **settings):
        """The first: caught up."""
        daemon = self.daemon(roster=self.people, **settings).start()
        self.wait_active(daemon)
        daemon.wait_caught_up(self.DEADLINE)
        return daemon

    def standby(self, first, **settings):
        """Another one on the same checkpoints, that says whom it waits for."""
        if "checkpoint__store" not in settings:
            settings["checkpoint__directory"] = first.checkpoint_folder
        daemon = self.daemon(roster=self.people, **settings).start()
        self.wait_says(daemon, f"pid {first.pid} is active")
        return daemon

    def wait_says(self, daemon, text):
        daemon.wait_until(lambda: text in daemon.log_text(), f"'{text}' in its log", self.DEADLINE)

    def wait_active(self, daemon):
        """Seconds until it publishes."""
        began = time.monotonic()
        daemon.wait_until(lambda: daemon.meta().get("pid") == str(daemon.pid), "it to publish", self.DEADLINE)
        return time.monotonic() - began

    def token(self, daemon):
        return int(daemon.meta()["token"])

    def counts(self, daemon):
        return json.loads(daemon.meta()["writer"])

    def kill_under_load(self, **settings):
        """Seconds until the standby publishes."""
        producer = self.start_producing("--seed", 71, *self.options, "--live", "--rate", 100)
        started_ms = int(time.time() * 1000)
        first = self.active(**settings)
        second = self.standby(first, **settings)
        before = self.token(first)
        self.assertGreater(before, started_ms, "a token rises though Redis has forgotten the one before")
        first.kill()
        seconds = self.wait_active(second)
        self.assertGreater(self.token(second), before)
        self.assertEqual(0, producer.stop())
        self.assert_equals_oracle(second)
        return seconds

    def test_killed(self):
        """On one directory: its lock shows that the first is gone."""
        self.note(f"taken over {self.kill_under_load():.1f} s after kill -9")

    def test_killed_with_checkpoints_in_kafka(self):
        """Nothing but the lease, that runs out."""
        seconds = self.kill_under_load(checkpoint__store="kafka")
        self.note(f"taken over {seconds:.1f} s after kill -9")

    def test_started_again_after_a_kill(self):
        self.produce_history("--seed", 70, *self.options)
        first = self.active(redis__lease="1m")
        first.kill()
        first.start()
        self.note(f"it publishes {self.wait_active(first):.1f} s after its start")
        self.wait_says(first, "who held the lease is gone")
        self.assert_equals_oracle(first)

    def test_redis_forgets_everything(self):
        """The lease, too: it stays with who had it."""
        self.produce_history("--seed", 79, *self.options)
        first = self.active()
        second = self.standby(first)
        token = self.token(first)
        self.client().command("FLUSHALL")
        wait_until(lambda: str(first.pid) in (self.client().text("GET", "kpi:lease") or ""), self.DEADLINE, "the lease", first.log_tail)
        self.assert_equals_oracle(first)
        self.assertEqual((str(first.pid), token), (first.meta()["pid"], self.token(first)))
        self.assertNotIn("takes over", second.log_text())

    def test_handed_over_again_and_again(self):
        """A clean end: the next one goes on at once, without waiting for the lease to run out."""
        self.produce_history("--seed", 72, *self.options)
        one = self.active(redis__lease="1m")
        for _ in range(2):
            two = self.standby(one, redis__lease="1m")
            self.assertEqual(0, one.terminate())
            self.note(f"taken over {self.wait_active(two):.1f} s after SIGTERM")
            one = two
        self.assert_equals_oracle(one)

    def test_what_a_standby_does_meanwhile(self):
        """It ends at once, reads its configuration again, and says that the active one has another."""
        self.produce_history("--seed", 73, *self.options)
        first = self.active()
        second = self.standby(first)
        self.assertNotIn("another configuration", second.log_text())
        second.signal(signal.SIGHUP)
        self.wait_says(second, "configuration reloaded")
        began = time.monotonic()
        self.assertEqual(0, second.terminate())
        self.assertLess(time.monotonic() - began, 5)
        third = self.standby(first, limits__allowed_lateness="6d")
        self.wait_says(third, "the active process has another configuration")
        self.assertEqual(first.meta()["pid"], str(first.pid))

    def test_the_active_one_reloads(self):
        """It keeps the lease."""
        self.produce_history("--seed", 74, *self.options)
        first = self.active()
        second = self.standby(first)
        first.signal(signal.SIGHUP)
        self.wait_says(first, "configuration reloaded")
        started = first.meta()["started_at"]
        first.wait_until(lambda: first.meta().get("started_at") != started, "the next run to publish", self.DEADLINE)
        self.assertEqual(first.meta()["pid"], str(first.pid))
        self.assertNotIn("takes over", second.log_text())
        self.assert_equals_oracle(first)

    def test_stopped_beyond_its_lease(self):
        """Another one takes over; when the first goes on it writes nothing, says so and stands by. Later it takes over itself."""
        self.produce_history("--seed", 75, *self.options)
        first = self.active(checkpoint__store="kafka")
        second = self.standby(first, checkpoint__store="kafka")
        first.signal(signal.SIGSTOP)
        wait_until(lambda: second.meta().get("pid") == str(second.pid), self.DEADLINE, "the second to publish", second.log_tail)
        second.wait_caught_up(self.DEADLINE)
        self.produce_history("--seed", 76, "--end", self.options[1], "--days", 2, "--customers", 50)
        self.assert_equals_oracle(second)
        token = self.token(second)
        first.signal(signal.SIGCONT)
        self.wait_says(first, f"pid {second.pid} is active")
        self.assertEqual((token, str(second.pid)), (self.token(second), second.meta()["pid"]))
        self.assert_equals_oracle(second)
        second.kill()
        self.wait_active(first)
        self.assert_equals_oracle(first)
        counts = self.counts(first)
        self.assertGreaterEqual(counts["leases_lost"] + counts["refused_token"], 1, counts)

    def test_a_stopped_one_holds_the_directory(self):
        """The lease is taken over, but the checkpoints are still the other's: it waits for them."""
        self.produce_history("--seed", 77, *self.options)
        first = self.active(redis__lease="1s")
        second = self.standby(first, redis__lease="1s")
        first.signal(signal.SIGSTOP)
        wait_until(lambda: "is in use by another process" in second.log_text(), self.DEADLINE, "it to wait", second.log_tail)
        self.assertTrue(second.running())
        first.kill()
        self.wait_active(second)
        self.assert_equals_oracle(second)

    def test_redis_is_not_there_at_the_start(self):
        """Both count on; when Redis is there one of them is active and the other stands by."""
        self.produce_history("--seed", 78, *self.options)
        self.redis.stop()
        both = [self.daemon(roster=self.people).start() for _ in range(2)]
        for daemon in both:
            daemon.wait_until(lambda daemon=daemon: os.listdir(daemon.checkpoint_folder)[1:], "a checkpoint", self.DEADLINE)
        self.redis.start()
        wait_until(lambda: both[0].meta().get("pid"), self.DEADLINE, "one to publish", both[0].log_tail)
        pid = both[0].meta()["pid"]
        active, other = both if pid == str(both[0].pid) else reversed(both)
        self.wait_says(other, f"pid {active.pid} is active")
        self.assert_equals_oracle(active)
