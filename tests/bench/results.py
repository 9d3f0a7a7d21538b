"""Figures of runs: median and spread, as a table and as bench/results/<scenario>.json.

A file of results: what measure.provenance says, `scenario`, `size` (full or quick), `derived` (figures made of several cases), and
`cases`: for each a name, its parameters, every run's figures as they were, and `figures` {name: {"median", "low", "high", "runs"}}.
"""
import json
import math
import os
import statistics
import subprocess
import time

from bench import measure
from harness.process import ROOT

FOLDER = os.path.join(ROOT, "bench", "results")


class Case:
    """One thing that is measured several times: run() gives {name: number}; other kinds of values are kept but not summed up."""

    def __init__(self, name, run, **parameters):
        self.name, self._run, self.parameters, self.runs, self.failures = name, run, parameters, [], []

    def run(self):
        """Whether it went well: what failed is kept beside what did not."""
        began, stolen = time.monotonic(), measure.stolen_seconds()
        try:
            figures = self._run()
        except (AssertionError, subprocess.SubprocessError) as failure:
            self.failures.append(str(failure))
            return False
        share = (measure.stolen_seconds() - stolen) / (time.monotonic() - began) / os.cpu_count()
        self.runs.append({**figures, "stolen_percent": share * 100})
        return True

    def figures(self):
        names = [name for name, value in self.runs[0].items() if is_number(value)] if self.runs else []
        return {name: spread([run[name] for run in self.runs if is_number(run.get(name))]) for name in names}

    def median(self, name):
        """NaN where no run went well."""
        return self.figures().get(name, {"median": math.nan})["median"]


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def spread(numbers):
    return {"median": statistics.median(numbers), "low": min(numbers), "high": max(numbers), "runs": len(numbers)}


def interleave(cases, runs, say):
    """A B C A B C ...: what the machine does besides falls on all of them alike."""
    for number in range(runs):
        for case in cases:
            if not case.run():
                say(f"  {number + 1} of {runs}  {case.name}: FAILED: {case.failures[-1]}")
                continue
            last = {name: value for name, value in case.runs[-1].items() if is_number(value)}
            say(f"  {number + 1} of {runs}  {case.name}: " + ", ".join(f"{name} {short(value)}" for name, value in last.items()))


def short(value):
    """At most four digits that mean something; large numbers with commas."""
    if value == 0 or isinstance(value, int) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def path_of(scenario, quick):
    return os.path.join(FOLDER, "local" if quick else "", scenario + ".json")


def write(scenario, quick, provenance, outcome):
    """Returns the path."""
    whole = {"scenario": scenario, "size": "quick" if quick else "full", **provenance,
             "load_average_after": round(os.getloadavg()[0], 1), "derived": {name: number for name, number in outcome.derived.items() if not math.isnan(number)}, **outcome.more,
             "cases": [{"name": case.name, "parameters": case.parameters, "figures": case.figures(), "runs": case.runs}
                       for case in outcome.cases if case.runs]}
    path = path_of(scenario, quick)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(whole, file, indent=1)
        file.write("\n")
    return path


def read(scenario, quick=False):
    """None where it was never measured."""
    try:
        with open(path_of(scenario, quick), encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return None


def table(rows):
    """Lines of text; the first row is the heading, the first column stands left, the others right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) if column == 0 else cell.rjust(width)
                       for column, (cell, width) in enumerate(zip(row, widths))).rstrip() for row in rows]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def case_table(cases, columns):
    """columns: {heading: name of the figure, or (name, factor)}. Median, and lowest to highest behind it."""
    rows = [["", *columns]]
    for case in cases:
        figures = case.figures()
        rows.append([case.name, *(_cell(figures, column) for column in columns.values())])
    return table(rows)


def _cell(figures, column):
    name, factor = column if isinstance(column, tuple) else (column, 1)
    if name not in figures:
        return "-"
    found = figures[name]
    median = short(found["median"] * factor)
    return median if found["runs"] < 2 else f"{median} ({short(found['low'] * factor)} - {short(found['high'] * factor)})"
