"""One line of input -> one event, or the reason to refuse it (figures.md, section 1)."""

import json
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
import re

import instants

MAX_LINE = 1 << 20
MAX_DEPTH = 64
MAX_ID = 256
MAX_AMOUNT = 10 ** 12
MAX_DIGITS = 20  # of an amount to be converted
MAX_CREDITS, WHOLE = 32, 10_000
MONEY = Decimal("0.0001")
NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?", re.ASCII)

TYPES = """call.scheduled call.completed email.sent email.received proposal.sent proposal.viewed proposal.accepted
proposal.declined deal.created deal.updated deal.closed deal.reopened deal.refunded lead.created lead.stage_changed
lead.closed meeting.invited meeting.answered meeting.ended cost.recorded survey.answered price.set price.observed
subscription.started subscription.renewed subscription.ended event.retracted""".split()
RANK = {name: rank for rank, name in enumerate(TYPES)}
NO_CUSTOMER = {"cost.recorded", "price.set", "price.observed", "survey.answered", "event.retracted"}
SCORES = {"nps": range(0, 11), "enps": range(0, 11), "csat": range(1, 6)}


class Refused(Exception):
    """Carries the reason as its text."""


def text(value):
    if not isinstance(value, str):
        raise Refused("bad_value")
    return value


def one_of(*choices):
    def check(value):
        if value not in choices:
            raise Refused("bad_value")
        return value
    return check


def boolean(value):
    if not isinstance(value, bool):
        raise Refused("bad_value")
    return value


def integer(value):
    if not isinstance(value, int) or isinstance(value, bool):
        raise Refused("bad_value")
    return value


def time(value):
    try:
        return instants.read(value)
    except ValueError:
        raise Refused("bad_time") from None


def credits(value):
    """((rep, share), ...)"""
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_CREDITS:
        raise Refused("bad_value")
    for each in value:
        if not isinstance(each, dict) or each.keys() != {"rep", "share"} or text(each["rep"]) == "":
            raise Refused("bad_value")
        if not 1 <= integer(each["share"]) <= WHOLE:
            raise Refused("bad_value")
    shares = {each["rep"]: each["share"] for each in value}
    if len(shares) < len(value) or sum(shares.values()) != WHOLE:
        raise Refused("bad_value")
    return tuple(shares.items())


def amount(value, rate=None):
    """Ten-thousandths, an integer; with a rate those of the converted amount."""
    if isinstance(value, str) and NUMBER.fullmatch(value):
        try:
            value = Decimal(value)
        except InvalidOperation:
            raise Refused("bad_amount") from None
    if not isinstance(value, (int, Decimal)) or isinstance(value, bool):
        raise Refused("bad_amount")
    if rate is not None:
        value = converted(Decimal(value), rate)
    if not 0 <= value <= MAX_AMOUNT:
        raise Refused("bad_amount")
    return int(Decimal(value).quantize(MONEY, ROUND_HALF_EVEN).scaleb(4))


def converted(value, rate):
    digits = "".join(map(str, value.as_tuple().digits)).strip("0")
    if len(digits) > MAX_DIGITS:
        raise Refused("bad_value")
    # Rates have so few digits that the product is exact.
    return Context(prec=60).multiply(Context(prec=MAX_DIGITS).plus(value), rate)


ANYWHERE = {"customer": text, "rep": text, "team": text, "campaign": text, "product": text, "segment": text,
            "deal": text, "thread": text, "amount": lambda value: value, "currency": text}
OWN = {  # by the first word of the type
    "call": {"call": text, "direction": one_of("outbound", "inbound"),
             "outcome": one_of("connected", "no_answer", "declined", "voicemail")},
    "email": {"about": one_of("product_info", "nurture", "other"),
              "sentiment": one_of("positive", "negative", "neutral"), "auto": boolean},
    "proposal": {"proposal": text},
    "deal": {"deal_type": one_of("new", "upsell", "cross_sell", "renewal"), "outcome": one_of("won", "lost"),
             "created_at": time},
    "lead": {"lead_source": text, "stage": text, "stage_to": text, "reason": text},
    "meeting": {"meeting": text, "answer": one_of("accepted", "declined"), "outcome": one_of("held", "no_show")},
    "cost": {"category": one_of("selling", "marketing")},
    "survey": {"survey": one_of(*SCORES), "score": integer},
    "price": {"competitor": text},
    "subscription": {"subscription": text},
    "event": {"retracts": text},
}
REQUIRED = {
    "call.completed": ["outcome", "direction"], "meeting.answered": ["answer"], "meeting.ended": ["outcome"],
    "deal.closed": ["outcome"], "deal.refunded": ["amount"], "lead.stage_changed": ["stage_to"],
    "cost": ["amount", "category"], "price": ["product", "amount"], "survey": ["survey", "score"],
    "event": ["retracts"], "subscription": ["subscription"], "proposal": ["proposal"], "deal": ["deal"],
}


def decode(line, currency, rates=None):
    """The event of a line as (document, event); the document is the whole JSON object with what stands beside it."""
    document = parse(line)
    event, written = fields(document)
    check_required(event)
    settle_amount(event, written, currency, rates)
    check_values(event)
    return document, event


def parse(line):
    if len(line) > MAX_LINE:
        raise Refused("too_long")
    try:
        document = json.loads(line.decode("utf-8"), parse_float=Decimal, parse_constant=refuse_constant, object_pairs_hook=first_of_a_name)
        if b"\\u" in line:
            json.dumps(document, ensure_ascii=False, default=str).encode("utf-8")  # refuses a lone surrogate
    except (ValueError, RecursionError, InvalidOperation):
        raise Refused("bad_json") from None
    if line.count(b"{") + line.count(b"[") > MAX_DEPTH and depth(document) > MAX_DEPTH:
        raise Refused("too_deep")
    if not isinstance(document, dict):
        raise Refused("bad_json")
    return document


def first_of_a_name(members):
    found = dict(members)
    return found if len(found) == len(members) else dict(reversed(members))


def refuse_constant(name):
    raise ValueError(name)


def depth(value):
    deepest, todo = 0, [(value, 1)]
    while todo:
        value, level = todo.pop()
        if isinstance(value, (dict, list)):
            deepest = max(deepest, level)
            todo += [(inner, level + 1) for inner in (value.values() if isinstance(value, dict) else value)]
    return deepest


def fields(document):
    """The fields that kpid knows, checked one by one; absent ones are left out."""
    data = document
    if present(document, "specversion"):
        data = document.get("data")
        if not isinstance(data, dict):
            raise Refused("bad_envelope")
    event = {name: check(document[name]) for name, check in HEAD.items() if present(document, name)}
    if event.get("type") not in RANK:
        raise Refused("unknown_type")
    known = ANYWHERE | OWN[event["type"].split(".")[0]]
    if event["type"] == "deal.closed":
        known["credits"] = credits
    event.update((name, check(data[name])) for name, check in known.items() if present(data, name))
    return event, data.get("amount")


def settle_amount(event, written, currency, rates):
    """The amount in the configured currency."""
    rate = None
    if event.get("currency", currency) != currency:
        rate = rates and rates.rate(event["currency"], event["time"])
        if rate is None:
            raise Refused("unknown_currency")
    if "amount" in event:
        event["amount"] = amount(written, rate)


HEAD = {"id": text, "source": text, "type": text, "time": time}


def present(data, name):
    return data.get(name) not in (None, "")


def check_required(event):
    kind = event["type"]
    needed = ["id", "time"] + REQUIRED.get(kind.split(".")[0], [])
    if "." in kind and kind in REQUIRED:
        needed += REQUIRED[kind]
    if kind not in NO_CUSTOMER:
        needed.append("customer")
    if any(name not in event for name in needed):
        raise Refused("missing_field")


def check_values(event):
    if len(event["id"].encode()) > MAX_ID:
        raise Refused("bad_id")
    if event["type"] == "deal.closed" and event.get("created_at", event["time"]) > event["time"]:
        raise Refused("negative_cycle")
    if "survey" in event and event.get("score") not in SCORES[event["survey"]]:
        raise Refused("out_of_range")
