"""A long run under load, with a fault every minute."""
import os
import signal
import statistics
import time

from faults.proxied import ProxiedStage
from faults.row import Row
from faults.stage import pass_time


class Soak(Row):
    """None of the faults ends kpid: what it holds must not grow with time. Events older than two minutes are late here, so that no customer's recent
    events have to be kept for a week, which a run of half an hour would see as growth. All the same they are kept until every quiet topic has been
    at its end for ten minutes without a break: so faults of Kafka come in the first eight minutes only, and what is compared are the last two
    sixths of the run."""
    id = "L1"
    fault = "30 min under a load of 150 events/s, with a fault every minute"
    shows = "memory and descriptors level, all right afterwards"
    tries = 1
    limit_seconds = 2700
    SECONDS, EVERY, RATE = 1800, 60, 150
    KAFKA_FAULTS = 8
    GROWTH_KIB = 4096  # from the median of the last sixth but one to that of the last

    def open(self, trial):
        """The history is the producer's own, before what comes live: a second one, older than the first one's end, would be late_order."""
        stage = ProxiedStage(trial.seed)
        stage.oracle_options = ("--allowed-lateness", "2m")
        stage.open_empty()
        stage.producer = stage.start_producing(*stage.history, "--duplicates", 2, "--disorder", 5, "--disorder-max", "30s", "--live", "--rate", self.RATE)
        stage.start_subject(limits__allowed_lateness="2m")
        return stage

    def attempt(self, stage, trial):
        kpid, producer, samples = stage.subject, stage.producer, []
        began, number = time.monotonic(), 0
        while time.monotonic() < began + self.SECONDS:
            due = began + (number + 1) * self.EVERY
            faults = OF_KAFKA if number < self.KAFKA_FAULTS else OTHERS
            faults[number % len(faults)](stage, trial)
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
        sixth = len(samples) // 6
        parts = samples[4 * sixth:5 * sixth], samples[5 * sixth:]
        memory = [statistics.median(resident for resident, _ in part) for part in parts]
        files = [statistics.median(count for _, count in part) for part in parts]
        trial.note(f"resident {memory[0] / 1024:.1f} MiB in the fifth sixth, {memory[1] / 1024:.1f} MiB in the last; "
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


OF_KAFKA = (
    reloaded,
    lambda stage, _: for_a_while(stage.to_kafka, "reset", stage),
    kafka_stopped,
    lambda stage, _: for_a_while(stage.to_kafka, "half_open", stage),
    lambda stage, _: for_a_while(stage.to_kafka, "latency", stage),
)
OTHERS = (
    redis_restarted,
    redis_emptied,
    lambda stage, _: for_a_while(stage.to_redis, "black_hole", stage),
    kpid_stopped,
    lambda stage, _: for_a_while(stage.to_redis, "reset", stage),
    lambda stage, _: for_a_while(stage.to_redis, "latency", stage),
)
