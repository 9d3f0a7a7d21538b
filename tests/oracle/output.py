"""Figures as lines of JSON, numbers exact and in their shortest plain form."""

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


def line(dimension, key, kpi, span, outcome, complete, as_of=None):
    members = [] if as_of is None else [("as_of", instant(as_of))]
    members += [
        ("dimension", text(dimension)), ("key", text(key)), ("kpi", text(kpi)), ("window", text(span.name)),
        ("value", number(figures.value_of(outcome))),
        ("numerator", number(outcome.numerator)), ("denominator", number(outcome.denominator)),
        ("n", str(outcome.n)), ("from", instant(span.start)), ("to", instant(span.to)),
        ("complete", "true" if complete else "false"),
        ("reason", text(outcome.reason) if outcome.reason else "null")]
    return "{" + ",".join(f'"{name}":{value}' for name, value in members) + "}"


@cache  # the same names, keys and instants come again in every line
def text(value):
    return json.dumps(value, ensure_ascii=False)


@cache
def instant(ms):
    return text(show(ms))
