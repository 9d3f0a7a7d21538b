"""The JSON Schemas that editors use: up to date, valid, and of one mind with the loaders about keys."""
import json
import os
import re
import unittest

import jsonschema
import yaml

from harness.daemon import CONFIG, run
from harness.process import ROOT

FILES = ("kpid", "events", "kpis", "roster", "rates", "tests")
BAD = os.path.join(ROOT, "tests", "integration", "bad_config")
EXAMPLE = os.path.join(ROOT, "docs", "example")


class Loader(yaml.SafeLoader):
    """As editors read YAML: dates are texts."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


def validator(name):
    schema = json.loads(read(CONFIG, "schema", name + ".json"))
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


def errors(name, text):
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}" for error in validator(name).iter_errors(yaml.load(text, Loader))]


class Schema(unittest.TestCase):
    maxDiff = None

    def test_up_to_date(self):
        for name in FILES:
            with self.subTest(file=name):
                self.assertEqual(run("kpictl", "config", "--schema", name), read(CONFIG, "schema", name + ".json"))

    def test_what_is_right(self):
        for folder in (CONFIG, EXAMPLE):
            for name in FILES[:-1]:
                with self.subTest(file=f"{folder}/{name}"):
                    self.assertEqual(errors(name, read(folder, name + ".yaml")), [])
            for test in sorted(os.listdir(os.path.join(folder, "tests"))):
                with self.subTest(file=f"{folder}/tests/{test}"):
                    self.assertEqual(errors("tests", read(folder, "tests", test)), [])

    def test_what_is_wrong(self):
        """Whatever kpictl check calls an unknown key, or a missing one, the schema finds, too."""
        for name, line, what in re.findall(r"^(\w+)\.yaml:(\d+):\d+: error: (unknown key .*|'\w+' is missing)", read(BAD, "expected.txt"), flags=re.M):
            with self.subTest(file=name, line=line, what=what):
                self.assertNotEqual(errors(name, read(BAD, name + ".yaml")), [])

    def test_small_mistakes(self):
        mistakes = {"kpis": [("unit: money", "unit: monney"), ("formula: won / lost", "formul: won / lost"), ("better: lower", "better: lowest"),
                             ("count: deal.closed", "cuont: deal.closed"), ("within: 90d", "within: 90x")],
                    "events": [("key: customer", "key: customers"), ("required: true", "required: 1"), ("type: text", "type: txt")],
                    "roster": [("id: north", "identity: north")],
                    "kpid": [("brokers:", "broker:"), ("time_zone:", "timezone:")]}
        for name, changes in mistakes.items():
            text = read(CONFIG, name + ".yaml")
            for old, new in changes:
                with self.subTest(file=name, mistake=new):
                    self.assertIn(old, text)
                    self.assertNotEqual(errors(name, text.replace(old, new, 1)), [])

    def test_the_files_name_their_schema(self):
        for name in FILES[:-1]:
            self.assertEqual(read(CONFIG, name + ".yaml").splitlines()[0], f"# yaml-language-server: $schema=schema/{name}.json")


if __name__ == "__main__":
    unittest.main()
