"""Figures as lines of JSON, numbers exact and in their shortest plain form."""

from fractions import Fraction
from functools import cache
import json

from instants import show
import figures


def number(value):
    """The shortest plain decimal text of a number with at most 6 decimals."""
    if value is None:
        return "null"
    millionths = value * 10 ** 6
    if millionths != int(millionths):
        raise ValueError(f"more than 6 decimals: {value}")
    whole, part = divmod(abs(int(millionths)), 10 ** 6)
    decimals = f".{part:06d}".rstrip("0").rstrip(".")
    return ("-" if value < 0 else "") + str(whole) + decimals


def line(dimension, key, kpi, span, outcome, complete, as_of=None, targets=None):
    """Computed with targets it says what there is of them, null where there is none."""
    members = [] if as_of is None else [("as_of", instant(as_of))]
    members += [
        ("dimension", text(dimension)), ("key", text(key)), ("kpi", text(kpi)), ("window", text(span.name)),
        ("value", number(figures.value_of(outcome))),
        ("numerator", number(outcome.numerator)), ("denominator", number(outcome.denominator)),
        ("n", str(outcome.n)), ("from", instant(span.start)), ("to", instant(span.to)),
        ("complete", "true" if complete else "false"),
        ("reason", text(outcome.reason) if outcome.reason else "null")]
    if targets is not None:
        members += target_members(targets.shown(dimension, key, kpi, span.name))
    return joined(members)


def target_members(shown):
    if shown is None:
        return [("target", "null"), ("pace", "null"), ("status", "null")]
    target = [("value", number(shown.goal.value))]
    if shown.by:
        target.append(("by", text(shown.by.isoformat())))
    if shown.goal.base is not None:
        target.append(("base", number(shown.goal.base)))
    if shown.goal.reason:
        target.append(("reason", text(shown.goal.reason)))
    return [("target", joined(target)), ("pace", pace(shown.pace)), ("status", text(shown.status))]


def pace(found):
    if found is None:
        return "null"
    return joined((name, rounded(value)) for name, value in found._asdict().items())


def rounded(value):
    return number(None if value is None else figures.half_even(Fraction(value)))


def joined(members):
    return "{" + ",".join(f'"{name}":{value}' for name, value in members) + "}"


@cache  # the same names, keys and instants come again in every line
def text(value):
    return json.dumps(value, ensure_ascii=False)


@cache
def instant(ms):
    return text(show(ms))
