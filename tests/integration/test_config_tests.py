"""kpictl test: the tests of the shipped configuration pass, and a wrong expectation is told so that one can act on it."""
import os
import re
import shutil
import unittest

from harness.daemon import CONFIG, run, run_any
from harness.process import ROOT, temporary_folder

HEAD = """tests:
  one:
    given:
      - {at: 2026-03-02T09:00:00Z, type: deal.closed, customer: c1, deal: d1, rep: r01, outcome: won, amount: 1000}
      - {after: 1h, type: deal.closed, customer: c2, deal: d2, rep: r02, outcome: lost}
"""


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


class Tests(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = temporary_folder("tests")

    def file(self, text, name="mine.yaml"):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        return path

    def run_text(self, text, *options):
        """Exit code and output, without the name of the folder and the time it took."""
        done = run_any("kpictl", "test", CONFIG, self.file(text), *options)
        return done.returncode, re.sub(r" \(\d+\.\d s\)", "", done.stdout.replace(self.folder + os.sep, ""))

    def expect(self, expectations, *options):
        return self.run_text(HEAD + "    then:\n      - at: 2026-03-02T10:00:30Z\n        expect:\n"
                             + "".join(f"          - {{{line}}}\n" for line in expectations), *options)

    def changed_config(self, file, old, new):
        folder = os.path.join(self.folder, "config")
        shutil.copytree(CONFIG, folder)
        text = read(folder, file)
        self.assertIn(old, text)
        with open(os.path.join(folder, file), "w", encoding="utf-8") as out:
            out.write(text.replace(old, new))
        return folder

    def test_the_shipped_configuration(self):
        output = run("kpictl", "test", CONFIG, "--verbose")
        self.assertRegex(output, r"\n\d+ tests of \d+ files, \d+ expectations: 0 failed \(")
        self.assertIn("ok     ", output)
        self.assertNotIn("FAILED", output)

    def test_the_example_of_the_documentation(self):
        example = re.search(r"```yaml\n(.*?)```", read(ROOT, "docs", "tests.md"), re.S).group(1)
        code, output = self.run_text(example)
        self.assertEqual((code, output), (0, "1 tests of 1 files, 7 expectations: 0 failed\n"))

    def test_differences(self):
        code, output = self.expect(["kpi: close_rate, window: 30d, value: 1/3, n: 2, complete: true"])
        self.assertEqual(code, 1)
        self.assertEqual(output, "mine.yaml:9:13: one: close_rate, company, 30d, as of 2026-03-02T10:00:30Z\n"
                         "    value       expected 0.333333       got 0.5\n"
                         "    complete    expected true           got false\n"
                         '    figure      {"value":0.5,"numerator":1,"denominator":2,"n":2,"from":"2026-01-31T11:00:00Z",'
                         '"to":"2026-03-02T11:00:00Z","complete":false,"target":{"value":0.3,"by":"2026-12-31"},'
                         '"pace":{"expected":0.3,"needed_per_day":null,"projected":0.5,"remaining_days":217.698333},'
                         '"status":"ahead"}\n'
                         "1 tests of 1 files, 1 expectations: 1 failed\n")

    def test_every_kind_of_difference(self):
        for expectation, told in (
                ("kpi: nps, window: 30d, value: 0", "value       expected 0              got null"),
                ("kpi: nps, window: 30d, reason: sample", "reason      expected sample         got no_data"),
                ("kpi: close_rate, window: 30d, rep: r01, value: null", "value       expected null           got 1"),
                ("kpi: close_rate, window: 30d, rep: r1, value: 1", "there is no rep 'r1' now; did you mean 'r01'?"),
                ("kpi: revenue, window: 30d, to: 2026-03-02T12:00:00+01:00, n: 3", "n           expected 3              got 1"),
                ("board: close_rate, by: rep, window: 30d, order: [r02]", "order       expected r02            got r01, r02"),
                ("alert: low_close_rate, rep: r02, state: firing", "state       expected firing         got normal"),
                ("refused: late, count: 1", "count       expected 1              got 0")):
            with self.subTest(expectation):
                code, output = self.expect([expectation])
                self.assertEqual(code, 1)
                self.assertIn(told, output)
                self.assertTrue(output.startswith("mine.yaml:9:13: one: "), output)

    def test_values(self):
        code, output = self.expect([f"kpi: close_rate, window: 30d, value: {value}" for value in ("0.5", "0.50", "50%", "1/2")]
                                   + ["kpi: revenue, window: 30d, rep: r01, value: 1000.0, from: 2026-01-31T12:00:00+01:00"])
        self.assertEqual((code, output), (0, "1 tests of 1 files, 5 expectations: 0 failed\n"))

    def test_names_that_are_none(self):
        for expectation, told in (
                ("kpi: close_rat, window: 30d, value: 1", "unknown KPI 'close_rat'; did you mean 'close_rate'?"),
                ("kpi: close_rate, window: 31d, value: 1", "unknown window '31d'; did you mean '30d'?"),
                ("kpi: close_rate, window: 30d, valu: 1", "unknown key 'valu'; did you mean 'value'?"),
                ("kpi: close_rate, window: 30d", "it expects nothing: say value or so"),
                ("kpi: close_rate, window: 30d, rep: r01, team: north, value: 1", "either 'team' or 'rep'"),
                ("alert: low_close_rates, rep: r01, state: normal", "unknown alert 'low_close_rates'; did you mean 'low_close_rate'?"),
                ("alert: low_close_rate, state: normal", "the alert is by rep"),
                ("refused: bad_valu, count: 1", "unknown reason 'bad_valu'; did you mean 'bad_value'?"),
                ("board: nps, by: rep, window: 30d, order: [r01]", "there is no such board in kpis.yaml"),
                ("rep: r01", "an expectation begins with kpi, alert, refused or board")):
            with self.subTest(expectation):
                code, output = self.expect([expectation])
                self.assertEqual(code, 1)
                self.assertRegex(output, r"(?m)^mine\.yaml:9:\d+: error: " + re.escape(told))

    def test_events_that_are_none(self):
        step = "    then:\n      - at: 2026-03-02T10:00:30Z\n        expect: [{kpi: revenue, window: 30d, value: 1000}]\n"
        for event, told in (
                ("after: 1s, type: deal.close, customer: c", "unknown event type 'deal.close'; did you mean 'deal.closed'?"),
                ("after: 1s, type: deal.reopened, customer: c, deall: d", "deal.reopened carries no 'deall'; did you mean 'deal'?"),
                ("type: deal.reopened, customer: c, deal: d", "'at' is missing"),
                ("at: 9h, type: deal.reopened, customer: c, deal: d", "'9h' is not a time such as 2026-03-02T09:00:00Z"),
                ("at: 2026-03-03T00:00:00Z, type: deal.reopened, customer: c, deal: d", "does not come before the last step"),
                ("after: 1s, type: deal.reopened, customer: c", "this event is refused: missing_field (deal)"),
                ("file: nothing.jsonl", "nothing.jsonl' cannot be read")):
            with self.subTest(event):
                code, output = self.run_text(HEAD + f"      - {{{event}}}\n" + step)
                self.assertEqual(code, 1)
                self.assertIn("mine.yaml:6:", output)
                self.assertIn(told, output)

    def test_retractions_that_find_nothing(self):
        given = HEAD
        for named in ("customer: c1, ", "product: lens, ", ""):
            given += f"      - {{after: 1s, type: event.retracted, {named}retracts: nothing}}\n"
        step = "    then:\n      - after: 1m\n        expect: [{kpi: revenue, window: 30d, value: 1000}]\n"
        self.assertEqual(self.run_text(given + step), (0, "1 tests of 1 files, 1 expectations: 0 failed\n"))
        code, output = self.run_text(given + "      - {after: 1s, type: event.retracted, customer: c1}\n" + step)
        self.assertEqual(code, 1)
        self.assertIn("mine.yaml:9:9: one: this event is refused: missing_field (retracts)", output)

    def test_a_file_of_events(self):
        self.file('{"id":"1","type":"call.completed","time":"2026-03-02T09:00:00Z","customer":"c","direction":"outbound","outcome":"connected"}\n'
                  '{"id":"2","type":"call.completed","time":"2026-03-02T09:00:00Z","received_at":"2026-03-09T09:00:01Z","customer":"c",'
                  '"direction":"outbound","outcome":"connected"}\n{"id":"3"\n', "calls.jsonl")
        code, output = self.run_text("tests:\n  one:\n    given: [{file: calls.jsonl}]\n    then:\n      - at: 2026-03-09T10:00:00Z\n"
                                     "        expect:\n          - {kpi: calls_made, window: 30d, value: 1}\n"
                                     "          - {refused: late, count: 1}\n          - {refused: malformed_json, count: 1}\n")
        self.assertEqual((code, output), (0, "1 tests of 1 files, 3 expectations: 0 failed\n"))

    def test_messages_that_look_different(self):
        config = self.changed_config("events.yaml", "  - topic: sales.emails\n    key: customer\n",
                                     "  - topic: sales.emails\n    key: customer\n    map: {id: /event/id, time: event.sent_at, "
                                     "customer: contact.id, rep: contact.owner.id, sentiment: contact.mood}\n")
        run("kpictl", "test", config, "-k", "emails")

    def test_a_changed_definition_is_found(self):
        config = self.changed_config("kpis.yaml", "\"direction == 'outbound' and outcome == 'connected'\"", "\"outcome == 'connected'\"")
        done = run_any("kpictl", "test", config, "-k", "activity")
        self.assertEqual(done.returncode, 1)
        self.assertIn("call_acceptance_rate, rep r01, 1h", done.stdout)

    def test_settings_and_pattern(self):
        text = HEAD.replace("tests:", "settings: {limits.allowed_lateness: 1s}\ntests:", 1) + "    then:\n      - at: 2026-03-02T10:00:30Z\n" \
            "        expect: [{kpi: revenue, window: 30d, value: 1000}]\n      - after: 1m\n        given:\n" \
            "          - {at: 2026-03-02T10:00:00Z, type: deal.closed, customer: c9, deal: d9, outcome: won}\n        expect: [{refused: late, count: 1}]\n"
        self.assertEqual(self.run_text(text)[0], 0)
        code, output = self.run_text(text.replace("1s}", "1x}", 1))
        self.assertEqual(code, 1)
        self.assertIn("'1x' is not a duration", output)
        self.assertEqual(self.run_text(text, "-k", "two")[0], 1)
        self.assertEqual(self.run_text(text, "-k", "one")[0], 0)

    def test_usage(self):
        self.assertEqual(run_any("kpictl", "test", "--nothing").returncode, 2)
        self.assertEqual(run_any("kpictl", "test", self.folder).returncode, 1)
        self.assertEqual(run_any("kpictl", "test", CONFIG, os.path.join(self.folder, "none.yaml")).returncode, 1)
