"""What other currencies are worth: {"USD": [{"from": "2026-01-01", "rate": "0.85"}]}"""

from datetime import date
from decimal import Decimal
import json


class Rates:
    def __init__(self, calendar, document):
        self.calendar = calendar
        self.tables = {currency: sorted((date.fromisoformat(entry["from"]), Decimal(entry["rate"]))
                                        for entry in entries)
                       for currency, entries in document.items()}

    def rate(self, currency, ms):
        """That of the event's local date; None when there is none."""
        day = self.calendar.local(ms).date()
        begun = [rate for start, rate in self.tables.get(currency, ()) if start <= day]
        return begun[-1] if begun else None


def load(path, calendar):
    if not path:
        return Rates(calendar, {})
    with open(path, encoding="utf-8") as file:
        return Rates(calendar, json.load(file))
