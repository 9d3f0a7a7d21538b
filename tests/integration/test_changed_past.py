"""A reload may add and end entries of the roster and the exchange rates from now on; the past stays as it was counted."""
import datetime
import os
import signal
import zoneinfo

from harness.case import KafkaCase
from harness.process import temporary_folder

HEAD = "teams: [{id: north}, {id: south}]\nreps:\n  - {id: r01, teams: [{team: north}]}\n"
EX_CONFIG = 78


class ChangedPast(KafkaCase):
    def setUp(self):
        super().setUp()
        self.create_topics()
        folder = temporary_folder("roster")
        self.roster_file = os.path.join(folder, "roster.yaml")
        self.rates_file = os.path.join(folder, "rates.yaml")
        today = datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Berlin")).date()
        self.tomorrow = today + datetime.timedelta(days=2)  # also when midnight passes meanwhile
        self.yesterday = today - datetime.timedelta(days=1)
        self.write(HEAD)
        self.write_rates("0.9")
        self.produce_history("--days", 3, "--customers", 20, "--reps", 2)
        self.kpid = self.daemon(roster=self.roster_file, rates__file=self.rates_file).start()
        self.kpid.wait_caught_up()

    def write(self, text):
        with open(self.roster_file, "w", encoding="utf-8") as file:
            file.write(text)

    def write_rates(self, rate, start="2020-01-01", more=""):
        with open(self.rates_file, "w", encoding="utf-8") as file:
            file.write(f"rates: {{USD: [{{from: {start}, rate: {rate}}}{more}]}}\n")

    def reload(self, words):
        count = self.kpid.log_text().count(words)
        self.kpid.signal(signal.SIGHUP)
        self.kpid.wait_until(lambda: self.kpid.log_text().count(words) > count, f"'{words}' in the log")

    def names_of(self, team):
        return self.client().command("HMGET", f"kpi:snap:team:{team}", "_name", "_manager", "_manager_name")

    def reload_taken(self):
        """What stands in Redis is of the new configuration."""
        before = self.client().hgetall("kpi:meta")["config_hash"]
        self.reload("configuration reloaded")
        self.kpid.wait_until(lambda: self.client().hgetall("kpi:meta")["config_hash"] != before, "the new configuration in kpi:meta")
        self.kpid.wait_caught_up()

    def test_entries_from_now_on(self):
        self.write(HEAD + f"  - {{id: r02, name: Bo, teams: [{{team: south, from: {self.tomorrow}}}]}}\n")
        self.write_rates("0.9", more=f", {{from: {self.tomorrow}, rate: 0.8}}")
        self.reload_taken()
        self.assert_equals_oracle(self.kpid)

    def test_names_managers_and_calendar_any_time(self):
        self.write("calendar: {hours: 08:00-12:00}\n" + HEAD.replace("{id: north}", "{id: north, name: Nord, manager: r01}")
                   .replace("{id: r01,", "{id: r01, name: Ada, absences: [2020-01-01],"))
        self.reload("configuration reloaded")
        self.kpid.wait_until(lambda: self.names_of("north") == [b"Nord", b"r01", b"Ada"], "the manager's name in Redis")

    def test_a_change_to_the_past_of_a_rep(self):
        self.write(HEAD + f"  - {{id: r02, teams: [{{team: south, from: {self.yesterday}}}]}}\n")
        said = f"rep 'r02' (from {self.yesterday}) had no team and has team 'south'"
        self.reload("the new configuration changes the past: " + said)
        self.kpid.wait_caught_up()
        self.assertEqual(0, self.kpid.terminate())
        os.truncate(self.kpid.log, 0)
        self.kpid.start()
        self.assertEqual(EX_CONFIG, self.kpid.wait_exit(60))
        self.assertIn(said, self.kpid.log_text())
        self.write(HEAD)  # taken back, it goes on
        self.kpid.start()
        self.assert_equals_oracle(self.kpid)

    def test_a_change_to_a_past_rate(self):
        self.write_rates("0.95")
        self.reload("the new configuration changes the past: currency 'USD' (from 2020-01-01) had rate '0.9' and has rate '0.95'")
        self.assertTrue(self.kpid.running())
