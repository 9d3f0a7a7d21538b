"""Instructions of each stage of the pipeline, counted by callgrind, and what they miss in the caches of a processor like this one, as callgrind simulates
them: none of it depends on what else the machine does."""
import json
import os
import re
import subprocess

from bench.results import Case, case_table, short, table
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
# First-level caches of 32 KB and a second-level cache of 512 KB, as a core of EPYC has them; and a simple predictor of branches, worse than any real one.
CACHES = ("--cache-sim=yes", "--branch-sim=yes", "--I1=32768,8,64", "--D1=32768,8,64", "--LL=524288,8,64")
# What is said of a stage: the sum of which of callgrind's events.
SUMS = {"instructions": ("Ir",), "instruction_misses": ("I1mr",), "data_misses": ("D1mr", "D1mw"), "second_level_misses": ("ILmr", "DLmr", "DLmw"),
        "wrong_branches": ("Bcm", "Bim")}
EVENTS = sorted({event for events in SUMS.values() for event in events})
NUMBER = r"\s*([\d,]+)(?:\s*\(\s*[\d.]+%\))?"
INCLUSIVE = re.compile(rf"^{NUMBER * len(EVENTS)}\s+\S.*:stage_(\w+)(?:'\d+)?(?: \[|$)", re.M)
EXCLUSIVE = re.compile(r"^\s*([\d,]+) \(\s*[\d.]+%\)  (\S+?):(\S[^\[\n(]*)", re.M)  # number, file, function
SUFFIX = re.compile(r"(\.(isra|part|constprop|cold)(\.\d+)?|'\d+)+$")
KEPT = os.path.join(BUILD, "bench")


def small(bench, folder):
    """What one of four shards sees of the catch-up's events in 72 of its 360 minutes."""
    events = os.path.join(folder, "small.jsonl")
    run(bench_program("make_events"), "--out", events, "--events", bench.size(50000, 5000), "--minutes", bench.size(72, 7), "--customers", 2500)
    return ["--config", SMALL, "--roster", write_roster(100), "--events", events]


def shipped(bench, folder):
    events = os.path.join(folder, "shipped.jsonl")
    options = ["--days", bench.size(60, 20), "--end", "2026-06-30T00:00:00Z", "--reps", 20, "--customers", bench.size(1500, 200)]
    run("kpisim", "--out", events, *options)
    return ["--config", CONFIG, "--roster", simulated_roster(*options), "--events", events, "--stride", 2880]


def watch(name, options, stages, more=()):
    """Runs bench_micro under callgrind, which counts in these stages only: where its output stands, and what bench_micro said. The output is
    kept, to be looked at with callgrind_annotate."""
    output = os.path.join(KEPT, f"{name}.callgrind")
    os.makedirs(KEPT, exist_ok=True)
    command = ["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={output}", *more, *(f"--toggle-collect=stage_{stage}" for stage in stages),
               built("tests/bench/bench_micro"), *map(str, options)]
    done = subprocess.run(guarded(command), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=3600, cwd=os.path.dirname(BUILD))
    if done.returncode != 0:
        raise AssertionError(f"bench_micro ended with {done.returncode}: {done.stderr[-2000:]}")
    return output, json.loads(done.stdout)


def annotated(output, *options):
    return subprocess.run(["callgrind_annotate", *options, output], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True).stdout


def count(name, options):
    """{stage: {what of SUMS: how much in all}}, and the numbers of units."""
    output, units = watch(f"{name}-stages", options, STAGES, CACHES)
    found = {stage: dict.fromkeys(SUMS, 0) for stage in STAGES}
    # A line for each file that a stage's code comes from.
    for *numbers, stage in INCLUSIVE.findall(annotated(output, "--inclusive=yes", "--threshold=100", f"--show={','.join(EVENTS)}")):
        of_event = {event: int(number.replace(",", "")) for event, number in zip(EVENTS, numbers)}
        for what, events in SUMS.items():
            found[stage][what] += sum(of_event[event] for event in events)
    return found, units


def profile(name, options, most=20):
    """What every event goes through, function by function: [[function, instructions an event, share]]."""
    output, units = watch(name, options, ("decode", "shard"))
    found = {}
    for number, _, function in EXCLUSIVE.findall(annotated(output, "--threshold=100", "--auto=no")):
        short_name = SUFFIX.sub("", function.strip()).rpartition("::")[2]
        function = f"simdjson: {short_name}" if "simdjson" in function else short_name
        found[function] = found.get(function, 0) + int(number.replace(",", ""))
    whole = sum(found.values())
    dearest = sorted(found.items(), key=lambda item: -item[1])[:most]
    return [[function, number / units["events"], number / whole] for function, number in dearest]


def cases_of(name, options):
    found, units = count(name, options)
    cases = []
    for stage, (unit, counted) in STAGES.items():
        case = Case(f"{name}: {stage}", lambda of=found[stage], counted=counted: {
            **{f"{what}_per_unit": number / units[counted] for what, number in of.items()}, "instructions": of["instructions"], "units": units[counted],
            "instructions_per_event": of["instructions"] / units["events"]}, config=name, stage=stage, unit=unit)
        case.run()
        cases.append(case)
    return cases


def profile_table(profiles):
    return "\n\n".join(table([[f"{name}: function", "instructions an event", "share"],
                              *([function, short(number), f"{share:.1%}"] for function, number, share in rows)]) for name, rows in profiles.items())


def measure(bench):
    folder = temporary_folder("micro")
    chosen = {"small": small(bench, folder), "shipped": shipped(bench, folder)}
    cases = [case for name, options in chosen.items() for case in cases_of(name, options)]
    profiles = {name: profile(name, options) for name, options in chosen.items()}
    for case in cases:
        case.name += f", per {case.parameters['unit']}"
    return Outcome(cases, [case_table(cases, {**{what.replace("_", " "): f"{what}_per_unit" for what in SUMS}, "how many": "units"}), profile_table(profiles)],
                   more={"profiles": profiles})
