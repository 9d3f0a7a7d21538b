"""The targets of kpis.yaml as they are written: all scalars are texts (docs/targets.md, section 1)."""

from datetime import date, timedelta
from fractions import Fraction
import json

from instants import length
from periods import KINDS
import windows

ADDS_UP = {"revenue", "deals_won", "new_opportunities", "calls_made", "calls_scheduled", "emails_sent", "meetings_held",
           "proposals_sent", "selling_cost"}
LONGEST_FIRST = ("year", "quarter", "month", "week")


class Target:
    """A line of `targets`. `unit` is that of the periods it is bound to, None of a free one."""

    def __init__(self, document, calendar, names):
        self.kpi = document["kpi"]
        self.value = amount(document["value"]) if "value" in document else None
        self.factor = None if "value" in document else factor(document)  # of the base
        self.by, self.start = (day_of(document.get(name)) for name in ("by", "from"))
        self.of, self.key = document.get("of", "company"), document.get("key")
        self.roll_down = sorted(document.get("roll_down", []), key=["team", "rep"].index)
        self.keys = {key: amount(text) for key, text in document.get("keys", {}).items()}
        self.adds_up = self.kpi in ADDS_UP
        self.unit = self.bound_to(document, calendar, names)
        self.windows = [document["window"]] if "window" in document else list(filter(reaches_now, names))
        self.cumulative = self.adds_up and self.unit is not None

    def bound_to(self, document, calendar, names):
        if "over" in document:
            return document["over"].removeprefix("previous ")
        if "window" in document:
            return document["window"] if document["window"] in KINDS else None
        return self.longest(calendar, names) if self.adds_up else None

    def longest(self, calendar, names):
        after = self.by + timedelta(1)
        ending = [unit for unit in LONGEST_FIRST if unit in names and calendar.first_day(unit, after) == after]
        return (ending or ["year"])[0]

    def rank(self, dimension):
        """The lower stands before the higher in one field; None where it is none of this dimension."""
        if dimension == self.of:
            return 0 if self.key is not None else 1
        if dimension not in self.roll_down:
            return None
        return 4 if self.of == "company" else 2 if self.key is not None else 3


def reaches_now(name):
    return windows.kind_of(name)[1] == 0


def amount(text):
    """A number, a percentage or a duration, as the KPI shows it."""
    if text.endswith("%"):
        return Fraction(text[:-1]) / 100
    if text[-1].isalpha():
        return Fraction(length(text), 1000)
    return Fraction(round(Fraction(text) * 10000), 10000)  # half-even, as Fraction rounds


def factor(document):
    if "increase" in document:
        return 1 + amount(document["increase"])
    return 1 - amount(document["decrease"])


def day_of(text):
    return date.fromisoformat(text) if text else None


def load(path, calendar, names):
    """None without a file: then nothing is said about targets."""
    if not path:
        return None
    with open(path, encoding="utf-8") as file:
        return [Target(document, calendar, names) for document in json.load(file)]
