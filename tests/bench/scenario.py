"""What a scenario is given, and the list of them."""
import importlib

NAMES = ("catchup", "micro", "latency", "memory", "checkpoint", "publish", "windows", "scaling", "replay")


class Bench:
    """How large and how often: `size(full, quick)` chooses."""

    def __init__(self, runs, quick, say):
        self.runs, self.quick, self.say = runs, quick, say

    def size(self, full, quick):
        return quick if self.quick else full


class Outcome:
    """What a scenario hands back. `tables`: texts to print; `derived`: {name: number}; `more`: whatever else is to stand in its file."""

    def __init__(self, cases, tables, derived=None, more=None):
        self.cases, self.tables, self.derived, self.more = cases, tables, derived or {}, more or {}


def scenario(name):
    """A module with a docstring that says what is measured, and measure(bench)."""
    return importlib.import_module(f"bench.scenario_{name}")
