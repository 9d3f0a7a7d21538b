"""Who was in which team when, and who was absent. Entries are half-open ranges of local dates."""

import json
from collections import defaultdict
from datetime import date

from instants import FIRST, LAST
from workdays import Workdays, dates

UNASSIGNED = "unassigned"
ALWAYS, FOR_EVER = FIRST, LAST + 1


class Roster:
    def __init__(self, calendar, document=None):
        document = document or {}
        self.listed = {team["id"] for team in document.get("teams", [])}
        self.entries = defaultdict(list)  # rep: [(start, until, team)]
        self.reps = [rep["id"] for rep in document.get("reps", [])]
        self.absences = defaultdict(list)  # rep: [(start, until)]
        for rep in document.get("reps", []):
            for entry in rep.get("teams") or ([{"team": rep["team"]}] if "team" in rep else []):
                self.entries[rep["id"]].append(span(calendar, entry))
            for entry in rep.get("absences") or []:
                self.absences[rep["id"]].append(tuple(midnight(calendar, day) for day in dates(entry)))
        self.workdays = Workdays(calendar, self, document.get("calendar"))

    def stints(self, rep):
        """[(start, until, team)] in the order of time."""
        return sorted(self.entries.get(rep, ()))

    def team_at(self, rep, ms):
        """The rep's team, None when the rep is not on the roster at that instant."""
        for start, until, team in self.entries.get(rep, ()):
            if start <= ms < until:
                return team
        return None

    def team_of(self, rep, team, ms):
        """The team for which an event counts that names this rep and this team (each may be None)."""
        return (self.team_at(rep, ms) if rep else team) or UNASSIGNED

    def members(self, ms):
        """{rep: team} at that instant."""
        present = ((rep, self.team_at(rep, ms)) for rep in self.entries)
        return {rep: team for rep, team in present if team}

    def keys_within(self, start, to):
        """The reps and the teams on the roster at any time within [start, to)."""
        reps, teams = set(), set(self.listed)
        for rep, spans in self.entries.items():
            for begins, until, team in spans:
                if max(begins, start) < min(until, to):
                    reps.add(rep)
                    teams.add(team)
        return reps, teams


def span(calendar, entry):
    return *(midnight(calendar, day) for day in dates(entry)), entry["team"]


def midnight(calendar, day):
    return {date.min: ALWAYS, date.max: FOR_EVER}.get(day) or calendar.instant(day)


def load(path, calendar):
    if not path:
        return Roster(calendar)
    with open(path, encoding="utf-8") as file:
        return Roster(calendar, json.load(file))
