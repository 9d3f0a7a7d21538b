"""The 26 entries of the catalogue, live in Redis after a simulated quarter."""
import json
import os
import re
import time
import unittest

import yaml

from harness import figures
from harness.case import KafkaCase
from harness.daemon import CONFIG
from harness.process import ROOT

TABLE = os.path.join(ROOT, "docs", "kpis.md")
ROW = re.compile(r"^\| (\d+|–) \|[^|]*\| `(\w+)` \|", flags=re.M)


def catalogue():
    """[(entry, KPI)], as docs/kpis.md has them"""
    with open(TABLE, encoding="utf-8") as file:
        return ROW.findall(file.read())


def configured(name, section):
    with open(os.path.join(CONFIG, name), encoding="utf-8") as file:
        return yaml.load(file, Loader=yaml.BaseLoader)[section]


class Quarter(KafkaCase):
    def test_the_table_is_whole(self):
        """docs/kpis.md has the 26 entries, each KPI that ships, and no other."""
        rows = catalogue()
        self.assertEqual({entry for entry, _ in rows}, {str(number) for number in range(1, 27)} | {"–"})
        self.assertEqual(sorted(name for _, name in rows), sorted(configured("kpis.yaml", "kpis")))

    def types_seen(self):
        seen = set()
        for record in self.records():
            try:
                event = json.loads(record["value"])
            except ValueError:
                continue
            seen.add(event.get("type"))
        return seen

    def test_a_quarter(self):
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        options = ["--seed", 41, "--end", now, "--days", 92, "--customers", 500, "--reps", 8, "--teams", 3, "--duplicates", 2, "--disorder", 5]
        self.create_topics()
        self.produce_history(*options)
        types = {name for topic in configured("events.yaml", "topics") for name in topic["events"]} | {"event.retracted"}
        self.assertEqual(types - self.types_seen(), set())
        daemon = self.daemon(roster=self.roster(*options)).start()
        _, counts = self.assert_equals_oracle(daemon)
        self.note(f"{counts['events']} events")
        found = figures.parse(figures.read_snapshots(self.client()))
        for entry, name in catalogue():
            with self.subTest(entry=entry, kpi=name):
                figure = found["company", "all", name, "30d"]
                self.assertIsNotNone(figure["value"], figure)


if __name__ == "__main__":
    unittest.main()
