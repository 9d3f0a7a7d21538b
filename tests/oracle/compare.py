#!/usr/bin/env python3
"""Compares two outputs of figures exactly: compare.py EXPECTED ACTUAL; exit 1 on any difference."""

from decimal import Decimal
import json
import sys

IDENTITY = ("as_of", "dimension", "key", "kpi", "window")
COMPARED = ("value", "numerator", "denominator", "n", "from", "to", "complete", "reason")
OF_TARGETS = ("target", "pace", "status")  # compared where the expected side speaks of targets; null is absent
SHOWN = 20


def compare(expected_lines, actual_lines):
    """The differences as texts; both sides are iterables of JSON lines."""
    differences = []
    expected, actual = (index(lines, side, differences)
                        for lines, side in [(expected_lines, "expected"), (actual_lines, "actual")])
    for identity in sorted(expected.keys() | actual.keys(), key=str):
        name = "/".join(part for part in identity if part)
        if identity not in actual:
            differences.append(f"{name}: missing, expected {brief(expected[identity])}")
        elif identity not in expected:
            differences.append(f"{name}: not expected, got {brief(actual[identity])}")
        else:
            differences += members(name, expected[identity], actual[identity])
    return differences


def index(lines, side, differences):
    figures = {}
    for line in filter(str.strip, lines):
        # Decimal equality is numeric equality: 0.50 is 0.5, and nothing is ever a float.
        figure = json.loads(line, parse_float=Decimal, parse_int=Decimal)
        identity = tuple(figure.get(name) for name in IDENTITY)
        if identity in figures:
            differences.append(f"{'/'.join(filter(None, identity))}: twice in {side}")
        figures[identity] = figure
    return figures


def members(name, expected, actual):
    for member in COMPARED:
        absent = member not in actual
        if absent or not same(expected.get(member), actual[member]):
            got = "nothing" if absent else show(actual[member])
            yield f"{name}: {member} expected {show(expected.get(member))}, got {got}"
    for member in OF_TARGETS if "target" in expected else ():
        if expected[member] != actual.get(member):
            yield f"{name}: {member} expected {show(expected[member])}, got {show(actual.get(member))}"


def same(one, other):
    # True equals 1 in Python, but not in JSON.
    return type(one) is type(other) and one == other


def brief(figure):
    return " ".join(f"{name}={show(figure.get(name))}" for name in ("value", "n", "reason"))


def show(value):
    return str(value) if isinstance(value, Decimal) else json.dumps(value, default=str)


def main(expected_path, actual_path):
    with open(expected_path, encoding="utf-8") as expected, open(actual_path, encoding="utf-8") as actual:
        differences = compare(expected, actual)
    for difference in differences[:SHOWN]:
        print(difference)
    print(f"{len(differences)} differences" if differences else "no differences")
    return 1 if differences else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    sys.exit(main(*sys.argv[1:]))
