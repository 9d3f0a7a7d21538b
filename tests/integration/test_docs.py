"""The documentation that is made from tables and examples: up to date, whole, and true."""
import os
import re
import subprocess
import unittest

import yaml

from harness.daemon import run, run_any
from harness.process import ROOT, guarded

DOCS = os.path.join(ROOT, "docs")
EXAMPLE = os.path.join(DOCS, "example")


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


def keys_of(node):
    """All keys of mappings, however deep."""
    if isinstance(node, dict):
        return set(node).union(*map(keys_of, node.values()))
    return set().union(*map(keys_of, node)) if isinstance(node, list) else set()


def grammar():
    """{mapping: its keys, or for "functions" their names}"""
    parts = re.split(r"^## (\w+)$", run("kpictl", "config", "--grammar"), flags=re.M)[1:]
    return {name: re.findall(r"^\| `(\w+)", text, flags=re.M) for name, text in zip(parts[::2], parts[1::2])}


class Docs(unittest.TestCase):
    def test_up_to_date(self):
        done = subprocess.run(guarded([os.path.join(DOCS, "generate"), "--check"]), capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_the_examples_hold(self):
        done = run_any("kpictl", "check", EXAMPLE)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        done = run_any("kpictl", "test", EXAMPLE)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_every_construct_has_an_example(self):
        files = {name: read(EXAMPLE, name + ".yaml") for name in ("events", "kpis", "roster", "rates")}
        written = set().union(*(keys_of(yaml.load(text, Loader=yaml.BaseLoader)) for text in files.values()))
        written |= set(re.findall(r"\b(\w+): ", "".join(files.values())))
        tests = set().union(*(keys_of(yaml.load(read(EXAMPLE, "tests", name), Loader=yaml.BaseLoader))
                              for name in os.listdir(os.path.join(EXAMPLE, "tests"))))
        for mapping, keys in grammar().items():
            for key in keys:
                with self.subTest(mapping=mapping, key=key):
                    if mapping == "functions":
                        self.assertRegex(files["kpis"], rf"\b{key}\(")
                    elif mapping not in ("tests", "test", "step"):
                        self.assertIn(key, written)
                    elif key not in ("zone", "settings", "roster"):
                        self.assertIn(key, tests)

    def test_every_example_is_shown(self):
        template = read(DOCS, "kpi-language.in.md")
        for file in ("events", "kpis", "roster", "rates"):
            for name in re.findall(r"^ *# -- (.+)$", read(EXAMPLE, file + ".yaml"), flags=re.M):
                if name != "others":
                    self.assertIn(f"@example {file}.yaml {name}\n", template)
        for test in os.listdir(os.path.join(EXAMPLE, "tests")):
            self.assertIn(f"@worked {test[:-len('.yaml')]}\n", template + "\n")
        for mapping in grammar():
            if mapping not in ("functions", "tests", "test", "step", "leadership", "days"):
                self.assertIn(f"@keys {mapping}\n", template)


if __name__ == "__main__":
    unittest.main()
