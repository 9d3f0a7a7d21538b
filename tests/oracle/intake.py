"""A file of lines -> the events that count, each once, in the order of events."""

from collections import Counter

import decode
from decode import RANK, Refused


class Intake:
    """What is accepted does not depend on the time of the computation; that only hides what lies at or after it."""

    def __init__(self, currency, as_arrived, allowed_lateness, max_future, rates=None):
        self.currency = currency
        self.as_arrived = as_arrived
        self.allowed_lateness = allowed_lateness
        self.max_future = max_future
        self.rates = rates
        self.arrived = {}  # by the key of a retraction: when its first record arrived
        self.events = {}  # (customer, source, id): event
        self.counts = Counter()

    def read(self, lines):
        for line in lines:
            if line.strip():
                self.counts["lines"] += 1
                self.take(line.rstrip(b"\n"))

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
        key = (subject(event), event.get("source", ""), event["id"])
        if event["type"] == RETRACTION:
            self.arrived[key] = min(arrived, self.arrived.get(key, arrived))
        other = self.events.get(key)
        if other is None:
            self.events[key] = event
            return
        self.counts["duplicate" if event == other else "conflict"] += 1
        # Of two that stand at the same place in the order the one that arrived first stays.
        if order(event) < order(other):
            self.events[key] = event

    def in_order(self):
        gone = self.taken_back()
        return sorted((event | {"gone": gone[key]} if key in gone else event for key, event in self.events.items()),
                      key=order)

    def taken_back(self):
        """{key of an event: the time of the first retraction that takes it back}"""
        gone = {}
        for key, retraction in self.events.items():
            if retraction["type"] != RETRACTION:
                continue
            for whose in subjects(retraction):
                target = (whose, key[1], retraction["retracts"])
                event = self.events.get(target)
                if (event and event["type"] != RETRACTION and order(event) < order(retraction)
                        and event["time"] >= self.arrived[key] - self.allowed_lateness):
                    gone[target] = min(retraction["time"], gone.get(target, retraction["time"]))
        return gone


RETRACTION = "event.retracted"


def subject(event):
    """Whom an event belongs to: prices belong to their product, whatever customer they name."""
    if event["type"] in ("price.set", "price.observed"):
        return "product", event["product"]
    return "customer", event.get("customer")


def subjects(retraction):
    """Whose events a retraction may take back."""
    yield subject(retraction)
    if "customer" not in retraction and "product" in retraction:
        yield "product", retraction["product"]


def order(event):
    # Python compares text by code point, which is the order of the UTF-8 bytes.
    return event["time"], RANK[event["type"]], event.get("source", ""), event["id"]
