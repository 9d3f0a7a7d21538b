"""Retracted events, split credit and currencies, reckoned by hand."""

import unittest

from given import Figures, call, cost, event, take, won
from periods import Calendar
from rates import Rates

AS_OF = "2026-06-20T12:00:00Z"
DAY5, DAY6, DAY7 = (f"2026-06-0{day}T10:00:00Z" for day in (5, 6, 7))


def of(*documents, as_of=AS_OF, **options):
    return Figures(documents, as_of, **options)


def retracted(time, retracts, **fields):
    return event("event.retracted", time, retracts=retracts, **fields)


class Retracted(unittest.TestCase):
    def test_as_if_it_had_never_happened(self):
        documents = [call(DAY5, id="a", rep="a"), call(DAY5, id="b"), retracted(DAY6, "a")]
        got = of(*documents)
        self.assertEqual((got("calls_made"), got.keys("rep")), ((1, 1), {"a", "unassigned"}))
        self.assertEqual(of(*documents, as_of=DAY6)("calls_made"), (2, 2))
        self.assertEqual(of(call(DAY5, id="a"), retracted(DAY6, "a"))("calls_made"), (0, 0))  # its type was seen

    def test_same_source_and_customer_and_time(self):
        for other in [retracted(DAY6, "a", source="s"), retracted(DAY6, "a", customer="d"),
                      retracted(DAY6, "a", customer=None), retracted("2026-06-05T09:59:59.999Z", "a"),
                      retracted("2026-06-12T10:00:00.001Z", "a")]:
            self.assertEqual(of(call(DAY5, id="a"), other)("calls_made"), (1, 1))
        self.assertEqual(of(call(DAY5, id="a"), retracted("2026-06-12T10:00:00Z", "a"))("calls_made"), (0, 0))

    def test_no_retraction_of_a_retraction(self):
        got = of(call(DAY5, id="a"), retracted(DAY6, "a", id="r"), retracted(DAY7, "r"))
        self.assertEqual(got("calls_made"), (0, 0))

    def test_of_two_events_of_one_id_all_that_are_before_it_and_within_reach(self):
        two = [call("2026-06-01T10:00:00Z", id="a", rep="a") | {"received_at": "2026-06-01T10:00:00Z"},
               call("2026-06-03T10:00:00Z", id="a", rep="b") | {"received_at": "2026-06-08T10:00:00.001Z"}]
        for time, arrived, left in [
                ("2026-06-02T10:00:00Z", "2026-06-02T10:00:00Z", {"b"}),
                ("2026-06-04T10:00:00Z", "2026-06-08T10:00:00Z", set()),  # 7 d after the first
                ("2026-06-04T10:00:00Z", "2026-06-08T10:00:00.001Z", {"a"}),
                ("2026-06-04T10:00:00Z", "2026-06-10T10:00:00Z", {"a"}),  # 7 d after the second
                ("2026-06-04T10:00:00Z", "2026-06-10T10:00:00.001Z", {"a", "b"})]:
            got = of(*two, retracted(time, "a") | {"received_at": arrived}, as_arrived=True)
            self.assertEqual({rep for rep in "ab" if got("calls_made", key=("rep", rep)) == (1, 1)}, left)

    def test_two_retractions_of_two_events_of_one_id(self):
        two = [call("2026-06-01T10:00:00Z", id="a"), call("2026-06-10T10:00:00Z", id="a")]
        first, second = retracted("2026-06-05T10:00:00Z", "a"), retracted("2026-06-12T10:00:00Z", "a")
        self.assertEqual(of(*two, second)("calls_made"), (1, 1))  # the first is more than 7 d before it
        self.assertEqual(of(*two, second, first)("calls_made"), (0, 0))

    def test_without_a_customer_one_event_only_of_one_target(self):
        costs = [cost(DAY5, "selling", 5, id="a"), cost(DAY5, "selling", 7, id="b")]
        again = [retracted(DAY6, retracts, customer=None, id="r") for retracts in "ab"]
        self.assertEqual(of(*costs, *again)("selling_cost"), (0, 0))
        named = [retracted(DAY6, "a", customer=None, product="p"), retracted(DAY6, "b", customer=None)]
        self.assertEqual(of(*costs, *named)("selling_cost"), (5, 1))  # where a product is named its prices are meant

    def test_close_in_force_again(self):
        got = of(won(DAY5, amount=5), event("deal.reopened", DAY6, id="r"), retracted(DAY7, "r"))
        self.assertEqual(got("revenue"), (5, 1))

    def test_price(self):
        price = event("price.set", DAY5, customer=None, product="p", amount=1, id="a")
        for fields, keys in [({"product": "p"}, set()), ({"product": "q"}, {"p"}), ({}, {"p"})]:
            self.assertEqual(of(price, retracted(DAY6, "a", customer=None, **fields)).keys("product"), keys)


class Credits(unittest.TestCase):
    def test_split(self):
        shares = [{"rep": "a", "share": 3333}, {"rep": "b", "share": 3333}, {"rep": "c", "share": 3334}]
        got = of(won(DAY5, rep="z", amount="0.0010", credits=shares))
        self.assertEqual([got("revenue", key=("rep", rep)) for rep in "abc"], [(0.0003, 1), (0.0004, 1), (0.0003, 1)])
        self.assertEqual((got("revenue"), got("revenue", key=("team", "unassigned"))), ((0.001, 1), (0.001, 1)))
        self.assertEqual([got("deals_won", key=("rep", rep)) for rep in "abc"], [(1, 1)] * 3)
        self.assertEqual((got("deals_won", key=("team", "unassigned")), got.keys("rep")), ((1, 1), set("abc")))

    def test_refused(self):
        def counts(credits):
            return dict(take([won(DAY5, credits=credits)]).counts)
        whole = {"rep": "a", "share": 10000}
        self.assertEqual(counts([whole]), {"lines": 1})
        for bad in [[], [whole, whole], [whole | {"share": 9999}], [whole | {"rep": ""}], [whole | {"more": 1}], {},
                    [{"rep": "a", "share": 5000}] * 2, [{"rep": "a", "share": 0}, {"rep": "b", "share": 10000}]]:
            self.assertEqual(counts(bad), {"lines": 1, "bad_value": 1})


class Currencies(unittest.TestCase):
    RATES = Rates(Calendar("Europe/Berlin"), {"USD": [{"from": "2026-06-06", "rate": "0.5"},
                                                      {"from": "2026-06-01", "rate": "0.85"}]})

    def amount(self, time, amount, currency="USD"):
        intake = take([won(time, amount=amount, currency=currency)], rates=self.RATES)
        return [e["amount"] for e in intake.in_order()] or next(r for r in intake.counts if r != "lines")

    def test_rate_of_the_local_date(self):
        self.assertEqual(self.amount("2026-06-05T21:59:59.999Z", "2"), [17000])
        self.assertEqual(self.amount("2026-06-05T22:00:00Z", "2"), [10000])
        self.assertEqual(self.amount("2026-05-31T21:59:59.999Z", "2"), "unknown_currency")
        self.assertEqual(self.amount(DAY7, 2, "GBP"), "unknown_currency")

    def test_rounded_once(self):
        self.assertEqual(self.amount(DAY7, "0.00030"), [2])  # 0.00015 goes to the even 0.0002
        self.assertEqual(self.amount(DAY7, "0.00015"), [1])  # not 0.0002 first

    def test_bounds_are_for_what_was_converted(self):
        self.assertEqual(self.amount(DAY7, 2 * 10 ** 12), [10 ** 16])
        self.assertEqual(self.amount(DAY7, 2 * 10 ** 12 + 1), "bad_amount")
        self.assertEqual(self.amount(DAY7, "1." + "1" * 20), "bad_value")


if __name__ == "__main__":
    unittest.main()
