"""Boards against the figures beside them: who is on each, and with which score (docs/redis.md, "Boards")."""
import functools
import json
import math
import os
import urllib.parse

import yaml

from harness.process import ROOT

BOARD = "kpi:board:"
Z = 1.96


@functools.cache
def configured():
    """({(kpi, dimension)} that have boards, the KPIs of which lower is better)"""
    with open(os.path.join(ROOT, "config", "kpis.yaml"), encoding="utf-8") as file:
        document = yaml.load(file, Loader=yaml.BaseLoader)
    wanted = {(kpi, row["by"]) for row in document["boards"] for kpi in row["kpis"]}
    return wanted, {name for name, kpi in document["kpis"].items() if kpi.get("better") == "lower"}


def check(found, lines):
    """`found` is what `read` gave, `lines` are the snapshots' figures of the same `end`. AssertionError names the first boards that differ."""
    expected = expected_boards(lines)
    wrong = [f"{name}: {why}" for name in sorted(expected.keys() | found.keys())
             for why in [difference(name, expected.get(name, {}), found.get(name, {}))] if why]
    if wrong:
        raise AssertionError(f"{len(wrong)} of {len(expected)} boards are wrong:\n" + "\n".join(wrong[:10]))


def read(client):
    """{board: {key: score}}"""
    names = client.keys(BOARD + "*")
    replies = client.pipeline([("ZRANGE", name, 0, -1, "WITHSCORES") for name in names])
    return {name: {urllib.parse.unquote(member.decode()): float(score) for member, score in zip(reply[::2], reply[1::2])}
            for name, reply in zip(names, replies)}


def expected_boards(lines):
    """{board: {key: figure}}: all keys that have a value."""
    expected = {}
    wanted, _ = configured()
    for figure in map(json.loads, lines):
        if figure["value"] is not None and (figure["kpi"], figure["dimension"]) in wanted:
            expected.setdefault(f"{BOARD}{figure['kpi']}@{figure['window']}:{figure['dimension']}", {})[figure["key"]] = figure
    return expected


def difference(name, figures, scores):
    """Why a board is wrong, or None. All its scores are values, or all are Wilson's bounds."""
    if figures.keys() != scores.keys():
        return f"holds {sorted(scores)}, not {sorted(figures)}"
    sign = -1 if name[len(BOARD):].split("@")[0] in configured()[1] else 1
    if all(near(sign * figure["value"], scores[key]) for key, figure in figures.items()):
        return None
    if all(near(wilson(figure, sign), scores[key]) for key, figure in figures.items()):
        return None
    return f"scores {scores} for " + str({key: figure["value"] for key, figure in figures.items()})


def near(expected, score):
    return expected is not None and abs(expected - score) <= 1e-6 * max(1.0, abs(expected))


def wilson(figure, sign):
    """The lower bound, or less the upper one; None for what is no share."""
    hits, number = figure["numerator"], figure["denominator"]
    if not number or hits is None or not 0 <= hits <= number:
        return None
    share, square = hits / number, Z * Z
    middle = share + square / (2 * number)
    reach = Z * math.sqrt(share * (1 - share) / number + square / (4 * number * number))
    return sign * (middle - sign * reach) / (1 + square / number)
