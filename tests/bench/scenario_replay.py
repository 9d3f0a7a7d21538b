"""kpictl replay: events a second from a file to all figures, without Kafka and Redis."""
import os
import resource
import time

from bench.results import Case, case_table, interleave
from bench.scenario import Outcome
from bench.stage import SMALL, bench_program, simulated_roster, write_roster
from harness.daemon import CONFIG, run
from harness.process import temporary_folder


def replay(config, roster, path, events):
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    run("kpictl", "replay", "--config", config, "--set", f"roster.file={roster}", "--as-arrived", path, deadline_seconds=900)
    seconds, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"seconds": seconds, "events_per_second": events / seconds, "cpu_seconds_per_million": cpu * 1e6 / events}


def lines_of(path):
    with open(path, "rb") as file:
        return sum(1 for _ in file)


def small(bench, folder):
    path = os.path.join(folder, "small.jsonl")
    run(bench_program("make_events"), "--out", path, "--events", bench.size(1000000, 50000), deadline_seconds=300)
    return SMALL, write_roster(100), path


def shipped(bench, folder):
    path = os.path.join(folder, "shipped.jsonl")
    options = ["--days", 365, "--end", "2026-06-30T00:00:00Z", "--reps", 100, "--teams", 10, "--customers", bench.size(15000, 300)]
    run("kpisim", "--out", path, *options, deadline_seconds=300)
    return CONFIG, simulated_roster(*options), path


def measure(bench):
    folder, cases = temporary_folder("replay"), []
    for name, make in (("small", small), ("shipped", shipped)):
        config, roster, path = make(bench, folder)
        events = lines_of(path)
        cases.append(Case(name, lambda c=config, r=roster, p=path, e=events: replay(c, r, p, e), config=name, events=events))
    interleave(cases, bench.runs, bench.say)
    return Outcome(cases, [case_table(cases, {"events/s": "events_per_second", "CPU-s per million": "cpu_seconds_per_million"})])
