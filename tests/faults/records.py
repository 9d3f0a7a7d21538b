"""What was tried so far: build/faults/<row>.jsonl, one line a try, written as soon as it has ended. From it come the verdict of a row, the
printed table and the one in docs/reliability.md."""
import collections
import json
import os
import platform
import re
import subprocess
import time

from faults.row import missing_paths
from harness.kafka import SOURCES
from harness.process import ROOT

FOLDER = os.path.join(ROOT, os.environ.get("KPID_BUILD", "build"), "faults")
PAGE = os.path.join(ROOT, "docs", "reliability.md")
BEGIN, END = "<!-- table: tests/faults/run --table -->", "<!-- end of table -->"


class Records:
    """The tries of one row."""

    def __init__(self, row, folder=FOLDER):
        self.row = row
        self.path = os.path.join(folder, row.id + ".jsonl")
        os.makedirs(folder, exist_ok=True)
        self.tries = {}
        for line in self._lines():
            self.tries[line["try"]] = line

    def _lines(self):
        """A line that was cut when the run was killed is a try that did not happen."""
        try:
            with open(self.path, encoding="utf-8") as file:
                text = file.read()
        except FileNotFoundError:
            return []
        whole = text[:text.rfind("\n") + 1]
        if whole != text:
            with open(self.path, "w", encoding="utf-8") as file:
                file.write(whole)
        return [json.loads(line) for line in whole.splitlines()]

    def forget(self):
        self.tries = {}
        if os.path.exists(self.path):
            os.remove(self.path)

    def add(self, trial, took, problem):
        line = {"try": trial.number, "seed": trial.seed, "ok": not problem, "seconds": round(trial.seconds, 3), "took": round(took, 3),
                "counted": trial.counted, "paths": dict(trial.paths), "notes": trial.notes, "problem": problem,
                "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "commit": commit()}
        self.tries[trial.number] = line
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def left(self):
        return [number for number in range(self.row.tries) if number not in self.tries]

    def summary(self):
        lines = self.tries.values()
        paths = collections.Counter()
        for line in lines:
            paths.update(line["paths"])
        return Summary(self.row, sum(line["counted"] for line in lines), sum(not line["ok"] for line in lines),
                       max((line["seconds"] for line in lines), default=0.0), paths, sum(line["took"] for line in lines) / 60,
                       len(self.left()), sorted({(line["at"][:10], line["commit"]) for line in lines}))


Summary = collections.namedtuple("Summary", "row tries wrong worst paths minutes left commits")


def complaint(summary):
    """Why a row has not passed, or None."""
    if summary.wrong:
        return f"{summary.wrong} wrong"
    missing = missing_paths(summary.row, summary.paths)
    if summary.left:
        return f"{summary.left} tries are left"
    return f"these paths were never taken: {', '.join(missing)}" if missing else None


def commit():
    done = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    return done.stdout.strip() or "unknown"


# ---- tables


HEAD = ("id", "fault", "tries", "wrong", "worst s", "rare paths seen", "minutes")


def cells(summary):
    paths = ", ".join(f"{name} {count}" for name, count in sorted(summary.paths.items()))
    return (summary.row.id, summary.row.fault, str(summary.tries), str(summary.wrong), f"{summary.worst:.1f}", paths or "-",
            f"{summary.minutes:.1f}")


def printed(summaries):
    rows = [HEAD, *map(cells, summaries)]
    widths = [min(60, max(len(row[i]) for row in rows)) for i in range(len(HEAD))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows)


def with_shows(row, shows):
    return [*row[:2], shows, *row[2:]]


def page_table(summaries):
    rows = [with_shows(HEAD, "must show"), ["---"] * (len(HEAD) + 1), *(with_shows(cells(summary), summary.row.shows) for summary in summaries)]
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    commits = {}
    for day, name in sorted({place for summary in summaries for place in summary.commits}):
        commits.setdefault(day, []).append(name)
    when = "; ".join(f"{day}, commit {', '.join(names)}" for day, names in commits.items())
    return "\n".join([f"{machine()}. {when}.", "", *lines])


def machine():
    versions = ", ".join(f"{name} {version}" for name, version in (
        ("Apache Kafka", kafka_version()), ("Redis", first(r"v=([\d.]+)", "redis-server", "--version")),
        ("librdkafka", first(r"([\d.]+)", "pkg-config", "--modversion", "rdkafka"))))
    return f"{os.cpu_count()} cores, Linux {platform.release()}, {versions}"


def kafka_version():
    with open(os.path.join(SOURCES, "pom.xml"), encoding="utf-8") as file:
        found = re.search(r"<artifactId>kafka_2.13</artifactId>\s*<version>([^<]+)<", file.read())
    return found.group(1) if found else "unknown"


def first(pattern, *command):
    try:
        text = subprocess.run(command, capture_output=True, text=True).stdout
    except OSError:
        return "unknown"
    found = re.search(pattern, text)
    return found.group(1) if found else "unknown"


def write_page(summaries):
    """The table in docs/reliability.md, between its two marks."""
    with open(PAGE, encoding="utf-8") as file:
        before, _, rest = file.read().partition(BEGIN)
    _, _, after = rest.partition(END)
    with open(PAGE, "w", encoding="utf-8") as file:
        file.write(f"{before}{BEGIN}\n{page_table(summaries)}\n{END}{after}")
