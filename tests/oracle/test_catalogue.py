"""Stages, retention, prices, yields, touches and the dimensions beside company, team and rep, reckoned by hand."""

from fractions import Fraction
import unittest

from given import Figures, call, cost, event, won

AS_OF = "2026-06-20T12:00:00Z"
MAY1, MAY20, JUNE1, DAY5, DAY6, DAY7 = (f"2026-{day}T10:00:00Z"
                                        for day in ("05-01", "05-20", "06-01", "06-05", "06-06", "06-07"))
FROM = "2026-05-21T12:00:00Z"  # of the window 30d
JUNE = "2026-05-31T22:00:00Z"  # where June begins


def of(*documents, as_of=AS_OF, **options):
    return Figures(documents, as_of, **options)


def staged(time, stage_to, **fields):
    return event("lead.stage_changed", time, stage_to=stage_to, **fields)


class Stages(unittest.TestCase):
    KPI = "lead_stage_share"

    def shares(self, got, window="30d"):
        return {key: got.sides(self.KPI, window, key=("stage", key)) for key in got.keys("stage")}

    def test_share_of_the_company(self):
        got = of(event("lead.created", DAY5, customer="a"), event("lead.created", DAY5, customer="b", stage="demo"),
                 event("lead.created", DAY5, customer="d"), staged(DAY6, "demo", customer="d", stage="ignored"),
                 staged(DAY7, "offer", customer="d"))
        self.assertEqual(self.shares(got), {"new": (1, 3), "demo": (1, 3), "offer": (1, 3)})
        self.assertEqual(got(self.KPI, key=("stage", "demo")), (0.333333, 3))
        self.assertEqual((got(self.KPI), got.sides(self.KPI)), ((1, 3), (3, 3)))

    def test_just_before_the_end_of_the_window(self):
        got = of(event("lead.created", MAY1), staged("2026-05-31T21:59:59.999Z", "demo"), staged(JUNE, "offer"))
        self.assertEqual(self.shares(got, "month-1"), {"demo": (1, 1), "offer": (0, 1)})
        self.assertEqual(self.shares(got), {"demo": (0, 1), "offer": (1, 1)})

    def test_only_an_open_lead_changes(self):
        got = of(staged(MAY1, "early"), event("lead.created", MAY20), staged(MAY20, "demo"),
                 event("lead.closed", JUNE1), staged(JUNE1, "late"), event("lead.created", DAY5))
        self.assertEqual((self.shares(got), self.shares(got, "month-1")),
                         ({"new": (1, 1), "demo": (0, 1)}, {"new": (0, 1), "demo": (1, 1)}))

    def test_a_win_ends_it(self):
        got = of(event("lead.created", MAY1), staged(MAY1, "demo"), won(MAY20), staged(DAY6, "late"),
                 event("lead.created", "2026-03-10T00:00:00Z", customer="d"), event("lead.closed", MAY1, customer="d"))
        self.assertEqual([self.shares(got, window) for window in ("30d", "month-1", "quarter-1")],
                         [{"new": (0, 0)}, {"new": (0, 0)}, {"new": (1, 1)}])
        self.assertEqual((got(self.KPI), got.reason(self.KPI)), ((None, 0), "zero_denominator"))

    def test_second_opening_does_not_set_it_back(self):
        got = of(event("lead.created", MAY1), staged(MAY20, "demo"), event("lead.created", DAY5))
        self.assertEqual(self.shares(got), {"demo": (1, 1)})

    def test_seen_with_a_lead_only(self):
        got = of(staged(DAY5, "demo"))
        self.assertEqual((got.reason(self.KPI), got.keys("stage")), ("no_data", set()))


class Retention(unittest.TestCase):
    KPI, EXPECTED, WORTH = "retention_rate", "customer_lifetime_expected", "customer_lifetime_value"

    def subscribed(self, customer, start, end=None, **fields):
        made = [event("subscription.started", start, customer=customer, **fields)]
        return made + ([event("subscription.ended", end, customer=customer, rep="z")] if end else [])

    def setUp(self):
        # Of three, one stays, one leaves, one leaves and comes back; a fourth comes.
        self.documents = [
            won(MAY1, customer="a", rep="a", amount=1000), *self.subscribed("b", MAY1, DAY5, rep="a"),
            *self.subscribed("c", MAY1, DAY5, rep="b"), event("subscription.started", DAY6, rep="b"),
            won(DAY5, customer="d", amount=100), event("subscription.renewed", DAY6, customer="a", rep="a", amount=50)]

    def test_rate(self):
        got = of(*self.documents)
        self.assertEqual((got(self.KPI), got.sides(self.KPI)), ((0.333333, 3), (1, 3)))
        self.assertEqual([got.sides(self.KPI, key=("rep", rep)) for rep in ("a", "b", "unassigned")],
                         [(1, 2), (0, 1), (0, 0)])
        self.assertEqual(got.reason(self.KPI, key=("rep", "unassigned")), "zero_denominator")
        self.assertEqual(of(call(DAY5)).reason(self.KPI), "no_data")

    def test_expected_lifetime(self):
        got = of(*self.documents)  # 3 of whom 2 left in 30 of 30.4375 days
        self.assertEqual((got(self.EXPECTED), got.sides(self.EXPECTED)), ((1.478439, 2), (720, 487)))
        self.assertEqual(got.sides(self.EXPECTED, key=("rep", "a")), (960, 487))

    def test_nobody_left_or_nobody_was_there(self):
        got = of(won(MAY1, amount=1), won(DAY5, deal="y", amount=1))
        for kpi, n in [(self.EXPECTED, 0), (self.WORTH, 1)]:
            self.assertEqual((got(kpi), got.sides(kpi), got.reason(kpi)),
                             ((None, n), (None, None), "zero_denominator"))
        got = of(*self.subscribed("c", DAY5, DAY6), won(DAY7, amount=1))
        for kpi in (self.EXPECTED, self.WORTH):
            self.assertEqual((got(kpi), got.sides(kpi), got.reason(kpi)),
                             ((None, 1), (None, None), "zero_denominator"))

    def test_edges_of_the_window(self):
        got = of(*self.subscribed("a", "2026-05-21T11:59:59.999Z"), *self.subscribed("b", FROM),
                 *self.subscribed("c", MAY1, FROM), *self.subscribed("d", MAY1, "2026-05-21T11:59:59.999Z"))
        self.assertEqual((got.sides(self.KPI), got(self.EXPECTED)[1]), ((1, 2), 1))

    def test_worth(self):
        got = of(*self.documents)  # 150 / 2 accounts x 0.6 x 3 / 2
        self.assertEqual((got(self.WORTH), got.sides(self.WORTH)), ((67.5, 2), (135, 2)))
        got = of(*self.documents, constants={"gross_margin": Fraction("0.25")})
        self.assertEqual((got(self.WORTH), got.sides(self.WORTH)), ((28.125, 2), (225, 8)))

    def test_worth_without_accounts_and_below_zero(self):
        got = of(*self.subscribed("c", MAY1, DAY5), won(MAY1), event("deal.refunded", DAY6, amount=3))
        self.assertEqual((got(self.WORTH), got.sides(self.WORTH), got.reason(self.WORTH)),
                         ((None, 0), (None, None), "zero_denominator"))
        got = of(*self.subscribed("c", MAY1, DAY5), event("deal.refunded", DAY6, amount=3), won(DAY6, amount=1))
        self.assertEqual((got(self.WORTH), got.sides(self.WORTH)), ((-1.2, 1), (-6, 5)))

    def test_keys_of_those_who_left(self):
        got = of(*self.subscribed("c", "2020-01-01T00:00:00Z", "2025-03-01T00:00:00Z", rep="gone"), won(DAY5))
        self.assertIn("gone", got.keys("rep"))  # in stock when last year began
        self.assertEqual(got.sides(self.KPI, "year-1", key=("rep", "gone")), (0, 1))


class Prices(unittest.TestCase):
    MEAN, LEAST = "price_index", "price_index_min"

    def own(self, time, amount, product="p", **fields):
        return event("price.set", time, **{"customer": None, "product": product, "amount": amount, **fields})

    def seen(self, time, amount, competitor=None, product="p"):
        return event("price.observed", time, customer=None, product=product, amount=amount, competitor=competitor)

    def both(self, got, key=("company", "all"), window="30d"):
        return [(got(kpi, window, key), got.sides(kpi, window, key), got.reason(kpi, window, key))
                for kpi in (self.MEAN, self.LEAST)]

    def setUp(self):
        self.documents = [self.own(DAY6, 120), self.own(DAY5, 110, competitor="x"), self.seen(DAY5, 5000, "x"),
                          self.seen(DAY6, 100, "x"), self.seen(DAY5, 90, "y"), self.seen(DAY5, 110)]

    def test_of_a_product(self):
        got = of(*self.documents)
        self.assertEqual(self.both(got, ("product", "p")),
                         [((120, 3), (120, 1), None), ((133.333333, 3), (12000, 90), None)])
        self.assertEqual(self.both(got), [((120, 1), (120, 1), None), ((133.333333, 1), (12000, 90), None)])

    def test_of_the_company(self):
        got = of(*self.documents, self.own(DAY5, 50, "q"), self.seen(DAY5, "99.5", "x", "q"), self.own(DAY5, 7, "r"),
                 self.seen(DAY5, 7, "x", "s"))
        self.assertEqual(self.both(got), [((85.213033, 2), (34000, 399), None), ((89.709763, 2), (17000, 189.5), None)])
        for product in ("r", "s"):
            self.assertEqual(self.both(got, ("product", product)), [((None, 0), (None, None), "no_data")] * 2)

    def test_thirty_days(self):
        edge, before = "2026-05-21T11:59:59.999Z", "2026-05-21T11:59:59.998Z"
        got = of(self.own(edge, 50), self.seen(edge, 100, "x"), self.seen(before, 10, "y"))
        self.assertEqual(got(self.MEAN, key=("product", "p")), (50, 1))
        got = of(self.own(before, 50), self.seen(edge, 100, "x"))
        self.assertEqual(self.both(got), [((None, 0), (None, None), "no_data")] * 2)

    def test_the_end_of_the_window(self):
        got = of(self.own(MAY20, 50), self.seen("2026-05-31T21:59:59.999Z", 200, "x"), self.seen(JUNE, 100, "x"))
        self.assertEqual([got(self.MEAN, window)[0] for window in ("month-1", "month")], [25, None])
        got = of(self.own(MAY20, 50), self.seen(JUNE, 100, "x"), as_of="2026-06-19T09:00:00Z")
        self.assertEqual([got(self.MEAN, window)[0] for window in ("month-1", "month")], [None, 50])

    def test_last_of_one_millisecond(self):
        got = of(self.own(DAY5, 50, id="b"), self.own(DAY5, 70, id="a"), self.seen(DAY5, 100))
        self.assertEqual(got(self.MEAN), (50, 1))

    def test_nothing_for_it(self):
        got = of(self.own(DAY5, 50), self.seen(DAY5, 0))
        self.assertEqual(self.both(got, ("product", "p")), [((None, 1), (None, None), "zero_denominator"),
                                                            ((None, 1), (5000, 0), "zero_denominator")])

    def test_keys(self):
        got = of(*self.documents, self.own(MAY20, 1, "old"), self.own("2026-01-20T10:00:00Z", 1, "gone"))
        self.assertEqual(got.keys("product"), {"p", "old"})  # old had a price at the end of May, gone at no window's
        self.assertEqual(of(call(DAY5, product="p")).keys("product"), set())


class Yields(unittest.TestCase):
    def test_each(self):
        activities = {"calls": [call(DAY5), call(DAY5, outcome="voicemail"), call(DAY5), call(DAY5, "inbound")],
                      "emails": [event("email.sent", DAY5)] * 1 + [event("email.sent", DAY6, about="nurture")],
                      "proposals": [event("proposal.sent", DAY5)],
                      "meetings": [event("meeting.ended", DAY5, outcome="held") for _ in range(4)]
                      + [event("meeting.ended", DAY5, outcome="no_show")]}
        results = [event("lead.created", DAY5), won("2024-01-01T00:00:00Z", deal="old"), won(DAY6), won(DAY7, deal="y"),
                   won(DAY7, customer="d", deal_type="renewal")]
        for activity, n in [("calls", 3), ("emails", 2), ("proposals", 1), ("meetings", 4)]:
            got = of(*results, *activities[activity])
            kpis = [f"{name}_per_50_{activity}" for name in ("leads", "conversions", "wins")]
            self.assertEqual([(got.sides(kpi), got(kpi)[1]) for kpi in kpis],
                             [((50, n), n), ((50, n), n), ((150, n), n)])
            for other in activities.keys() - {activity}:
                self.assertEqual(got.reason(f"leads_per_50_{other}"), "no_data")
        self.assertEqual(of(*results, *activities["calls"])("leads_per_50_calls"), (16.666667, 3))

    def test_by_segment(self):
        got = of(call(DAY5, segment="small"), call(DAY6, segment="small"), call(DAY6),
                 event("lead.created", DAY6, segment="small"), event("lead.created", DAY6, customer="d", segment="big"))
        kpi = "leads_per_50_calls"
        self.assertEqual([got.sides(kpi, key=("segment", key)) for key in ("small", "big", "unassigned")],
                         [(50, 2), (50, 0), (0, 1)])
        self.assertEqual(got.reason(kpi, key=("segment", "big")), "zero_denominator")


class Touches(unittest.TestCase):
    KPI = "touches_to_win"

    def test_from_the_lead(self):
        got = of(call(MAY1), event("deal.created", MAY20), event("lead.created", JUNE1),
                 call(DAY5, "inbound", "voicemail"), event("email.sent", DAY5),
                 event("meeting.ended", DAY5, outcome="held"), event("meeting.ended", DAY5, outcome="no_show"),
                 event("email.received", DAY5), event("meeting.answered", DAY5, answer="accepted"),
                 call(DAY5, customer="d"), event("lead.created", DAY6), won(DAY7), call("2026-06-08T00:00:00Z"))
        self.assertEqual((got(self.KPI), got.sides(self.KPI)), ((3, 1), (3, 1)))

    def test_from_the_deal(self):
        got = of(event("lead.created", MAY1), call(MAY20), event("lead.closed", MAY20), event("deal.created", JUNE1),
                 call(DAY5), event("deal.created", DAY6), won(DAY7))
        self.assertEqual(got(self.KPI), (1, 1))

    def test_without_a_beginning(self):
        got = of(event("lead.created", JUNE1), won(DAY5), call(DAY6), won(DAY7, deal="y", created_at=MAY1),
                 event("deal.created", "2026-06-08T00:00:00Z", deal="y"))
        self.assertEqual(got(self.KPI), (0, 1))
        got = of(won(DAY6))
        self.assertEqual((got(self.KPI), got.sides(self.KPI), got.reason(self.KPI)),
                         ((None, 0), (0, 0), "zero_denominator"))
        self.assertEqual(of(event("lead.created", JUNE1)).reason(self.KPI), "no_data")

    def test_the_first_win_ends_the_lead(self):
        got = of(event("deal.created", MAY1, deal="y"), call(MAY20), event("lead.created", JUNE1), call(DAY5),
                 won(DAY6), call(DAY6), won(DAY7, deal="y"))
        self.assertEqual(got.sides(self.KPI), (2 + 3, 2))  # a call comes before a win of the same millisecond

    def test_reopened(self):
        got = of(event("lead.created", MAY1), call(MAY20), won(JUNE1), event("deal.reopened", DAY5), call(DAY6),
                 won(DAY7))
        self.assertEqual(got.sides(self.KPI), (2, 1))

    def test_of_the_close(self):
        got = of(event("lead.created", MAY1, rep="a", segment="small"), call(MAY20, rep="b"),
                 won(DAY5, rep="d", segment="big"))
        self.assertEqual([got(self.KPI, key=("rep", rep))[1] for rep in "abd"], [0, 0, 1])
        self.assertEqual([got(self.KPI, key=("segment", segment)) for segment in ("small", "big")],
                         [(None, 0), (1, 1)])
        self.assertEqual(got(self.KPI, "7d"), (None, 0))


class Dimensions(unittest.TestCase):
    def test_cost_per_lead_by_campaign(self):
        got = of(cost(DAY5, "marketing", 90, campaign="spring"), cost(DAY5, "selling", 1, campaign="other"),
                 cost(DAY5, "marketing", 7), event("lead.created", DAY5, campaign="spring"),
                 event("lead.created", DAY5, campaign="fair", customer="d"))
        self.assertEqual(got.keys("campaign"), {"spring", "fair", "unassigned"})
        expected = {"spring": (90, 1), "fair": (0, 1), "unassigned": (7, 0)}
        self.assertEqual({key: got.sides("cost_per_lead", key=("campaign", key)) for key in expected}, expected)

    def test_revenue_per_account(self):
        for dimension in ("campaign", "product", "segment"):
            got = of(won(DAY5, amount=10, **{dimension: "x"}), won(DAY6, deal="y", amount=20, **{dimension: "x"}),
                     won(DAY6, customer="d", amount=5, **{dimension: "x"}),
                     event("subscription.renewed", DAY6, amount=4, **{dimension: "y"}),
                     event("deal.refunded", DAY6, amount=1, **{dimension: "z"}))
            kpi = "revenue_per_account"
            self.assertEqual([got.sides(kpi, key=(dimension, key)) for key in "xyz"], [(35, 2), (4, 1), (-1, 0)])
            self.assertEqual(got.sides(kpi), (38, 2))

    def test_which_have_what(self):
        fields = {"campaign": "x", "product": "x", "segment": "x"}
        got = of(won(DAY5, **fields), event("lead.created", DAY6, stage="x", **fields))
        found = {dimension: {kpi for its, _, kpi, _ in got.found if its == dimension}
                 for dimension in ("campaign", "product", "segment", "stage", "team", "rep", "company")}
        yields = {f"{name}_per_50_{activity}" for name in ("leads", "conversions", "wins")
                  for activity in ("calls", "emails", "proposals", "meetings")}
        self.assertEqual(found["campaign"], {"cost_per_lead", "revenue_per_account"})
        self.assertEqual(found["product"], {"price_index", "price_index_min", "revenue_per_account"})
        self.assertEqual(found["segment"], {"revenue_per_account", "touches_to_win"} | yields)
        self.assertEqual(found["stage"], {"lead_stage_share"})
        self.assertEqual(found["team"], found["rep"])
        self.assertEqual(found["company"] - found["team"], {"price_index", "price_index_min", "lead_stage_share"})

    def test_only_measures_of_the_dimension_make_keys(self):
        got = of(call(DAY5, campaign="x", product="x", segment="x"), event("email.received", DAY5, segment="y"))
        self.assertEqual([got.keys(dimension) for dimension in ("campaign", "product", "segment")],
                         [set(), set(), {"x"}])


if __name__ == "__main__":
    unittest.main()
