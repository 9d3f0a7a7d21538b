"""Goal, pace and status of every figure that has a target (docs/targets.md, sections 2 to 5)."""

from datetime import timedelta
from fractions import Fraction
from itertools import accumulate
from typing import NamedTuple

import figures
from figures import half_even
from periods import following
from roster import ALWAYS, FOR_EVER
import windows

LOWER_IS_BETTER = {
    *(f"{name}_{ending}" for name in ("cycle_length", "response_time", "first_response_time")
      for ending in ("mean", "median", "p90")),
    "open_deal_age_mean", "waiting_customers", "selling_cost", "selling_cost_ratio", "cost_per_lead",
    "cost_per_conversion", "touches_to_win"}


class Slot(NamedTuple):
    """A target in the fields of one window: it counts in [start, finish)."""
    target: object
    window: str
    start: int
    finish: int
    last_day: object  # None where there is none
    whole: bool  # of a whole period
    over: bool


class Goal(NamedTuple):
    value: object  # None: there is none
    base: object = None
    reason: object = None


class Pace(NamedTuple):
    expected: object
    needed_per_day: object
    projected: object
    remaining_days: object


class Shown(NamedTuple):
    goal: Goal
    by: object
    pace: object
    status: object


class Stint(NamedTuple):
    rep: str
    team: str
    weight: int


class Targets:
    """All targets of one computation; `found` are its figures as compute() yields them."""

    def __init__(self, targets, calendar, roster, end, found):
        self.calendar, self.roster, self.work, self.end = calendar, roster, roster.workdays, end
        self.figures = {(dimension, key, kpi, span.name): (figures.value_of(outcome), outcome.reason, complete)
                        for dimension, key, kpi, span, outcome, complete in found}
        self.spans = {span.name: span for _, _, _, span, _, _ in found}
        self.slots = {}  # (kpi, window): those that it has now
        for target in targets:
            for name in self.spans:
                slot = self.slot(target, name)
                if slot:
                    self.slots.setdefault((target.kpi, name), []).append(slot)
        self.dealt = {}

    # ---- where a target is shown

    def slot(self, target, name):
        return self.bound(target, name) if target.unit else self.free(target, name)

    def free(self, target, name):
        start = self.calendar.instant(target.start) if target.start else ALWAYS
        finish = self.after(target.by) if target.by else FOR_EVER
        if name not in target.windows or not start <= self.end - 1 < finish:
            return None
        return Slot(target, name, start, finish, target.by, False, self.end >= finish)

    def bound(self, target, name):
        unit, back = windows.kind_of(name)
        if unit != target.unit:
            return None
        period_start = self.spans[name].start
        after = following(unit, self.calendar.day_of(period_start))
        period_end = self.calendar.instant(after)
        last_day = target.by or after - timedelta(1)
        start = max(period_start, self.calendar.instant(target.start)) if target.start else period_start
        finish = self.after(last_day)
        if back:
            shown = finish == period_end and start < finish and (
                target.factor is None or base_window(name) in self.spans)
        else:
            shown = period_start < finish <= period_end and start <= self.end - 1 < finish
        return Slot(target, name, start, finish, last_day, back > 0, back > 0 or self.end >= finish) if shown else None

    def after(self, day):
        return self.calendar.instant(day + timedelta(1))

    # ---- whose it is, and the goal

    def goal(self, slot, dimension, key):
        """None where the target is not one of this key."""
        if dimension == slot.target.of:
            return self.own(slot, key) if self.is_of(slot, key) else None
        return self.part(slot, dimension, key) if slot.target.cumulative else self.same(slot, dimension, key)

    def is_of(self, slot, key):
        target = slot.target
        if target.key is not None:
            return key == target.key
        if target.of == "team":
            return key in self.roster.listed
        if target.of == "rep":
            return key in self.roster.reps and (
                not target.cumulative or self.work.of("rep", key, slot.start, slot.finish) > 0)
        return True

    def own(self, slot, key):
        target = slot.target
        if target.value is not None:
            return Goal(target.value)
        base, reason, complete = self.figures[target.of, key, target.kpi, base_window(slot.window)]
        if base is None:
            return Goal(None, None, reason)
        if not complete:
            return Goal(None, None, "incomplete")
        if base <= 0:
            return Goal(None, None, "base")
        return Goal(half_even(base * target.factor), base)

    def same(self, slot, dimension, key):
        """A standing goal is handed down as it is, where there is one."""
        source = self.source_of(slot, dimension, key)
        goal = self.own(slot, source) if source else None
        return goal if goal and goal.value is not None else None

    def source_of(self, slot, dimension, key):
        if slot.target.of == "company":
            return "all" if key in (self.roster.listed if dimension == "team" else self.roster.reps) else None
        at = slot.finish if slot.whole else min(self.end, slot.finish)
        team = self.roster.team_at(key, at - 1)
        return team if team and self.is_of(slot, team) else None

    # ---- what adds up is dealt out

    def part(self, slot, dimension, key):
        target = slot.target
        if key in target.keys and dimension == target.roll_down[0]:
            return Goal(target.keys[key])
        mine = [(stint, amount) for stint, amount in self.parts(slot) if getattr(stint, dimension) == key]
        if not any(stint.weight for stint, _ in mine):
            return None
        return Goal(sum(amount for _, amount in mine))

    def parts(self, slot):
        """[(stint, its amount)] of all sources of the target in this window."""
        place = id(slot.target), slot.window
        if place not in self.dealt:
            self.dealt[place] = [part for source in self.sources(slot) for part in self.parts_of(slot, source)]
        return self.dealt[place]

    def sources(self, slot):
        keys = ["all"] if slot.target.of == "company" else sorted(self.roster.listed)
        return [key for key in keys if self.is_of(slot, key)]

    def parts_of(self, slot, source):
        target, goal = slot.target, self.own(slot, source).value
        stints = [stint for stint in self.stints(slot) if target.of == "company" or stint.team == source]
        if goal is None:
            return
        rest = stints
        for key, amount in target.keys.items():
            named = [stint for stint in stints if getattr(stint, target.roll_down[0]) == key]
            yield from deal_out(amount, named)
            goal -= amount
            rest = [stint for stint in rest if stint not in named]
        yield from deal_out(goal, rest)

    def stints(self, slot):
        return [Stint(rep, team, self.work.in_membership(rep, begins, until, slot.start, slot.finish))
                for rep in self.roster.reps for begins, until, team in self.roster.stints(rep)]

    # ---- what is shown

    def shown(self, dimension, key, kpi, window):
        """None where the figure has no target."""
        ranked = [(slot.target.rank(dimension), slot) for slot in self.slots.get((kpi, window), [])]
        for _, slot in sorted((pair for pair in ranked if pair[0] is not None), key=lambda pair: pair[0]):
            goal = self.goal(slot, dimension, key)
            if goal:
                return self.show(slot, goal, dimension, key)
        return None

    def show(self, slot, goal, dimension, key):
        value = self.figures[dimension, key, slot.target.kpi, slot.window][0]
        if goal.value is None:
            return Shown(goal, slot.last_day, None, None)
        pace = self.pace(slot, goal, dimension, key, value)
        lower = slot.target.kpi in LOWER_IS_BETTER
        status = None if value is None else status_of(slot, goal.value, pace.expected, value, lower)
        return Shown(goal, slot.last_day, None if slot.whole else pace, status)

    def pace(self, slot, goal, dimension, key, value):
        now = min(self.end, slot.finish)
        remaining = days = None
        if slot.last_day:
            remaining = self.work.of(dimension, key, now, slot.finish)
            days = Fraction(remaining, self.work.length)
        if not slot.target.cumulative:
            expected = goal.value
            if goal.base is not None:
                expected = goal.base + (goal.value - goal.base) * self.share(slot, dimension, key)[0]
            return Pace(expected, None, value, days)
        share, total, worked = self.share(slot, dimension, key)
        needed = projected = None
        if value is not None and remaining:
            needed = max(0, goal.value - value) * self.work.length / remaining
        if value is not None and worked:
            projected = value * Fraction(total, worked)
        return Pace(goal.value * share, needed, projected, days)

    def share(self, slot, dimension, key):
        """(how much of the way is gone, the working time in all, what of it is over)"""
        total, worked = (self.work.of(dimension, key, slot.start, to)
                         for to in (slot.finish, min(self.end, slot.finish)))
        return Fraction(worked, total) if total else Fraction(slot.over), total, worked


def base_window(name):
    unit, back = windows.kind_of(name)
    return f"{unit}-{back + 1}"


def deal_out(amount, stints):
    whole = sum(stint.weight for stint in stints)
    if not whole:
        return
    sums = [half_even(Fraction(amount) * done / whole) for done in accumulate(stint.weight for stint in stints)]
    for stint, before, after in zip(stints, [0, *sums], sums):
        yield stint, after - before


def status_of(slot, goal, expected, value, lower):
    reached = value <= goal if lower else value >= goal
    lead = expected - value if lower else value - expected
    tolerance = Fraction(abs(expected), 20)
    if slot.over:
        return "met" if reached else "missed"
    if slot.target.cumulative and reached and not lower:
        return "met"
    if slot.target.cumulative and not reached and lower:
        return "behind"
    if lead == 0:
        return "on track"
    if lead >= tolerance:
        return "ahead"
    return "behind" if lead < -tolerance else "on track"
