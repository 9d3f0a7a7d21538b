"""The unit file: systemd finds no fault with it, and it is shut in. tests/systemd/run starts it for real."""
import os
import re
import shutil
import subprocess
import unittest

from harness.daemon import program
from harness.process import ROOT, temporary_folder

UNIT = os.path.join(ROOT, "systemd", "kpid.service")
SYSUSERS = os.path.join(ROOT, "systemd", "kpid.sysusers")
EXPOSURE_MAX = 15  # tenths; docs/operations.md gives the figure


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)


class Unit(unittest.TestCase):
    def setUp(self):
        if not shutil.which("systemd-analyze"):
            self.skipTest("systemd-analyze is missing: apt-get install systemd")

    def test_verify(self):
        """verify ends with 0 on unknown keys too, but says so."""
        with open(UNIT, encoding="utf-8") as file:
            text = file.read()
        self.assertIn("ExecStart=/usr/bin/kpid ", text)
        copy = os.path.join(temporary_folder("unit"), "kpid.service")
        with open(copy, "w", encoding="utf-8") as file:
            file.write(text.replace("ExecStart=/usr/bin/kpid ", f"ExecStart={program('kpid')} "))
        done = run("systemd-analyze", "verify", "--man=no", copy)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_exposure(self):
        done = run("systemd-analyze", "security", "--offline=yes", "--no-pager", f"--threshold={EXPOSURE_MAX}", UNIT)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        with open(os.path.join(ROOT, "docs", "operations.md"), encoding="utf-8") as file:
            documented = re.search(r"exposure level of (\d\.\d)", file.read())
        found = re.search(r"exposure level for \S+: (\d\.\d)", done.stdout)
        self.assertEqual(found.group(1), documented.group(1))

    def test_account(self):
        root = temporary_folder("sysusers")
        os.mkdir(os.path.join(root, "etc"))
        done = run("systemd-sysusers", f"--root={root}", SYSUSERS)
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(os.path.join(root, "etc", "passwd"), encoding="utf-8") as file:
            self.assertRegex(file.read(), r"(?m)^kpid:.*:/var/lib/kpid:\S*nologin$")


if __name__ == "__main__":
    unittest.main()
