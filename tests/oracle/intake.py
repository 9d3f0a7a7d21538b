"""A file of lines -> the events that count, each once, in the order of events."""

from collections import Counter

import decode
from decode import RANK, Refused


class Intake:
    """What is accepted does not depend on the time of the computation; that only hides what lies at or after it."""

    def __init__(self, currency, as_arrived, allowed_lateness, max_future):
        self.currency = currency
        self.as_arrived = as_arrived
        self.allowed_lateness = allowed_lateness
        self.max_future = max_future
        self.events = {}  # (customer, source, id): event
        self.counts = Counter()

    def read(self, lines):
        for line in lines:
            if line.strip():
                self.counts["lines"] += 1
                self.take(line.rstrip(b"\n"))

    def take(self, line):
        try:
            document, event = decode.decode(line, self.currency)
            if self.as_arrived:
                self.check_arrival(document, event)
        except Refused as refusal:
            self.counts[str(refusal)] += 1
        else:
            self.keep(event)

    def check_arrival(self, document, event):
        if document.get("wrong_partition") is True:
            raise Refused("wrong_partition")
        received = document.get("received_at")
        arrived = event["time"] if received is None else decode.time(received)
        if arrived - event["time"] > self.allowed_lateness:
            raise Refused("late")
        if event["time"] - arrived > self.max_future:
            raise Refused("future")

    def keep(self, event):
        key = (event.get("customer"), event.get("source", ""), event["id"])
        other = self.events.get(key)
        if other is None:
            self.events[key] = event
            return
        self.counts["duplicate" if event == other else "conflict"] += 1
        # Of two that stand at the same place in the order the one that arrived first stays.
        if order(event) < order(other):
            self.events[key] = event

    def in_order(self):
        return sorted(self.events.values(), key=order)


def order(event):
    # Python compares text by code point, which is the order of the UTF-8 bytes.
    return event["time"], RANK[event["type"]], event.get("source", ""), event["id"]
