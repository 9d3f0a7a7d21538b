"""Leads, waits, existing customers, subscriptions: events walked in their order (figures.md, section 5)."""

from itertools import groupby

from instants import DAY

PATIENCE = 14 * DAY

WALKED = """SELECT customer, pos, time, type, owner, about, direction, auto, subscription, stage, stage_to,
                   pos IN (SELECT pos FROM won) AS is_won
            FROM ev
            WHERE type IN ('lead.created', 'lead.stage_changed', 'lead.closed', 'deal.closed', 'email.sent',
                           'email.received', 'call.completed', 'proposal.sent', 'subscription.started',
                           'subscription.ended')
            ORDER BY customer, pos"""


def load(db):
    """Fills the tables lead, lead_stage, wait, member and lifetime from the visible events. Rows are sqlite3.Row."""
    all_leads, all_stages, all_waits, all_members, all_lifetimes = [], [], [], [], []
    for customer, events in groupby(db.execute(WALKED), key=lambda event: event["customer"]):
        events = list(events)
        opened = list(leads(events))
        all_leads += [(start["pos"], customer, start["time"], end and end["time"], start["owner"],
                       end and end["pos"]) for start, end in opened]
        all_stages += stages(events, opened)
        all_waits += waits_of(events, {start["pos"] for start, _ in opened})
        all_members += [(start["pos"], customer, start["time"], end and end["time"], start["owner"])
                        for start, end in memberships(events)]
        all_lifetimes += [(end["time"], end["owner"], end["time"] - start["time"])
                          for start, end in lifetimes(events)]
    db.executemany("INSERT INTO lead VALUES (?, ?, ?, ?, ?, ?)", all_leads)
    db.executemany("INSERT INTO lead_stage VALUES (?, ?, ?)", all_stages)
    db.executemany("INSERT INTO wait VALUES (?, ?, ?, ?, ?)", all_waits)
    db.executemany("INSERT INTO member VALUES (?, ?, ?, ?, ?)", all_members)
    db.executemany("INSERT INTO lifetime VALUES (?, ?, ?)", all_lifetimes)


def leads(events):
    """(opening event, ending event or None) of every lead."""
    current = None
    for event in events:
        if event["type"] == "lead.created":
            current = current or event
        elif current and (event["type"] == "lead.closed" or event["is_won"]):
            yield current, event
            current = None
    if current:
        yield current, None


def stages(events, opened):
    """(stage, when the lead entered it, when it left it or None) of every lead."""
    changes = [event for event in events if event["type"] == "lead.stage_changed"]
    for start, end in opened:
        stage, entered = start["stage"], start["time"]
        for change in changes:
            if start["pos"] < change["pos"] and (end is None or change["pos"] < end["pos"]):
                yield stage, entered, change["time"]
                stage, entered = change["stage_to"], change["time"]
        yield stage, entered, end and end["time"]


def memberships(events):
    """(event that made an existing customer, event that ended it or None) of every time it was one."""
    current, held = None, set()
    for event in events:
        if event["type"] == "subscription.started":
            held.add(event["subscription"])
        if event["type"] == "subscription.started" or event["is_won"]:
            current = current or event
        # Only the end of the last one held ends it: whoever holds none, having bought, stays for ever.
        elif event["type"] == "subscription.ended" and event["subscription"] in held:
            held.remove(event["subscription"])
            if not held:
                yield current, event
                current = None
    if current:
        yield current, None


def lifetimes(events):
    """(start, end) of every subscription that has ended."""
    started = {}
    for event in events:
        if event["type"] == "subscription.started":
            started.setdefault(event["subscription"], event)
        elif event["type"] == "subscription.ended" and event["subscription"] in started:
            yield started.pop(event["subscription"]), event


def waits_of(events, lead_openings):
    def greets(event):
        return event["pos"] in lead_openings or is_reply(event)

    for kind, opens, closes in [("response", is_request, is_answer), ("first_response", greets, is_response)]:
        for start, end in waits(events, opens, closes):
            yield kind, start["time"], start["owner"], end and end["time"], end and end["owner"]


def waits(events, opens, closes):
    """(opening event, closing event or None when it expired or still lasts) of every wait."""
    current = None
    for event in events:
        if current and event["time"] - current["time"] > PATIENCE:
            yield current, None
            current = None
        if current and closes(event):
            yield current, event
            current = None
        if not current and opens(event):
            current = event
    if current:
        yield current, None


def is_request(event):
    return event["type"] == "proposal.sent" or event["type"] == "email.sent" and event["about"] == "product_info"


def is_answer(event):
    return is_reply(event) or event["type"] == "call.completed" and event["direction"] == "inbound"


def is_reply(event):
    return event["type"] == "email.received" and not event["auto"]


def is_response(event):
    return event["type"] == "email.sent" or event["type"] == "call.completed" and event["direction"] == "outbound"
