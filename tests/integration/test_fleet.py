"""A fleet (cluster: true): processes that share the shards, of which any may end, hang or come at any time."""
import json
import signal
import threading
import time

from harness.case import KafkaCase


class Watcher:
    """Looks at kpi:meta again and again: what was read never falls."""

    def __init__(self, redis):
        self._redis = redis
        self._stop = threading.Event()
        self.falls, self.looks, self.longest, self.ended = [], 0, 0.0, False
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        known, records, moved = {}, 0, None
        with self._redis.client() as client:
            while not self._stop.wait(0.02):
                meta = client.hgetall("kpi:meta")
                if "records" not in meta:  # nothing was published since Redis was emptied
                    continue
                offsets = json.loads(meta.get("offsets", "{}"))
                self.falls += [(name, known[name], offset) for name, offset in offsets.items() if offset < known.get(name, 0)]
                self.falls += [("records", records, meta["records"])] if int(meta["records"]) < records else []
                now = time.monotonic()
                if moved is not None:
                    self.longest = max(self.longest, now - moved)
                if moved is None or sum(offsets.values()) > sum(known.values()):
                    moved = now
                known, records = {**known, **offsets}, int(meta["records"])
                self.looks += 1
        self.ended = True

    def stop(self):
        self._stop.set()
        self._thread.join()


class Fleet(KafkaCase):
    HISTORY = ["--days", 20, "--customers", 200, "--reps", 6]

    def setUp(self):
        super().setUp()
        self.create_topics()
        self.options = ["--end", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), *self.HISTORY]
        self.people = self.roster(*self.options)

    def member(self, **settings):
        return self.daemon(roster=self.people, cluster="true", checkpoint__store="kafka", kafka__session_timeout="6s", **settings)

    def fleet_meta(self, member):
        return json.loads(member.meta().get("fleet", "{}"))

    def instances(self, member):
        return json.loads(member.meta().get("instances", "[]"))

    def wait_instances(self, member, count):
        member.wait_until(lambda: len(self.instances(member)) == count, f"{count} members with shards", 60)

    def assert_nothing_fell(self, watcher):
        watcher.stop()
        self.assertTrue(watcher.ended, "the watcher has failed")
        self.assertEqual([], watcher.falls)
        self.note(f"{watcher.looks} looks")

    def start_three(self):
        members = [self.member() for _ in range(3)]
        for count, member in enumerate(members, 1):
            member.start()
            self.wait_instances(member, count)
        return members


class Members(Fleet):
    def test_one_after_the_other(self):
        self.produce_history("--seed", 71, *self.options, "--duplicates", 3, "--disorder", 10, "--late", 1, "--malformed", 1)
        members = self.start_three()
        self.assert_equals_oracle(members[0])
        for member in members:
            self.assertEqual(0, member.terminate())
        again = self.member().start()
        self.assert_equals_oracle(again)

    def test_coming_and_going_under_load(self):
        """Nothing that was shown is taken back while shards move; and at the end all is right."""
        producer = self.start_producing("--seed", 72, *self.options, "--duplicates", 3, "--disorder", 10, "--live", "--rate", 60)
        first, second, third = self.start_three()
        watcher = Watcher(self.redis)
        self.addCleanup(watcher.stop)
        self.assertEqual(0, second.terminate())
        self.wait_instances(first, 2)
        second.start()
        self.wait_instances(first, 3)
        third.kill()
        self.wait_instances(first, 2)
        third.start()
        self.wait_instances(first, 3)
        self.client().command("FLUSHALL")
        self.assertEqual(0, first.terminate())
        self.wait_instances(second, 2)
        self.note(f"{watcher.longest:.1f} s at most without news while events came")
        self.assertEqual(0, producer.stop())
        self.assert_equals_oracle(second)
        self.assert_nothing_fell(watcher)

    def test_all_killed(self):
        self.produce_history("--seed", 73, *self.options, "--duplicates", 3, "--disorder", 10)
        members = self.start_three()
        self.assert_equals_oracle(members[0])
        for member in members:
            member.kill()
        self.produce_history("--seed", 74, "--end", self.options[1], "--days", 2, "--customers", 40, "--reps", 6)
        for member in members:
            member.start()
        self.wait_instances(members[0], 3)
        self.assert_equals_oracle(members[0])

    def test_paused_beyond_session_and_lease(self):
        """What it still says when it wakes is ignored, and it joins anew."""
        producer = self.start_producing("--seed", 75, *self.options, "--duplicates", 3, "--disorder", 10, "--live", "--rate", 60)
        members = self.start_three()
        watcher = Watcher(self.redis)
        self.addCleanup(watcher.stop)
        paused = next(member for member in members if str(member.pid) == member.meta().get("pid"))
        others = [member for member in members if member is not paused]
        paused.signal(signal.SIGSTOP)
        self.wait_instances(others[0], 2)
        others[0].wait_until(lambda: others[0].meta().get("pid") != str(paused.pid), "another one to publish", 60)
        paused.signal(signal.SIGCONT)
        self.wait_instances(others[0], 3)
        # Whether it still says something before the group tells it is chance; the fault tests and the simulator see to both.
        paused.wait_until(lambda: "gone on without this member" in paused.log_text(), "it to hear that the group has gone on", 60)
        self.note(f"{self.fleet_meta(others[0]).get('stale')} stale pieces ignored")
        self.note(f"{watcher.longest:.1f} s at most without news while events came")
        self.assertEqual(0, producer.stop())
        self.assert_equals_oracle(others[0])
        self.assert_nothing_fell(watcher)

    def test_another_configuration_is_sent_away(self):
        self.produce_history("--seed", 76, *self.options)
        member = self.member().start()
        self.wait_instances(member, 1)
        other = self.member(limits__allowed_lateness="6d").start()
        self.assertEqual(78, other.wait_exit())
        self.assertIn("has another configuration", other.log_text())
        self.assertTrue(other.log_text().rstrip().endswith("what is said above must be mended first"), other.log_text())
        self.wait_instances(member, 1)
        self.assert_equals_oracle(member)
