"""Working time: the hours of the calendar in the roster, and when each rep works (docs/targets.md, section 4)."""

from datetime import date, timedelta
from functools import cache

from instants import HOUR, MINUTE
from periods import WEEKDAYS

USUAL = {"days": WEEKDAYS[:5], "hours": "09:00-17:00", "holidays": []}
WHOLE_DAY = 24 * HOUR


class Workdays:
    def __init__(self, calendar, roster, document=None):
        """document: `calendar` of the roster."""
        document = USUAL | (document or {})
        self.calendar, self.roster = calendar, roster
        self.days = {WEEKDAYS.index(name) for name in document["days"]}
        self.opens, self.closes = map(clock, document["hours"].split("-"))
        self.holidays = [dates(entry) for entry in document["holidays"]]
        self.length = self.closes - self.opens  # of a working day, by the clock
        self.hours = cache(self.hours)
        self.of_all = cache(self.of_all)

    def hours(self, day):
        """The working time of a day as [begin, end), None where nobody works."""
        holiday = any(first <= day < until for first, until in self.holidays)
        if day.weekday() not in self.days or holiday:
            return None
        return self.at(day, self.opens), self.at(day, self.closes)

    def at(self, day, ms):
        if ms == WHOLE_DAY:
            return self.calendar.instant(day + timedelta(1))
        return self.calendar.instant(day, ms // HOUR, ms % HOUR // MINUTE)

    def of_all(self, start, to):
        """The working time in [start, to), with nobody's absences."""
        total = 0
        if start < to:
            day, last = self.calendar.day_of(start), self.calendar.day_of(to - 1)
            while day <= last:
                begin, end = self.hours(day) or (0, 0)
                total += max(0, min(end, to) - max(begin, start))
                day += timedelta(1)
        return total

    def of(self, dimension, key, start, to):
        """The working time of a key in [start, to)."""
        if dimension != "rep" or key not in self.roster.reps:
            return self.of_all(start, to)
        return sum(self.in_membership(key, begins, until, start, to) for begins, until, _ in self.roster.stints(key))

    def in_membership(self, rep, begins, until, start, to):
        pieces = [(max(begins, start), min(until, to))]
        for away, back in self.roster.absences[rep]:
            pieces = [part for begin, end in pieces for part in ((begin, min(end, away)), (max(begin, back), end))
                      if part[0] < part[1]]
        return sum(self.of_all(*piece) for piece in pieces)


def clock(text):
    hours, minutes = map(int, text.split(":"))
    return hours * HOUR + minutes * MINUTE


def dates(entry):
    """A day or a range of days as [first, until)."""
    if isinstance(entry, str):
        first = date.fromisoformat(entry)
        return first, first + timedelta(1)
    return tuple(date.fromisoformat(entry[name]) if name in entry else otherwise
                 for name, otherwise in [("from", date.min), ("until", date.max)])
