"""The local calendar: days, weeks, months, quarters and years of one zone (figures.md, section 2)."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from instants import HOUR, of_datetime, to_datetime

WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
MONTHS = {"month": 1, "quarter": 3, "year": 12}
DAYS = {"day": 1, "week": 7}
KINDS = [*DAYS, *MONTHS]


class Calendar:
    def __init__(self, zone, week_start="monday", fiscal_start=1):
        self.zone = ZoneInfo(zone)
        self.week_start = WEEKDAYS.index(week_start)
        self.fiscal_start = fiscal_start

    def local(self, ms):
        return to_datetime(ms).astimezone(self.zone)

    def instant(self, day, hour=0, minute=0):
        """The instant of a local time: the first of two, the end of the gap when there is none."""
        wall = datetime.combine(day, time(hour, minute))
        first, second = (of_datetime(wall.replace(tzinfo=self.zone, fold=fold)) for fold in (0, 1))
        # In a gap fold=0 reckons with the offset before it and so lands behind it, fold=1 the other way round.
        return first if first <= second else self.end_of_gap(second, first)

    def end_of_gap(self, before, after):
        old = self.local(before).utcoffset()
        while after - before > 1:
            middle = (before + after) // 2
            if self.local(middle).utcoffset() == old:
                before = middle
            else:
                after = middle
        return after

    def day_of(self, ms):
        """The date whose day contains the instant; a clock set back over midnight does not go back to yesterday."""
        day = self.local(ms).date()
        while self.instant(day + timedelta(1)) <= ms:
            day += timedelta(1)
        return day

    def next_midnight(self, ms):
        """The first local midnight at or after the instant."""
        day = self.day_of(ms)
        start = self.instant(day)
        return start if start == ms else self.instant(day + timedelta(1))

    def first_day(self, kind, day):
        """The first day of the period of this kind that contains the day."""
        if kind == "day":
            return day
        if kind == "week":
            return day - timedelta((day.weekday() - self.week_start) % 7)
        into = (day.month - self.fiscal_start) % MONTHS[kind]
        return add_months(day.replace(day=1), -into)


def previous(kind, first):
    """The first day of the period before the one that begins on `first`."""
    if kind in DAYS:
        return first - timedelta(DAYS[kind])
    return add_months(first, -MONTHS[kind])


def following(kind, first):
    """The first day of the period after the one that begins on `first`."""
    if kind in DAYS:
        return first + timedelta(DAYS[kind])
    return add_months(first, MONTHS[kind])


def add_months(first, months):
    index = first.year * 12 + first.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)
