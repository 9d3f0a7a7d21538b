"""What must hold for any events: order of arrival and repetition do not matter, and what adds up adds up."""

from collections import defaultdict
from fractions import Fraction
import random
import unittest

from given import Figures, answers, call, cost, event, won

ADDITIVE = {"revenue", "deals_won", "new_opportunities", "open_deals", "waiting_customers", "calls_made",
            "calls_scheduled", "emails_sent", "meetings_held", "proposals_sent", "close_rate", "response_time_mean",
            "first_response_time_mean", "cycle_length_mean", "open_deal_age_mean", "nurtured_share",
            "lead_conversion_rate", "lead_conversion_cohort", "close_rate_cohort", "proposal_interest_rate",
            "selling_cost", "selling_cost_ratio", "upsell_rate", "cross_sell_rate", "expansion_revenue_share",
            "cost_per_lead", "cost_per_conversion", "nps", "enps", "csat", "existing_customers", "customer_engagement",
            "customer_lifetime_mean", "retention_rate", "touches_to_win", "leads_per_50_calls",
            "conversions_per_50_emails", "wins_per_50_proposals"}


def some_events(chance, number=3000):
    made = [lambda **f: call(outcome=chance.choice(["connected", "declined"]), **f),
            lambda **f: call(direction="inbound", **f),
            lambda **f: event("email.sent", about=chance.choice(["product_info", "other"]), **f),
            lambda **f: won(amount=chance.randrange(10 ** 6), deal_type=chance.choice(["new", "upsell", "cross_sell"]),
                            **f),
            lambda **f: cost(category=chance.choice(["selling", "marketing"]), amount=chance.randrange(10 ** 4), **f),
            lambda time, **f: answers(time, chance.choice(["nps", "enps"]), chance.randrange(11), **f)[0],
            lambda time, **f: answers(time, "csat", chance.randrange(1, 6), **f)[0]]
    made += [lambda kind=kind, **f: event(kind, **f) for kind in
             ["email.received", "proposal.sent", "proposal.viewed", "deal.created", "deal.reopened", "lead.created",
              "lead.closed", "call.scheduled"]]
    made += [lambda kind=kind, **f: event(kind, subscription=chance.choice("st"), **f) for kind in
             ["subscription.started", "subscription.ended"]]
    for _ in range(number):
        yield chance.choice(made)(
            time=chance.randrange(1_740_000_000, 1_780_000_000, 50_000) * 1000, customer=str(chance.randrange(40)),
            rep=chance.choice(["a", "b", "c", None]), team=chance.choice(["north", "south", None]))


class Invariants(unittest.TestCase):
    AS_OF = "2026-05-20T10:20:30Z"

    def setUp(self):
        self.chance = random.Random(7)
        self.events = list(some_events(self.chance))

    def test_arrival_does_not_matter(self):
        again = self.events + self.chance.choices(self.events, k=500)
        self.chance.shuffle(again)
        self.assertEqual(Figures(self.events, self.AS_OF).found, Figures(again, self.AS_OF).found)

    def test_later_events_do_not_matter(self):
        past = [e for e in self.events if e["time"] < 1_765_000_000_000]
        as_of = "2025-12-06T05:46:40Z"  # that instant
        self.assertEqual(Figures(self.events, as_of).found, Figures(past, as_of).found)

    def test_company_is_the_sum_of_teams_and_of_reps(self):
        sums = defaultdict(lambda: [0, 0, 0])
        for (dimension, _, kpi, window), line in Figures(self.events, self.AS_OF).found.items():
            if kpi in ADDITIVE and line["reason"] != "no_data":
                sides = [Fraction(str(line[side])) for side in ("numerator", "denominator", "n")]
                held = sums[kpi, window, dimension]
                sums[kpi, window, dimension] = [one + other for one, other in zip(held, sides)]
        for kpi, window, _ in list(sums):
            company, team, rep = (sums[kpi, window, dimension] for dimension in ("company", "team", "rep"))
            self.assertEqual(company[0::2], team[0::2], (kpi, window))
            self.assertEqual(company[0::2], rep[0::2], (kpi, window))


if __name__ == "__main__":
    unittest.main()
