#!/usr/bin/env python3
"""Compares the figures of one run of the simulator with the oracle's, exactly and both ways.

FOLDER holds `records` (Kafka timestamp, partition, key, value) and `redis` (key, field, value), separated by tabs, as oracle.c writes
them. Without a difference it is removed. Else the differences are printed, the folder becomes kpid-oracle-seed-N beside it, with both
sides as lines of JSON in it, and the exit code is 1."""
import argparse
import functools
import json
import os
import pathlib
import shutil
import sys
import urllib.parse

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "oracle")]

import compare
import oracle
from harness import figures

LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
LATENESS, FUTURE = "4h", "5m"  # as in variants.c
SHOWN = 3
NO_TARGET = ',"target":null,"pace":null,"status":null'


def main():
    options = parse_options()
    folder = pathlib.Path(options.folder)
    write_events(folder, options.partitions)
    write_found(folder)
    oracle.main(["--events", str(folder / "events.jsonl"), "--as-of", options.as_of, "--zone", "Europe/Berlin", "--as-arrived",
                 "--allowed-lateness", LATENESS, "--max-future", FUTURE, "--out", str(folder / "expected.jsonl"),
                 "--roster", as_json(folder, "roster"), "--rates", as_json(folder, "rates", "rates"),
                 "--targets", as_json(folder, "kpis", "targets")])
    differences = compare_sides(folder, options.gap)
    if not differences:
        shutil.rmtree(folder)
        return 0
    print(f"{len(differences)} differences, see {keep(folder, options.seed)}")
    print("\n".join(differences[:SHOWN]))
    return 1


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--seed", required=True)
    parser.add_argument("--as-of", required=True, help="milliseconds since 1970")
    parser.add_argument("--partitions", required=True, type=int)
    parser.add_argument("--gap", action="store_true", help="records were lost: `complete` is not compared")
    return parser.parse_args()


# ---- the two sides


def rows(path, count):
    with open(path, "rb") as file:
        return [line.rstrip(b"\n").split(b"\t", count - 1) for line in file]


def write_events(folder, partitions):
    with open(folder / "events.jsonl", "wb") as file:
        for timestamp, partition, key, value in rows(folder / "records", 4):
            record = {"timestamp": int(timestamp), "partition": int(partition), "key": key, "value": value}
            file.write(figures.event_line(record, partitions) + b"\n")


def write_found(folder):
    """The snapshots' figures in the oracle's form. No digit is touched on the way."""
    front = functools.cache(lambda key: figure_key(*map(urllib.parse.unquote, key[len(figures.SNAPSHOT):].split(":"))))
    with open(folder / "found.jsonl", "w", encoding="utf-8") as file:
        for row in rows(folder / "redis", 3):
            key, field, text = (column.decode() for column in row)
            if key.startswith(figures.SNAPSHOT) and not field.startswith("_"):
                kpi, window = field.rsplit("@", 1)
                reason = "" if has_reason(text) else ',"reason":null'  # left out where there is a value
                file.write(f'{front(key)},"kpi":"{kpi}","window":"{window}",{text[1:-1]}{reason}}}\n')


def has_reason(text):
    return '"reason":' in text and ('"target":' not in text or "reason" in json.loads(text))  # a target may have one of its own


def figure_key(dimension, key):
    return f'{{"dimension":{json.dumps(dimension)},"key":{json.dumps(key, ensure_ascii=False)}'


def as_json(folder, name, member=None):
    """A file of the shipped configuration as the oracle reads it: every scalar a text."""
    with open(ROOT / "config" / (name + ".yaml"), encoding="utf-8") as file:
        document = yaml.load(file, Loader=LOADER)
    path = folder / (name + ".json")
    path.write_text(json.dumps(document[member] if member else document), encoding="utf-8")
    return str(path)


def incomplete_goals(lines):
    """The KPIs with a target that has no goal because its base is not complete."""
    figures = (json.loads(line) for line in lines if '"incomplete"' in line)
    return {figure["kpi"] for figure in figures if (figure.get("target") or {}).get("reason") == "incomplete"}


def without_goals_of(kpis, *sides):
    """Goals of these follow from whether their base is `complete`, also those handed down."""
    def strip(line):
        figure = json.loads(line)
        return json.dumps({**figure, "target": None, "pace": None, "status": None}) if figure["kpi"] in kpis else line
    return [[strip(line) for line in side] for side in sides] if kpis else sides


def compare_sides(folder, gap):
    if gap:
        compare.COMPARED = tuple(member for member in compare.COMPARED if member != "complete")
    expected, found = ((folder / name).read_text(encoding="utf-8").splitlines() for name in ("expected.jsonl", "found.jsonl"))
    if not expected:
        return ["the oracle has no figures"]
    if gap:
        expected, found = without_goals_of(incomplete_goals(found), expected, found)
    # Most lines are the same text on both sides, and need no look at their members.
    alike = {line.replace(NO_TARGET, "") for line in expected} & set(found)
    differences = compare.compare((line for line in expected if line.replace(NO_TARGET, "") not in alike),
                                  (line for line in found if line not in alike))
    return differences + ([] if len(expected) == len(found) else [f"{len(expected)} figures expected, {len(found)} found"])


def keep(folder, seed):
    kept = folder.parent / f"kpid-oracle-seed-{seed}"
    if kept.exists():
        shutil.rmtree(kept)
    os.rename(folder, kept)
    return kept


if __name__ == "__main__":
    sys.exit(main())
