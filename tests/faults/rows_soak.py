"""A long run under load, with a fault every minute."""
import os
import signal
import statistics
import time

from faults.proxied import ProxiedStage
from faults.row import Row
from faults.stage import NEWS, pass_time


class Soak(Row):
    """None of the faults ends kpid: what it holds must not grow with time. Events older than two minutes are late here, so that no history of a
    customer has to be kept for a week, which a run of half an hour would see as growth."""
    id = "L1"
    fault = "30 min under load (150 events/s), with a fault every minute"
    shows = "memory and descriptors level, all right afterwards"
    tries = 1
    limit_seconds = 2700
    SECONDS, EVERY, RATE = 1800, 60, 150
    GROWTH_KIB = 8192  # of the median of the last third over that of the middle one

    def open(self, trial):
        stage = ProxiedStage(trial.seed)
        stage.oracle_options = ("--allowed-lateness", "2m")
        return stage.open(limits__allowed_lateness="2m")

    def attempt(self, stage, trial):
        kpid, samples = stage.subject, []
        producer = stage.start_producing("--seed", trial.seed + 1, "--end", stage.until, *NEWS, "--duplicates", 2, "--disorder", 5,
                                         "--disorder-max", "30s", "--live", "--rate", self.RATE)
        began, number = time.monotonic(), 0
        while time.monotonic() < began + self.SECONDS:
            due = began + (number + 1) * self.EVERY
            FAULTS[number % len(FAULTS)](stage, trial)
            number += 1
            while time.monotonic() < min(due, began + self.SECONDS):
                pass_time(5)
                samples.append(sample(kpid))
        if producer.stop() != 0:
            raise AssertionError(f"kpisim ended badly\n{producer.log_tail()}")
        stage.foresee()
        stage.wait_heals(kpid, trial, time.monotonic(), 240, boards_too=True)
        self.assert_level(samples, trial)

    def assert_level(self, samples, trial):
        third = len(samples) // 3
        middle, last = samples[third:2 * third], samples[2 * third:]
        memory = [statistics.median(resident for resident, _ in part) for part in (middle, last)]
        files = [statistics.median(count for _, count in part) for part in (middle, last)]
        trial.note(f"resident {memory[0] / 1024:.1f} MiB in the middle third, {memory[1] / 1024:.1f} MiB in the last; "
                   f"descriptors {files[0]:g} and {files[1]:g}")
        if memory[1] > memory[0] + self.GROWTH_KIB or files[1] > files[0] + 2:
            raise AssertionError(trial.notes[-1])


def sample(kpid):
    """(resident KiB, open descriptors)"""
    with open(f"/proc/{kpid.pid}/status", encoding="ascii") as file:
        resident = next(int(line.split()[1]) for line in file if line.startswith("VmRSS:"))
    return resident, len(os.listdir(f"/proc/{kpid.pid}/fd"))


def for_a_while(proxy, behaviour, stage):
    proxy.behave(behaviour)
    pass_time(10)
    stage.all_well()


def redis_restarted(stage, trial):
    stage.redis.kill()
    pass_time(trial.random.uniform(0, 3))
    stage.redis.start()


def redis_emptied(stage, _trial):
    stage.client().command("FLUSHALL")


def kafka_stopped(stage, trial):
    stage.broker.signal(signal.SIGSTOP)
    pass_time(trial.random.uniform(5, 15))
    stage.broker.signal(signal.SIGCONT)


def kpid_stopped(stage, trial):
    stage.subject.signal(signal.SIGSTOP)
    pass_time(trial.random.uniform(1, 12))
    stage.subject.signal(signal.SIGCONT)


def reloaded(stage, _trial):
    stage.subject.signal(signal.SIGHUP)


FAULTS = (
    redis_restarted,
    lambda stage, _: for_a_while(stage.to_kafka, "reset", stage),
    redis_emptied,
    lambda stage, _: for_a_while(stage.to_redis, "black_hole", stage),
    kafka_stopped,
    kpid_stopped,
    lambda stage, _: for_a_while(stage.to_redis, "reset", stage),
    reloaded,
    lambda stage, _: for_a_while(stage.to_kafka, "half_open", stage),
    lambda stage, _: for_a_while(stage.to_kafka, "latency", stage),
)
