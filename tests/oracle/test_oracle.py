"""Figures against values reckoned by hand from docs/figures.md."""

import json
import tempfile
import unittest

import compute
from given import Figures, answers, call, cost, event, won

AS_OF = "2026-06-20T12:00:00Z"
DAY5, DAY6, DAY7 = (f"2026-06-0{day}T10:00:00Z" for day in (5, 6, 7))


def of(*documents, as_of=AS_OF, **options):
    return Figures(documents, as_of, **options)


class Sums(unittest.TestCase):
    def test_revenue_and_its_sample(self):
        got = of(won(DAY5, amount=100), won(DAY6, deal="y", amount="50.00005"), won(DAY6, deal="z", amount=7,
                 deal_type="renewal"), event("subscription.renewed", DAY7, amount=10),
                 event("deal.refunded", DAY7, amount=200), event("subscription.started", DAY7, amount=999))
        self.assertEqual(got("revenue"), (-40, 4))  # 50.00005 is halfway and goes to the even 50.0000
        self.assertEqual(got.sides("revenue"), (-40, 1))
        self.assertEqual(got("deals_won"), (3, 3))

    def test_sums_beyond_64_bits(self):
        got = of(*(won(DAY5, deal=str(i), amount=10 ** 12) for i in range(1000)))
        self.assertEqual(got("revenue"), (10 ** 15, 1000))

    def test_window_edges(self):
        got = of(won("2026-05-21T12:00:00Z", amount=1), won("2026-05-21T11:59:59.999Z", deal="y", amount=10),
                 won("2026-06-20T11:59:59.999Z", deal="z", amount=100), won(AS_OF, deal="late", amount=1000))
        self.assertEqual(got("revenue"), (101, 2))

    def test_midnight_and_month_end(self):
        documents = [won("2026-05-31T21:59:59.999Z", amount=1), won("2026-05-31T22:00:00Z", deal="y", amount=10)]
        got = of(*documents)
        self.assertEqual((got("revenue", "month")[0], got("revenue", "month-1")[0]), (10, 1))
        before = of(*documents, as_of="2026-05-31T22:00:00Z")
        self.assertEqual((before("revenue", "month")[0], before("revenue", "day")[0]), (1, 1))

    def test_clock_change_day_has_25_hours(self):
        got = of(won("2026-10-24T22:00:00Z", amount=1), won("2026-10-25T22:59:59.999Z", deal="y", amount=10),
                 as_of="2026-10-25T23:00:00Z")
        self.assertEqual((got("revenue", "day")[0], got("revenue", "24h")[0]), (11, 10))


class Growth(unittest.TestCase):
    def test_month_to_date_against_the_same_days(self):
        got = of(won("2026-06-10T00:00:00Z", amount=150), won("2026-05-20T11:59:59Z", deal="y", amount=100),
                 won("2026-05-20T12:00:00Z", deal="z", amount=1000))
        self.assertEqual(got("sales_growth", "month"), (0.5, 1))
        self.assertEqual(got.sides("sales_growth", "month"), (50, 100))

    def test_base(self):
        got = of(won("2026-06-10T00:00:00Z", amount=150))
        self.assertEqual((got("sales_growth"), got.reason("sales_growth")), ((None, 1), "base"))
        self.assertEqual(got.sides("sales_growth"), (150, 0))

    def test_complete_counts_the_interval_before(self):
        got = of(won("2026-05-31T22:00:00Z", amount=150)).found
        complete = [got["company", "all", kpi, "month"]["complete"] for kpi in ("revenue", "sales_growth")]
        self.assertEqual(complete, [True, False])


class Closes(unittest.TestCase):
    def test_reopened_deal_takes_its_close_back(self):
        documents = [event("deal.created", "2026-05-01T00:00:00Z"), won(DAY5, amount=10),
                     event("deal.reopened", DAY6)]
        self.assertEqual(of(*documents, as_of=DAY6)("deals_won"), (1, 1))
        got = of(*documents)
        self.assertEqual((got("deals_won"), got("revenue"), got("open_deals")), ((0, 0), (0, 0), (1, 1)))
        self.assertEqual(got.reason("close_rate"), "zero_denominator")

    def test_second_close_replaces_the_first(self):
        got = of(event("deal.created", "2026-06-01T10:00:00Z"), won(DAY5), event("deal.closed", DAY6, outcome="lost"))
        self.assertEqual((got("deals_won"), got("close_rate"), got("open_deals")), ((0, 0), (0, 1), (0, 0)))

    def test_closes_anew(self):
        got = of(event("deal.created", "2026-06-01T10:00:00Z"), won(DAY5), event("deal.reopened", DAY6), won(DAY7))
        self.assertEqual(got("cycle_length_mean"), (6 * 86400, 1))

    def test_reopened_close_did_not_end_a_lead(self):
        got = of(event("lead.created", "2026-06-01T10:00:00Z"), won(DAY5), event("deal.reopened", DAY6), call(DAY7))
        self.assertEqual((got("nurtured_share"), got("lead_conversion_rate")), ((1, 1), (0, 1)))

    def test_nothing_undoes_a_close_beyond_the_reach(self):
        days = {"24h": "2026-06-08T10:00:00", "day": "2026-06-09T10:00:00"}  # DAY5 and 3 d, 4 d
        for name, edge in days.items():
            for kind in ("deal.reopened", "deal.closed"):
                for time, customers in [(edge + "Z", 0), (edge + ".001Z", 1)]:
                    got = of(event("deal.created", "2026-06-01T10:00:00Z"), won(DAY5),
                             event(kind, time, outcome="lost" if kind == "deal.closed" else None), names=["1h", name])
                    self.assertEqual(got("existing_customers", name), (customers, customers))
                    reopened = int(kind == "deal.reopened" and not customers)
                    self.assertEqual(got("open_deals", name), (reopened, reopened))

    def test_the_reach_as_shipped(self):
        for time, customers in [("2023-06-07T10:00:00Z", 0), ("2023-06-07T09:59:59.999Z", 1)]:  # 1,099 d before
            got = of(won(time), event("deal.reopened", "2026-06-10T10:00:00Z"))
            self.assertEqual(got("existing_customers"), (customers, customers))

    def test_a_further_close_beyond_the_reach_counts_beside_the_first(self):
        got = of(event("lead.created", "2026-05-30T10:00:00Z"), event("deal.created", "2026-06-01T10:00:00Z"), call(DAY5),
                 won(DAY6), call(DAY7), won("2026-06-20T10:00:00Z"), names=["24h", "day-19", "day-9"])
        self.assertEqual((got("deals_won", "24h"), got("open_deals", "24h")), ((1, 1), (0, 0)))
        self.assertEqual(got("open_deals", "day-9"), (0, 0))  # between the two
        self.assertEqual(got("touches_to_win", "24h"), (None, 0))  # the deal was not open any more
        self.assertEqual(got.sides("lead_conversion_rate", "24h"), (0, 0))  # and it was not the first
        self.assertEqual(got("close_rate_cohort", "day-19"), (1, 1))  # the first of June: once, though won twice

    def test_a_further_close_needs_a_creation_of_its_own(self):
        first = [event("deal.created", "2023-01-10T10:00:00Z"), won("2023-05-10T10:00:00Z")]
        cycle = "cycle_length_mean"
        self.assertEqual(of(*first, won("2026-06-11T10:00:00Z"))(cycle), (None, 0))
        named = won("2026-06-11T10:00:00Z", created_at="2026-06-11T09:00:00Z")
        self.assertEqual(of(*first, named)(cycle), (3600, 1))
        created = [event("deal.created", f"2026-06-{day}T10:00:00Z") for day in ("09", "10")]
        self.assertEqual(of(*first, *created, named)(cycle), (2 * 86400, 1))
        lost = event("deal.closed", "2023-05-10T10:00:00Z", outcome="lost")  # takes no creation
        self.assertEqual(of(first[0], lost, won("2026-06-11T10:00:00Z"))(cycle), (1248 * 86400, 1))

    def test_same_deal_name_of_another_customer(self):
        self.assertEqual(of(won(DAY5), won(DAY6, customer="other"))("deals_won"), (2, 2))


class Deals(unittest.TestCase):
    def test_ratio_and_rate(self):
        got = of(won(DAY5), won(DAY5, deal="y"))
        self.assertEqual((got("close_rate"), got("win_loss_ratio")), ((1, 2), (None, 2)))
        self.assertEqual((got.reason("win_loss_ratio"), got.sides("win_loss_ratio")), ("zero_denominator", (2, 0)))

    def test_one_third_is_rounded(self):
        lost = [event("deal.closed", DAY5, deal=deal, outcome="lost") for deal in "yz"]
        self.assertEqual(of(won(DAY5), *lost)("close_rate"), (0.333333, 3))

    def test_created_and_closed_in_one_millisecond(self):
        got = of(won(DAY5), event("deal.created", DAY5), event("deal.created", DAY6))
        self.assertEqual((got("cycle_length_mean"), got("cycle_length_median")), ((0, 1), (0, 1)))
        self.assertEqual((got("new_opportunities"), got("open_deals")), ((1, 1), (0, 0)))

    def test_creation_behind_the_close(self):
        got = of(won(DAY5, created_at="2026-06-05T09:59:59.999Z"), event("deal.created", DAY6))
        self.assertEqual((got("cycle_length_mean"), got("new_opportunities")), ((0.001, 1), (1, 1)))
        self.assertEqual((got("open_deals"), got("close_rate_cohort")), ((0, 0), (0, 1)))

    def test_no_creation_no_pair(self):
        got = of(won(DAY5))
        self.assertEqual((got("cycle_length_mean"), got.reason("cycle_length_mean")), ((None, 0), "zero_denominator"))
        self.assertEqual((got("open_deals"), got.reason("open_deals")), ((None, 0), "no_data"))

    def test_age_runs_to_the_end_of_the_window(self):
        got = of(event("deal.created", "2026-06-20T11:00:00Z"), as_of="2026-06-20T11:00:00.001Z")
        self.assertEqual((got("open_deal_age_mean", "1h")[0], got("open_deal_age_mean")[0]), (60, 3600))

    def test_cohort_limit(self):
        start, limit = "2026-01-01T00:00:00Z", "2026-04-01T00:00:00Z"  # 31 + 28 + 31 days
        self.assertEqual(of(event("deal.created", start), won(limit))("close_rate_cohort", "year"), (1, 1))
        late = of(event("deal.created", start), won("2026-04-01T00:00:00.001Z"))
        self.assertEqual(late("close_rate_cohort", "year"), (0, 1))


class Maturing(unittest.TestCase):
    MAY = "2026-05-10T10:00:00Z"
    DOCUMENTS = [call("2026-01-01T00:00:00Z"), event("proposal.sent", MAY), event("proposal.viewed", DAY5),
                 event("deal.created", MAY), event("lead.created", MAY)]

    def said(self, kpi, as_of, window="month-1"):
        got = of(*self.DOCUMENTS, as_of=as_of)
        return got(kpi, window)[0], got.reason(kpi, window), got.complete(kpi, window)

    def test_until_the_limit_has_passed(self):
        # May ends at 22:00 UTC.
        self.assertEqual(self.said("proposal_interest_rate", "2026-06-30T21:59:00Z"), (1, "maturing", False))
        self.assertEqual(self.said("proposal_interest_rate", "2026-06-30T21:59:00.001Z"), (1, None, True))
        for kpi in ("close_rate_cohort", "lead_conversion_cohort"):
            got = of(*self.DOCUMENTS, won(DAY5), as_of="2026-08-29T21:59:00Z")
            self.assertEqual(got.reason(kpi, "year"), "maturing")
            # The second quarter ends on 30 June at 22:00 UTC; 90 d later it is 28 September.
            for at, said in [("21:59:00", "maturing"), ("21:59:00.001", None)]:
                got = of(*self.DOCUMENTS, won(DAY5), as_of=f"2026-09-28T{at}Z")
                self.assertEqual((got(kpi, "quarter-1"), got.reason(kpi, "quarter-1")), ((1, 1), said))
                self.assertEqual(got.complete(kpi, "quarter-1"), said is None)

    def test_present_windows_always_mature(self):
        got = of(*self.DOCUMENTS)
        self.assertEqual((got("proposal_interest_rate", "90d"), got.reason("proposal_interest_rate", "90d"),
                          got.complete("proposal_interest_rate", "90d")), ((1, 1), "maturing", False))
        self.assertEqual((got.reason("new_opportunities", "90d"), got.complete("new_opportunities", "90d")),
                         (None, True))

    def test_another_reason_goes_first(self):
        self.assertEqual(self.said("proposal_interest_rate", DAY6, "24h"), (None, "zero_denominator", False))
        got = of(call("2026-01-01T00:00:00Z"))
        self.assertEqual((got.reason("close_rate_cohort"), got.complete("close_rate_cohort")), ("no_data", False))


class Leads(unittest.TestCase):
    def test_second_lead_while_open_is_ignored(self):
        got = of(event("lead.created", DAY5), event("lead.created", DAY6), event("lead.closed", DAY7),
                 event("lead.created", "2026-06-08T00:00:00Z"), won("2026-06-09T00:00:00Z"))
        self.assertEqual(got.sides("lead_conversion_rate"), (1, 2))
        self.assertEqual(got.sides("lead_conversion_cohort"), (2, 2))

    def test_first_win_ever(self):
        got = of(event("lead.created", DAY5), won("2024-01-01T00:00:00Z", deal="old"), won(DAY6))
        self.assertEqual(got.sides("lead_conversion_rate"), (0, 1))

    def test_nurtured_within_the_window(self):
        got = of(event("lead.created", "2026-05-01T00:00:00Z"), call("2026-06-01T00:00:00Z", outcome="no_answer"))
        self.assertEqual((got("nurtured_share", "30d"), got("nurtured_share", "7d")), ((1, 1), (0, 1)))

    def test_contact_before_the_lead(self):
        # In one millisecond the call comes first, being of an earlier type.
        got = of(event("lead.created", DAY5), call(DAY5))
        self.assertEqual(got("nurtured_share"), (0, 1))

    def test_lead_belongs_to_its_opener(self):
        got = of(event("lead.created", DAY5, rep="a"), call(DAY6, rep="b"))
        self.assertEqual((got("nurtured_share", key=("rep", "a")), got("nurtured_share", key=("rep", "b"))),
                         ((1, 1), (None, 0)))

    def test_nothing_to_sight(self):
        self.assertEqual(of(event("lead.created", DAY5)).reason("nurtured_share"), "no_data")


class Waits(unittest.TestCase):
    ASKED = "2026-06-01T10:00:00Z"

    def ask(self, time=ASKED, **fields):
        return event("email.sent", time, about="product_info", **fields)

    def test_reply_in_the_last_millisecond(self):
        got = of(self.ask(), event("email.received", "2026-06-15T10:00:00Z"))
        self.assertEqual(got("response_time_mean"), (14 * 86400, 1))

    def test_expired(self):
        got = of(self.ask(), event("email.received", "2026-06-15T10:00:00.001Z"))
        self.assertEqual((got("response_time_mean"), got("waiting_customers")), ((None, 0), (0, 0)))

    def test_open_until_just_after_its_limit(self):
        self.assertEqual(of(self.ask(), as_of="2026-06-15T10:00:00Z")("waiting_customers", "1h"), (1, 1))
        self.assertEqual(of(self.ask(), as_of="2026-06-15T10:00:00.001Z")("waiting_customers", "1h"), (0, 0))

    def test_second_request_does_not_count(self):
        got = of(self.ask(), event("proposal.sent", DAY5), event("email.received", DAY6, auto=True),
                 call(DAY7, "inbound", "voicemail"))
        self.assertEqual(got("response_time_mean"), (6 * 86400, 1))

    def test_request_at_the_limit_is_no_new_wait(self):
        got = of(self.ask(), self.ask("2026-06-15T10:00:00Z"), event("email.received", "2026-06-15T10:00:01Z"))
        self.assertEqual(got("response_time_mean"), (None, 0))
        again = of(self.ask(), self.ask("2026-06-15T10:00:00.001Z"), event("email.received", "2026-06-15T10:00:01Z"))
        self.assertEqual(again("response_time_mean"), (0.999, 1))

    def test_reply_in_the_same_millisecond(self):
        got = of(self.ask(), event("email.received", self.ASKED))
        self.assertEqual((got("response_time_mean"), got("waiting_customers")), ((0, 1), (0, 0)))

    def test_rep_of_the_request(self):
        got = of(self.ask(rep="a"), event("email.received", DAY5, rep="b"))
        self.assertEqual([got("response_time_mean", key=("rep", rep))[1] for rep in "ab"], [1, 0])

    def test_first_response(self):
        got = of(event("lead.created", self.ASKED, rep="a"), event("email.received", DAY5), call(DAY6, "inbound"),
                 call(DAY7, rep="b"))
        self.assertEqual(got("first_response_time_mean", key=("rep", "b")), (6 * 86400, 1))

    def test_ignored_lead_opens_no_wait(self):
        got = of(event("lead.created", self.ASKED), call(DAY5), event("lead.created", DAY6), call(DAY7))
        self.assertEqual(got("first_response_time_mean"), (4 * 86400, 1))


class Quantiles(unittest.TestCase):
    def test_buckets(self):
        edges = [low for low, _ in compute.buckets()]
        self.assertEqual(edges[:3] + edges[99:103] + edges[124:128], [0, 1, 2, 99, 100, 102, 104, 148, 150, 153, 156])

    def cycle(self, *durations):
        documents = []
        for place, ms in enumerate(durations):
            documents += [event("deal.created", "2026-06-05T10:00:00Z", deal=str(place)),
                          won(f"2026-06-05T10:00:00.{ms:03d}Z", deal=str(place))]
        got = of(*documents)
        return got("cycle_length_median")[0], got("cycle_length_p90")[0]

    def test_nearest_rank(self):
        self.assertEqual(self.cycle(100), (0.101, 0.101))
        self.assertEqual(self.cycle(1, 2, 101, 155), (0.002, 0.154))
        self.assertEqual(self.cycle(1, 2, 3, 4, 5), (0.003, 0.005))
        self.assertEqual(self.cycle(*range(1, 11)), (0.005, 0.009))


class Rates(unittest.TestCase):
    def test_calls(self):
        outcomes = ["connected", "connected", "no_answer", "declined", "voicemail"]
        got = of(*(call(DAY5, outcome=outcome) for outcome in outcomes), call(DAY6, "inbound"))
        self.assertEqual((got("call_acceptance_rate"), got("calls_made")), ((0.5, 4), (5, 5)))

    def test_replies(self):
        moods = ["positive", "positive", "negative", "neutral", None]
        got = of(*(event("email.received", DAY5, sentiment=mood) for mood in moods),
                 event("email.received", DAY5, sentiment="positive", auto=True))
        self.assertEqual((got("positive_reply_rate"), got("positive_negative_ratio")), ((0.666667, 3), (2, 3)))

    def test_meetings(self):
        got = of(event("meeting.answered", DAY5, answer="accepted"), event("meeting.ended", DAY6, outcome="held"),
                 event("meeting.ended", DAY6, outcome="no_show"))
        self.assertEqual((got("meeting_acceptance_rate"), got("meeting_show_rate"), got("meetings_held")),
                         ((1, 1), (0.5, 2), (1, 1)))

    def test_proposals(self):
        got = of(event("proposal.sent", DAY5), event("proposal.sent", DAY6), event("proposal.viewed", DAY7),
                 event("proposal.sent", DAY5, proposal="y"), event("proposal.viewed", DAY5, proposal="z"))
        self.assertEqual((got("proposals_sent"), got("proposal_interest_rate")), ((3, 3), (0.5, 2)))

    def test_interest_counts_from_the_first_sending(self):
        got = of(event("proposal.sent", "2026-05-01T00:00:00Z"), event("proposal.sent", "2026-06-01T00:00:00Z"),
                 event("proposal.accepted", "2026-05-31T00:00:00.001Z"))
        self.assertEqual(got("proposal_interest_rate", "year"), (0, 1))

    def test_counts_are_zero_once_their_type_was_seen(self):
        got = of(call(DAY5, "inbound"))
        self.assertEqual((got("calls_made"), got.reason("calls_made")), ((0, 0), None))
        self.assertEqual((got("emails_sent"), got.reason("emails_sent")), ((None, 0), "no_data"))
        self.assertEqual(got.sides("emails_sent"), (None, None))


class Costs(unittest.TestCase):
    def test_costs_need_no_customer_and_each_counts(self):
        got = of(cost(DAY5, "selling", "10.5"), cost(DAY5, "selling", "10.5"), cost(DAY6, "selling", 4, customer="c"),
                 cost(DAY6, "marketing", 100), cost("2026-05-01T00:00:00Z", "selling", 1000))
        self.assertEqual((got("selling_cost"), got.sides("selling_cost")), ((25, 3), (25, 1)))

    def test_the_other_category_is_enough_to_be_seen(self):
        got = of(cost(DAY5, "marketing", 100))
        self.assertEqual((got("selling_cost"), got.reason("selling_cost")), ((0, 0), None))
        self.assertEqual(of(call(DAY5)).reason("selling_cost"), "no_data")

    def test_sum_beyond_64_bits(self):
        got = of(*(cost(DAY5, "selling", 10 ** 12) for _ in range(1000)))
        self.assertEqual(got("selling_cost"), (10 ** 15, 1000))

    def test_ratio(self):
        got = of(cost(DAY5, "selling", 50), cost(DAY5, "marketing", 7), won(DAY5, amount=100),
                 won(DAY6, deal="y", amount=100), event("deal.refunded", DAY7, deal="y", amount=50))
        self.assertEqual((got("selling_cost_ratio"), got.sides("selling_cost_ratio")), ((0.333333, 3), (50, 150)))

    def test_ratio_to_nothing_and_to_less(self):
        documents = [cost(DAY5, "selling", 50), won(DAY5, amount=100), event("deal.refunded", DAY6, amount=100)]
        got = of(*documents)
        self.assertEqual((got("selling_cost_ratio"), got.reason("selling_cost_ratio")), ((None, 2), "zero_denominator"))
        self.assertEqual(got.sides("selling_cost_ratio"), (50, 0))
        got = of(*documents, event("deal.refunded", DAY7, amount=25))
        self.assertEqual((got("selling_cost_ratio"), got.sides("selling_cost_ratio")), ((-2, 3), (50, -25)))

    def test_ratio_needs_both(self):
        for documents in [[cost(DAY5, "selling", 50)], [won(DAY5, amount=100)]]:
            got = of(*documents)
            self.assertEqual((got("selling_cost_ratio"), got.reason("selling_cost_ratio")), ((None, 0), "no_data"))
            self.assertEqual(got.sides("selling_cost_ratio"), (None, None))

    def test_per_lead(self):
        leads = [event("lead.created", DAY5, customer=customer) for customer in "abc"]
        got = of(cost(DAY5, "marketing", 100), cost(DAY6, "selling", 7), *leads,
                 event("lead.created", DAY6, customer="a"))
        self.assertEqual((got("cost_per_lead"), got.sides("cost_per_lead")), ((33.333333, 3), (100, 3)))

    def test_per_lead_of_a_rep_without_leads(self):
        got = of(cost(DAY5, "marketing", 100, rep="a"), event("lead.created", DAY5, rep="b"))
        seen = [(got("cost_per_lead", key=("rep", rep)), got.reason("cost_per_lead", key=("rep", rep))) for rep in "ab"]
        self.assertEqual(seen, [((None, 0), "zero_denominator"), ((0, 1), None)])
        self.assertEqual(got.sides("cost_per_lead", key=("rep", "a")), (100, 0))
        self.assertEqual(of(cost(DAY5, "marketing", 100)).reason("cost_per_lead"), "no_data")

    def test_per_conversion(self):
        got = of(cost(DAY5, "marketing", 100), cost(DAY6, "selling", "0.5"), won(DAY5), won(DAY6, deal="y"),
                 won(DAY6, customer="d"), event("deal.closed", DAY6, customer="e", outcome="lost"))
        self.assertEqual((got("cost_per_conversion"), got.sides("cost_per_conversion")), ((50.25, 2), (100.5, 2)))

    def test_per_conversion_with_only_old_customers(self):
        got = of(cost(DAY5, "selling", 9), won("2024-01-01T00:00:00Z", deal="old"), won(DAY6))
        self.assertEqual((got("cost_per_conversion"), got.reason("cost_per_conversion")),
                         ((None, 0), "zero_denominator"))
        self.assertEqual(got.sides("cost_per_conversion"), (9, 0))

    def test_a_cost_gives_its_rep_and_team_figures(self):
        got = of(cost(DAY5, "selling", 9, rep="a"), cost(DAY5, "selling", 1, team="north"))
        self.assertEqual((got.keys("rep"), got.keys("team")), ({"a", "unassigned"}, {"north", "unassigned"}))
        self.assertEqual([got("selling_cost", key=("team", team)) for team in ("north", "unassigned")],
                         [(1, 1), (9, 1)])


class Expansion(unittest.TestCase):
    def test_rates_and_share(self):
        got = of(won(DAY5, amount=30), won(DAY5, deal="u", deal_type="upsell", amount=20),
                 won(DAY5, deal="v", deal_type="upsell", amount="0.5"),
                 won(DAY6, deal="x1", deal_type="cross_sell", amount=4),
                 won(DAY6, deal="r", deal_type="renewal", amount=1000),
                 event("deal.closed", DAY6, deal="l", deal_type="upsell", outcome="lost", amount=99),
                 event("subscription.renewed", DAY7, amount=45.5), event("deal.refunded", DAY7, deal="u", amount=2))
        self.assertEqual((got("upsell_rate"), got("cross_sell_rate")), ((0.4, 5), (0.2, 5)))
        self.assertEqual((got.sides("upsell_rate"), got.sides("cross_sell_rate")), ((2, 5), (1, 5)))
        self.assertEqual(got("expansion_revenue_share"), (0.25, 6))  # a refund of an upsell lessens revenue only
        self.assertEqual(got.sides("expansion_revenue_share"), (24.5, 98))

    def test_reopened_upsell(self):
        got = of(won(DAY5, deal_type="upsell", amount=10), event("deal.reopened", DAY6))
        for kpi in ("upsell_rate", "cross_sell_rate", "expansion_revenue_share"):
            self.assertEqual((got(kpi), got.sides(kpi), got.reason(kpi)), ((None, 0), (0, 0), "zero_denominator"))

    def test_share_needs_a_close(self):
        got = of(event("subscription.renewed", DAY5, amount=10))
        self.assertEqual([got.reason(kpi) for kpi in ("revenue", "expansion_revenue_share", "upsell_rate")],
                         [None, "no_data", "no_data"])


class Accounts(unittest.TestCase):
    def test_one_customer_of_two_reps(self):
        got = of(won(DAY5, rep="a", amount=10), won(DAY5, rep="a", deal="y", amount=5),
                 event("subscription.renewed", DAY6, rep="b", amount=15), won(DAY6, rep="b", customer="d", amount=71))
        kpi = "revenue_per_account"
        self.assertEqual((got(kpi), got.sides(kpi)), ((50.5, 2), (101, 2)))
        self.assertEqual([got.sides(kpi, key=("rep", rep)) for rep in "ab"], [(15, 1), (86, 2)])
        self.assertEqual(got(kpi, key=("team", "unassigned")), (50.5, 2))

    def test_refunds_and_renewal_deals_make_no_account(self):
        got = of(won(DAY5, deal_type="renewal", amount=10), event("deal.refunded", DAY6, customer="d", amount=3))
        self.assertEqual((got("revenue_per_account"), got.sides("revenue_per_account")), ((None, 0), (-3, 0)))
        self.assertEqual(got.reason("revenue_per_account"), "zero_denominator")

    def test_only_within_the_window(self):
        got = of(won("2026-05-21T11:59:59.999Z", customer="d", amount=10), won(DAY5, amount=4))
        self.assertEqual((got("revenue_per_account"), got("revenue_per_account", "90d")), ((4, 1), (7, 2)))

    def test_a_refund_alone_is_not_enough_to_be_seen(self):
        got = of(event("deal.refunded", DAY5, amount=3))
        self.assertEqual((got("revenue"), got.reason("revenue_per_account")), ((-3, 1), "no_data"))


class Customers(unittest.TestCase):
    MAY1, MAY20, JUNE1 = (f"2026-{day}T10:00:00Z" for day in ("05-01", "05-20", "06-01"))
    STOCK, SHARE = "existing_customers", "customer_engagement"

    def started(self, time, subscription="s", **fields):
        return event("subscription.started", time, subscription=subscription, **fields)

    def ended(self, time, subscription="s", **fields):
        return event("subscription.ended", time, subscription=subscription, **fields)

    def test_win_without_subscription_stays(self):
        got = of(won("2020-01-01T00:00:00Z"), won(DAY5, deal="y"), self.ended(DAY6))
        self.assertEqual((got(self.STOCK), got(self.STOCK, "year-1")), ((1, 1), (1, 1)))
        self.assertEqual((got.sides(self.STOCK), got.reason(self.STOCK)), ((1, 1), None))

    def test_last_end_undoes_the_wins_too(self):
        got = of(won(self.MAY1), self.started(self.MAY20), won(self.JUNE1, deal="y"), self.ended(DAY5))
        self.assertEqual((got(self.STOCK), got(self.STOCK, "month-1")), ((0, 0), (1, 1)))

    def test_enters_again(self):
        gone = [self.started(self.MAY1, rep="a"), self.ended(self.MAY20)]
        for entry in (won(DAY5, rep="b"), self.started(DAY5, rep="b"), self.started(DAY5, "other", rep="b")):
            got = of(*gone, entry)
            self.assertEqual([got(self.STOCK, window) for window in ("30d", "month-1")], [(1, 1), (0, 0)])
            self.assertEqual([got(self.STOCK, key=("rep", rep)) for rep in "ab"], [(0, 0), (1, 1)])

    def test_a_win_after_the_end_stays_for_ever_again(self):
        got = of(self.started(self.MAY1), self.ended(self.MAY20), won(self.JUNE1), self.ended(DAY5))
        self.assertEqual(got(self.STOCK), (1, 1))

    def test_two_subscriptions(self):
        documents = [self.started(self.MAY1, rep="a"), self.started(self.MAY20, "t", rep="b"), self.ended(self.JUNE1)]
        got = of(*documents)
        self.assertEqual([got(self.STOCK, key=("rep", rep)) for rep in "ab"], [(1, 1), (0, 0)])
        self.assertEqual(of(*documents, self.ended(DAY5))(self.STOCK), (1, 1))  # s is not held any more
        self.assertEqual(of(*documents, self.ended(DAY5, "t"))(self.STOCK), (0, 0))

    def test_started_twice_is_held_once(self):
        got = of(self.started(self.MAY1), self.started(self.MAY20), self.ended(self.JUNE1))
        self.assertEqual((got(self.STOCK), got("customer_lifetime_mean")), ((0, 0), (31 * 86400, 1)))

    def test_reopened_close_makes_no_customer(self):
        got = of(won(DAY5, rep="a"), event("deal.reopened", DAY6), call(DAY7))
        self.assertEqual((got(self.STOCK), got.sides(self.SHARE), got.reason(self.SHARE)),
                         ((0, 0), (0, 0), "zero_denominator"))
        got = of(won(DAY5, rep="a"), self.started(DAY6, rep="b"), event("deal.reopened", DAY7))
        self.assertEqual([got(self.STOCK, key=("rep", rep)) for rep in "ab"], [(0, 0), (1, 1)])

    def test_same_millisecond(self):
        # A start comes before an end, and a win before both.
        self.assertEqual(of(self.ended(DAY5), self.started(DAY5))(self.STOCK), (0, 0))
        got = of(self.started(self.MAY1), self.ended(DAY5), won(DAY5))
        self.assertEqual((got(self.STOCK), got("deals_won")), ((0, 0), (1, 1)))
        got = of(self.started(self.MAY1), self.ended(DAY5), self.started(DAY5, "t", rep="b"))
        self.assertEqual((got(self.STOCK), got(self.STOCK, key=("rep", "b"))), ((1, 1), (0, 0)))

    def test_just_before_the_end_of_the_window(self):
        got = of(self.started("2026-05-31T21:59:59.999Z"), self.started("2026-05-31T22:00:00Z", customer="d"),
                 self.started(self.MAY1, customer="e"), self.ended("2026-05-31T22:00:00Z", customer="e"),
                 self.started(self.MAY1, customer="f"), self.ended("2026-05-31T21:59:59.999Z", customer="f"))
        self.assertEqual((got(self.STOCK, "month-1"), got(self.STOCK)), ((2, 2), (2, 2)))

    def test_engagement_of_each_type(self):
        engaging = [call(DAY6), call(DAY6, "inbound"), event("email.received", DAY6),
                    event("email.received", DAY6, auto=True), event("meeting.answered", DAY6, answer="accepted"),
                    event("proposal.viewed", DAY6)]
        others = [call(DAY6, outcome="voicemail"), event("meeting.answered", DAY6, answer="declined")]
        for documents, engaged in [(engaging, 1), (others, 0)]:
            for document in documents:
                got = of(won(DAY5), won(DAY5, customer="d"), document)
                self.assertEqual((got(self.SHARE), got.sides(self.SHARE)), ((engaged / 2, 2), (engaged, 2)))

    def test_other_contacts_are_not_enough_to_be_seen(self):
        got = of(won(DAY5), event("email.sent", DAY6), event("meeting.ended", DAY6, outcome="held"))
        self.assertEqual((got(self.SHARE), got.sides(self.SHARE), got.reason(self.SHARE)),
                         ((None, 0), (None, None), "no_data"))
        self.assertEqual(of(call(DAY5)).reason(self.SHARE), "no_data")

    def test_contact_before_the_customer_became_one(self):
        self.assertEqual(of(call(DAY5), won(DAY6))(self.SHARE), (0, 1))
        # In one millisecond a call comes before a win, an accepted meeting between a win and a start.
        self.assertEqual(of(call(DAY5), won(DAY5))(self.SHARE), (0, 1))
        accepted = event("meeting.answered", DAY5, answer="accepted")
        self.assertEqual(of(accepted, won(DAY5))(self.SHARE), (1, 1))
        self.assertEqual(of(accepted, self.started(DAY5))(self.SHARE), (0, 1))

    def test_contact_in_an_earlier_time_as_customer(self):
        got = of(self.started(self.MAY1), call("2026-05-25T10:00:00Z"), self.ended(self.JUNE1), won(DAY5))
        self.assertEqual((got(self.SHARE), got(self.SHARE, "month-1")), ((0, 1), (1, 1)))

    def test_engagement_within_the_window(self):
        got = of(won(self.MAY1, rep="a"), call("2026-05-31T22:00:00Z", rep="b"))
        self.assertEqual([got(self.SHARE, window) for window in ("30d", "month", "month-1", "7d")],
                         [(1, 1), (1, 1), (0, 1), (0, 1)])
        self.assertEqual([got(self.SHARE, key=("rep", rep)) for rep in "ab"], [(1, 1), (None, 0)])

    def test_lifetime(self):
        got = of(self.started(self.MAY1, rep="a"), self.started(self.MAY20, "t"), self.ended(self.JUNE1, rep="b"),
                 self.ended("2026-06-01T10:00:00.001Z", "t", rep="b"), self.started(DAY5, customer="d"),
                 self.ended(DAY6, customer="e"))
        kpi = "customer_lifetime_mean"
        self.assertEqual(got.sides(kpi), (43 * 86400 + 0.001, 2))  # 31 and 12 days
        self.assertEqual((got(kpi), got(kpi, "month-1")), ((1857600.0005, 2), (None, 0)))
        self.assertEqual([got(kpi, key=("rep", rep))[1] for rep in ("b", "unassigned")], [2, 0])

    def test_lifetime_of_a_second_time_and_of_none(self):
        got = of(self.started(self.MAY1), self.ended(self.MAY20), self.started(DAY5), self.ended(DAY5),
                 self.ended(DAY6))
        kpi = "customer_lifetime_mean"
        self.assertEqual((got(kpi), got.sides(kpi, "year")), ((0, 1), (19 * 86400, 2)))
        got = of(self.ended(DAY5))
        self.assertEqual((got(kpi), got.reason(kpi), got.reason(self.STOCK)), ((None, 0), "no_data", "no_data"))
        self.assertEqual(of(self.started(DAY5)).reason(kpi), "zero_denominator")

    def test_keys(self):
        old = "2020-01-01T00:00:00Z"
        got = of(won(old, rep="seller"), self.started(old, customer="d", rep="a"),
                 self.ended(DAY5, customer="d", rep="b"), self.started(old, customer="e", rep="gone"),
                 self.ended("2024-12-31T22:59:59.999Z", customer="e", rep="g"))
        self.assertEqual(got.keys("rep"), {"seller", "a", "b"})  # a's was still one at the end of 2025
        self.assertEqual((got(self.STOCK), got(self.STOCK, "year-1")), ((1, 1), (2, 2)))


class Surveys(unittest.TestCase):
    def test_net_promoters(self):
        got = of(*answers(DAY5, "nps", 10, 9, 9, 8, 7, 6, customer="c"), *answers(DAY5, "enps", 0, 6, 6, 7, 8, 9, 9))
        self.assertEqual((got("nps"), got.sides("nps")), ((33.333333, 6), (200, 6)))
        self.assertEqual((got("enps"), got.sides("enps")), ((-14.285714, 7), (-100, 7)))

    def test_satisfied(self):
        got = of(*answers(DAY5, "csat", 1, 2, 3, 4, 5))
        self.assertEqual((got("csat"), got.sides("csat")), ((0.4, 5), (2, 5)))

    def test_too_few(self):
        got = of(*answers(DAY5, "nps", 9, 9, 9, 0), *answers(DAY5, "enps", 10), *answers(DAY6, "csat", 4, 5, 1, 1))
        self.assertEqual([(got(kpi), got.sides(kpi), got.reason(kpi)) for kpi in ("nps", "enps", "csat")],
                         [((None, 4), (200, 4), "sample"), ((None, 1), (100, 1), "sample"),
                          ((None, 4), (2, 4), "sample")])

    def test_none_is_not_few(self):
        got = of(*answers(DAY5, "csat", *[3] * 5))
        self.assertEqual((got("csat"), got.reason("csat")), ((0, 5), None))
        self.assertEqual((got("nps"), got.sides("nps"), got.reason("nps")), ((None, 0), (0, 0), "zero_denominator"))
        self.assertEqual(of(call(DAY5)).reason("nps"), "no_data")

    def test_by_rep(self):
        got = of(*answers(DAY5, "nps", *[10] * 5, rep="a"), *answers(DAY5, "nps", 0, rep="b"))
        self.assertEqual([got("nps", key=("rep", rep)) for rep in "ab"], [(100, 5), (None, 1)])
        self.assertEqual(got("nps"), (66.666667, 6))


ROSTER = {"teams": [{"id": "north", "name": "N"}, {"id": "south", "name": "S"}],
          "reps": [{"id": "a", "name": "A", "teams": [{"team": "north", "until": "2026-06-06"},
                                                      {"team": "south", "from": "2026-06-06"}]},
                   {"id": "b", "name": "B", "teams": [{"team": "south"}]},
                   {"id": "gone", "name": "G", "teams": [{"team": "north", "until": "2025-06-20"}]},
                   {"id": "new", "name": "N", "teams": [{"team": "north", "from": "2026-06-20"}]},
                   {"id": "hired", "name": "H", "teams": [{"team": "north", "from": "2026-06-21"}]}]}


class Rosters(unittest.TestCase):
    def figures(self, *documents):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(ROSTER, file)
            file.flush()
            return of(*documents, roster=file.name)

    def test_change_of_team_at_local_midnight(self):
        got = self.figures(won("2026-06-05T21:59:59.999Z", rep="a", team="ignored", amount=1),
                           won("2026-06-05T22:00:00Z", rep="a", deal="y", amount=10))
        self.assertEqual([got("revenue", key=("team", team))[0] for team in ("north", "south")], [1, 10])
        self.assertEqual(got("revenue", key=("rep", "a"))[0], 11)

    def test_pairs_take_the_team_at_their_own_event(self):
        got = self.figures(event("proposal.sent", "2026-06-05T10:00:00Z", rep="a"), event("email.received", DAY7))
        self.assertEqual(got("response_time_mean", key=("team", "north")), (2 * 86400, 1))

    def test_own_team_only_without_a_rep(self):
        got = self.figures(call(DAY5, team="guests"), call(DAY5, rep="stranger", team="guests"), call(DAY5))
        self.assertEqual([got("calls_made", key=("team", team))[0] for team in ("guests", "unassigned")], [1, 2])
        self.assertEqual([got("calls_made", key=("rep", rep))[0] for rep in ("stranger", "unassigned")], [1, 2])

    def test_wins_per_rep(self):
        got = self.figures(won(DAY7, rep="a"), won(DAY7, rep="stranger", deal="y"), won(DAY7, deal="z"))
        kpi = "deals_won_per_rep"
        self.assertEqual(got(kpi), (1, 3))  # a, b and new
        self.assertEqual(got(kpi, key=("team", "south")), (0.5, 1))
        self.assertEqual(got(kpi, key=("rep", "stranger")), (1, 1))
        self.assertEqual((got(kpi, key=("team", "unassigned")), got.reason(kpi, key=("team", "unassigned"))),
                         ((None, 2), "zero_denominator"))
        self.assertEqual(got.sides(kpi, "month-1"), (0, 2))
        self.assertEqual(got.sides(kpi, "month-1", key=("team", "north")), (0, 1))

    def test_keys(self):
        got = self.figures(call(DAY5, rep="c"), call("2020-01-01T00:00:00Z", rep="long_ago"),
                           event("deal.created", "2020-01-01T00:00:00Z", rep="has_open_deal"))
        self.assertEqual(got.keys("rep"), {"a", "b", "c", "has_open_deal", "new"})
        self.assertEqual(got.keys("team"), {"north", "south", "unassigned"})


if __name__ == "__main__":
    unittest.main()
