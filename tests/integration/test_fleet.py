"""A fleet (cluster: true): processes that share the shards, of which any may end, hang or come at any time."""
import json
import signal
import threading
import time

from harness import kafka
from harness.case import KafkaCase
from harness.process import wait_until

PARTITIONS = 4


class Watcher:
    """Looks at kpi:meta again and again: what was read never falls."""

    def __init__(self, redis):
        self._redis = redis
        self._stop = threading.Event()
        self.falls, self.looks, self.longest = [], 0, 0.0
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        known, records, moved = {}, 0, None
        with self._redis.client() as client:
            while not self._stop.wait(0.02):
                meta = client.hgetall("kpi:meta")
                offsets = json.loads(meta.get("offsets", "{}"))
                self.falls += [(name, known[name], offset) for name, offset in offsets.items() if offset < known.get(name, 0)]
                self.falls += [("records", records, meta["records"])] if int(meta.get("records", 0)) < records else []
                now = time.monotonic()
                if moved is not None:
                    self.longest = max(self.longest, now - moved)
                if moved is None or sum(offsets.values()) > sum(known.values()):
                    moved = now
                known, records = {**known, **offsets}, int(meta.get("records", 0))
                self.looks += 1

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
