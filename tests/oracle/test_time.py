"""Windows and prev against instants reckoned by hand (docs/figures.md, section 2)."""

from datetime import date
from fractions import Fraction
import unittest

from instants import DAY, parse, show
from periods import Calendar
import windows

BERLIN = Calendar("Europe/Berlin")


def window(name, as_of, calendar=BERLIN):
    end = windows.end_of(parse(as_of), windows.SHIPPED, calendar)
    return [show(at)[:16] for at in windows.make(name, end, calendar)[1:]]


class Reach(unittest.TestCase):
    def test_in_days(self):
        reaches = {"1h": Fraction(26, 24), "24h": 3, "7d": 15, "90d": 181, "365d": 731, "day": 4, "day-1": 4, "week": 22,
                   "month-1": 94, "quarter": 277, "year-1": 1099}
        for name, days in reaches.items():
            self.assertEqual(windows.reach([name]), days * DAY, name)
        self.assertEqual(windows.reach(["1h", "week", "7d"]), 22 * DAY)
        self.assertEqual(windows.reach(windows.SHIPPED), 1099 * DAY)


class Instants(unittest.TestCase):
    def test_texts(self):
        self.assertEqual(parse("1970-01-01T00:00:01.2349Z"), 1234)
        self.assertEqual(parse("1970-01-01T01:00:00+01:00"), 0)
        self.assertEqual(parse("1969-12-31t23:59:59.9999z"), -1)
        for text in ("1970-01-01T00:00:00", "1970-01-01", "1970-02-30T00:00:00Z", "1970-01-01T00:00:00+24:00"):
            self.assertRaises(ValueError, parse, text)

    def test_shown_with_milliseconds_only_if_any(self):
        self.assertEqual(show(0), "1970-01-01T00:00:00Z")
        self.assertEqual(show(-1), "1969-12-31T23:59:59.999Z")

    def test_local_time_that_does_not_exist_or_exists_twice(self):
        self.assertEqual(show(BERLIN.instant(date(2026, 3, 29), 2)), "2026-03-29T01:00:00Z")
        self.assertEqual(show(BERLIN.instant(date(2026, 10, 25), 2)), "2026-10-25T00:00:00Z")

    def test_midnight_that_does_not_exist(self):
        beirut = Calendar("Asia/Beirut")  # 2022-03-27 begins at 01:00
        self.assertEqual(show(beirut.instant(date(2022, 3, 27))), "2022-03-26T22:00:00Z")
        self.assertEqual(beirut.next_midnight(parse("2022-03-26T21:59:59Z")), parse("2022-03-26T22:00:00Z"))


class Windows(unittest.TestCase):
    def test_rolling(self):
        as_of = "2026-11-23T21:00:00.001Z"
        self.assertEqual(window("1h", as_of)[:2], ["2026-11-23T20:01", "2026-11-23T21:01"])
        self.assertEqual(window("24h", as_of)[:2], ["2026-11-22T21:05", "2026-11-23T21:05"])
        self.assertEqual(window("7d", as_of)[:2], ["2026-11-16T22:00", "2026-11-23T22:00"])
        self.assertEqual(window("90d", as_of),
                         ["2026-08-26T00:00", "2026-11-24T00:00", "2026-05-28T00:00", "2026-08-26T00:00"])

    def test_rolling_at_a_step_stays(self):
        self.assertEqual(window("7d", "2026-11-23T21:00:00Z")[1], "2026-11-23T21:00")

    def test_365d_by_local_days(self):
        days = ["2025-11-23T23:00", "2026-11-23T23:00", "2024-11-23T23:00", "2025-11-23T23:00"]
        self.assertEqual(window("365d", "2026-11-23T21:00:00Z"), days)
        self.assertEqual(window("365d", "2026-11-23T23:00:00Z"), days)
        # Over a leap day and a change of the clock: 365 days before 2024-04-01 is 2023-04-02.
        self.assertEqual(window("365d", "2024-03-31T00:00:00Z")[:2], ["2023-04-01T22:00", "2024-03-31T22:00"])

    def test_midnight_belongs_to_the_day_before(self):
        self.assertEqual(window("day", "2026-11-23T23:00:00Z")[:2], ["2026-11-22T23:00", "2026-11-23T23:00"])
        self.assertEqual(window("day", "2026-11-23T23:00:00.001Z")[:2], ["2026-11-23T23:00", "2026-11-23T23:05"])

    def test_day_of_a_clock_change(self):
        self.assertEqual(window("day", "2026-03-29T10:00:00Z"),
                         ["2026-03-28T23:00", "2026-03-29T10:00", "2026-03-27T23:00", "2026-03-28T11:00"])
        self.assertEqual(window("day", "2026-10-25T23:00:00Z"),
                         ["2026-10-24T22:00", "2026-10-25T23:00", "2026-10-23T22:00", "2026-10-24T22:00"])

    def test_periods_to_date(self):
        as_of = "2026-11-23T20:50:00Z"  # Monday, 21:50 in Berlin; to is 22:00
        self.assertEqual(window("week", as_of),
                         ["2026-11-22T23:00", "2026-11-23T21:00", "2026-11-15T23:00", "2026-11-16T21:00"])
        self.assertEqual(window("month", as_of),
                         ["2026-10-31T23:00", "2026-11-23T21:00", "2026-09-30T22:00", "2026-10-23T20:00"])
        self.assertEqual(window("quarter", as_of),
                         ["2026-09-30T22:00", "2026-11-23T21:00", "2026-06-30T22:00", "2026-08-23T20:00"])
        self.assertEqual(window("year", as_of),
                         ["2025-12-31T23:00", "2026-11-23T21:00", "2024-12-31T23:00", "2025-11-23T21:00"])

    def test_prev_drops_the_minutes(self):
        self.assertEqual(window("month", "2026-11-23T20:31:00Z")[1::2], ["2026-11-23T20:45", "2026-10-23T19:00"])

    def test_prev_does_not_pass_the_start(self):
        self.assertEqual(window("month", "2026-03-31T10:00:00Z")[2:], ["2026-01-31T23:00", "2026-02-28T23:00"])

    def test_prev_ends_in_a_clock_change(self):
        self.assertEqual(window("month", "2026-04-29T00:10:00Z")[3], "2026-03-29T01:00")
        self.assertEqual(window("month", "2026-11-25T01:10:00Z")[3], "2026-10-25T00:00")

    def test_end_of_a_month(self):
        at_the_end = window("month", "2026-02-28T23:00:00Z")
        self.assertEqual(at_the_end, ["2026-01-31T23:00", "2026-02-28T23:00", "2025-12-31T23:00", "2026-01-28T23:00"])
        self.assertEqual(window("month", "2026-02-28T23:00:00.001Z")[:2], ["2026-02-28T23:00", "2026-02-28T23:15"])

    def test_previous_whole_periods(self):
        as_of = "2026-04-15T00:00:00Z"
        self.assertEqual(window("month-1", as_of), ["2026-02-28T23:00", "2026-03-31T22:00",
                                                    "2026-01-31T23:00", "2026-02-28T23:00"])
        self.assertEqual(window("quarter-1", as_of)[::2], ["2025-12-31T23:00", "2025-09-30T22:00"])
        self.assertEqual(window("year-1", as_of), ["2024-12-31T23:00", "2025-12-31T23:00",
                                                   "2023-12-31T23:00", "2024-12-31T23:00"])
        self.assertEqual(window("week-1", as_of)[:2], ["2026-04-05T22:00", "2026-04-12T22:00"])
        self.assertEqual(window("day-1", as_of)[:2], ["2026-04-13T22:00", "2026-04-14T22:00"])

    def test_fiscal_year_and_week_start(self):
        calendar = Calendar("Europe/Berlin", "sunday", 4)
        as_of = "2026-02-10T12:00:00Z"  # a Tuesday
        self.assertEqual(window("week", as_of, calendar)[0], "2026-02-07T23:00")
        self.assertEqual(window("quarter", as_of, calendar)[0], "2025-12-31T23:00")
        self.assertEqual(window("year", as_of, calendar)[0], "2025-03-31T22:00")
        self.assertEqual(window("year-1", as_of, calendar)[:2], ["2024-03-31T22:00", "2025-03-31T22:00"])

    def test_smallest_step_of_the_configured_windows(self):
        end = windows.end_of(parse("2026-11-23T21:00:01Z"), ["7d", "90d"], BERLIN)
        self.assertEqual(show(end), "2026-11-23T22:00:00Z")
        end = windows.end_of(parse("2026-11-23T21:00:01Z"), ["365d"], BERLIN)
        self.assertEqual(show(end), "2026-11-23T23:00:00Z")


if __name__ == "__main__":
    unittest.main()
