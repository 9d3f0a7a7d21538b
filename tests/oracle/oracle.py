#!/usr/bin/env python3
"""Recomputes every figure that kpid ships from raw events, by docs/figures.md alone. See README.md."""

import argparse
from fractions import Fraction
import sys

import compute
from instants import length, parse, in_range
from intake import Intake
import output
from pace import Targets
from periods import Calendar, WEEKDAYS
import rates
import roster
import targets
import windows

CONSTANTS = {"gross_margin": Fraction("0.6")}


def main(arguments=None):
    options = parse_options(arguments)
    calendar = Calendar(options.zone, options.week_start, options.fiscal_start)
    intake = Intake(options.currency, options.as_arrived, options.allowed_lateness, options.max_future,
                    rates.load(options.rates, calendar))
    with open(options.events, "rb") as file:
        intake.read(file)
    if options.verbose:
        summarize(intake)
    with open(options.out, "w", encoding="utf-8") if options.out else sys.stdout as out:
        out.writelines(text + "\n" for text in lines(intake.in_order(), calendar, options))


def lines(events, calendar, options):
    people = roster.load(options.roster, calendar)
    times = options.as_of or default_as_of(events)
    goals = targets.load(options.targets, calendar, options.windows)
    db = compute.open_database(events, people)
    for as_of in times:
        figures = list(compute.compute(db, as_of, options.windows, calendar, people, options.constants))
        end = windows.end_of(as_of, options.windows, calendar)
        paces = None if goals is None else Targets(goals, calendar, people, end, figures)
        for figure in figures:
            yield output.line(*figure, as_of=as_of if len(times) > 1 else None, targets=paces)


def default_as_of(events):
    if not events:
        raise SystemExit("oracle: no event counts, so --as-of is needed")
    return [events[-1]["time"] + 1]


def summarize(intake):
    counts = {"lines": 0, **dict(sorted(intake.counts.items())), "events": len(intake.events)}
    print(" ".join(f"{name}={count}" for name, count in counts.items()), file=sys.stderr)


def instant(text):
    return in_range(int(text)) if text.lstrip("-").isdigit() else parse(text)


def constant(text):
    name, equals, value = text.partition("=")
    if name not in CONSTANTS or not equals:
        raise ValueError(f"no constant: {text}")
    return name, Fraction(value)


def window_names(text):
    names = text.split(",")
    for name in names:
        windows.step(name)
    return names


def parse_options(arguments):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", required=True, help="JSON lines, flat or CloudEvents")
    parser.add_argument("--as-of", action="append", type=instant, help="RFC 3339 or epoch ms; repeatable")
    parser.add_argument("--zone", required=True, help="IANA name")
    parser.add_argument("--week-start", choices=WEEKDAYS, default="monday")
    parser.add_argument("--fiscal-start", type=int, choices=range(1, 13), default=1)
    parser.add_argument("--currency", default="EUR")
    parser.add_argument("--rates", help="JSON file, see rates.py")
    parser.add_argument("--roster", help="JSON file")
    parser.add_argument("--targets", help="JSON file: the list of kpis.yaml, all scalars as texts")
    parser.add_argument("--as-arrived", action="store_true", help="judge late and future records by received_at")
    parser.add_argument("--allowed-lateness", type=length, default="7d")
    parser.add_argument("--max-future", type=length, default="5m")
    parser.add_argument("--windows", type=window_names, default=windows.SHIPPED)
    parser.add_argument("--constant", action="append", type=constant, default=[], metavar="NAME=VALUE",
                        help="of kpis.yaml; gross_margin is 0.6 unless told")
    parser.add_argument("--out", help="a file instead of standard output")
    parser.add_argument("--verbose", action="store_true", help="counts of what was refused to standard error")
    options = parser.parse_args(arguments)
    options.constants = CONSTANTS | dict(options.constant)
    return options


if __name__ == "__main__":
    main()
