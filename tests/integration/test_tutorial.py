"""docs/tutorial.md, done as it is written: every block in its order, then the configuration that came of it on a live kpid."""
import json
import os
import re
import shutil
import subprocess
import time
import unittest
from datetime import datetime
from decimal import Decimal

from harness import figures
from harness.case import PARTITIONS, KafkaCase
from harness.daemon import BUILD
from harness.process import ROOT, guarded, temporary_folder

TUTORIAL = os.path.join(ROOT, "docs", "tutorial.md")
BLOCK = re.compile(r"(?:In `([^`]+)`, under `(\w+)`, add:\s*)?^```(\w+)\n(.*?)^```$", flags=re.M | re.S)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def add_under(path, section, lines):
    """Puts the lines behind those of a section at the top level of a YAML file."""
    text = read(path)
    start = re.search(rf"^{section}:\n", text, flags=re.M)
    if not start:
        raise AssertionError(f"{path} has no section '{section}'")
    after = re.compile(r"^(?=\S)", flags=re.M).search(text, start.end())
    end = after.start() if after else len(text)
    body = text[start.end():end].rstrip("\n")
    rest = text[start.end() + len(body):]
    if not rest.startswith("\n"):
        rest = "\n" + rest
    with open(path, "w", encoding="utf-8") as out:
        out.write(text[:start.end()] + body + "\n" + lines.rstrip("\n") + rest)


class Tutorial(KafkaCase):
    def follow(self):
        """Does what the tutorial says; returns the folder it was done in."""
        folder = temporary_folder("tutorial")
        shutil.copytree(os.path.join(ROOT, "config"), os.path.join(folder, "config"))
        environment = {**os.environ, "PATH": BUILD + os.pathsep + os.environ["PATH"]}
        output, kinds = "", []
        for file, section, kind, text in BLOCK.findall(read(TUTORIAL)):
            kinds.append(kind)
            if kind == "yaml":
                self.assertTrue(file, f"it does not say where this belongs:\n{text}")
                add_under(os.path.join(folder, file), section, text)
            elif kind == "sh":
                done = subprocess.run(guarded(["bash", "-euo", "pipefail", "-c", text]), cwd=folder, env=environment,
                                      stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
                self.assertEqual(done.returncode, 0, f"{text}\n{done.stdout}{done.stderr}")
                output = done.stdout
            elif kind == "text":
                self.assertEqual(output, text)
        self.assertGreaterEqual(set(kinds), {"yaml", "sh", "text"})
        return folder

    def tickets(self, folder):
        """The tutorial's tickets as records, moved so that the last one is of ten minutes ago."""
        events = [json.loads(line) for line in read(os.path.join(folder, "tickets.jsonl")).splitlines()]
        times = [datetime.fromisoformat(event["time"].replace("Z", "+00:00")).timestamp() for event in events]
        shift = time.time() - 600 - max(times)
        for event, moment in zip(events, times):
            event["time"] = int((moment + shift) * 1000)
        return [{"topic": self.topic("support.tickets"), "key": event["customer"], "value": json.dumps(event),
                 "timestamp": event["time"]} for event in events]

    def test_as_it_is_written(self):
        folder = self.follow()
        self.create_topics()
        self.tool.create(self.topic("support.tickets"), partitions=PARTITIONS)
        self.produce(*self.tickets(folder))
        daemon = self.daemon(os.path.join(folder, "my-config")).start()
        meta, found = figures.read_consistent(daemon, self.client(), self.ends())
        self.assertEqual((meta["applied"], meta["refused"]), ("5", "1"))
        value = {place: figure["value"] for place, figure in figures.parse(found).items()}
        self.assertEqual([value["channel", "chat", kpi, "24h"] for kpi in ("tickets_solved", "time_to_solve_median", "tickets_unsolved")],
                         [2, Decimal("2403.325"), 0])
        self.assertEqual(value["channel", "mail", "tickets_unsolved", "24h"], 1)
        self.assertEqual(value["rep", "r01", "tickets_solved", "24h"], 1)
        self.assertEqual(self.client().command("ZRANGE", "kpi:board:time_to_solve_median@24h:channel", 0, -1), [b"chat"])


if __name__ == "__main__":
    unittest.main()
