"""make install: what comes where, and what it leaves alone; and that the man pages name every option."""
import os
import re
import subprocess
import unittest

from harness.daemon import run
from harness.process import ROOT, temporary_folder

CONFIG = ("events.yaml", "kpid.yaml", "kpis.yaml", "rates.yaml", "roster.yaml")


def install(stage, *variables):
    environment = {key: value for key, value in os.environ.items() if key not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    build = os.environ.get("KPID_BUILD", "build")
    sanitize = build.split("sanitize-")[1].replace("-", ",") if "sanitize-" in build else ""
    command = ["make", "-s", "install", f"DESTDIR={stage}", f"BUILD={build}", f"SANITIZE={sanitize}", *variables]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=280)
    if done.returncode:
        raise AssertionError(f"{' '.join(command)}\n{done.stdout}{done.stderr}")


def files(stage):
    found = (os.path.join(folder, name) for folder, _, names in os.walk(stage) for name in names)
    return {"/" + os.path.relpath(path, stage): os.stat(path).st_mode & 0o777 for path in found}


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


class Install(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.stage = os.path.join(temporary_folder("install"), "root")

    def test_what_comes_where(self):
        install(self.stage)
        expected = {f"/usr/bin/{name}": 0o755 for name in ("kpid", "kpictl", "kpisim")}
        for path in ("/usr/lib/systemd/system/kpid.service", "/usr/lib/sysusers.d/kpid.conf", "/usr/share/man/man8/kpid.8",
                     "/usr/share/man/man1/kpictl.1", "/usr/share/man/man1/kpisim.1"):
            expected[path] = 0o644
        for name in CONFIG:
            expected[f"/etc/kpid/{name}"] = expected[f"/usr/share/kpid/config/{name}"] = 0o644
        for name in os.listdir(os.path.join(ROOT, "config", "tests")):
            expected[f"/usr/share/kpid/config/tests/{name}"] = 0o644
        for name in os.listdir(os.path.join(ROOT, "config", "schema")):
            expected[f"/etc/kpid/schema/{name}"] = expected[f"/usr/share/kpid/config/schema/{name}"] = 0o644
        self.assertEqual(files(self.stage), expected)
        self.assertEqual(read(self.stage + "/usr/lib/systemd/system/kpid.service"), read(os.path.join(ROOT, "systemd", "kpid.service")))

    def test_a_changed_configuration_stays(self):
        mine = os.path.join(self.stage, "etc", "kpid", "kpid.yaml")
        os.makedirs(os.path.dirname(mine))
        with open(mine, "w", encoding="utf-8") as file:
            file.write("name: mine\n")
        os.chmod(mine, 0o640)
        install(self.stage)
        self.assertEqual(read(mine), "name: mine\n")
        self.assertEqual(os.stat(mine).st_mode & 0o777, 0o640)
        self.assertNotEqual(read(self.stage + "/usr/share/kpid/config/kpid.yaml"), "name: mine\n")

    def test_another_prefix(self):
        install(self.stage, "PREFIX=/opt/kpid")
        unit = read(self.stage + "/opt/kpid/lib/systemd/system/kpid.service")
        self.assertIn("ExecStart=/opt/kpid/bin/kpid --config /opt/kpid/etc/kpid\n", unit)
        self.assertTrue(os.path.exists(self.stage + "/opt/kpid/etc/kpid/kpid.yaml"))
        self.assertEqual(os.listdir(self.stage), ["opt"])


class Manual(unittest.TestCase):
    def assert_names_all(self, page, helps):
        text = read(os.path.join(ROOT, "docs", "man", page)).replace("\\-", "-")
        options = set(re.findall(r"--[a-z][a-z-]+", helps))
        self.assertGreater(len(options), 4)
        for option in sorted(options):
            with self.subTest(option):
                self.assertRegex(text, rf"-?{re.escape(option[1:])}\b")

    def test_kpid(self):
        self.assert_names_all("kpid.8", run("kpid", "--help"))

    def test_kpisim(self):
        self.assert_names_all("kpisim.1", run("kpisim", "--help"))

    def test_kpictl(self):
        usage = run("kpictl", "--help")
        verbs = re.findall(r"(?m)^  ([a-z]+)\b", usage)
        self.assertGreater(len(verbs), 2)
        self.assert_names_all("kpictl.1", usage + run("kpictl", "replay", "--help") + run("kpictl", "test", "--help") + run("kpictl", "explain", "--help") + run("kpictl", "top", "--help"))
        text = read(os.path.join(ROOT, "docs", "man", "kpictl.1"))
        for verb in verbs:
            with self.subTest(verb):
                self.assertRegex(text, rf"(?m)^\.Ss {verb}$")


if __name__ == "__main__":
    unittest.main()
