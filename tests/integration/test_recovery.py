"""Whatever happens to kpid or to Redis, the figures come back to the same digits."""
import os
import random
import signal
import time

from faults.rows_disk import has_both_generations
from harness import boards, figures, kafka
from harness.case import DEAD_LETTERS, LATE, KafkaCase
from harness.process import wait_until

FAULTS = ["--duplicates", 3, "--disorder", 10, "--late", 1, "--malformed", 1, "--future", 0.5, "--conflicts", 0.5]


class Recovery(KafkaCase):
    DEADLINE = 90

    def setUp(self):
        super().setUp()
        self.create_topics()
        self.options = ["--end", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "--days", 45, "--customers", 300, "--reps", 8]
        self.people = self.roster(*self.options)

    def caught_up(self, *options, **settings):
        self.produce_history(*self.options, *options)
        daemon = self.daemon(roster=self.people, **settings).start()
        self.assert_equals_oracle(daemon)
        return daemon

    def assert_heals(self, daemon):
        """Everything is right again by itself, within a minute or so."""
        began, last = time.monotonic(), [None]

        def right():
            try:
                self.assert_equals_oracle(daemon)
            except AssertionError as error:
                last[0] = error
                return False
            return True
        wait_until(right, self.DEADLINE, "Redis to be whole again", lambda: str(last[0]), 0.2)
        self.note(f"whole again {time.monotonic() - began:.1f} s later")

    def assert_boards_heal(self, daemon):
        last = [None]

        def read(client):
            return boards.read(client), figures.read_snapshots(client)

        def right():
            _, (found, lines) = figures.read_consistent(daemon, self.client(), self.ends(), self.DEADLINE, read)
            try:
                boards.check(found, lines)
            except AssertionError as error:
                last[0] = error
                return False
            return True
        wait_until(right, self.DEADLINE, "the boards to be whole again", lambda: str(last[0]), 0.2)

    def processed(self, daemon):
        return sum(daemon.offsets().values())


class Kpid(Recovery):
    def run_with_ends(self, seed, end, count):
        """kpid ends `count` times by end(daemon), while events keep coming; then all is right."""
        source = random.Random(seed)
        producer = self.start_producing("--seed", seed, *self.options, *FAULTS, "--live", "--rate", 300)
        daemon = self.daemon(roster=self.people)
        for number in range(count):
            daemon.start()
            wanted = self.processed(daemon) + source.randrange(1, 1500)
            daemon.wait_until(lambda: self.processed(daemon) >= wanted, f"{wanted} offsets in run {number}")
            end(daemon)
        daemon.start()
        daemon.wait_caught_up()
        self.assertEqual(0, producer.stop())
        meta, counts = self.assert_equals_oracle(daemon)
        self.assert_accounts(meta, counts)
        return daemon

    def assert_accounts(self, meta, counts):
        """A dead letter may stand there twice after a crash, but none is missing."""
        records, applied, duplicates, late, refused, seeded, waiting = (
            int(meta[name]) for name in ("records", "applied", "duplicates", "late", "refused", "seeded", "waiting"))
        self.assertEqual(sum(self.ends().values()), records)
        self.assertEqual(records, applied + duplicates + late + refused + seeded + waiting)
        self.assertEqual((counts.get("events", 0), counts.get("late", 0)), (applied + waiting, late))
        self.wait_letters(DEAD_LETTERS, refused)
        self.wait_letters(LATE, late)

    def test_killed_again_and_again(self):
        self.run_with_ends(41, lambda daemon: daemon.kill(), 6)

    def test_killed_at_random_times_after_the_start(self):
        """Before the first checkpoint, within it, while it is restored."""
        source = random.Random(42)
        self.produce_history("--seed", 42, *self.options, *FAULTS)
        daemon = self.daemon(roster=self.people, checkpoint__interval="100ms")
        for _ in range(12):
            daemon.start()
            moment = time.monotonic() + source.uniform(0, 0.6)
            wait_until(lambda: time.monotonic() >= moment, 5, "the moment of the kill", interval=0.005)
            daemon.kill()
        daemon.start()
        meta, counts = self.assert_equals_oracle(daemon)
        self.assert_accounts(meta, counts)

    def test_sigterm_under_load(self):
        longest = [0.0]

        def end(daemon):
            began = time.monotonic()
            self.assertEqual(0, daemon.terminate())
            longest[0] = max(longest[0], time.monotonic() - began)
        self.run_with_ends(43, end, 4)
        self.note(f"SIGTERM took at most {longest[0]:.2f} s")
        self.assertLess(longest[0], 5)

    def test_sigterm_before_anything_is_read(self):
        daemon = self.daemon().start()
        daemon.wait_until(lambda: daemon.log_text() or daemon.meta(), "a sign of life")
        began = time.monotonic()
        self.assertEqual(0, daemon.terminate())
        self.assertLess(time.monotonic() - began, 5)

    def test_sighup_before_there_are_topics(self):
        daemon = self.daemon(kafka__topic_prefix=self.topic("later.")).start()
        daemon.wait_until(lambda: "waiting for Kafka" in daemon.log_text(), "it to wait for topics")
        daemon.signal(signal.SIGHUP)
        self.tool.create(self.topic("later.sales.calls"), partitions=2)
        daemon.wait_until(lambda: "configuration reloaded" in daemon.log_text(), "the reload")
        daemon.wait_caught_up()
        self.assertEqual(0, daemon.terminate())

    def test_paused_and_continued(self):
        daemon = self.caught_up("--seed", 44)
        daemon.signal(signal.SIGSTOP)
        self.produce_history("--seed", 45, "--end", self.options[1], "--days", 2, "--customers", 50)
        daemon.signal(signal.SIGCONT)
        self.assert_equals_oracle(daemon)

    def test_a_damaged_checkpoint(self):
        """The newest is cut; kpid falls back and reads on from the one before, or from the beginning."""
        daemon = self.caught_up("--seed", 46)
        self.assertEqual(0, daemon.terminate())
        seed = 4600
        while not has_both_generations(daemon):
            seed += 1
            daemon.start()
            self.produce_history("--seed", seed, "--end", self.options[1], "--days", 2, "--customers", 50)
            daemon.wait_consumed(self.ends())
            self.assertEqual(0, daemon.terminate())
        files = [os.path.join(folder, name) for folder, _, names in os.walk(daemon.checkpoint_folder) for name in names]
        whole = [path for path in files if os.path.getsize(path) > 0]
        self.assertTrue(whole, f"no checkpoint in {daemon.checkpoint_folder}: {files}")
        newest = max(whole, key=os.path.getmtime)
        os.truncate(newest, os.path.getsize(newest) // 2)
        daemon.start()
        meta, counts = self.assert_equals_oracle(daemon)
        self.assertEqual(counts["events"], int(meta["applied"]))

    def test_from_the_beginning_without_a_checkpoint(self):
        daemon = self.caught_up("--seed", 47)
        daemon.kill()
        daemon.settings["checkpoint.directory"] += "-new"
        os.makedirs(daemon.settings["checkpoint.directory"])
        daemon.start()
        meta, counts = self.assert_equals_oracle(daemon)
        self.assert_accounts(meta, counts)


class Redis(Recovery):
    def test_flushall(self):
        daemon = self.caught_up("--seed", 51)
        self.client().command("FLUSHALL")
        self.assert_heals(daemon)

    def test_restarted_empty(self):
        daemon = self.caught_up("--seed", 52)
        self.redis.kill()
        self.redis.start()
        self.assert_heals(daemon)

    def test_away_while_events_come(self):
        daemon = self.caught_up("--seed", 53)
        self.redis.kill()
        self.produce_history("--seed", 54, "--end", self.options[1], "--days", 2, "--customers", 50)
        self.redis.start()
        self.assert_heals(daemon)

    def test_single_keys_deleted_damaged_and_planted(self):
        daemon = self.caught_up("--seed", 55, redis__refresh="5s")
        client = self.client()
        keys = client.keys("kpi:*")
        snapshots = [key for key in keys if key.startswith("kpi:snap:")]
        board = next(key for key in keys if key.startswith("kpi:board:"))
        client.command("DEL", snapshots[0])
        client.command("DEL", board)
        client.command("HSET", snapshots[1], "close_rate@30d", '{"value":0.99}')
        client.command("HSET", snapshots[2], "planted@30d", '{"value":0.99}')
        client.command("HDEL", snapshots[3], "revenue@30d")
        self.assert_heals(daemon)
        self.assert_boards_heal(daemon)

    def test_scripts_flushed(self):
        daemon = self.caught_up("--seed", 56)
        self.client().command("SCRIPT", "FLUSH")
        self.produce_history("--seed", 57, "--end", self.options[1], "--days", 2, "--customers", 50)
        self.assert_heals(daemon)

    def test_not_there_at_the_start(self):
        self.produce_history("--seed", 58, *self.options)
        self.redis.stop()
        daemon = self.daemon(roster=self.people).start()
        daemon.wait_until(lambda: "redis" in daemon.log_text().lower(), "a word about Redis")
        self.redis.start()
        self.assert_heals(daemon)


class Broker(Recovery):
    def new_brokers(self):
        self.broker = kafka.Broker().start()
        self.addCleanup(self.broker.stop)
        return self.broker.address, self.broker.tool()

    def test_killed_and_restarted(self):
        daemon = self.caught_up("--seed", 61)
        self.broker.kill()
        self.broker.start()
        self.produce_history("--seed", 62, "--end", self.options[1], "--days", 2, "--customers", 50)
        self.assert_equals_oracle(daemon, 180)
        self.assertTrue(daemon.running())

    def test_sigterm_while_it_is_away(self):
        daemon = self.caught_up("--seed", 63)
        self.broker.kill()
        began = time.monotonic()
        self.assertEqual(0, daemon.terminate())
        self.assertLess(time.monotonic() - began, 30)
        self.broker.start()
        daemon.start()
        self.assert_equals_oracle(daemon, 180)
