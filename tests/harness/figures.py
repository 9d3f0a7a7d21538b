"""Figures as readers of Redis see them, and the oracle's, both as lines of JSON in the oracle's form. No digit is touched on the way."""
import json
import os
import re
import subprocess
import sys
import urllib.parse
from decimal import Decimal

import yaml

from harness.process import ROOT, guarded, temporary_folder
from harness.redis import RedisError, pairs

ORACLE = os.path.join(ROOT, "tests", "oracle")
SNAPSHOT = "kpi:snap:"
AS_OF = re.compile(r'^\{"as_of":"([^"]*)",')


# ---- Redis


def read_snapshots(client):
    """All figures in Redis as lines, with target, pace and status as they stand there."""
    keys = client.keys(SNAPSHOT + "*")
    lines = []
    for key, reply in zip(keys, client.pipeline([("HGETALL", key) for key in keys])):
        if isinstance(reply, RedisError):
            raise reply
        dimension, name = (urllib.parse.unquote(part) for part in key[len(SNAPSHOT):].split(":"))
        lines += [line_of(dimension, name, field, text) for field, text in pairs(reply).items() if not field.startswith("_")]
    return lines


def line_of(dimension, key, field, text):
    kpi, window = field.rsplit("@", 1)
    place = json.dumps({"dimension": dimension, "key": key, "kpi": kpi, "window": window})
    reason = "" if "reason" in json.loads(text) else ',"reason":null'  # a snapshot leaves it out where there is a value
    return place[:-1] + "," + text[1:-1] + reason + "}"


def read_consistent(daemon, client, ends, deadline_seconds=120, read=None):
    """(kpi:meta, lines, or what `read` of the client gives): all of one `end`, with all records before `ends` ({"topic-partition": offset}) counted."""
    def attempt():
        before = daemon.wait_consumed(ends, deadline_seconds)
        lines = (read or read_snapshots)(client)
        after = client.hgetall("kpi:meta")
        same = all(before.get(name) == after.get(name) for name in ("end", "published_end", "records", "offsets"))
        return (after, lines) if same and after.get("caught_up") == "1" else None
    return daemon.wait_until(attempt, "figures that do not move while they are read", deadline_seconds)


def parse(lines):
    """{(dimension, key, kpi, window): figure}, numbers as Decimal."""
    figures = [json.loads(line, parse_float=Decimal, parse_int=Decimal) for line in lines]
    return {tuple(figure[name] for name in ("dimension", "key", "kpi", "window")): figure for figure in figures}


def split_by_as_of(lines):
    """{as_of, or "" where a line says none: lines without it}"""
    found = {}
    for line in lines:
        match = AS_OF.match(line)
        found.setdefault(match.group(1) if match else "", []).append("{" + line[match.end():] if match else line)
    return found


# ---- the shipped configuration


def topics():
    """The names of all topics of events."""
    with open(os.path.join(ROOT, "config", "events.yaml"), encoding="utf-8") as file:
        return [topic["topic"] for topic in yaml.load(file, Loader=yaml.BaseLoader)["topics"]]


# ---- the oracle


def as_json(path, member=None):
    """A file of YAML, or one member of it, as a file of JSON, which is all that the oracle reads. Every scalar is a text, as it is written."""
    with open(path, encoding="utf-8") as file:
        document = yaml.load(file, Loader=yaml.BaseLoader)
    target = os.path.join(temporary_folder("json"), "document.json")
    with open(target, "w", encoding="utf-8") as file:
        json.dump(document[member] if member else document, file)
    return target


def oracle(events, as_of, roster=None, as_arrived=False, options=(), rates=None):
    """(the figures, {as_of: lines}, in the order of `as_of`; what it counted, {"lines": ..., "duplicate": ..., reason: ...})"""
    command = [sys.executable, os.path.join(ORACLE, "oracle.py"), "--events", events, "--zone", "Europe/Berlin", "--verbose", *options]
    for instant in as_of:
        command += ["--as-of", instant]
    command += ["--roster", as_json(roster or os.path.join(ROOT, "config", "roster.yaml"))]
    command += ["--rates", as_json(rates or os.path.join(ROOT, "config", "rates.yaml"), "rates")]
    command += ["--targets", as_json(os.path.join(ROOT, "config", "kpis.yaml"), "targets")]
    command += ["--as-arrived"] if as_arrived else []
    done = _python(command)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)}\nended with {done.returncode}:\n{done.stderr[-4000:]}")
    figures = list(split_by_as_of(done.stdout.splitlines()).values())
    counts = {name: int(number) for name, number in re.findall(r"(\w+)=(\d+)", done.stderr)}
    return dict(zip(as_of, figures)), counts


NOT_REFUSED = ("lines", "events", "duplicate", "late")


def refused_count(counts):
    return sum(number for name, number in counts.items() if name not in NOT_REFUSED)


def compare(expected, actual):
    """Both are lines. AssertionError with the first differences."""
    paths = [write_lines(lines) for lines in (expected, actual)]
    done = _python([sys.executable, os.path.join(ORACLE, "compare.py"), *paths])
    if done.returncode != 0 or not expected:
        raise AssertionError(f"figures differ from the oracle's ({len(expected)} expected, {len(actual)} found):\n"
                             f"{done.stdout[-6000:]}{done.stderr[-2000:]}")


def _python(command):
    return subprocess.run(guarded(command), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=280)


def write_lines(lines, name="figures.jsonl"):
    path = os.path.join(temporary_folder("lines"), name)
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in lines)
    return path


# ---- records of Kafka as a file of events, as kpisim --out writes it


def write_events(records, partitions):
    """records: those of KafkaTool.dump, event topics only. Every line says when the record arrived and whether it lies in a partition
    that its key does not belong to."""
    path = os.path.join(temporary_folder("events"), "events.jsonl")
    with open(path, "wb") as file:
        for record in sorted(records, key=lambda record: record["timestamp"]):  # stable: keeps the order within a partition
            file.write(event_line(record, partitions) + b"\n")
    return path


def event_line(record, partitions):
    value = record["value"] or b""
    line = value.replace(b"\r", b" ").replace(b"\n", b" ")
    if not line.startswith(b"{"):
        return line if line.strip() else b"null"  # an empty message is a message, an empty line is none
    front = b'{"received_at":%d' % record["timestamp"]
    if record["key"] is not None and murmur2_partition(record["key"], partitions) != record["partition"]:
        front += b',"wrong_partition":true'
    rest = line[1:]
    return front + (b"" if rest.lstrip().startswith(b"}") else b",") + rest


def murmur2_partition(key, partitions):
    """As Java's producers choose it."""
    return (_murmur2(key) & 0x7FFFFFFF) % partitions


def _murmur2(data):
    mask, factor = 0xFFFFFFFF, 0x5BD1E995
    digest = (0x9747B28C ^ len(data)) & mask
    whole = len(data) & ~3
    for start in range(0, whole, 4):
        word = int.from_bytes(data[start:start + 4], "little") * factor & mask
        word = (word ^ word >> 24) * factor & mask
        digest = (digest * factor & mask) ^ word
    rest = data[whole:]
    if rest:
        digest = (digest ^ int.from_bytes(rest, "little")) * factor & mask
    digest = (digest ^ digest >> 13) * factor & mask
    return digest ^ digest >> 15
