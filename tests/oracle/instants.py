"""Instants are integers: UTC milliseconds since the Unix epoch. Text and local time are turned into them here."""

import re
from datetime import datetime, timedelta, timezone

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
FIRST = -62135596800000  # 0001-01-01, where datetime begins
LAST = 253402300799999  # the last millisecond of 9999

RFC3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def of_datetime(moment):
    return (moment - EPOCH) // timedelta(milliseconds=1)


def to_datetime(ms):
    return EPOCH + timedelta(milliseconds=ms)


def parse(text):
    """The instant of an RFC 3339 text, cut to milliseconds; ValueError when it is none."""
    found = RFC3339.fullmatch(text)
    if not found:
        raise ValueError(f"not RFC 3339: {text!r}")
    *clock, fraction, zone = found.groups()
    at = of_datetime(datetime(*map(int, clock), tzinfo=timezone.utc))
    at += int(((fraction or "") + "000")[:3]) - offset(zone)
    return in_range(at)


def offset(zone):
    if zone in "Zz":
        return 0
    hours, minutes = int(zone[1:3]), int(zone[4:6])
    if hours > 23 or minutes > 59:
        raise ValueError(f"not an offset: {zone}")
    ms = hours * HOUR + minutes * MINUTE
    return -ms if zone[0] == "-" else ms


def in_range(ms):
    if not FIRST <= ms <= LAST:
        raise ValueError(f"out of range: {ms}")
    return ms


def read(value):
    """An instant as events carry it: RFC 3339 text or whole epoch milliseconds."""
    if isinstance(value, str):
        return parse(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return in_range(value)
    raise ValueError(f"not a time: {value!r}")


def show(ms):
    moment = to_datetime(ms)
    text = f"{moment.year:04d}-" + moment.strftime("%m-%dT%H:%M:%S")
    return text + (f".{ms % 1000:03d}Z" if ms % 1000 else "Z")


def length(text):
    """A length such as 7d, 5m or 90s, in milliseconds."""
    found = re.fullmatch(r"(\d+)(ms|s|m|h|d)", text, re.ASCII)
    if not found:
        raise ValueError(f"not a length of time: {text!r}")
    unit = {"ms": 1, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}[found[2]]
    return int(found[1]) * unit


def round_up(ms, step):
    return -(-ms // step) * step
