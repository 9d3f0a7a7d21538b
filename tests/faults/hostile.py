"""Events as somebody writes them who means harm, or who does not know better: drawn from a random source, none knows what is made of them."""
import json

NUMBERS = [0, -1, 1, 2**31, 2**53 + 1, 2**63 - 1, 2**63, -2**63, 2**64, 10**30, 0.1, -0.0, 1e-300, 1e300, 1.5, 99999999999.99999]
RAW = ["1e400", "-1e400", "01", "+1", "1.", ".5", "0x10", "NaN", "Infinity", "-", "1e", "1E+0", "tru", "nul", "{}", "[]", "[[[[]]]]", '"\\u0000"',
       '"\\ud800"', '"\\udc00\\ud800"', '"\\x41"', '"\\', "\"\t\"", "12345678901234567890123456789012345678901234567890", "1e-400", "-0", "0.0000000000000000001"]
TEXTS = ["", " ", "\u0000", "\x7f", "x" * 256, "x" * 257, "x" * 5000, "ß", "日本", "e\u0301", "\u202e", "\U0001f600", "a:b@c%d", "../..", "'; DROP", "kpi:snap",
         "__other__", "unassigned", "all", "null", "true", "0", "\r\n", "$(x)", "%s%n", "-1", "1e5", "NaN"]
TIMES = ["1969-12-31T23:59:59Z", "9999-12-31T23:59:59Z", "10000-01-01T00:00:00Z", "2026-02-29T00:00:00Z", "2024-02-29T23:59:60Z", "2026-01-01T24:00:00Z",
         "2026-01-01T00:00:00", "2026-01-01 00:00:00Z", "2026-01-01T00:00:00+25:00", "2026-01-01T00:00:00.123456789Z", "2026-1-1T0:0:0Z", -1, 0, 1e15, 2**62]
FIELDS = ["id", "type", "time", "customer", "rep", "team", "direction", "outcome", "source", "amount", "currency", "deal", "segment", "specversion", "data", "subject"]


def _base(source, number, now_ms):
    customer = f"c-{source.randrange(50)}"
    return {"id": f"hostile-{number}", "type": "call.completed", "time": now_ms - source.randrange(1000, 86400000), "customer": customer, "rep": "r01",
            "direction": "outbound", "outcome": "connected"}


def _value(source):
    """As JSON text."""
    kind = source.randrange(6)
    if kind == 0:
        return json.dumps(source.choice(NUMBERS))
    if kind == 1:
        return source.choice(RAW)
    if kind == 2:
        return json.dumps(source.choice(TEXTS), ensure_ascii=source.random() < 0.5)
    if kind == 3:
        return json.dumps(source.choice(TIMES))
    if kind == 4:
        depth = source.choice([1, 10, 62, 63, 64, 65, 5000])
        return "[" * depth + "]" * depth
    return source.choice(["null", "true", "false", "{}", '{"a":1,"a":2}'])


def _members(source, event):
    """[(name, value)] as JSON texts; some names twice."""
    members = [(json.dumps(name), json.dumps(value)) for name, value in event.items()]
    for _ in range(source.randrange(1, 4)):
        place = source.randrange(len(members) + 1)
        members.insert(place, (json.dumps(source.choice(FIELDS)), _value(source)))
    if source.random() < 0.3:
        del members[source.randrange(len(members))]
    return members


def _bytes(source, text):
    """Sometimes not what was written."""
    data = bytearray(text.encode("utf-8", "surrogatepass"))
    kind = source.random()
    if kind < 0.1:
        data[source.randrange(len(data))] = source.choice([byte for byte in range(256) if byte not in b"\r\n"])  # lines are cut there
    elif kind < 0.15:
        del data[source.randrange(len(data)):]
    elif kind < 0.2:
        data += source.choice([b" ", b"\n", b"x", b"{}", b"\0", b",", b"\xef\xbb\xbf"])
    elif kind < 0.25:
        data[0:0] = source.choice([b"\xef\xbb\xbf", b" \t\r\n", b"\0", b"\xff"])
    return bytes(data)


def drawn(source, count, now_ms):
    """[(key, value)]; the key is the customer that the event began with."""
    found = []
    for number in range(count):
        event = _base(source, number, now_ms)
        text = "{" + ",".join(f"{name}:{value}" for name, value in _members(source, event)) + "}"
        found.append((event["customer"].encode(), _bytes(source, text)))
    return found


# ---- what is made of each is known

DAY = 86400000
# (reason, or None where it is accepted; the members that are other than in a good call, as JSON texts: None leaves one out)
TABLE = [
    (None, {}), (None, {"unknown": "[[[{}]]]"}), (None, {"unknown": "1e400"}), (None, {"rep": '""'}), (None, {"team": "null"}), (None, {"amount": "0"}),
    (None, {"amount": '"12.34567"'}), (None, {"amount": "1E+2"}), (None, {"id": '"\\ud83d\\ude00"'}), (None, {"rep": '"\\u00df"'}),
    (None, {"unknown": '"\\u0000"'}), (None, {"specversion": "null"}), (None, {"source": '"%s%n"'}),
    ("missing_id", {"id": None}), ("missing_id", {"id": "null"}), ("missing_id", {"id": '""'}), ("missing_id", {"id": "17"}), ("missing_id", {"id": "[]"}),
    ("missing_id", {"id": '"' + "x" * 257 + '"'}), ("missing_id", {"id": "true"}),
    ("missing_type", {"type": None}), ("missing_type", {"type": "null"}), ("missing_type", {"type": '""'}),
    ("unknown_type", {"type": '"call"'}), ("unknown_type", {"type": '"CALL.COMPLETED"'}), ("unknown_type", {"type": '"call.completed "'}),
    ("wrong_topic", {"type": '"email.sent"'}), ("wrong_topic", {"type": '"cost.recorded"'}),
    ("bad_time", {"time": None}), ("bad_time", {"time": "-1"}), ("bad_time", {"time": "1.5"}), ("bad_time", {"time": "1e300"}), ("bad_time", {"time": "true"}),
    ("bad_time", {"time": '"2026-02-30T00:00:00Z"'}), ("bad_time", {"time": '"2026-01-01T00:00:00"'}), ("bad_time", {"time": '"2026-01-01T24:00:00Z"'}),
    ("bad_time", {"time": '"10000-01-01T00:00:00Z"'}), ("bad_time", {"time": '"1969-12-31T23:59:59Z"'}), ("bad_time", {"time": '"tomorrow"'}),
    ("bad_time", {"time": "253402300800000"}), ("future", {"time": '"2100-01-01T00:00:00Z"'}), ("future", {"time": "253402300799999"}),
    ("missing_customer", {"customer": None}), ("missing_customer", {"customer": "null"}), ("missing_customer", {"customer": '""'}),
    ("missing_customer", {"customer": '"' + "x" * 257 + '"'}),
    ("missing_field", {"outcome": None}), ("missing_field", {"direction": "null"}), ("missing_field", {"direction": '""'}),
    ("bad_value", {"direction": '"sideways"'}), ("bad_value", {"outcome": "true"}), ("bad_value", {"outcome": '"Connected"'}), ("bad_value", {"rep": "1"}),
    ("bad_value", {"amount": "-1"}), ("bad_value", {"amount": '"1,5"'}), ("bad_value", {"amount": "1e400"}), ("bad_value", {"amount": "{}"}),
    ("bad_value", {"amount": '"0x10"'}), ("bad_value", {"amount": "1000000000001"}), ("bad_value", {"amount": '" 1"'}), ("bad_value", {"source": "[]"}),
    ("unknown_currency", {"amount": "1", "currency": '"XTS"'}), ("malformed_json", {"unknown": "01"}), ("malformed_json", {"unknown": "NaN"}),
    ("malformed_json", {"unknown": "'a'"}), ("malformed_json", {"unknown": '"\\ud800"'}), ("malformed_json", {"unknown": '"\t"'}),
    ("malformed_json", {"unknown": "[1,]"}), ("malformed_json", {"unknown": "tru"}), ("malformed_json", {"unknown": '"\\x"'}),
    ("too_deep", {"unknown": "[" * 64 + "]" * 64}), (None, {"unknown": "[" * 63 + "]" * 63}), ("too_deep", {"unknown": "[" * 100000}),
]


def table(source, count, now_ms):
    """[(reason or None, key, value)]"""
    found = []
    for number in range(count):
        reason, other = TABLE[number % len(TABLE)]
        event = _base(source, f"table-{number}", now_ms)
        members = {name: json.dumps(value) for name, value in event.items()}
        members.update(other)
        if other.get("id"):  # of other customers: else they would be each other's duplicates
            members["customer"] = json.dumps(f"c-table-{number}")
        pairs = [f"{json.dumps(name)}:{value}" for name, value in members.items() if value is not None]
        source.shuffle(pairs)
        key = json.loads(members["customer"]) if other.get("id") else event["customer"]
        found.append((reason, key.encode(), ("{" + ",".join(pairs) + "}").encode()))
    return found
