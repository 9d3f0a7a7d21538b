"""Which records count (docs/figures.md, section 1), and the comparison of two outputs."""

import json
import unittest

from compare import compare
import decode
from given import call, event, take, won
from intake import Ambiguous
from instants import parse

AT = "2026-06-05T10:00:00Z"


def reason(document):
    line = document if isinstance(document, bytes) else json.dumps(document).encode()
    try:
        decode.decode(line, "EUR")
    except decode.Refused as refusal:
        return str(refusal)
    return None


class Decoding(unittest.TestCase):
    def test_lines_that_are_no_json(self):
        good = json.dumps(call(AT)).encode()
        self.assertIsNone(reason(good))
        bad = [good + b"x", good[:-1], b"[]", b"\xff", good.replace(b'"c"', b"NaN"), good.replace(b'"c"', b'"\\ud800"')]
        self.assertEqual({reason(line) for line in bad}, {"bad_json"})
        self.assertEqual(reason(good[:-1] + b" " * (1 << 20) + b"}"), "too_long")
        self.assertIsNone(reason(good[:-1] + b" " * ((1 << 20) - len(good)) + b"}"))

    def test_depth(self):
        self.assertIsNone(reason(call(AT) | {"deep": json.loads("[" * 63 + "]" * 63)}))
        self.assertEqual(reason(call(AT) | {"deep": json.loads("[" * 64 + "]" * 64)}), "too_deep")

    def test_required_fields(self):
        self.assertEqual(reason(call(AT, customer="")), "missing_field")
        self.assertEqual(reason(call(AT, outcome=None)), "missing_field")
        self.assertEqual(reason(event("deal.closed", AT)), "missing_field")
        self.assertIsNone(reason(event("price.set", AT, customer=None, product="p", amount=1)))
        self.assertEqual(reason(event("cost.recorded", AT, amount=1)), "missing_field")
        self.assertEqual(reason(event("meeting.cancelled", AT)), "unknown_type")
        self.assertEqual(reason(call("2026-06-05")), "bad_time")

    def test_values(self):
        self.assertEqual(reason(call(AT, outcome="won")), "bad_value")
        self.assertEqual(reason(won(AT, currency="USD")), "unknown_currency")
        self.assertEqual(reason(won(AT, created_at="2026-06-05T10:00:00.001Z")), "negative_cycle")
        self.assertIsNone(reason(won(AT, created_at=AT)))
        self.assertEqual(reason(call(AT, id="x" * 257)), "bad_id")
        self.assertEqual(reason(event("survey.answered", AT, survey="csat", score=0)), "out_of_range")

    def test_amounts(self):
        amounts = {"12.34565": 123456, "0.00015": 2, "1e3": 10 ** 7, 0: 0, 10 ** 12: 10 ** 16}
        for given, held in amounts.items():
            self.assertEqual(decode.amount(given), held)
        for given in (-1, "-0.1", 10 ** 12 + 1, "", "1,5", " 1", "0x1", "+1", True, [], "1e999999999"):
            self.assertRaises(decode.Refused, decode.amount, given)

    def test_cloud_event(self):
        flat = call(AT, rep="a")
        head = {name: flat.pop(name) for name in ("id", "type", "time")}
        _, found = decode.decode(json.dumps({"specversion": "1.0", **head, "data": flat}).encode(), "EUR")
        self.assertEqual((found["rep"], found["customer"], found["time"]), ("a", "c", parse(AT)))


class Records(unittest.TestCase):
    def test_duplicates_and_conflicts(self):
        one = call(AT, id="x", source="s")
        earlier = one | {"time": "2026-06-05T09:00:00Z"}
        intake = take([one, one, earlier, one | {"customer": "d"}, one | {"source": "t"}])
        self.assertEqual((intake.counts["duplicate"], intake.counts["conflict"], len(intake.events)), (1, 1, 3))
        self.assertEqual(intake.in_order()[0]["time"], parse("2026-06-05T09:00:00Z"))

    def test_how_far_apart_one_id_is_two_events(self):
        first = call(AT, id="x")
        edge, beyond = "2026-06-12T10:00:00Z", "2026-06-12T10:00:00.001Z"  # the first, and 7 d
        for other, conflicts in [(first | {"time": edge}, 1), (first | {"time": beyond}, 0)]:
            for documents in [first, other], [other, first]:
                intake = take(documents)
                self.assertEqual((intake.counts["conflict"], len(intake.events)), (conflicts, 2 - conflicts))
                self.assertEqual(intake.in_order()[0]["time"], parse(AT))

    def test_one_place_in_the_order(self):
        first = call(AT, id="x", rep="a")
        with self.assertRaises(Ambiguous):
            take([first, first | {"rep": "b"}])

    def test_how_far_apart_goes_by_when_the_second_arrived(self):
        first = call(AT, id="x") | {"received_at": "2026-06-11T10:00:00Z"}
        other = first | {"time": "2026-06-06T10:00:00Z"}
        refused = other | {"received_at": "2026-06-12T10:00:00Z"}
        counted = other | {"received_at": "2026-06-12T10:00:00.001Z"}
        for documents, events in [([first, refused], 1), ([first, counted], 2), ([counted, first], 2),
                                  ([first, refused, counted], 2), ([first, counted, counted], 2)]:
            intake = take(documents, as_arrived=True)
            self.assertEqual((len(intake.events), intake.counts["conflict"]), (events, 2 - events))

    def test_late_and_future(self):
        def arrived(at, **more):
            return call(AT) | {"received_at": at, **more}
        documents = [arrived("2026-06-12T10:00:00Z"), arrived("2026-06-12T10:00:00.001Z"),
                     arrived("2026-06-05T09:55:00Z"), arrived(parse("2026-06-05T09:54:59.999Z")),
                     arrived(AT, wrong_partition=True), call(AT)]
        counts = take(documents, as_arrived=True).counts
        self.assertEqual((counts["late"], counts["future"], counts["wrong_partition"]), (1, 1, 1))
        self.assertEqual(len(take(documents).events), 6)

    def test_order_within_a_millisecond(self):
        documents = [call(AT, id="b"), call(AT, id="a", source="z"), call(AT, id="a"),
                     event("call.scheduled", AT, id="z"), event("email.sent", AT, id="0")]
        self.assertEqual([e["id"] + e.get("source", "") for e in take(documents).in_order()],
                         ["z", "a", "b", "az", "0"])


class Comparing(unittest.TestCase):
    LINE = ('{"dimension":"rep","key":"a","kpi":"revenue","window":"1h","value":%s,"numerator":1,"denominator":1,'
            '"n":1,"from":"x","to":"y","complete":true,"reason":null}')

    def test_numbers_by_value(self):
        self.assertEqual(compare([self.LINE % "0.5"], [self.LINE % "0.50"]), [])
        self.assertEqual(len(compare([self.LINE % "0.5"], [self.LINE % "0.500001"])), 1)
        self.assertEqual(len(compare([self.LINE % "1"], [self.LINE % "true"])), 1)
        self.assertEqual(len(compare([self.LINE % "0"], [self.LINE % "null"])), 1)

    def test_lines_on_one_side_and_twice(self):
        line = self.LINE % "1"
        self.assertEqual([len(compare([line], [])), len(compare([], [line])), len(compare([line], [line, line]))],
                         [1, 1, 1])


if __name__ == "__main__":
    unittest.main()
