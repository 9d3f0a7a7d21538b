"""Goal, pace and status against values reckoned by hand from docs/targets.md."""

import contextlib
import json
import os
import tempfile
import unittest

import compare
from given import Figures, call, cost, won

# June 2026 has 22 working days, 11 of them until the end of the 15th.
JUNE_15, JUNE_ENDS, APRIL = "2026-06-15T22:00:00Z", "2026-06-30T22:00:00Z", "2026-04-10T10:00:00Z"
MAY, JUNE = "2026-05-20T10:00:00Z", "2026-06-05T10:00:00Z"
ROSTER = {
    "teams": [{"id": "north"}, {"id": "south"}],
    "reps": [
        {"id": "a", "team": "north"},
        {"id": "b", "teams": [{"team": "north", "until": "2026-06-16"}, {"team": "south", "from": "2026-06-16"}]},
        {"id": "c", "teams": [{"team": "south"}], "absences": [{"from": "2026-06-01", "until": "2026-06-13"}]},
        {"id": "gone", "teams": [{"team": "south", "until": "2026-06-01"}]}]}
EVERY_DAY = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class Paced(Figures):
    """The figures with these targets; a member of one of them is looked up by name."""

    def __init__(self, documents, as_of, targets, roster=None, **options):
        with contextlib.ExitStack() as stack:
            paths = [stack.enter_context(written(document)) for document in (targets, roster or {})]
            super().__init__(documents, as_of, targets=paths[0], roster=paths[1], **options)

    def targets(self, kpi, window, dimension):
        """{key: goal} of those that have one."""
        lines = {key: line for (found, key, name, place), line in self.found.items()
                 if (found, name, place) == (dimension, kpi, window)}
        return {key: line["target"]["value"] for key, line in lines.items() if line["target"]}

    def all(self, kpi, window, key=("company", "all")):
        """(target, pace's values, status)"""
        line = self.found[*key, kpi, window]
        return line["target"], line["pace"] and list(line["pace"].values()), line["status"]


@contextlib.contextmanager
def written(document):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "document.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(document, file)
        yield path


def of(*documents, targets, as_of=JUNE_15, **options):
    return Paced(documents, as_of, targets, **options)


class Year(unittest.TestCase):
    TARGET = {"kpi": "revenue", "value": "2000000", "by": "2026-12-31"}

    def test_the_example_of_the_page(self):
        got = of(won(MAY, amount=1450000), targets=[self.TARGET], as_of="2026-09-30T22:00:00Z")
        self.assertEqual(got.all("revenue", "year"), (
            {"value": 2000000, "by": "2026-12-31"}, [1494252.873563, 8333.333333, 1940769.230769, 66], "on track"))
        self.assertEqual(list(got.found["company", "all", "revenue", "year"]["pace"]),
                         ["expected", "needed_per_day", "projected", "remaining_days"])
        self.assertEqual(got.all("revenue", "quarter"), (None, None, None))

    def test_before_it_begins_and_after_it_is_over(self):
        found = [of(won(MAY, amount=2000000), targets=[self.TARGET], as_of=as_of) for as_of in
                 ("2025-12-31T23:00:00Z", "2026-12-31T23:00:00Z", "2026-12-31T23:00:01Z")]
        self.assertEqual([got.all("revenue", "year")[2] for got in found], [None, "met", None])
        self.assertEqual(found[1].all("revenue", "year")[1], [2000000, None, 2000000, 0])
        self.assertEqual([got.all("revenue", "year-1") for got in found],
                         [(None,) * 3, (None,) * 3, ({"value": 2000000, "by": "2026-12-31"}, None, "met")])

    def test_the_longest_period_that_ends_with_the_day(self):
        def shown(by):
            got = of(won(JUNE), targets=[{"kpi": "revenue", "value": "1", "by": by}], as_of="2026-06-15T10:00:00Z")
            return [window for window in ("week", "month", "quarter", "year") if got.all("revenue", window)[0]]
        self.assertEqual([shown(by) for by in ("2026-06-30", "2026-06-21", "2026-06-15", "2026-06-14")],
                         [["quarter"], ["week"], ["year"], []])


class Months(unittest.TestCase):
    def test_every_month_anew(self):
        targets = [{"kpi": "revenue", "value": "220", "window": "month"}]
        got = of(won(MAY, amount=219), won(JUNE, deal="y", amount=100), targets=targets)
        self.assertEqual(got.all("revenue", "month"), (
            {"value": 220, "by": "2026-06-30"}, [110, 10.909091, 200, 11], "behind"))
        self.assertEqual(got.all("revenue", "month-1"), ({"value": 220, "by": "2026-05-31"}, None, "missed"))

    def test_from_within(self):
        targets = [{"kpi": "revenue", "value": "220", "window": "month", "from": "2026-06-16", "by": "2026-06-30"}]
        found = [of(won(JUNE, amount=22), targets=targets, as_of=as_of).all("revenue", "month")
                 for as_of in (JUNE_15, "2026-06-16T22:00:00Z")]
        self.assertEqual(found, [(None,) * 3, ({"value": 220, "by": "2026-06-30"}, [20, 19.8, 242, 10], "ahead")])

    def test_an_end_within_the_month_is_gone_from_the_whole_one(self):
        targets = [{"kpi": "revenue", "value": "5", "window": "month", "by": "2026-06-15"}]
        got = of(won(JUNE, amount=4), targets=targets)
        self.assertEqual(got.all("revenue", "month"), ({"value": 5, "by": "2026-06-15"}, [5, None, 4, 0], "missed"))
        self.assertEqual(of(won(JUNE), targets=targets, as_of="2026-07-03T00:00:00Z").targets("revenue", "month-1",
                                                                                            "company"), {})

    def week_of_the_clock_change(self, hours, value):
        """As the Sunday begins, when it is 3 o'clock after 2."""
        calls = [call("2026-03-25T10:00:00Z") for _ in range(6)]
        got = of(*calls, targets=[{"kpi": "calls_made", "value": value, "window": "week"}],
                 roster={"calendar": {"days": EVERY_DAY, "hours": hours}}, as_of="2026-03-28T23:00:00Z")
        return got.all("calls_made", "week")[1]

    def test_clock_change(self):
        self.assertEqual(self.week_of_the_clock_change("00:00-24:00", "167"), [144, 168, 6.958333, 0.958333])
        self.assertEqual(self.week_of_the_clock_change("01:00-12:00", "76"), [66, 77, 6.909091, 0.909091])
        self.assertEqual(self.week_of_the_clock_change("02:30-12:00", "66"), [57, 63.333333, 6.947368, 0.947368])

    def test_holidays(self):
        roster = {"calendar": {"hours": "08:30-12:00",
                               "holidays": ["2026-06-02", {"from": "2026-06-16", "until": "2026-06-25"}]}}
        got = of(won(JUNE, amount=14), targets=[{"kpi": "revenue", "value": "14", "window": "month"}], roster=roster)
        self.assertEqual(got.all("revenue", "month")[1], [10, 0, 19.6, 4])
        noon = of(targets=[{"kpi": "revenue", "value": "14", "window": "month"}], roster=roster,
                  as_of="2026-06-15T08:15:00Z")  # 10:15 in Berlin
        self.assertEqual(noon.all("revenue", "month"), (
            {"value": 14, "by": "2026-06-30"}, [9.5, None, None, 4.5], None))


class Statuses(unittest.TestCase):
    def status(self, amount, lower=False, as_of=JUNE_15):
        kpi, document = ("selling_cost", cost(JUNE, "selling", amount)) if lower else ("revenue", won(JUNE, amount=amount))
        return of(document, targets=[{"kpi": kpi, "value": "220", "window": "month"}], as_of=as_of).all(kpi, "month")[2]

    def test_within_five_percent(self):
        self.assertEqual([self.status(amount) for amount in ("104.4999", "104.5", "110", "115.4999", "115.5", "220")],
                         ["behind", "on track", "on track", "on track", "ahead", "met"])

    def test_lower_is_better(self):
        self.assertEqual([self.status(amount, True) for amount in ("104.5", "104.5001", "115.5", "115.5001", "221")],
                         ["ahead", "on track", "on track", "behind", "behind"])

    def test_over(self):
        self.assertEqual([self.status(amount, lower, JUNE_ENDS) for lower in (False, True) for amount in (219, 220, 221)],
                         ["missed", "met", "met", "met", "met", "missed"])

    def test_spent_above_the_goal_is_behind_at_once(self):
        """On the last day but one 210 are expected; within five percent of them is what was spent."""
        targets = [{"kpi": "selling_cost", "value": "220", "window": "month"}]
        found = [of(cost(JUNE, "selling", amount), targets=targets, as_of="2026-06-29T22:00:00Z").all("selling_cost", "month")
                 for amount in ("220", "220.1")]
        self.assertEqual(found, [({"value": 220, "by": "2026-06-30"}, [210, 0, 230.47619, 1], "on track"),
                                 ({"value": 220, "by": "2026-06-30"}, [210, 0, 230.580952, 1], "behind")])

    def test_nothing_expected(self):
        got = of(cost(JUNE, "selling", 0), targets=[{"kpi": "selling_cost", "value": "0", "window": "month"}])
        self.assertEqual(got.all("selling_cost", "month")[1:], ([0, 0, 0, 11], "on track"))


class Bases(unittest.TestCase):
    REVENUE = {"kpi": "revenue", "increase": "30%", "over": "previous month"}

    def test_increase(self):
        got = of(won(APRIL, amount=1), won(MAY, deal="y", amount=1000), won(JUNE, deal="z", amount=600),
                 targets=[self.REVENUE])
        self.assertEqual(got.all("revenue", "month"), (
            {"value": 1300, "by": "2026-06-30", "base": 1000}, [650, 63.636364, 1200, 11], "behind"))
        self.assertEqual(got.all("revenue", "month-1"), (None,) * 3)  # month-2 is no window

    def test_of_a_whole_period(self):
        got = of(won(APRIL, amount=1), won(MAY, deal="y", amount=1000), won("2026-03-10T10:00:00Z", deal="z", amount=2),
                 targets=[self.REVENUE], names=["month", "month-1", "month-2"])
        self.assertEqual(got.all("revenue", "month-1"), ({"value": 1.3, "by": "2026-05-31", "base": 1}, None, "met"))
        self.assertEqual(got.all("revenue", "month-2"), (None,) * 3)

    def test_no_goal(self):
        found = [of(*documents, targets=[self.REVENUE]).all("revenue", "month")
                 for documents in ([won(MAY)], [won(APRIL)], [call(APRIL)])]
        self.assertEqual([target.get("reason") for target, _, _ in found], ["incomplete", "base", "no_data"])
        self.assertEqual(found[0], ({"value": None, "by": "2026-06-30", "reason": "incomplete"}, None, None))

    def test_a_rate_on_its_way_from_the_base(self):
        documents = [won(MAY, deal=f"w{i}") for i in range(2)] + [won(MAY, deal=f"l{i}", outcome="lost") for i in range(3)]
        documents += [won(APRIL, deal="x"), won(JUNE, deal="y"), won(JUNE, deal="z", outcome="lost")]
        got = of(*documents, targets=[{"kpi": "close_rate", "increase": "50%", "over": "previous month",
                                       "roll_down": ["team", "rep"]}], roster=ROSTER)
        self.assertEqual(got.all("close_rate", "month"), (
            {"value": 0.6, "by": "2026-06-30", "base": 0.4}, [0.5, None, 0.5, 11], "on track"))
        self.assertEqual(got.all("close_rate", "month", ("rep", "c")), (  # 1 of 12 of its days
            {"value": 0.6, "by": "2026-06-30", "base": 0.4}, [0.416667, None, None, 11], None))

    def test_decrease(self):
        got = of(cost(APRIL, "selling", 1), cost(MAY, "selling", 10), targets=[
            {"kpi": "selling_cost", "decrease": "12.5%", "over": "previous month"}])
        self.assertEqual(got.all("selling_cost", "month")[0]["value"], 8.75)


class Standing(unittest.TestCase):
    def test_every_window_up_to_now(self):
        got = of(won(JUNE), targets=[{"kpi": "close_rate", "value": "30%"}])
        self.assertEqual(got.all("close_rate", "30d"), ({"value": 0.3}, [0.3, None, 1, None], "ahead"))
        shown = {window for _, _, kpi, window in got.found if kpi == "close_rate" and got.all(kpi, window)[0]}
        self.assertEqual(shown, {"1h", "24h", "7d", "30d", "90d", "365d", "day", "week", "month", "quarter", "year"})

    def test_by_a_day(self):
        targets = [{"kpi": "response_time_median", "value": "8h", "by": "2026-06-30", "from": "2026-06-15", "window": "30d"}]
        found = [of(won(JUNE), targets=targets, as_of=as_of).all("response_time_median", "30d")
                 for as_of in ("2026-06-14T22:00:00Z", JUNE_15, JUNE_ENDS, "2026-06-30T22:00:01Z")]
        self.assertEqual([target for target, _, _ in found], [None] + 2 * [{"value": 28800, "by": "2026-06-30"}] + [None])
        self.assertEqual(found[1][1:], ([28800, None, None, 11], None))

    def test_of_whom(self):
        by_team = [{"kpi": "close_rate", "value": "30%", "of": "team", "roll_down": ["rep"]},
                   {"kpi": "close_rate", "value": "40%", "of": "team", "key": "south", "roll_down": ["rep"]}]
        before, after = (of(won(JUNE, rep="x"), targets=by_team, roster=ROSTER, as_of=as_of)
                         for as_of in (JUNE_15, "2026-06-15T22:01:00Z"))
        self.assertEqual(before.targets("close_rate", "30d", "team"), {"north": 0.3, "south": 0.4})
        self.assertEqual(before.targets("close_rate", "30d", "rep"), {"a": 0.3, "b": 0.3, "c": 0.4})
        self.assertEqual(after.targets("close_rate", "30d", "rep"), {"a": 0.3, "b": 0.4, "c": 0.4})
        company = of(won(JUNE, rep="x"), targets=[{"kpi": "close_rate", "value": "1", "roll_down": ["rep"]}], roster=ROSTER)
        self.assertEqual(company.targets("close_rate", "30d", "rep"), {"a": 1, "b": 1, "c": 1, "gone": 1})

    def test_of_reps_who_did_not_work(self):
        got = of(won(JUNE), targets=[{"kpi": "close_rate", "value": "1", "of": "rep", "window": "month"}], roster=ROSTER)
        self.assertEqual(got.targets("close_rate", "month", "rep"), {"a": 1, "b": 1, "c": 1, "gone": 1})

    def test_no_goal_is_not_handed_down(self):
        got = of(won(JUNE), roster=ROSTER, targets=[
            {"kpi": "close_rate", "increase": "5%", "over": "previous month", "roll_down": ["team"]}])
        self.assertEqual(got.all("close_rate", "month")[0]["reason"], "zero_denominator")
        self.assertEqual(got.targets("close_rate", "month", "team"), {})

    def test_another_dimension(self):
        got = of(won(JUNE, product="p", amount=7), won(JUNE, deal="y", amount=5), targets=[
            {"kpi": "revenue_per_account", "value": "6", "of": "product", "window": "month"},
            {"kpi": "revenue_per_account", "value": "8", "of": "product", "key": "p", "window": "30d"}])
        self.assertEqual(got.targets("revenue_per_account", "month", "product"), {"p": 6, "unassigned": 6})
        self.assertEqual(got.targets("revenue_per_account", "30d", "product"), {"p": 8})


class HandedDown(unittest.TestCase):
    """Days of work in June: a 22, b 11 in north and 11 in south, c 12: 56."""

    def goals(self, *targets, **options):
        targets = [{"kpi": "calls_made", "window": "month", **target} for target in targets]
        got = of(call(JUNE, rep="a"), call(JUNE, rep="x"), call(MAY, rep="gone"), targets=targets, roster=ROSTER, **options)
        return [got.targets("calls_made", "month", dimension) for dimension in ("team", "rep")]

    def test_by_working_time(self):
        self.assertEqual(self.goals({"value": "56", "roll_down": ["team", "rep"]}),
                         [{"north": 33, "south": 23}, {"a": 22, "b": 22, "c": 12}])

    def test_no_digit_is_lost(self):
        self.assertEqual(self.goals({"value": "1", "roll_down": ["team", "rep"]}), [
            {"north": 0.589286, "south": 0.410714}, {"a": 0.392857, "b": 0.392857, "c": 0.214286}])

    def test_only_to_reps(self):
        self.assertEqual(self.goals({"value": "56", "roll_down": ["rep"]}), [{}, {"a": 22, "b": 22, "c": 12}])

    def test_keys_of_teams(self):
        self.assertEqual(self.goals({"value": "56", "roll_down": ["team", "rep"], "keys": {"north": "12"}}), [
            {"north": 12, "south": 44}, {"a": 8, "b": 25.043478, "c": 22.956522}])

    def test_keys_of_reps(self):
        self.assertEqual(self.goals({"value": "56", "roll_down": ["rep"], "keys": {"c": "6", "gone": "10"}}), [
            {}, {"a": 20, "b": 20, "c": 6, "gone": 10}])

    def test_of_teams(self):
        self.assertEqual(self.goals({"value": "33", "of": "team", "roll_down": ["rep"]}), [
            {"north": 33, "south": 33}, {"a": 22, "b": 26.782609, "c": 17.217391}])

    def test_a_named_team_stands_before_all_teams_and_those_before_the_company(self):
        self.assertEqual(self.goals({"value": "560", "roll_down": ["team", "rep"]},
                                    {"value": "23", "of": "team", "key": "south", "roll_down": ["rep"]},
                                    {"value": "33", "of": "team", "roll_down": ["rep"]}),
                         [{"north": 33, "south": 23}, {"a": 22, "b": 11, "c": 12}])

    def test_an_own_one_stands_before_all(self):
        self.assertEqual(self.goals({"value": "560", "roll_down": ["team", "rep"]}, {"value": "1", "of": "rep"},
                                    {"value": "2", "of": "rep", "key": "a"}, {"value": "3", "of": "rep", "key": "gone"})[1],
                         {"a": 2, "b": 1, "c": 1, "gone": 3})

    def test_the_pace_follows_the_own_absences(self):
        """c came back on the 15th, the 13th and the 14th are no working days."""
        got = of(call(JUNE, rep="a"), call("2026-06-15T10:00:00Z", rep="c"), roster=ROSTER,
                 targets=[{"kpi": "calls_made", "window": "month", "value": "56", "roll_down": ["team", "rep"]}])
        self.assertEqual(got.all("calls_made", "month", ("rep", "c")), (
            {"value": 12, "by": "2026-06-30"}, [1, 1, 12, 11], "on track"))
        self.assertEqual(got.all("calls_made", "month", ("team", "south")), (
            {"value": 23, "by": "2026-06-30"}, [11.5, 2, 2, 11], "behind"))

    def test_nothing_expected_yet(self):
        got = of(call("2026-06-12T10:00:00Z", rep="a"), roster=ROSTER, as_of="2026-06-12T22:00:00Z",
                 targets=[{"kpi": "calls_made", "window": "month", "value": "12", "of": "rep"}])
        self.assertEqual(got.all("calls_made", "month", ("rep", "c")), (
            {"value": 12, "by": "2026-06-30"}, [0, 1, None, 12], "on track"))

    def test_who_did_not_work_and_is_named(self):
        got = of(call(JUNE, rep="gone"), roster=ROSTER,
                 targets=[{"kpi": "calls_made", "window": "month", "value": "2", "of": "rep", "key": "gone"}])
        self.assertEqual(got.all("calls_made", "month", ("rep", "gone")), (
            {"value": 2, "by": "2026-06-30"}, [0, None, None, 0], "ahead"))

    def test_a_base_of_teams(self):
        """Only north has a base."""
        got = of(won(APRIL, amount=1), won(MAY, deal="y", rep="a", amount=30), won(JUNE, deal="z", rep="c", amount=1),
                 targets=[{"kpi": "revenue", "increase": "10%", "over": "previous month", "of": "team", "roll_down": ["rep"]}],
                 roster=ROSTER)
        self.assertEqual(got.targets("revenue", "month", "team"), {"north": 33, "south": None})
        self.assertEqual(got.all("revenue", "month", ("rep", "b"))[0], {"value": 11, "by": "2026-06-30"})
        self.assertEqual(got.targets("revenue", "month", "rep"), {"a": 22, "b": 11})


class Compared(unittest.TestCase):
    LINE = ('{"dimension":"company","key":"all","kpi":"k","window":"30d","value":1,"numerator":1,"denominator":1,"n":1,'
            '"from":"a","to":"b","complete":true,"reason":null%s}')
    NONE = ',"target":null,"pace":null,"status":null'
    ONE = ',"target":{"value":0.50},"pace":{"expected":1},"status":"met"'

    def count(self, expected, actual):
        return len(compare.compare([self.LINE % expected], [self.LINE % actual]))

    def test_only_what_was_computed_with_targets(self):
        self.assertEqual([self.count("", self.ONE), self.count(self.NONE, ""), self.count(self.NONE, self.ONE)], [0, 0, 3])

    def test_each_member(self):
        self.assertEqual(self.count(self.ONE, ""), 3)
        self.assertEqual(self.count(self.ONE, self.ONE.replace("0.50", "0.5")), 0)
        for changed in [("0.50", "0.5001"), ("value", "Value"), ('"expected":1', '"expected":null'), ("met", "missed"),
                        ('{"value"', '{"by":"2026-06-30","value"')]:
            self.assertEqual(self.count(self.ONE, self.ONE.replace(*changed)), 1, changed)


if __name__ == "__main__":
    unittest.main()
