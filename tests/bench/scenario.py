"""What a scenario is given, and the list of them."""
import importlib

NAMES = ("catchup", "micro")


class Bench:
    """How large and how often: `size(full, quick)` chooses."""

    def __init__(self, runs, quick, say):
        self.runs, self.quick, self.say = runs, quick, say

    def size(self, full, quick):
        return quick if self.quick else full


class Outcome:
    """What a scenario hands back. `tables`: texts to print; `derived`: {name: number}."""

    def __init__(self, cases, tables, derived=None):
        self.cases, self.tables, self.derived = cases, tables, derived or {}


def scenario(name):
    """A module with a docstring that says what is measured, and measure(bench)."""
    return importlib.import_module(f"bench.scenario_{name}")
