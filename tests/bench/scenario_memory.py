"""Memory: a million customers with two recent events each, after catch-up and after a restart from checkpoints."""
import time

from bench import measure as kernel
from bench.results import Case, case_table, interleave
from bench.scenario import Outcome
from bench.stage import SMALL, Stage
from harness.daemon import CONFIG
from harness.process import wait_until

QUIET_SECONDS = 12  # longer than kpid lets pass between two looks at what it can give back
COLUMNS = {"MB after catch-up": ("after_catch_up", 1e-6), "MB settled": ("settled", 1e-6), "peak MB": ("peak", 1e-6), "MB after restart": ("after_restart", 1e-6),
           "bytes a customer": "bytes_per_customer", "restart s": "restart_seconds"}


class Lowest:
    """The least memory that a process has taken, and whether it has not become less for a while."""

    def __init__(self, pid):
        self._pid, self.bytes, self._since = pid, kernel.memory(pid)["pss"], time.monotonic()

    def is_settled(self):
        now = kernel.memory(self._pid)["pss"]
        if now < self.bytes - 1000000:
            self.bytes, self._since = now, time.monotonic()
        return time.monotonic() > self._since + QUIET_SECONDS


def settled(pid):
    lowest = Lowest(pid)
    wait_until(lowest.is_settled, 120, "memory to settle", interval=1)
    return lowest.bytes


def once(stage, history, customers):
    """`empty` is what kpid takes before there is an event."""
    daemon = stage.daemon(history)
    stage.start_and_catch_up(daemon, history.events)
    first = kernel.memory(daemon.pid)
    first["settled"] = settled(daemon.pid)
    daemon.terminate(120)
    restart = stage.start_and_catch_up(daemon, history.events)
    second = kernel.memory(daemon.pid)
    daemon.kill()
    return {"after_catch_up": first["pss"], "settled": first["settled"], "peak": first["peak"], "after_restart": second["pss"], "peak_of_restart": second["peak"],
            "restart_seconds": restart["seconds"], "restart_cpu_seconds": restart["cpu_seconds"],
            "bytes_per_customer": (first["settled"] - history.empty) / customers}


def empty(stage, config, roster):
    """A kpid of that configuration without events."""
    history = stage.small_history(events=0, config=config)
    history.settings = roster
    daemon = stage.daemon(history)
    stage.start_and_catch_up(daemon, 0)
    taken = kernel.memory(daemon.pid)["pss"]
    daemon.kill()
    return taken


def case_of(stage, bench, name, config):
    customers = bench.size(1000000, 20000)
    history = stage.small_history(events=2 * customers, customers=customers, options=("--in-turn", 1, "--minutes", 50), config=config)
    history.empty = empty(stage, config, history.settings)
    return Case(f"{name}: {customers:,} customers", lambda: once(stage, history, customers), config=name, customers=customers, empty=history.empty)


def measure(bench):
    with Stage() as stage:
        cases = [case_of(stage, bench, "small", SMALL), case_of(stage, bench, "shipped", CONFIG)]
        interleave(cases, min(bench.runs, 3), bench.say)
    return Outcome(cases, [case_table(cases, COLUMNS)])
