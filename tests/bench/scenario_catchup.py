"""Catch-up: kpid without state reads all events that are there, beside a bare consumer that drops them."""
import os

from bench.results import Case, case_table, interleave
from bench.scenario import Outcome
from bench.stage import PARTITIONS, Stage

COLUMNS = {"events/s": "reading_per_second", "CPU-s per million": "cpu_seconds_per_million", "seconds in all": "seconds", "stolen %": "stolen_percent"}


# bench_least.h
LEAST = {"small": "least", "shipped": "least-shipped"}


def cases_of(stage, name, history):
    """The least is done by as many threads as kpid has workers: one for each processor, and no more than there are shards."""
    threads = min(os.cpu_count(), PARTITIONS)
    return [
        Case(f"{name}: bare consumer", lambda: stage.bare(history), config=name, who="bare", events=history.events),
        Case(f"{name}: kpid's consumer, counting", lambda: stage.bare(history, "count"), config=name, who="count", events=history.events),
        Case(f"{name}: kpid", lambda: stage.catch_up(history), config=name, who="kpid", events=history.events),
        Case(f"{name}: the least that is to be done", lambda: stage.bare(history, LEAST[name], threads), config=name, who="least", events=history.events),
    ]


def ratios(name, cases):
    """kpid against the bare consumer of the same run."""
    bare, _, kpid, least = cases
    return {f"{name}_rate_of_bare": kpid.median("reading_per_second") / bare.median("reading_per_second"),
            f"{name}_cpu_of_bare": kpid.median("cpu_seconds_per_million") / bare.median("cpu_seconds_per_million"),
            f"{name}_least_cpu": least.median("cpu_seconds_per_million"),
            f"{name}_least_rate_of_bare": least.median("reading_per_second") / bare.median("reading_per_second")}


def measure(bench):
    with Stage() as stage:
        bench.say("  making events")
        history = stage.small_history(events=bench.size(1000000, 100000))
        small = cases_of(stage, "small", history)
        shipped = cases_of(stage, "shipped", stage.simulated_history(
            "--days", 365, "--reps", 100, "--teams", 10, "--customers", bench.size(15000, 300)))
        small[0].run()  # so that the broker's code is warm
        small[0].runs.clear()
        interleave([*small, *shipped], bench.runs, bench.say)
    derived = {**ratios("small", small), **ratios("shipped", shipped)}
    lines = "\n".join(f"{name}: {value:.2f}" for name, value in derived.items())
    cases = [*small, *shipped]
    return Outcome(cases, [case_table(cases, COLUMNS), lines], derived)
