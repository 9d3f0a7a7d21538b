"""A record that ends kpid every time it is read: after three deaths it is put aside, and all others count."""
import json
import os
import signal
import time

from harness.case import DEAD_LETTERS, KafkaCase
from harness.process import wait_until

POISON = "poison-1"


def outbound_call(event_id):
    event = {"id": event_id, "type": "call.completed", "time": int(time.time() * 1000), "customer": "c-poison", "rep": "r01",
             "direction": "outbound", "outcome": "connected"}
    return json.dumps(event).encode()


class Poison(KafkaCase):
    def setUp(self):
        super().setUp()
        self.create_topics()
        self.options = ["--end", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "--days", 30, "--customers", 100, "--reps", 4]
        self.people = self.roster(*self.options)
        self.produce_history("--seed", 71, *self.options)
        self.produce(self.call(POISON), self.call("after-it"))

    def call(self, event_id):
        return {"topic": self.topic("sales.calls"), "key": b"c-poison", "value": outbound_call(event_id)}

    def records(self):
        """What the oracle counts: all but the poison."""
        return [record for record in super().records() if POISON.encode() not in (record["value"] or b"")]

    def new_daemon(self):
        os.environ["KPID_TEST_CRASH_ID"] = POISON
        self.addCleanup(os.environ.pop, "KPID_TEST_CRASH_ID", None)
        return self.daemon(roster=self.people)

    def die(self, daemon, count):
        for _ in range(count):
            daemon.start()
            self.assertEqual(-signal.SIGABRT, daemon.wait_exit(120))

    def letters(self):
        return [dict(record["headers"]) for record in self.dump(DEAD_LETTERS)]

    def test_quarantined_after_three_deaths(self):
        daemon = self.new_daemon()
        self.die(daemon, 3)
        daemon.start()
        meta, counts = self.assert_equals_oracle(daemon)
        self.assertEqual(({"quarantined": 1}, "1"), (json.loads(meta["refusals"]), meta["refused"]))
        self.assertEqual(counts["events"], int(meta["applied"]) + int(meta["waiting"]))
        wait_until(lambda: [letter["kpid-reason"] for letter in self.letters()] == [b"quarantined"], 30, "its dead letter")
        self.assertIn("it is quarantined", daemon.log_text())
        # Nothing is read again that would end it, even where no checkpoint says so.
        daemon.kill()
        daemon.start()
        self.assert_equals_oracle(daemon)

    def test_being_killed_is_no_death_of_a_record(self):
        daemon = self.new_daemon()
        self.die(daemon, 2)
        del os.environ["KPID_TEST_CRASH_ID"]
        for _ in range(3):
            daemon = self.daemon_again(daemon)
            daemon.wait_until(lambda: self.offsets_of(daemon) > 0, "something to be read")
            daemon.kill()
        daemon = self.daemon_again(daemon)
        daemon.wait_consumed(self.ends())
        self.assertEqual({}, json.loads(daemon.meta()["refusals"]))

    def daemon_again(self, before):
        """Another process on the same state, with the environment of now."""
        return self.daemon(roster=self.people, checkpoint__directory=before.checkpoint_folder).start()

    def offsets_of(self, daemon):
        return sum(daemon.offsets().values())
