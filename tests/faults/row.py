"""What a row of fault tests is: a fault, how often it is tried, and one try of it.

A row keeps a stage (servers, topics, a kpid) for some tries, so that not every one pays for a start; a new stage comes after `tries_per_stage`
tries and after every one that went wrong. All that a try draws comes from its seed, and that from the row's id and the try's number: tries can be
stopped and resumed one by one.
"""
import collections
import random
import time
import zlib


class Row:
    id = ""
    fault = ""            # for the table: what is done
    shows = ""            # and what every try must show
    tries = 0             # make test-faults
    quick = 0             # make test
    tries_per_stage = 20
    limit_seconds = 300   # of one try
    must_move = ()        # rare paths that must have moved at least once in a whole run of this row
    quick_must_move = ()

    def open(self, trial):
        """A new stage, with close(), that begins with this try."""
        raise NotImplementedError

    def attempt(self, stage, trial):
        """One try. An exception means that something was wrong."""
        raise NotImplementedError

    def count(self, quick):
        return self.quick if quick else self.tries


class Trial:
    """One try: what it draws from, and what it has measured."""

    def __init__(self, row, number, quick=False):
        self.number = number
        self.quick = quick
        self.seed = zlib.crc32(row.id.encode()) % 100000 * 10000 + number
        self.random = random.Random(self.seed)
        self.paths = collections.Counter()
        self.seconds = 0.0
        self.notes = []
        self.counted = 1

    def took(self, seconds):
        """How long until all was right again; the longest counts."""
        self.seconds = max(self.seconds, seconds)

    def path(self, name, count=1):
        self.paths[name] += count

    def note(self, text):
        self.notes.append(text)

    def counts_for(self, number):
        """This try held so many cases, such as the bytes of a file: the table counts them."""
        self.counted = number


class Runner:
    """Runs tries of one row, one after the other, each on a stage that nothing has gone wrong on."""

    def __init__(self, row):
        self.row = row
        self._stage = None
        self._used = 0

    def run(self, number, quick=False):
        """(the trial, the seconds that it took in all). Raises what went wrong; the trial is then in `self.trial`."""
        self.trial = trial = Trial(self.row, number, quick)
        began = time.monotonic()
        if self._stage is None or self._used >= self.row.tries_per_stage:
            self.close()
            self._stage, self._used = self.row.open(trial), 0
        self._used += 1
        try:
            self.row.attempt(self._stage, trial)
        except BaseException:
            self.abandon()
            raise
        return trial, time.monotonic() - began

    def close(self):
        """Fails when what the stage holds does not end as it should."""
        stage, self._stage = self._stage, None
        if stage:
            stage.close()

    def abandon(self):
        try:
            self.close()
        except Exception:  # the try's own failure says more
            pass


def missing_paths(row, paths, quick=False):
    """Rare paths that should have moved and stayed at 0."""
    return [name for name in (row.quick_must_move if quick else row.must_move) if not paths.get(name)]
