"""Catch-up with 1, 2 and 4 worker threads, beside a bare consumer with as many consumers."""
from bench.results import Case, case_table, interleave
from bench.scenario import Outcome
from bench.stage import Stage

COLUMNS = {"events/s": "reading_per_second", "CPU-s per million": "cpu_seconds_per_million"}


def measure(bench):
    with Stage() as stage:
        history = stage.small_history(events=bench.size(1000000, 50000))
        cases = []
        for threads in (1, 2, 4):
            cases += [Case(f"bare, {threads}", lambda threads=threads: stage.bare(history, threads=threads), who="bare", threads=threads),
                      Case(f"kpid, {threads}", lambda threads=threads: stage.catch_up(history, workers__threads=str(threads)), who="kpid", threads=threads)]
        interleave(cases, bench.runs, bench.say)
    return Outcome(cases, [case_table(cases, COLUMNS)])
