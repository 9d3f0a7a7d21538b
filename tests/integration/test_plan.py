"""kpictl plan: from a goal to a day's work, reckoned by hand."""
import decimal
import json
import os
import shutil

from harness.case import Case
from harness.daemon import CONFIG, run, run_any
from harness.process import temporary_folder

KPIS = """\
windows: [30d, 90d, month, year]
measures:
  won: {count: deal.closed, where: "outcome == 'won'"}
  lost: {count: deal.closed, where: "outcome == 'lost'"}
  calls: {count: call.completed, where: "direction == 'outbound'"}
  emails: {count: email.sent}
kpis:
  deals_won: {title: Deals won, formula: won, unit: count}
  deals_lost: {formula: lost, unit: count, better: lower}
  close_rate: {formula: won / (won + lost), unit: percent}
  calls_made: {formula: calls, unit: count}
  emails_sent: {formula: emails, unit: count, windows: [30d, month]}
activities: [calls_made, emails_sent]
targets:
  - {kpi: deals_won, value: 61, window: month, by: 2026-11-30, roll_down: [team, rep]}
"""
# November 2026 has 21 working days from Monday to Friday, the 2nd to the 30th; r3 works on 19 of them.
ROSTER = """\
calendar: {days: [monday, tuesday, wednesday, thursday, friday], hours: "08:00-18:00"}
teams: [{id: north, name: North}, {id: south, name: South}]
reps:
  - {id: r1, name: Ada Berg, teams: [{team: north}]}
  - {id: r2, name: Bo Lind, teams: [{team: north}]}
  - {id: r3, name: Cy Roth, teams: [{team: south}], absences: [{from: 2026-11-26, until: 2026-11-28}]}
"""
# By rep: deals won, calls, emails.
DONE = {"r1": (4, 40, 25), "r2": (3, 10, 0), "r3": (0, 30, 0)}
AS_OF = "2026-11-24T00:00:00Z"

WHOLE = """\
deals_won (Deals won), company all, month, as of 2026-11-24 00:00:00 +00:00 (2026-11-24T00:00:00Z)
  goal         61 by 2026-11-30
  so far       7 from 2026-11-01 00:00:00 +00:00 to 2026-11-24 00:00:00 +00:00
  needed       61 - 7 = 54
  time left    5 working days; 3 reps, 13 rep-days

54 more deals_won by 2026-11-30 = 48 calls_made, 15 emails_sent a day each

  calls_made   7 deals_won of 80 calls_made in 90d: 1 for 11.4
               54 x 80 / 7 = 618; / 5 = 124 a day; / 13 = 48 a day each
  emails_sent  7 deals_won of 25 emails_sent in 30d: 1 for 3.6
               54 x 25 / 7 = 193; / 5 = 39 a day; / 13 = 15 a day each

  rep  team   part  days  calls_made  emails_sent
  r1   north    17     5        34 r         22 r
  r2   north    18     5        26 t         13 t
  r3   south    19     3        73 c         23 c
  Whole ones a day, rounded up; r: by the rep's own yield, t: by the team's, c: by the company's
"""


def events():
    """All in the week from Monday, 2 November."""
    for rep, (deals, calls, emails) in DONE.items():
        for i in range(deals):
            yield {"type": "deal.closed", "deal": f"d-{rep}-{i}", "outcome": "won", "amount": 10, "rep": rep}
        for i in range(calls):
            yield {"type": "call.completed", "direction": "outbound", "outcome": "connected", "rep": rep}
        for i in range(emails):
            yield {"type": "email.sent", "rep": rep}


class Plan(Case):
    def setUp(self):
        super().setUp()
        folder = temporary_folder("plan")
        self.config, self.path = os.path.join(folder, "config"), os.path.join(folder, "events.jsonl")
        shutil.copytree(CONFIG, self.config)
        for name, text in (("kpis.yaml", KPIS), ("roster.yaml", ROSTER)):
            with open(os.path.join(self.config, name), "w", encoding="utf-8") as file:
                file.write(text)
        with open(self.path, "w", encoding="utf-8") as file:
            for i, event in enumerate(events()):
                json.dump({"id": f"e{i}", "time": f"2026-11-{2 + i % 5:02}T10:{i // 60:02}:{i % 60:02}Z", "customer": f"c{i % 9}", **event}, file)
                file.write("\n")

    def arguments(self, *options):
        options = options if "--as-of" in options else (*options, "--as-of", AS_OF)
        return ("plan", "--config", self.config, "--set", "time_zone=UTC", "--events", self.path, *options)

    def text(self, *options):
        return run("kpictl", *self.arguments("deals_won", *options))

    def plan(self, *options):
        return json.loads(run("kpictl", *self.arguments("deals_won", "--json", *options)), parse_float=decimal.Decimal)

    def test_a_target_that_is_handed_down(self):
        self.assertEqual(self.text(), WHOLE)
        self.assertEqual(run("kpictl", *self.arguments("deals_won", "--events", "-"), stdin=open(self.path, encoding="utf-8").read()), WHOLE)

    def test_for_machines(self):
        told = self.plan()
        self.assertEqual({name: told[name] for name in ("kpi", "dimension", "key", "window", "as_of", "goal", "by", "value", "needed", "reached", "working_days", "reps", "rep_days")},
                         {"kpi": "deals_won", "dimension": "company", "key": "all", "window": "month", "as_of": AS_OF, "goal": 61, "by": "2026-11-30", "value": 7,
                          "needed": 54, "reached": False, "working_days": 5, "reps": 3, "rep_days": 13})
        self.assertEqual(told["activities"][0], {"kpi": "calls_made", "yield": {"window": "90d", "dimension": "company", "key": "all", "made": 7, "done": 80},
                                                 "needed": 618, "per_day": 124, "per_day_each": 48})
        self.assertEqual(told["by_rep"][1], {
            "rep": "r2", "name": "Bo Lind", "team": "north", "goal": 21, "part": 18, "working_days": 5, "activities": [
                {"kpi": "calls_made", "yield": {"window": "90d", "dimension": "team", "key": "north", "made": 7, "done": 50}, "needed": 129, "per_day": 26},
                {"kpi": "emails_sent", "yield": {"window": "30d", "dimension": "team", "key": "north", "made": 7, "done": 25}, "needed": 65, "per_day": 13}]})

    def test_a_goal_of_a_team_is_shared_by_time(self):
        # 5 working days of November and 23 of December; 13 / 2 each
        told = self.plan("--team", "north", "--goal", "20", "--by", "2026-12-31")
        self.assertEqual((told["window"], told["value"], told["needed"], told["working_days"], told["rep_days"]), ("year", 7, 13, 28, 56))
        calls = told["activities"][0]
        self.assertEqual((calls["yield"]["done"], calls["needed"], calls["per_day"], calls["per_day_each"]), (50, 93, 4, 2))
        lines = [(rep["rep"], rep.get("goal"), rep["part"], rep["activities"][0]["needed"], rep["activities"][0]["per_day"]) for rep in told["by_rep"]]
        self.assertEqual(lines, [("r1", None, decimal.Decimal("6.5"), 65, 3), ("r2", None, decimal.Decimal("6.5"), 47, 2)])

    def test_a_goal_for_the_day_of_a_target_is_shared_by_time_too(self):
        # 7 are there already; 13 working days, of which 5, 5 and 3
        told = self.plan("--window", "month", "--goal", "33", "--by", "2026-11-30")
        self.assertEqual([(rep.get("goal"), rep["part"]) for rep in told["by_rep"]], [(None, 10), (None, 10), (None, 6)])

    def test_a_rep(self):
        told = self.plan("--rep", "r1")
        self.assertEqual((told["goal"], told["needed"], told["working_days"], told["activities"][0]["per_day"]), (21, 17, 5, 34))
        self.assertIn("  calls_made   4 deals_won of 40 calls_made in 90d: 1 for 10\n               17 x 40 / 4 = 170; / 5 = 34 a day; / 5 = 34 a day each\n", self.text("--rep", "r1"))

    def test_a_rep_who_is_absent_to_the_end(self):
        told = self.text("--rep", "r3", "--goal", "1", "--by", "2026-11-27", "--as-of", "2026-11-26T00:00:00Z")
        self.assertIn("  time left    0 working days; 0 reps, 0 rep-days\n\n  calls_made   7 deals_won of 80 calls_made in 90d of company all: 1 for 11.4\n"
                      "               1 x 80 / 7 = 12\n", told)
        by_rep = {rep["rep"]: rep["working_days"] for rep in self.plan("--as-of", "2026-11-26T00:00:00Z")["by_rep"]}
        self.assertEqual(by_rep, {"r1": 3, "r2": 3, "r3": 1})

    def test_reached(self):
        told = self.text("--goal", "7", "--by", "2026-12-31")
        self.assertTrue(told.endswith("  needed     nothing: it is reached\n"), told)
        told = self.plan("--goal", "6.5", "--by", "2026-12-31")
        self.assertEqual((told["needed"], told["reached"], told["activities"], told["by_rep"]), (0, True, [], []))

    def test_no_yield(self):
        goal = ("--goal", "20", "--by", "2026-12-31", "--as-of", "2026-12-02T00:00:00Z")
        told = self.text(*goal, "--yield", "month")
        self.assertIn("  calls_made   no yield to plan with: 0 deals_won of 0 calls_made in month\n", told)
        self.assertNotIn("a day each", told)
        self.assertIn("  emails_sent  no yield to plan with: no window that both have\n", self.text(*goal, "--yield", "90d"))
        told = self.plan(*goal, "--yield", "90d")
        self.assertEqual(told["activities"][1], {"kpi": "emails_sent", "yield": None, "needed": None, "per_day": None, "per_day_each": None})

    def test_mistakes(self):
        for arguments, told in ((["close_rate"], "close_rate does not add up day by day, so that nothing of it can be missing; these can be planned: deals_won calls_made emails_sent\n"),
                                (["deals_lost"], "deals_lost is better when it is lower"),
                                (["calls_made"], "there is no goal of calls_made for company all now: add {kpi: calls_made, value: ..., by: ...} to 'targets' of kpis.yaml, or give --goal and --by\n"),
                                (["deals_won", "--window", "year"], "there is no goal of deals_won for company all now"),
                                (["deals_won", "--window", "30d"], "30d is not a period to date of deals_won"),
                                (["emails_sent", "--goal", "9", "--by", "2026-12-31"], "year is not a period to date of emails_sent"),
                                (["deals_won", "--goal", "9", "--by", "2027-01-01"], "from 2026-11-24 to 2026-12-31\n"),
                                (["deals_won", "--goal", "9", "--by", "2026-11-23"], "from 2026-11-24 to 2026-12-31\n"),
                                (["deals_won", "--goal", "9", "--by", "2027-01-01", "--as-of", "2027-01-01T00:00:00Z"], "the year ended on 2026-12-31\n"),
                                (["deals_won", "--rep", "r4"], "there is no rep 'r4' then"),
                                (["deals_won", "--yield", "60d"], "there is no window '60d'")):
            with self.subTest(arguments):
                done = run_any("kpictl", *self.arguments(*arguments))
                self.assertEqual((done.returncode, done.stdout), (1, ""))
                self.assertIn(told, done.stderr)
        done = run_any("kpictl", "plan", "deals_won", "--config", self.config, "--state", self.config + "/none")
        self.assertEqual(done.returncode, 1)
        self.assertIn("kpictl plan: there is no state", done.stderr)
        for arguments in ([], ["deals_won", "--goal", "9"], ["deals_won", "--by", "2026-12-31"], ["deals_won", "--goal", "many", "--by", "2026-12-31"]):
            self.assertEqual(run_any("kpictl", "plan", *arguments).returncode, 2, arguments)
