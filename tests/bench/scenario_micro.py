"""Instructions of each stage of the pipeline, counted by callgrind: they do not depend on what else the machine does."""
import json
import os
import re
import subprocess

from bench.results import Case, case_table
from bench.scenario import Outcome
from bench.stage import SMALL, bench_program, simulated_roster, write_roster
from harness.daemon import BUILD, CONFIG, built, run
from harness.process import guarded, temporary_folder

# Stage: what its unit is called, and which count of bench_micro says how many there were.
STAGES = {
    "decode": ("event", "events"), "correlate": ("event", "events"), "accumulate": ("event", "events"), "shard": ("event", "events"),
    "fold": ("event", "events"), "roll": ("key", "rolled_keys"), "hand_over": ("key", "records"), "merge": ("key", "records"),
    "evaluate": ("figure", "figures"), "publish": ("value", "values"),
}
# Instructions a unit may take, (small, shipped). This machine runs about 3.4 of them a nanosecond: 1.2 and 2.5 CPU-s per million events, less the
# 0.33 of librdkafka, are 2,950 and 7,400 an event. What the stages of each event leave of that is for taking records and for publishing.
BUDGETS = {
    "decode": (1000, 1300), "correlate": (700, 2200), "accumulate": (400, 1800), "shard": (1200, 4200), "fold": (250, 600),
    "roll": (2500, 40000), "hand_over": (4000, 30000), "merge": (8000, 60000), "evaluate": (700, 900), "publish": (2000, 2500),
}
INCLUSIVE = re.compile(r"^\s*([\d,]+) \(.*:stage_(\w+)(?:'\d+)?(?: \[|$)", re.M)
KEPT = os.path.join(BUILD, "bench")


def small(bench, folder):
    events = os.path.join(folder, "small.jsonl")
    run(bench_program("make_events"), "--out", events, "--events", bench.size(50000, 5000), "--minutes", bench.size(30, 5))
    return ["--config", SMALL, "--roster", write_roster(100), "--events", events]


def shipped(bench, folder):
    events = os.path.join(folder, "shipped.jsonl")
    options = ["--days", bench.size(60, 20), "--end", "2026-06-30T00:00:00Z", "--reps", 20, "--customers", bench.size(1500, 200)]
    run("kpisim", "--out", events, *options)
    return ["--config", CONFIG, "--roster", simulated_roster(*options), "--events", events, "--stride", 2880]


def count(name, options):
    """{stage: instructions in all}, and the numbers of units. What callgrind has written is kept, to be looked at with callgrind_annotate."""
    output = os.path.join(KEPT, f"{name}.callgrind")
    os.makedirs(KEPT, exist_ok=True)
    command = ["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={output}", *(f"--toggle-collect=stage_{stage}" for stage in STAGES),
               built("tests/bench/bench_micro"), *map(str, options)]
    done = subprocess.run(guarded(command), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=3600, cwd=os.path.dirname(BUILD))
    if done.returncode != 0:
        raise AssertionError(f"bench_micro ended with {done.returncode}: {done.stderr[-2000:]}")
    annotated = subprocess.run(["callgrind_annotate", "--inclusive=yes", "--threshold=100", output], stdin=subprocess.DEVNULL, capture_output=True,
                               text=True, check=True).stdout
    found = {}
    for number, stage in INCLUSIVE.findall(annotated):  # a line for each file that its code comes from
        found[stage] = found.get(stage, 0) + int(number.replace(",", ""))
    return found, json.loads(done.stdout)


def cases_of(name, options):
    instructions, units = count(name, options)
    cases = []
    for stage, (unit, counted) in STAGES.items():
        per_unit = instructions[stage] / units[counted]
        case = Case(f"{name}: {stage}", lambda per_unit=per_unit, stage=stage, counted=counted: {
            "instructions_per_unit": per_unit, "instructions": instructions[stage], "units": units[counted],
            "instructions_per_event": instructions[stage] / units["events"]}, config=name, stage=stage, unit=unit)
        case.run()
        cases.append(case)
    return cases


def measure(bench):
    folder = temporary_folder("micro")
    cases = [*cases_of("small", small(bench, folder)), *cases_of("shipped", shipped(bench, folder))]
    for case in cases:
        case.name += f", per {case.parameters['unit']}"
    return Outcome(cases, [case_table(cases, {"instructions": "instructions_per_unit", "how many": "units"}),
                           "function by function: callgrind_annotate build/bench/small.callgrind"])
