"""Redis behind a sentinel: kpid finds the master, and after a fail-over the next one."""
import json
import time

from harness.case import KafkaCase
from harness.daemon import run_any
from harness.process import free_port, wait_until
from harness.redis import RedisServer, Sentinel


class FailOver(KafkaCase):
    DEADLINE = 120

    def setUp(self):
        super().setUp()
        self.create_topics()
        self.options = ["--end", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "--days", 30, "--customers", 200, "--reps", 6]
        self.people = self.roster(*self.options)
        self.master = self.redis
        self.replica = RedisServer("--replicaof", f"127.0.0.1 {self.master.port}").start()
        self.addCleanup(self.replica.stop)
        self.sentinel = Sentinel(self.master).start()
        self.addCleanup(self.sentinel.stop)

    def url(self, database=0):
        """The first of the sentinels is not there."""
        return f"sentinel://127.0.0.1:{free_port()},127.0.0.1:{self.sentinel.port}/sales/{database}"

    def link(self):
        with self.replica.client() as client:
            return client.text("INFO", "replication")

    def cut_replica_off(self):
        """It gets no further writes, and no new link."""
        with self.replica.client() as client:
            client.command("CONFIG", "SET", "masterauth", "wrong")
            client.command("CLIENT", "KILL", "TYPE", "master")
        wait_until(lambda: "master_link_status:down" in self.link(), 30, "the replica to be cut off", self.link)

    def use(self, daemon, server):
        """Figures are read from there."""
        self.redis = daemon.redis = server

    def test_to_a_replica_that_lacks_the_last_writes(self):
        self.produce_history("--seed", 81, *self.options)
        daemon = self.daemon(roster=self.people, redis__url=self.url()).start()
        self.assert_equals_oracle(daemon)
        self.cut_replica_off()
        self.produce_history("--seed", 82, "--end", self.options[1], "--days", 2, "--customers", 50)
        self.assert_equals_oracle(daemon)
        self.master.kill()
        began = time.monotonic()
        wait_until(lambda: self.sentinel.master_port() == self.replica.port, self.DEADLINE, "the fail-over", self.link, 0.1)
        failed_over = time.monotonic()
        self.use(daemon, self.replica)
        daemon.wait_until(lambda: json.loads(daemon.meta().get("writer", "{}")).get("losses"), "the loss to be noticed", self.DEADLINE)
        self.assert_equals_oracle(daemon)
        self.note(f"failed over after {failed_over - began:.1f} s, whole again {time.monotonic() - failed_over:.1f} s later")
        self.assertIn("all is written again", daemon.log_text())

    def test_kpictl_top_finds_the_master(self):
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        with self.master.client() as client:
            client.command("HSET", "kpi:meta", "name", "kpid", "as_of", now, "updated_at", now, "caught_up", "1", "lag", "0")
            client.command("ZADD", "kpi:board:close_rate@30d:rep", 1, "r01")
            client.command("HSET", "kpi:snap:rep:r01", "_name", "Anna Behind", "close_rate@30d", '{"value":0.5}')
        done = run_any("kpictl", "top", "--once", "--redis", self.url())
        self.assertIn("Anna Behind", done.stdout, done.stderr)
        nobody = run_any("kpictl", "top", "--once", "--redis", f"sentinel://127.0.0.1:{self.sentinel.port}/marketing")
        self.assertIn("does not know the master", nobody.stdout + nobody.stderr)
