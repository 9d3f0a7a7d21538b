"""What the self-checks have in common: events written briefly, figures looked up by name."""

from argparse import Namespace
import itertools
import json

from instants import parse
from intake import Intake
import oracle
from periods import Calendar
import windows

NUMBERS = itertools.count()


def event(kind, time, **fields):
    """A document of this type at the RFC 3339 time; customer, deal and proposal are made up when they are needed."""
    made_up = {"id": f"e{next(NUMBERS)}", "type": kind, "time": time, "customer": "c"}
    word = kind.split(".")[0]
    if word in ("deal", "proposal", "subscription"):
        made_up[word] = "x"
    return made_up | fields


def won(time, **fields):
    return event("deal.closed", time, **{"outcome": "won", **fields})


def call(time, direction="outbound", outcome="connected", **fields):
    return event("call.completed", time, direction=direction, outcome=outcome, **fields)


def cost(time, category, amount, **fields):
    """Without a customer, unless one is given."""
    return event("cost.recorded", time, **{"customer": None, "category": category, "amount": amount, **fields})


def answers(time, survey, *scores, **fields):
    """One answer for each score, without a customer unless one is given."""
    return [event("survey.answered", time, **{"customer": None, "survey": survey, "score": score, **fields})
            for score in scores]


def take(documents, **options):
    intake = Intake(**{"currency": "EUR", "as_arrived": False, "allowed_lateness": 7 * 86400000,
                       "max_future": 300000, **options})
    intake.read(json.dumps(document).encode() for document in documents)
    return intake


class Figures:
    """The figures of some events as of a time, in Europe/Berlin."""

    def __init__(self, documents, as_of, roster=None, targets=None, names=windows.SHIPPED, constants={},
                 **options):
        calendar = Calendar("Europe/Berlin")
        settings = Namespace(roster=roster, targets=targets, as_of=[parse(as_of)], windows=names,
                             constants=oracle.CONSTANTS | constants)
        lines = oracle.lines(take(documents, **options).in_order(), calendar, settings)
        self.found = {}
        for line in map(json.loads, lines):
            self.found[line["dimension"], line["key"], line["kpi"], line["window"]] = line

    def __call__(self, kpi, window="30d", key=("company", "all")):
        """(value, n)"""
        line = self.found[*key, kpi, window]
        return line["value"], line["n"]

    def sides(self, kpi, window="30d", key=("company", "all")):
        """(numerator, denominator)"""
        line = self.found[*key, kpi, window]
        return line["numerator"], line["denominator"]

    def reason(self, kpi, window="30d", key=("company", "all")):
        return self.found[*key, kpi, window]["reason"]

    def complete(self, kpi, window="30d", key=("company", "all")):
        return self.found[*key, kpi, window]["complete"]

    def keys(self, dimension):
        return {key for found, key, _, _ in self.found if found == dimension}
