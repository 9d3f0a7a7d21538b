"""`kpictl top`: the leaderboard as people see it, from a Redis that a hand has filled."""
import os
import pty
import select
import signal
import time
import unittest

from harness.daemon import program, run_any
from harness.process import wait_until
from harness.redis import RedisServer

NOW = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def figure(value, **more):
    members = "".join(f',"{name}":"{text}"' for name, text in more.items())
    return f'{{"value":{value},"numerator":1,"denominator":1,"n":1,"from":"{NOW}","to":"{NOW}","complete":true{members}}}'


def fill(client, names):
    """names: (key, name for people, score, close rate)"""
    client.command("HSET", "kpi:meta", "name", "kpid", "as_of", NOW, "updated_at", NOW, "caught_up", "1", "lag", "0", "applied", "1234")
    client.command("HSET", "kpi:snap:company:all", "_name", "all", "close_rate@30d", figure("0.5"), "revenue@30d", figure("1234567.5"))
    for key, name, score, rate in names:
        client.command("ZADD", "kpi:board:close_rate@30d:rep", score, key)
        client.command("HSET", f"kpi:snap:rep:{key}", "_name", name, "close_rate@30d", figure(rate), "deals_won@30d", figure("12"),
                       "revenue@30d", figure("84250.5"), "calls_made@30d", figure("1321"), "response_time_median@30d", figure("8040.25"))


class Terminal:
    """kpictl top in a terminal."""

    def __init__(self, *arguments):
        self.text = ""
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            os.execv(program("kpictl"), ["kpictl", "top", *arguments])

    def shows(self, text):
        ready, _, _ = select.select([self._fd], [], [], 0)
        if ready:
            try:
                self.text += os.read(self._fd, 1 << 16).decode("utf-8", "replace")
            except OSError:
                pass
        return text in self.text

    def wait(self, text):
        wait_until(lambda: self.shows(text), 30, f"{text!r} on the terminal", lambda: self.text[-2000:])

    def end(self):
        """By Ctrl-C; the exit code."""
        os.write(self._fd, b"\x03")
        wait_until(lambda: self.shows("\x1b[?1049l"), 30, "the end", lambda: self.text[-2000:])
        _, status = os.waitpid(self.pid, 0)
        self.pid = 0
        os.close(self._fd)
        return os.waitstatus_to_exitcode(status)

    def close(self):
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            os.close(self._fd)


class Top(unittest.TestCase):
    def setUp(self):
        self.redis = RedisServer().start()
        self.addCleanup(self.redis.stop)
        self.client = self.redis.client()
        self.addCleanup(self.client.close)

    def once(self, *options):
        return run_any("kpictl", "top", "--redis", self.redis.url, "--once", *options)

    def test_once(self):
        fill(self.client, [("r1", "Zoë Ångström", 0.6, "0.641026"), ("r2", "田中 Mei", 0.5, "0.55"), ("r3", "Bo", 0.5, "0.55"),
                           ("r%3A4", "Ann", 0.1, "0.2")])
        done = self.once()
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        rows = [line.split() for line in done.stdout.splitlines()]
        ranks = {row[1]: row[0] for row in rows if row and row[0].isdigit()}
        self.assertEqual(ranks, {"Zoë": "1", "Bo": "2", "田中": "2", "Ann": "4"})
        first = next(line for line in done.stdout.splitlines() if "Zoë" in line)
        for text in ("64.1 %", " 12 ", "84.3k", "1,321", "2h 14m", "█"):
            self.assertIn(text, first)
        self.assertIn("1.23M", done.stdout)
        self.assertIn("● live", done.stdout)
        self.assertNotIn("\x1b", done.stdout)

    def test_names_cannot_speak_to_the_terminal(self):
        fill(self.client, [("r1", "a\x1b[31mb\x07\xff", 1, "0.5")])
        done = self.once()
        self.assertNotIn("\x1b", done.stdout)
        self.assertIn("a?[31mb?", done.stdout)

    def test_lag_that_is_not_known(self):
        fill(self.client, [("r1", "Ann", 1, "0.5")])
        self.assertIn("lag 0 ", self.once().stdout)
        self.client.command("HSET", "kpi:meta", "lag", "")
        self.assertIn("lag unknown ", self.once().stdout)

    def test_nothing_there(self):
        done = self.once()
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("is kpid running", done.stderr)

    def test_no_such_board(self):
        fill(self.client, [("r1", "Ann", 1, "0.5")])
        done = self.once("--sort", "revenues")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("close_rate by rep", done.stderr)

    def test_redis_is_not_there(self):
        self.redis.kill()
        done = self.once()
        self.assertEqual(done.returncode, 1)
        self.assertIn("Redis cannot be read", done.stderr)

    def test_wrong_usage(self):
        for options in (["--limit", "0"], ["--interval", "1"], ["--redis", "http://x"], ["--what"], ["--limit"]):
            self.assertEqual(self.once(*options).returncode, 2, options)

    def test_firing_alerts(self):
        fill(self.client, [("r1", "Ann", 1, "0.5")])
        for fingerprint, to in (("a" * 16, "firing"), ("b" * 16, "firing"), ("b" * 16, "normal")):
            self.client.command("XADD", "kpi:alerts", "*", "fingerprint", fingerprint, "to", to)
        for fingerprint, rule in (("a" * 16, "low_close_rate"), ("b" * 16, "other_rule")):
            self.client.command("HSET", f"kpi:alert:{fingerprint}", "rule", rule, "kpi", "close_rate", "key", "r1", "value", "0.182",
                                "limit", "0.25", "since", NOW)
        done = self.once()
        self.assertIn("low_close_rate  Ann: 18.2 %, limit 25.0 %", done.stdout)
        self.assertNotIn("other_rule", done.stdout)

    def test_live(self):
        terminal = Terminal("--redis", self.redis.url, "--interval", "50ms")
        self.addCleanup(terminal.close)
        terminal.wait("Waiting for figures")
        fill(self.client, [("r1", "Ann", 1, "0.5")])
        terminal.wait("Ann")
        self.redis.kill()
        terminal.wait("Redis is away")
        self.redis.start()
        with self.redis.client() as client:
            fill(client, [("r1", "Bob", 1, "0.5")])
        terminal.wait("Bob")
        self.assertEqual(terminal.end(), 0)

    def test_narrow_terminal_loses_columns_not_lines(self):
        fill(self.client, [("r1", "A name that is much too long for a column", 1, "0.5")])
        done = self.once()
        widths = {len(line) for line in done.stdout.splitlines() if "…" in line}
        self.assertTrue(widths and max(widths) <= 112, done.stdout)


if __name__ == "__main__":
    unittest.main()
