"""One computation as of T: visible events -> facts -> totals -> figures."""

from collections import defaultdict
from fractions import Fraction
from pathlib import Path
import sqlite3

from instants import LAST
import cycles
import decode
import figures
from roster import UNASSIGNED
import windows

HERE = Path(__file__).parent
COLUMNS = ["pos", "time", "type", "customer", "owner", "deal", "proposal", "outcome", "direction", "about", "auto",
           "sentiment", "answer", "deal_type", "amount", "created_at", "category", "survey", "score", "subscription",
           "stage", "stage_to", "product", "competitor", "gone"]
NUMBERS = {"pos", "time", "owner", "amount", "auto", "created_at", "score", "gone"}
DEFAULTS = {"deal_type": "new", "about": "other", "auto": False, "amount": 0, "stage": "new"}


def open_database(events, roster):
    """The accepted events, in their order, as a table; it serves every as-of time."""
    db = sqlite3.connect(":memory:")
    db.row_factory = sqlite3.Row
    owners = Owners(roster)
    db.execute("CREATE TABLE event (%s)" % ", ".join(c + " INTEGER" * (c in NUMBERS) for c in COLUMNS))
    db.executemany("INSERT INTO event VALUES (%s)" % ", ".join("?" * len(COLUMNS)),
                   (row(pos, event, owners.of(event)) for pos, event in enumerate(events)))
    db.execute("CREATE TABLE owner_key (owner INTEGER, dimension, key, first INTEGER, low INTEGER, high INTEGER)")
    db.executemany("INSERT INTO owner_key VALUES (?, ?, ?, ?, ?, ?)", owners.rows())
    db.create_function("part_of", 3, part_of, deterministic=True)
    db.execute("CREATE INDEX owner_key_owner ON owner_key (owner)")
    db.execute("CREATE TABLE bucket (low INTEGER PRIMARY KEY, middle INTEGER)")
    db.executemany("INSERT INTO bucket VALUES (?, ?)", buckets())
    db.execute("CREATE TABLE as_of (t INTEGER, reach INTEGER)")
    db.execute("CREATE TABLE win (name, role, start INTEGER, to_ INTEGER)")
    return db


def row(pos, event, owner):
    full = {**DEFAULTS, **event, "pos": pos, "owner": owner}
    return [full.get(column) for column in COLUMNS]


def part_of(amount, low, high):
    """What those get whose shares run from low to high, in ten-thousandths of the amount."""
    return round(Fraction(amount * high, decode.WHOLE)) - round(Fraction(amount * low, decode.WHOLE))


class Owners:
    """Whose an event is: the keys of all dimensions together, numbered, since many events share them. A key is
    (dimension, name, 1 where it stands for the first time, where its share begins, where it ends)."""

    def __init__(self, roster):
        self.roster = roster
        self.numbers = {}  # keys: number

    def of(self, event):
        rep = event.get("rep")
        whole = [("company", "all")] + [(name, event.get(name, UNASSIGNED)) for name in figures.OWN_FIELDS]
        keys = [(*key, 1, 0, decode.WHOLE) for key in whole]
        teams, low = set(), 0
        for rep, share in event.get("credits", [(rep, decode.WHOLE)]):
            team = self.roster.team_of(rep, event.get("team"), event["time"])
            keys += [("rep", rep or UNASSIGNED, 1, low, low + share),
                     ("team", team, int(team not in teams), low, low + share)]
            teams.add(team)
            low += share
        keys = tuple(keys)
        return self.numbers.setdefault(keys, len(self.numbers))

    def rows(self):
        return ((number, *key) for keys, number in self.numbers.items() for key in keys)


def buckets():
    low = 0
    while low <= 2 * LAST:
        high = max(low + 1, low + low // 50)
        yield low, (low + high) // 2
        low = high


def compute(db, as_of, names, calendar, roster, constants):
    """Yields (dimension, key, kpi, window, outcome, complete) as of the instant, in order."""
    end = windows.end_of(as_of, names, calendar)
    spans = {name: windows.make(name, end, calendar) for name in names}
    load(db, as_of, windows.reach(names), spans.values())
    board = Board(db, roster, constants)
    since, = db.execute("SELECT MIN(time) FROM visible").fetchone()
    for dimension, keys in board.keys(longest(spans.values(), end)).items():
        kpis = sorted(kpi for kpi in figures.KPIS if dimension in kpi.by)
        for key in sorted(keys):
            for kpi in kpis:
                for name in sorted(names):
                    outcome = figures.evaluate(kpi, Cell(board, dimension, key, spans[name]), board.seen, end)
                    yield dimension, key, kpi.name, spans[name], outcome, complete(kpi, spans[name], since, end)


def load(db, as_of, reach, spans):
    db.execute("DELETE FROM as_of")
    db.execute("INSERT INTO as_of VALUES (?, ?)", (as_of, reach))
    db.execute("DELETE FROM win")
    for span in spans:
        db.execute("INSERT INTO win VALUES (?, '', ?, ?)", (span.name, span.start, span.to))
        db.execute("INSERT INTO win VALUES (?, 'prev', ?, ?)", (span.name, span.prev_start, span.prev_to))
    db.executescript((HERE / "visible.sql").read_text())
    cycles.load(db)
    db.executescript((HERE / "facts.sql").read_text())
    db.executescript((HERE / "totals.sql").read_text())


def longest(spans, end):
    """Of the windows that reach the present, since whoever is on the roster now has figures; of two that are equally
    long the one that reaches further back."""
    present = [span for span in spans if span.to >= end]
    return max(present or spans, key=lambda span: (span.to - span.start, -span.start))


def complete(kpi, span, since, end):
    starts = [span.start] + [span.prev_start] * (kpi.name == "sales_growth")
    return since is not None and min(starts) >= since and not figures.maturing(kpi, span, end)


class Board:
    """The totals of one computation, looked up by dimension, key, measure and window."""

    def __init__(self, db, roster, constants):
        self.roster = roster
        self.constants = constants
        self.seen = {kind for kind, in db.execute("SELECT DISTINCT type FROM visible")}
        self.totals = {
            (r["dimension"], r["key"], r["measure"], r["win"]): (r["n"], r["high"] * 10 ** 9 + r["low"])
            for r in db.execute("SELECT * FROM total")}
        self.quantiles = {
            (r["dimension"], r["key"], r["measure"], r["win"], r["percent"]): (r["n"], r["middle"])
            for r in db.execute("SELECT * FROM quantile")}
        self.members = {
            r["name"]: list(roster.members(r["to_"] - 1).values())
            for r in db.execute("SELECT * FROM win WHERE role = ''")}
        self.prices = defaultdict(lambda: defaultdict(Prices))
        for r in db.execute("SELECT * FROM quote"):
            self.prices[r["win"]][r["product"]].add(r["own"], r["amount"])

    def keys(self, span):
        """The keys of each dimension, the dimensions in byte order."""
        reps, teams = self.roster.keys_within(span.start, span.to)
        found = {name: set() for name in sorted(figures.MEASURES_BY)}
        found |= {"company": {"all"}, "rep": reps, "team": teams}
        for dimension, key, measure, _ in self.totals:
            if measure in figures.MEASURES_BY[dimension]:
                found[dimension].add(key)
        for products in self.prices.values():
            found["product"].update(products)
        return found


class Prices:
    """The current prices of a product: the own one or None, and those of the competitors."""

    def __init__(self):
        self.own, self.others = None, []

    def add(self, own, amount):
        if own:
            self.own = amount
        else:
            self.others.append(amount)


class Cell:
    """The measures of one key in one window."""

    def __init__(self, board, dimension, key, span):
        self.board, self.dimension, self.key, self.span = board, dimension, key, span

    def look(self, measure):
        return self.board.totals.get((self.dimension, self.key, measure, self.span.name), (0, 0))

    def count(self, measures):
        return sum(self.look(measure)[0] for measure in measures)

    def sum(self, measures):
        return sum(self.look(measure)[1] for measure in measures)

    def quantile(self, measure, percent):
        return self.board.quantiles.get((self.dimension, self.key, measure, self.span.name, percent), (0, None))

    def company(self):
        return Cell(self.board, "company", "all", self.span)

    def months(self):
        return (self.span.to - self.span.start) / figures.MONTH

    def constant(self, name):
        return self.board.constants[name]

    def prices(self):
        """Of the products of this key that have both an own price and a competitor's."""
        products = self.board.prices[self.span.name]
        chosen = [products[self.key]] if self.dimension == "product" else products.values()
        return [prices for prices in chosen if prices.own is not None and prices.others]

    def reps_at_end(self):
        if self.dimension == "rep":
            return 1
        teams = self.board.members[self.span.name]
        return len(teams) if self.dimension == "company" else teams.count(self.key)
