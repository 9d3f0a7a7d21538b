"""The windows of a computation: where each begins and ends, and the interval that prev() looks at."""

from datetime import timedelta
from typing import NamedTuple

from instants import DAY, HOUR, MINUTE, round_up
from periods import KINDS, previous

ROLLING = {  # name: length, step
    "1h": (HOUR, MINUTE),
    "24h": (24 * HOUR, 5 * MINUTE),
    "7d": (168 * HOUR, HOUR),
    "30d": (720 * HOUR, HOUR),
    "90d": (2160 * HOUR, 6 * HOUR),
}
YEAR_OF_DAYS = 365
REACH_OF_PERIODS = {"day": 4, "week": 22, "month": 94, "quarter": 277, "year": 1099}  # days
SHIPPED = ["1h", "24h", "7d", "30d", "90d", "365d", "day", "week", "month", "quarter", "year",
           "month-1", "quarter-1", "year-1"]


class Window(NamedTuple):
    name: str
    start: int
    to: int
    prev_start: int
    prev_to: int


def step(name):
    """The step of a window in milliseconds; a local day counts as 24 hours, which is enough to find the smallest."""
    if name in ROLLING:
        return ROLLING[name][1]
    if name == "365d":
        return DAY
    if kind_of(name)[0] not in KINDS:
        raise ValueError(f"unknown window: {name}")
    return 5 * MINUTE if name.startswith("day") else 15 * MINUTE


def kind_of(name):
    """(the unit of the calendar, how many whole periods ago): quarter is (quarter, 0), quarter-2 (quarter, 2)."""
    kind, _, back = name.partition("-")
    return kind, int(back or 0)


def reach(names):
    """For how long after a close what follows may undo it: as long as a window looks back with the one before it."""
    return max(map(reach_of, names))


def reach_of(name):
    kind, _ = kind_of(name)
    if kind in REACH_OF_PERIODS:
        return REACH_OF_PERIODS[kind] * DAY
    length = ROLLING[name][0] if name in ROLLING else YEAR_OF_DAYS * DAY
    return 2 * length + DAY


def end_of(as_of, names, calendar):
    smallest = min(map(step, names))
    return calendar.next_midnight(as_of) if smallest == DAY else round_up(as_of, smallest)


def make(name, end, calendar):
    if name in ROLLING:
        return rolling(name, end)
    if name == "365d":
        return rolling_days(name, end, calendar)
    if kind_of(name)[1]:
        return whole_period(name, end, calendar)
    return to_date(name, end, calendar)


def rolling(name, end):
    length, every = ROLLING[name]
    to = round_up(end, every)
    return Window(name, to - length, to, to - 2 * length, to - length)


def rolling_days(name, end, calendar):
    to = calendar.next_midnight(end)
    day = calendar.day_of(to)
    start, before = (calendar.instant(day - timedelta(n * YEAR_OF_DAYS)) for n in (1, 2))
    return Window(name, start, to, before, start)


def whole_period(name, end, calendar):
    kind, back = kind_of(name)
    current = calendar.first_day(kind, calendar.day_of(end - 1))
    for _ in range(back - 1):
        current = previous(kind, current)
    last = previous(kind, current)
    to, start, before = map(calendar.instant, (current, last, previous(kind, last)))
    return Window(name, start, to, before, start)


def to_date(kind, end, calendar):
    first = calendar.first_day(kind, calendar.day_of(end - 1))
    start, to = calendar.instant(first), round_up(end, step(kind))
    last = previous(kind, first)
    wall = calendar.local(to)
    prev_to = calendar.instant(last + (wall.date() - first), wall.hour)
    return Window(kind, start, to, calendar.instant(last), min(prev_to, start))
