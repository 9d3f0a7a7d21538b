"""Clocks that are wrong, and days on which the calendar does something."""
import calendar
import mmap
import os
import struct
import time

from faults.points import built
from faults.row import Row
from faults.stage import Stage, text_of
from harness.process import temporary_folder

DAY = 86400
OFFSETS = {"an hour ahead": 3600, "an hour behind": -3600, "ten years ahead": 3652 * DAY, "a day behind": -DAY}


class Clock:
    """What kpid takes for the time, `offset` seconds ahead."""

    def __init__(self, offset=0):
        self._path = os.path.join(temporary_folder("clock"), "offset")
        with open(self._path, "wb") as file:
            file.write(bytes(8))
        with open(self._path, "r+b") as file:
            self._offset = mmap.mmap(file.fileno(), 8)
        self.set(offset)

    def set(self, offset):
        self._offset[:] = struct.pack("=q", offset * 1000)

    def environment(self):
        return {"LD_PRELOAD": built("tests", "harness", "clock_shim.c"), "KPID_TEST_CLOCK": self._path}


class WrongClock(Row):
    """The clock of kpid's machine steps while it runs, or is wrong when it starts; Kafka's is right. Then it is put right."""
    id = "C1"
    fault = "the clock an hour or a day or ten years wrong, while kpid runs and when it starts"
    shows = "all figures right at the published end, which may stand still; an alarm; all right when the clock is"
    tries = 16
    quick = 1
    must_move = ("alarm", "alarm at the start")

    def open(self, trial):
        stage = Stage(trial.seed).open()
        stage.clock = Clock()
        stage.subject = stage.kpid()
        stage.subject.env.update(stage.clock.environment())
        stage.subject.start()
        stage.wait_all(stage.subject)
        return stage

    def attempt(self, stage, trial):
        kpid, (name, offset) = stage.subject, list(OFFSETS.items())[trial.number % len(OFFSETS)]
        starts = trial.number // len(OFFSETS) % 2 == 1
        if starts:
            kpid.terminate()
        said = len(kpid.log_text())
        stage.clock.set(offset)
        if starts:
            kpid.start()
        self.wait_said(kpid, said, "figures stand still")
        trial.path("alarm at the start" if starts else "alarm")
        if not starts:
            stage.news(trial)
            stage.assert_right(kpid)
        said = len(kpid.log_text())
        began = time.monotonic()
        stage.clock.set(0)
        self.wait_said(kpid, said, "agrees with Kafka's again")
        stage.news(trial)
        kpid.wait_until(lambda: self.is_of_now(kpid.meta().get("published_end", "")), "the end to be of now", 150)
        stage.wait_heals(kpid, trial, began, 120, boards_too=True)
        trial.note(name + (" at the start" if starts else ""))

    @staticmethod
    def wait_said(kpid, said, text):
        kpid.wait_until(lambda: text in kpid.log_text()[said:], f"the words '{text}'", 120)

    @staticmethod
    def is_of_now(end):
        return end and abs(seconds_of(end) - time.time()) < 120


def seconds_of(text):
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))


class ShiftedStage(Stage):
    """kpid and all events live `shift` seconds from now. The broker does not, so its stamps must not be compared with the clock."""

    def __init__(self, seed, crossing, ahead):
        super().__init__(seed)
        self.shift = int(seconds_of(crossing) - ahead - time.time())

    def now(self):
        return time.time() + self.shift

    def create_topics(self, *arguments):
        super().create_topics(*arguments)
        self.tool.create(self.topic("kpid.clock"), configs={"message.timestamp.type": "CreateTime"})


class Calendar(Row):
    """The clock crosses an instant at which local days (Europe/Berlin) are not as usual."""
    id = "C2"
    fault = "summer time begins and ends, a leap day begins and ends, while kpid runs"
    shows = "all figures right before and after"
    tries = 4
    tries_per_stage = 1
    AHEAD = 60  # seconds from the beginning of the try to the crossing
    CROSSINGS = ("2027-03-28T01:00:00Z", "2027-10-31T01:00:00Z", "2028-02-28T23:00:00Z", "2028-02-29T23:00:00Z")
    must_move = ("compared before", "compared after")

    def open(self, trial):
        stage = ShiftedStage(trial.seed, self.CROSSINGS[trial.number], self.AHEAD)
        stage.open()
        stage.subject = stage.kpid()
        stage.subject.env.update(Clock(stage.shift).environment())
        stage.subject.start()
        return stage

    def attempt(self, stage, trial):
        kpid, crossing = stage.subject, self.CROSSINGS[trial.number]
        meta = stage.assert_right(kpid, boards_too=True)
        if meta["published_end"] <= crossing:
            trial.path("compared before")
        kpid.wait_until(lambda: kpid.meta().get("published_end", "") > crossing, f"{crossing} to pass", self.AHEAD + 120)
        stage.until = text_of(stage.now())
        stage.news(trial)
        began = time.monotonic()
        stage.wait_heals(kpid, trial, began, 120, boards_too=True)
        trial.path("compared after")
        trial.note(f"across {crossing}")
