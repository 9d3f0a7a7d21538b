"""Fail-over of Redis to a replica that lacks the last writes."""
import time

from faults.row import Row
from faults.stage import Stage, Watch
from harness.process import wait_until
from harness.redis import RedisServer, Sentinel


class FailedOver(Row):
    """The two servers change places with every try. A replica that was cut off for longer than 20 s would not be chosen."""
    id = "R2"
    fault = "fail-over by a sentinel to a replica that lacks the last writes"
    shows = "the loss is detected every time; all right again"
    tries = 20
    quick = 1
    must_move = quick_must_move = ("loss detected",)

    def open(self, trial):
        stage = Stage(trial.seed).open()
        stage.replica = RedisServer("--replicaof", f"127.0.0.1 {stage.redis.port}").start()
        stage.addCleanup(stage.replica.stop)
        stage.sentinel = Sentinel(stage.redis, down_after_ms=2000).start()
        stage.addCleanup(stage.sentinel.stop)
        stage.subject = stage.kpid(redis__url=f"sentinel://127.0.0.1:{stage.sentinel.port}/sales/0").start()
        stage.wait_all(stage.subject)
        return stage

    def attempt(self, stage, trial):
        kpid, watch = stage.subject, Watch(stage.subject)
        cut_off(stage.replica)
        stage.news(trial)
        stage.wait_all(kpid)
        master, replica = stage.redis, stage.replica
        master.kill()
        stage.foresee()
        wait_until(lambda: stage.sentinel.master_port() == replica.port, 120, "the fail-over", interval=0.05)
        stage.redis = kpid.redis = replica
        stage.wait_heals(kpid, trial, time.monotonic(), boards_too=True)
        watch.tell(trial)
        if not trial.paths["loss detected"]:
            raise AssertionError(f"the loss was not detected\n{kpid.log_tail()}")
        self.follow(stage, master, replica)

    @staticmethod
    def follow(stage, old, master):
        """The one that was killed comes back, as the other's replica."""
        with master.client() as client:
            client.command("CONFIG", "SET", "masterauth", "")
        old.options = ("--replicaof", f"127.0.0.1 {master.port}")
        stage.replica = old.start()
        wait_until(lambda: "master_link_status:up" in replication(old), 60, "the replica to follow", lambda: replication(old))
        stage.sentinel.wait_replica()


def replication(server):
    with server.client() as client:
        return client.text("INFO", "replication")


def cut_off(replica):
    """It gets no further writes, and no new link."""
    with replica.client() as client:
        client.command("CONFIG", "SET", "masterauth", "wrong")
        client.command("CLIENT", "KILL", "TYPE", "master")
    wait_until(lambda: "master_link_status:down" in replication(replica), 30, "the replica to be cut off", lambda: replication(replica))
