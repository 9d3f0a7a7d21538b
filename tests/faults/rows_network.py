"""A network that is slow, cuts, loses or is not there; and SIGTERM at any time."""
import time

from faults.proxied import ProxiedStage
from faults.row import Row
from faults.stage import pass_time
from harness.proxy import BEHAVIOURS


class Network(Row):
    """Every behaviour of the network, to Kafka and to Redis. In the first round kpid must live through it, in the second it is told to end."""
    id = "N1"
    fault = "latency of 2 s, resets, half-open connections, one byte at a time, black hole (2 min), refused: to Kafka, to Redis"
    shows = "all right again afterwards; SIGTERM ends it within 30 s in each"
    tries = 24
    quick = 1
    limit_seconds = 400
    SECONDS, BLACK_HOLE_SECONDS = 8, 120
    must_move = tuple(f"{behaviour} to {server}" for behaviour in BEHAVIOURS for server in ("kafka", "redis"))

    def open(self, trial):
        return ProxiedStage(trial.seed).open()

    def attempt(self, stage, trial):
        number = trial.number
        behaviour, number = BEHAVIOURS[number % len(BEHAVIOURS)], number // len(BEHAVIOURS)
        server, ends = ("kafka", "redis")[number % 2], number // 2 % 2 == 1
        proxy = stage.to_kafka if server == "kafka" else stage.to_redis
        stage.news(trial)
        proxy.behave(behaviour)
        try:
            stage.news(trial)
            if ends:
                self.end(stage, trial)
            else:
                self.live_through(stage, trial, behaviour)
        finally:
            stage.all_well()
        if ends:
            stage.subject.start()
        stage.news(trial)
        stage.foresee()
        stage.wait_heals(stage.subject, trial, time.monotonic(), 120, boards_too=True)
        trial.path(f"{behaviour} to {server}")
        trial.note(f"{behaviour} to {server}")

    def live_through(self, stage, trial, behaviour):
        long = self.BLACK_HOLE_SECONDS if behaviour == "black_hole" and not trial.quick else self.SECONDS
        for _ in range(4):
            pass_time(long / 4)
            stage.news(trial)
        if not stage.subject.running():
            raise AssertionError(f"kpid has ended\n{stage.subject.log_tail()}")

    def end(self, stage, trial):
        pass_time(trial.random.uniform(0, 3))
        began = time.monotonic()
        code = stage.subject.terminate(60)
        took = time.monotonic() - began
        trial.note(f"SIGTERM took {took:.1f} s")
        if code != 0 or took > 30:
            raise AssertionError(f"ended with {code} after {took:.1f} s\n{stage.subject.log_tail()}")


class Terminated(Row):
    """Six of ten with Kafka up, two with Kafka refusing connections, two with Kafka not answering."""
    id = "S1"
    fault = "SIGTERM under load; Kafka up, down, not answering"
    shows = "exit code 0 within 5 s with Kafka up, 30 s otherwise; all right after the next start"
    tries = 100
    quick = 3
    must_move = ("SIGTERM with Kafka up", "SIGTERM with Kafka down", "SIGTERM with Kafka not answering")

    def open(self, trial):
        return ProxiedStage(trial.seed).open()

    def attempt(self, stage, trial):
        kpid, state = stage.subject, (0, 6, 8)[trial.number % 3] if trial.quick else trial.number % 10
        name, behaviour = (("up", "pass") if state < 6 else ("down", "refuse") if state < 8 else ("not answering", "black_hole"))
        stage.news(trial)
        pass_time(trial.random.uniform(0, 0.3))
        if behaviour != "pass":
            stage.to_kafka.behave(behaviour)
            pass_time(trial.random.uniform(0, 2))
        began = time.monotonic()
        try:
            code = kpid.terminate(60)
        finally:
            stage.all_well()
        took = time.monotonic() - began
        trial.path(f"SIGTERM with Kafka {name}")
        trial.note(f"Kafka {name}, SIGTERM took {took:.2f} s")
        trial.took(took)
        if code != 0 or took > (5 if name == "up" else 30):
            raise AssertionError(f"ended with {code} after {took:.1f} s\n{kpid.log_tail()}")
        kpid.start()
        stage.wait_active(kpid)
        stage.assert_right(kpid)
