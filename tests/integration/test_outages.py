"""Redis that takes nothing for long costs no memory: kpid keeps no queue for it, and writes everything once it is back."""
import json
import shutil
import signal
import time

from harness.case import KafkaCase
from harness.process import free_port
from harness.redis import RedisServer

# Each event changes some hundred figures of 150 bytes: what a queue of them would take for the 5,000 events of one outage is above 50 MiB, in five
# outages above 250. Two kpid that read the same differ by a few MiB (arenas of the allocator), and up to 32 may be under way when Redis falls silent.
BOUND_MIB = 40


class Outages(KafkaCase):
    DEADLINE = 180

    def setUp(self):
        super().setUp()
        self.create_topics()
        self.options = ["--end", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "--days", 30, "--customers", 200, "--reps", 6]
        self.people = self.roster(*self.options)

    def control(self):
        """One whose Redis is always there."""
        redis = RedisServer().start()
        self.addCleanup(redis.stop)
        daemon = self.daemon(roster=self.people, redis__url=redis.url)
        daemon.redis = redis
        return daemon.start()

    def peak_mib(self, daemon):
        with open(f"/proc/{daemon.pid}/status", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmHWM:")) / 1024

    def command(self, *words):
        with self.redis.client() as client:
            client.command(*words)

    def lose_folder(self):
        """No snapshot can be saved: MISCONF."""
        shutil.rmtree(self.redis.folder)
        self.command("CONFIG", "SET", "save", "3600 1")
        self.command("BGSAVE")

    def outages(self):
        """(name, how it begins, how it ends)"""
        yield "away", self.redis.kill, self.redis.start
        yield "silent", lambda: self.redis.signal(signal.SIGSTOP), lambda: self.redis.signal(signal.SIGCONT)
        yield "full", lambda: self.command("CONFIG", "SET", "maxmemory", 1), lambda: self.command("CONFIG", "SET", "maxmemory", 0)
        yield "read-only", lambda: self.command("REPLICAOF", "127.0.0.1", free_port()), lambda: self.command("REPLICAOF", "NO", "ONE")
        yield "cannot save", self.lose_folder, lambda: self.command("CONFIG", "SET", "stop-writes-on-bgsave-error", "no")

    def test_memory_stays_level(self):
        self.produce_history("--seed", 91, *self.options)
        other = self.control()
        daemon = self.daemon(roster=self.people).start()
        for each in (other, daemon):
            each.wait_consumed(self.ends(), self.DEADLINE)
        for number, (name, begin, end) in enumerate(self.outages()):
            begin()
            self.produce_history("--seed", 92 + number, "--end", self.options[1], "--days", 6, "--customers", 200)
            other.wait_consumed(self.ends(), self.DEADLINE)
            end()
            began = time.monotonic()
            daemon.wait_consumed(self.ends(), self.DEADLINE)
            self.note(f"{name}: back {time.monotonic() - began:.1f} s later")
        meta, _ = self.assert_equals_oracle(daemon)
        counts = json.loads(meta["writer"])
        self.assertGreaterEqual(counts["holds"], 2, counts)  # full, cannot save
        self.assertGreaterEqual(counts["disconnects"], 2, counts)  # away, read-only
        peaks = self.peak_mib(daemon), self.peak_mib(other)
        self.note(f"peak {peaks[0]:.0f} MiB, without outages {peaks[1]:.0f} MiB")
        self.assertLess(peaks[0], peaks[1] + BOUND_MIB)
