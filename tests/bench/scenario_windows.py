"""Processor time per event against the length of the window, 5 minutes to 365 days, and against the number of keys, 10^3 to 10^6."""
import os

from bench.results import Case, case_table, interleave
from bench.scenario import Outcome
from bench.stage import SMALL, Stage
from harness.process import temporary_folder

WINDOWS = ("5m", "1h", "1d", "30d", "365d")
COLUMNS = {"CPU-s per million": "cpu_seconds_per_million", "events/s": "reading_per_second", "MB": ("pss", 1e-6),
           "Redis CPU-s": "redis_cpu_seconds"}


def config_with(window):
    """The small configuration with another window."""
    folder = temporary_folder("config")
    for name in ("kpid.yaml", "events.yaml", "kpis.yaml"):
        with open(os.path.join(SMALL, name), encoding="utf-8") as file:
            text = file.read()
        if name == "kpis.yaml":
            assert "windows: [1h]" in text
            text = text.replace("windows: [1h]", f"windows: [{window}]")
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
    return folder


def catch_up(stage, history, config):
    history.config = config
    figures = stage.catch_up(history)
    return {**figures, "pss": figures.pop("memory")["pss"]}


def window_cases(stage, bench):
    """The same events for all: spread over a year, as the longest window sees them."""
    history = stage.small_history(events=bench.size(1000000, 50000), options=("--minutes", 364 * 1440))
    configs = {window: config_with(window) for window in WINDOWS}
    return [Case(f"window of {window}", lambda window=window: catch_up(stage, history, configs[window]), window=window) for window in WINDOWS]


def key_case(stage, bench, reps, customers, name, **parameters):
    history = stage.small_history(events=bench.size(1000000, 20000), reps=reps, customers=customers, roster=False,
                                  settings={"limits.keys": "10000000"})
    return Case(name, lambda: catch_up(stage, history, SMALL), **parameters)


def key_cases(stage, bench):
    """A rep for each key; as many customers in all cases, of whom each rep has one at least; the limit of keys is out of the way."""
    numbers = bench.size((1000, 10000, 100000, 1000000), (100, 1000))
    return [key_case(stage, bench, keys, numbers[-1], f"{keys:,} keys", keys=keys) for keys in numbers]


def growth(cases, name):
    """Of the dearest over the first."""
    return max(case.median(name) for case in cases) / cases[0].median(name)


def measure(bench):
    with Stage() as stage:
        windows, keys = window_cases(stage, bench), key_cases(stage, bench)
        few = key_case(stage, bench, keys[0].parameters["keys"], 10000, f"{keys[0].name}, 10,000 customers", few_customers=True)
        interleave([*windows, *keys, few], bench.runs, bench.say)
    derived = {"growth_by_window": growth(windows, "cpu_seconds_per_million"), "growth_by_keys": growth(keys, "cpu_seconds_per_million"),
               "growth_by_keys_and_customers": growth([few, *keys], "cpu_seconds_per_million"),
               "bytes_per_key": (keys[-1].median("pss") - keys[0].median("pss")) / (keys[-1].parameters["keys"] - keys[0].parameters["keys"])}
    lines = "\n".join(f"{name}: {value:,.2f}" for name, value in derived.items())
    return Outcome([*windows, *keys, few], [case_table(windows, COLUMNS), case_table([*keys, few], COLUMNS), lines], derived)
