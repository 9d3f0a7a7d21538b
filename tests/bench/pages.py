"""docs/performance.md: its tables and plots from bench/results. What stands between two marks is written here, all else by hand:

    <!-- bench: catchup -->
    <!-- end of bench -->
"""
import os
import re

from bench import plot
from bench.results import read, short
from bench.scenario_micro import BUDGETS, SUMS
from harness.process import ROOT

PAGE = os.path.join(ROOT, "docs", "performance.md")
PLOTS = os.path.join(ROOT, "docs", "performance")
BLOCK = re.compile(r"(<!-- bench: (\w+) -->\n).*?(<!-- end of bench -->)", re.S)

# Of each scenario: the columns of its table, {heading: figure, or (figure, factor)}.
COLUMNS = {
    "catchup": {"events/s": "reading_per_second", "CPU-s per million events": "cpu_seconds_per_million", "stolen, %": "stolen_percent"},
    "latency": {"p50 ms": "p50_ms", "p99 ms": "p99_ms", "p99.9 ms": "p999_ms", "longest ms": "max_ms", "probes": "probes", "CPU share of kpid": "cpu_share", "stolen, %": "stolen_percent"},
    "memory": {"MB after catch-up": ("after_catch_up", 1e-6), "MB settled": ("settled", 1e-6), "peak MB": ("peak", 1e-6), "MB after a restart": ("after_restart", 1e-6),
               "bytes a customer": "bytes_per_customer"},
    "checkpoint": {"longest pause of a shard, ms": "longest_pause_ms", "of it processor time, ms": "longest_pause_cpu_ms", "MB": ("bytes", 1e-6),
                   "bytes a customer": "bytes_per_customer", "longest restart, s": "restart_seconds", "its CPU-s": "restart_cpu_seconds"},
    "publish": {"values/s": "values_per_second", "CPU-s per million values": "cpu_seconds_per_million", "Redis's": "redis_cpu_seconds_per_million"},
    "windows": {"CPU-s per million events": "cpu_seconds_per_million", "events/s": "reading_per_second", "MB": ("pss", 1e-6), "stolen, %": "stolen_percent"},
    "scaling": {"events/s": "reading_per_second", "CPU-s per million events": "cpu_seconds_per_million", "stolen, %": "stolen_percent"},
    "replay": {"events/s": "events_per_second", "CPU-s per million events": "cpu_seconds_per_million"},
}

# Figures that are made of several cases, as they are called here.
DERIVED = {
    "small_rate_of_bare": "rate over that of the bare consumer, small configuration", "small_cpu_of_bare": "processor time over its, small",
    "shipped_rate_of_bare": "rate over its, shipped", "shipped_cpu_of_bare": "processor time over its, shipped",
    "small_least_cpu": "the least that is to be done, small, CPU-s per million events", "small_least_rate_of_bare": "its rate over the bare consumer's",
    "shipped_least_cpu": "the same, shipped", "shipped_least_rate_of_bare": "its rate",
    "growth_by_window": "the dearest window over that of 5 minutes", "growth_by_keys": "the dearest number of keys over the smallest",
    "growth_by_keys_and_customers": "the same over the smallest with 10,000 customers",
    "bytes_per_key": "bytes for each further key",
}


# ---- reading results


def figure(result, name, **parameters):
    """(median, low, high) of the first case with these parameters; None where it was not measured."""
    for case in result["cases"] if result else ():
        if all(case["parameters"].get(key) == value for key, value in parameters.items()) and name in case["figures"]:
            found = case["figures"][name]
            return found["median"], found["low"], found["high"]
    return None


def bars_of(result, name, colour=lambda case: 0):
    return [(case["name"], figure({"cases": [case]}, name), colour(case)) for case in result["cases"]]


# ---- tables


def table(rows):
    head, *rest = rows
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rest))


def cell(case, column):
    name, factor = column if isinstance(column, tuple) else (column, 1)
    found = case["figures"].get(name)
    if not found:
        return ""
    median = short(found["median"] * factor)
    return median if found["low"] == found["high"] else f"{median} ({short(found['low'] * factor)} to {short(found['high'] * factor)})"


def origin(result):
    machine, versions = result["machine"], result["versions"]
    runs = max((len(case["runs"]) for case in result["cases"]), default=0)
    return (f"*{result['date'][:10]}, commit {result['commit']}, {runs} run{'s' * (runs != 1)}; {machine['processors']} × {machine['processor']}, "
            f"{machine['memory_gib']:g} GiB; Kafka {versions['kafka']}, Redis {versions['redis']}, librdkafka {versions['librdkafka']}; load average "
            f"{result['load_average'][0]} before.*")


def case_table(result, columns):
    return table([["", *columns], *([case["name"], *(cell(case, column) for column in columns.values())] for case in result["cases"])])


def micro_table(result):
    rows = [["stage", "unit", "small", "budget", "shipped", "budget"]]
    for stage, budget in BUDGETS.items():
        unit = next(case["parameters"]["unit"] for case in result["cases"] if case["parameters"]["stage"] == stage)
        numbers = [figure(result, "instructions_per_unit", config=config, stage=stage) for config in ("small", "shipped")]
        rows.append([stage.replace("_", " "), unit, short(numbers[0][0]), f"{budget[0]:,}", short(numbers[1][0]), f"{budget[1]:,}"])
    return table(rows)


def misses_table(result):
    """What the stages of an event miss in simulated caches."""
    rows = [["an event", "instructions", "L1 misses, code", "L1 misses, data", "L2 misses", "wrong branches"]]
    for config in ("small", "shipped"):
        for stage in ("decode", "shard"):
            rows.append([f"{config}: {stage}", *(short(figure(result, f"{what}_per_unit", config=config, stage=stage)[0]) for what in SUMS)])
    return table(rows)


def profile_table(result):
    """Both configurations side by side, a row for each place."""
    rows = [["small", "instructions an event", "shipped", "instructions an event"]]
    for (one, first, share), (other, second, more) in zip(*(result["profiles"][config] for config in ("small", "shipped"))):
        rows.append([f"`{one}`", f"{short(round(first))} ({share:.1%})", f"`{other}`", f"{short(round(second))} ({more:.1%})"])
    return table(rows)


# ---- targets


def goal(what, limit, found, most=True, unit=""):
    """A row: what is asked for, and what was measured."""
    if found is None:
        return [what, limit[1], "not measured", ""]
    value = found[0] if isinstance(found, tuple) else found
    met = value <= limit[0] if most else value >= limit[0]
    return [what, limit[1], short(value) + unit, "yes" if met else "no"]


def targets(results):
    derived = lambda scenario, name: (results[scenario] or {}).get("derived", {}).get(name)  # noqa: E731
    got = lambda scenario, name, factor=1, **parameters: (  # noqa: E731
        None if (found := figure(results[scenario], name, **parameters)) is None else found[0] * factor)
    return table([
        ["what", "asked for", "measured", "met"],
        goal("small configuration, CPU-s per million events", (1.2, "at most 1.2"), got("catchup", "cpu_seconds_per_million", config="small", who="kpid")),
        goal("small configuration, rate over that of the bare consumer", (0.7, "at least 0.7"), derived("catchup", "small_rate_of_bare"), most=False),
        goal("shipped configuration, CPU-s per million events", (2.5, "at most 2.5"), got("catchup", "cpu_seconds_per_million", config="shipped", who="kpid")),
        goal("event to Redis at 5,000 events/s, p50", (5, "under 5 ms"), got("latency", "p50_ms", who="kpid", rate=5000), unit=" ms"),
        goal("the same, p99", (15, "under 15 ms"), got("latency", "p99_ms", who="kpid", rate=5000), unit=" ms"),
        goal("the same behind a million events, p50", (5, "under 5 ms"), got("latency", "p50_ms", who="kpid after", rate=5000), unit=" ms"),
        goal("the same, p99", (15, "under 15 ms"), got("latency", "p99_ms", who="kpid after", rate=5000), unit=" ms"),
        goal("a million customers, small configuration", (250, "at most 250 MB"), got("memory", "settled", 1e-6, config="small"), unit=" MB"),
        goal("restart with them", (3, "under 3 s"), got("checkpoint", "restart_seconds"), unit=" s"),
        goal("pause of a shard for a checkpoint", (20, "under 20 ms"), got("checkpoint", "longest_pause_ms"), unit=" ms"),
        goal("cost per event, windows of 365 days over 5 minutes", (1.1, "under 1.1 times"), derived("windows", "growth_by_window")),
        goal("cost per event, 10⁶ keys over 10³", (2, "under 2 times"), derived("windows", "growth_by_keys")),
        goal("KPI values a second into Redis, shipped configuration", (500000, "at least 500,000"), got("publish", "values_per_second", config="shipped"), most=False),
    ])


# ---- plots: {file: svg}


def plot_catchup(result):
    by = lambda case: ("bare", "count", "kpid", "least").index(case["parameters"]["who"])  # noqa: E731
    return {"catchup-rate": plot.bars("Catch-up: events a second", "events/s", bars_of(result, "reading_per_second", by)),
            "catchup-cpu": plot.bars("Catch-up: processor time", "CPU-s per million events", bars_of(result, "cpu_seconds_per_million", by),
                                     target=(1.2, "small: 1.2"))}


def plot_latency(result):
    series = {}
    for who, name in (("kafka", "Kafka alone"), ("kpid", "into Redis")):
        for percentile, label in (("p50_ms", "p50"), ("p99_ms", "p99")):
            series[f"{name}, {label}"] = [(f"{case['parameters']['rate']:,}", figure({"cases": [case]}, percentile))
                                          for case in result["cases"] if case["parameters"]["who"] == who]
    return {"latency": plot.lines("From producer to figure in Redis", "events/s", "ms", series, log=True, target=(15, "p99 at 5,000/s: 15 ms"))}


MEMORIES = (("after_catch_up", "after catch-up"), ("settled", "settled"), ("after_restart", "after a restart"))


def plot_memory(result):
    items = [(f"{case['parameters']['config']}, {label}", tuple(number / 1e6 for number in figure({"cases": [case]}, name)), place)
             for case in result["cases"] for place, (name, label) in enumerate(MEMORIES)]
    return {"memory": plot.bars("Memory with a million customers", "MB", items, target=(250, "small: 250 MB"))}


def plot_checkpoint(result):
    items = [("pause of a shard", figure(result, "longest_pause_ms"), 0), ("of it processor time", figure(result, "longest_pause_cpu_ms"), 0)]
    return {"checkpoint": plot.bars("A checkpoint of a million customers, four shards", "ms", items, target=(20, "20 ms"))}


def plot_publish(result):
    return {"publish": plot.bars("Figures written to Redis", "values/s", bars_of(result, "values_per_second"), target=(500000, "500,000"))}


def plot_windows(result):
    points = lambda key: [(case["name"].replace("window of ", ""), figure({"cases": [case]}, "cpu_seconds_per_million"))  # noqa: E731
                          for case in result["cases"] if key in case["parameters"]]
    return {"windows": plot.lines("Cost against the length of the window", "length", "CPU-s per million events", {"kpid": points("window")}),
            "keys": plot.lines("Cost against the number of keys", "reps", "CPU-s per million events", {"kpid": points("keys")})}


def plot_scaling(result):
    series = {name: [(f"{case['parameters']['threads']}", figure({"cases": [case]}, "reading_per_second"))
                     for case in result["cases"] if case["parameters"]["who"] == who] for who, name in (("bare", "bare consumers"), ("kpid", "kpid"))}
    return {"scaling": plot.lines("Catch-up over threads", "threads", "events/s", series)}


def plot_replay(result):
    return {"replay": plot.bars("kpictl replay", "events/s", bars_of(result, "events_per_second"))}


def plot_micro(result):
    stages = ("decode", "correlate", "accumulate", "fold")
    items = [(f"{config}: {stage}", figure(result, "instructions_per_event", config=config, stage=stage), place)
             for place, config in enumerate(("small", "shipped")) for stage in stages]
    return {"micro": plot.bars("Instructions of the stages that every event goes through", "instructions an event", items)}


# ---- the page


def block(name, results):
    if name == "targets":
        return targets(results)
    if name == "misses":
        return misses_table(results["micro"]) if results["micro"] else "Not measured yet."
    if name == "profile":
        return profile_table(results["micro"]) if results["micro"] and "profiles" in results["micro"] else "Not measured yet."
    result = results[name]
    if not result:
        return "Not measured yet."
    parts = [micro_table(result) if name == "micro" else case_table(result, COLUMNS[name])]
    if result["derived"]:
        parts.append("; ".join(f"{DERIVED[key]}: {short(number)}" for key, number in result["derived"].items()) + ".")
    parts += [f"![{name}](performance/{file}.svg)" for file in plots(name, result)]
    return "\n\n".join([*parts, origin(result)])


def plots(name, result):
    """{file: svg}"""
    return globals()[f"plot_{name}"](result) if result else {}


def made(names):
    """{path: text}: the page and its plots as the results say."""
    results = {name: read(name) for name in names}
    with open(PAGE, encoding="utf-8") as file:
        page = BLOCK.sub(lambda match: f"{match[1]}{block(match[2], results)}\n{match[3]}", file.read())
    pictures = {os.path.join(PLOTS, file + ".svg"): svg for name in names for file, svg in plots(name, results[name]).items()}
    return {PAGE: page, **pictures}


def write(names):
    os.makedirs(PLOTS, exist_ok=True)
    for path, text in made(names).items():
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
