"""A file of lines -> the events that count, each once, in the order of events."""

from collections import Counter, defaultdict
from typing import NamedTuple

import decode
from decode import RANK, Refused


class Ambiguous(Exception):
    """What is asked for is defined by something that this oracle does not compute."""


class Intake:
    """What is accepted does not depend on the time of the computation; that only hides what lies at or after it."""

    def __init__(self, currency, as_arrived, allowed_lateness, max_future, rates=None):
        self.currency = currency
        self.as_arrived = as_arrived
        self.allowed_lateness = allowed_lateness
        self.max_future = max_future
        self.rates = rates
        self.versions = {}  # by whose it is, source and id: a Version for each content
        self.events = []  # (key, event, when it arrived) of those that count
        self.counts = Counter()

    def read(self, lines):
        for line in lines:
            if line.strip():
                self.counts["lines"] += 1
                self.take(line.rstrip(b"\n"))
        self.settle()

    def take(self, line):
        try:
            document, event = decode.decode(line, self.currency, self.rates)
            if self.as_arrived:
                self.check_arrival(document, event)
        except Refused as refusal:
            self.counts[str(refusal)] += 1
        else:
            self.keep(event, self.arrival(document, event))

    def check_arrival(self, document, event):
        if document.get("wrong_partition") is True:
            raise Refused("wrong_partition")
        arrived = self.arrival(document, event)
        if arrived - event["time"] > self.allowed_lateness:
            raise Refused("late")
        if event["time"] - arrived > self.max_future:
            raise Refused("future")

    def arrival(self, document, event):
        received = document.get("received_at") if self.as_arrived else None
        return event["time"] if received is None else decode.time(received)

    def keep(self, event, arrived):
        versions = self.versions.setdefault(identity(event), [])
        for version in versions:
            if version.event == event:
                version.arrivals.append(arrived)
                self.counts["duplicate"] += 1
                return
        versions.append(Version(event, [arrived]))

    def settle(self):
        """Which events count, now that all lines are read."""
        self.events = [(key, *kept) for key, versions in self.versions.items() for kept in self.kept(versions)]
        conflicts = sum(map(len, self.versions.values())) - len(self.events)
        if conflicts:
            self.counts["conflict"] = conflicts

    def kept(self, versions):
        """(event, when it arrived) of each content of one id that is an event of its own: the first in order, and
        whatever arrived too long after those before it."""
        limit, before = None, None
        for event, arrivals in sorted(versions, key=lambda version: order(version.event)):
            if order(event) == before:
                raise Ambiguous(f"two contents of {event['id']} at one place in the order: a checksum decides, which is not computed here")
            before = order(event)
            counting = [arrived for arrived in arrivals if limit is None or arrived > limit]
            if counting:
                limit = event["time"] + self.allowed_lateness
                yield event, min(counting)

    def in_order(self):
        gone = self.taken_back()
        events = [event | {"gone": gone[place]} if place in gone else event
                  for place, (_, event, _) in enumerate(self.events)]
        return sorted(events, key=order)

    def taken_back(self):
        """{place in self.events: the time of the first retraction that takes it back}"""
        places = defaultdict(list)
        for place, (key, event, _) in enumerate(self.events):
            if event["type"] != RETRACTION:
                places[key].append(place)
        gone = {}
        for key, retraction, arrived in self.events:
            if retraction["type"] == RETRACTION:
                target = meant_by(retraction), key[1], retraction["retracts"]
                for place in places.get(target, []):
                    if self.reaches(retraction, arrived, self.events[place][1]):
                        gone[place] = min(retraction["time"], gone.get(place, retraction["time"]))
        return gone

    def reaches(self, retraction, arrived, event):
        """Whether an event with the id that the retraction names comes before it and can still be taken back."""
        return order(event) < order(retraction) and event["time"] >= arrived - self.allowed_lateness


class Version(NamedTuple):
    """One content of an id, and when its records arrived."""
    event: dict
    arrivals: list


RETRACTION = "event.retracted"


def identity(event):
    """What two records must have in common to be one event."""
    key = subject(event), event.get("source", ""), event["id"]
    if event["type"] == RETRACTION and "customer" not in event:
        return *key, event["retracts"]
    return key


def subject(event):
    """Whom an event belongs to: prices belong to their product, whatever customer they name."""
    if event["type"] in ("price.set", "price.observed"):
        return "product", event["product"]
    return "customer", event.get("customer")


def meant_by(retraction):
    """Whose event a retraction takes back."""
    if "customer" not in retraction and "product" in retraction:
        return "product", retraction["product"]
    return subject(retraction)


def order(event):
    # Python compares text by code point, which is the order of the UTF-8 bytes.
    return event["time"], RANK[event["type"]], event.get("source", ""), event["id"]
