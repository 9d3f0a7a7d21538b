"""An alert fires once and resolves once, whatever restarts lie between."""
import json
import os
import shutil
import time

from harness.case import KafkaCase
from harness.daemon import CONFIG
from harness.process import temporary_folder
from harness.redis import pairs

RULE = """
alerts:
  test_close_rate:
    kpi: close_rate
    window: 24h
    by: rep
    below: 25%
    clear: 28%
    for: 0s
    minimum_sample: 10

"""
DAY = 86400 * 1000


def config_with_alert():
    """The shipped configuration with one alert of our own."""
    folder = os.path.join(temporary_folder("config"), "config")
    shutil.copytree(CONFIG, folder, ignore=shutil.ignore_patterns("*.c", "*.h"))
    path = os.path.join(folder, "kpis.yaml")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    start, end = text.index("\nalerts:\n"), text.index("\ntargets:\n")
    with open(path, "w", encoding="utf-8") as file:
        # Alerts are evaluated at the edges of the smallest step: a second, so that the test need not wait for minutes.
        file.write((text[:start] + RULE + text[end:]).replace("windows: [1h,", "windows: [{window: 1h, step: 1s},"))
    return folder


class Alerts(KafkaCase):
    def close(self, number, outcome):
        instant = int(time.time() * 1000)
        self.produce(*({"topic": self.topic("sales.deals"), "key": b"c-1", "value": json.dumps(
            {"id": f"{outcome}-{index}", "type": "deal.closed", "time": instant, "customer": "c-1", "rep": "r01", "deal": f"{outcome}-{index}",
             "outcome": outcome, "amount": 100}).encode()} for index in range(number)))

    def transitions(self):
        entries = [pairs(fields) for _, fields in self.client().command("XRANGE", "kpi:alerts", "-", "+") or []]
        return [entry.get("to") for entry in entries if entry.get("key") == "r01"]

    def test_fires_once_and_resolves_once(self):
        self.create_topics()
        old = int(time.time() * 1000) - 40 * DAY  # history that covers the window, so that the figure is complete
        self.produce({"topic": self.topic("sales.calls"), "key": b"c-0", "timestamp": old, "value": json.dumps(
            {"id": "old", "type": "call.scheduled", "time": old, "customer": "c-0", "rep": "r01"}).encode()})
        daemon = self.daemon(config_with_alert()).start()
        daemon.wait_caught_up()
        self.close(12, "lost")
        daemon.wait_until(self.transitions, "the alert to fire", 150)
        self.assertEqual(["firing"], self.transitions())
        self.assertEqual(1, len(self.client().keys("kpi:alert:*")))

        daemon.kill()
        daemon.start()
        daemon.wait_caught_up()
        end = daemon.meta()["published_end"]
        daemon.wait_until(lambda: daemon.meta().get("published_end", end) > end, "the next edge of a step", 90)
        self.assertEqual(["firing"], self.transitions())

        self.close(30, "won")
        daemon.wait_until(lambda: len(self.transitions()) > 1, "the alert to resolve", 150)
        self.assertEqual(["firing", "normal"], self.transitions())
        self.assertEqual([], self.client().keys("kpi:alert:*"))

        self.assertEqual(0, daemon.terminate())
        daemon.start()
        daemon.wait_caught_up()
        end = daemon.meta()["published_end"]
        daemon.wait_until(lambda: daemon.meta().get("published_end", end) > end, "the next edge of a step", 90)
        self.assertEqual(["firing", "normal"], self.transitions())
