"""What `kpictl check` says about a configuration, and that the reference of its keys is up to date."""
import os
import re
import shutil
import unittest

from harness.daemon import CONFIG, run_any
from harness.process import ROOT, temporary_folder

BAD = os.path.join(ROOT, "tests", "integration", "bad_config")
FILES = ("kpid.yaml", "events.yaml", "kpis.yaml", "roster.yaml")


def kpictl(*arguments):
    return run_any("kpictl", *arguments)


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


class Check(unittest.TestCase):
    maxDiff = None

    def changed(self, file, old, new):
        """The shipped configuration with one change."""
        folder = os.path.join(temporary_folder("config"), "config")
        shutil.copytree(CONFIG, folder)
        text = read(folder, file)
        self.assertIn(old, text)
        with open(os.path.join(folder, file), "w", encoding="utf-8") as out:
            out.write(text.replace(old, new, 1))
        return folder

    def test_shipped_configuration(self):
        result = kpictl("check", CONFIG)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("event types: 27", result.stdout)
        self.assertNotIn("error", result.stderr)
        self.assertNotIn("warning", result.stderr)

    def test_all_mistakes_are_told_at_their_place(self):
        result = kpictl("check", BAD)
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stdout, "")
        self.assertEqual(result.stderr.replace(BAD + os.sep, ""), read(BAD, "expected.txt"))

    def test_every_wrong_line_and_no_other(self):
        """The lines of bad_config that are wrong have a comment behind them."""
        wrong = {(file, number) for file in (*FILES, "rates.yaml")
                 for number, line in enumerate(read(BAD, file).splitlines(), 1) if " # " in line}
        told = {(file, int(number)) for file, number, _ in
                (line.split(":", 2) for line in read(BAD, "expected.txt").splitlines())}
        self.assertEqual(told, wrong)

    def test_overrides_are_checked(self):
        result = kpictl("check", CONFIG, "--set", "redis.prefix=x:", "--set", "kafka.brokrs=a:1", "--set=limits.keys=0",
                        "--set", "currency")
        self.assertEqual(result.returncode, 1)
        self.assertEqual([line for line in result.stderr.splitlines() if ": error: " in line], [
            "--set:2:1: error: unknown key 'kafka.brokrs'; did you mean 'kafka.brokers'?",
            "--set:3:1: error: 0 is out of range: 1 to 10000000",
            "--set:4:1: error: 'currency' is not of the form key=value"])

    def test_missing_files(self):
        folder = temporary_folder("config")
        result = kpictl("check", folder)
        self.assertEqual(result.returncode, 1)
        for file in FILES:
            self.assertIn(f"{folder}/{file}:1:1: error: the file cannot be read: No such file", result.stderr)

    def test_no_roster(self):
        self.assertEqual(kpictl("check", CONFIG, "--set", "roster.file=").returncode, 0)

    def test_usage(self):
        for arguments in ([], ["check"], ["check", CONFIG, CONFIG], ["check", "--sett"], ["config"], ["nothing"]):
            self.assertEqual(kpictl(*arguments).returncode, 2, arguments)
        self.assertEqual(kpictl("--help").returncode, 0)

    def hash(self, *arguments):
        result = kpictl("check", *arguments)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout.split("hash: ")[1]

    def test_hash_follows_what_changes_figures(self):
        shipped = self.hash(CONFIG)
        title = self.changed("kpis.yaml", "title: Revenue", "title: Turnover")
        self.assertEqual(self.hash(title), shipped)
        self.assertEqual(self.hash(CONFIG, "--set", "kafka.brokers=other:9092"), shipped)
        self.assertNotEqual(self.hash(CONFIG, "--set", "time_zone=UTC"), shipped)
        self.assertNotEqual(self.hash(self.changed("kpis.yaml", "within: 90d", "within: 91d")), shipped)


class Reference(unittest.TestCase):
    maxDiff = None

    def test_is_up_to_date(self):
        """docs/configuration.md is what `kpictl config --reference` prints."""
        self.assertEqual(kpictl("config", "--reference").stdout, read(ROOT, "docs", "configuration.md"))

    def test_sample_is_a_configuration(self):
        """Its keys and defaults, with their # taken away, are accepted."""
        folder = os.path.join(temporary_folder("config"), "config")
        shutil.copytree(CONFIG, folder)
        sample = kpictl("config", "--sample").stdout.splitlines()
        keys = [line.replace("# ", "", 1) for line in sample if line.endswith(":") or ": " in line and not line.endswith(".")]
        self.assertGreater(len(keys), 20)
        with open(os.path.join(folder, "kpid.yaml"), "w", encoding="utf-8") as out:
            out.write("\n".join(keys) + "\n")
        result = kpictl("check", folder)
        self.assertEqual(result.returncode, 0, result.stderr)


if __name__ == "__main__":
    unittest.main()
