"""kpictl replay against the oracle: every figure, digit for digit."""
import random
import re

from harness import figures
from harness.case import Case
from harness.daemon import CONFIG, run

FAULTS = ["--duplicates", 3, "--disorder", 10, "--disorder-max", "2d", "--late", 2, "--malformed", 2, "--future", 1,
          "--wrong-partition", 1, "--conflicts", 1, "--oversized", 2, "--cloudevents", 20]
SMALL = ["--customers", 150, "--reps", 6, "--teams", 3]
HOUR = 3600 * 1000
RECEIVED = re.compile(rb'"received_at":(\d+)')


def replay(path, as_of, roster, *options):
    """The figures as lines, without as_of."""
    output = run("kpictl", "replay", "--config", CONFIG, "--set", f"roster.file={roster}", "--as-of", as_of, *options, path)
    return [line for lines in figures.split_by_as_of(output.splitlines()).values() for line in lines]


class Replay(Case):
    def check(self, seed, period, instants, *options, as_arrived=False):
        options = ["--seed", seed, *period, *SMALL, *options]
        path, roster = self.simulated_file(*options), self.roster(*options)
        expected, counts = figures.oracle(path, instants, roster, as_arrived)
        self.note(f"{counts['events']} events")
        for instant in instants:
            with self.subTest(as_of=instant):
                figures.compare(expected[instant], replay(path, instant, roster, *(["--as-arrived"] if as_arrived else [])))
        return counts

    def test_both_clock_changes_and_the_end_of_a_year(self):
        """In Berlin clocks change at 01:00 UTC."""
        self.check(11, ["--start", "2025-03-10T00:00:00Z", "--end", "2026-01-20T00:00:00Z"],
                   ["2025-03-30T00:59:59Z", "2025-03-30T01:00:00Z", "2025-03-31T12:34:56.789Z", "2025-10-26T00:30:00Z", "2025-10-26T01:30:00Z",
                    "2025-10-27T00:00:00Z", "2025-12-31T22:59:59.999Z", "2025-12-31T23:00:00Z", "2026-01-01T00:00:30Z", "2026-01-20T00:00:00Z"])

    def test_a_leap_day(self):
        self.check(12, ["--start", "2024-01-15T00:00:00Z", "--end", "2024-04-15T00:00:00Z"],
                   ["2024-02-28T23:00:00Z", "2024-02-29T12:00:00Z", "2024-02-29T23:00:01Z", "2024-03-31T07:00:00Z", "2024-04-15T00:00:00Z"])

    def test_short_and_busy(self):
        self.check(13, ["--start", "2026-06-29T00:00:00Z", "--end", "2026-07-06T00:00:00Z"],
                   ["2026-06-29T06:00:00Z", "2026-06-30T22:00:00Z", "2026-07-01T09:17:03Z", "2026-07-06T00:00:00Z", "2026-08-03T00:00:00Z"],
                   "--customers", 600)

    def test_long_after_the_last_event(self):
        self.check(14, ["--start", "2025-01-01T00:00:00Z", "--end", "2025-03-01T00:00:00Z"],
                   ["2025-03-20T00:00:00Z", "2025-06-15T10:00:00Z", "2026-02-20T00:00:00Z", "2027-06-01T00:00:00Z"])

    def test_half_a_year(self):
        self.check(15, ["--start", "2025-05-01T00:00:00Z", "--end", "2025-11-05T00:00:00Z"],
                   ["2025-05-01T00:00:00Z", "2025-06-30T21:59:00Z", "2025-07-01T00:00:00Z", "2025-09-30T22:00:00.001Z", "2025-11-05T00:00:00Z"])

    def test_as_arrived(self):
        counts = self.check(16, ["--start", "2025-09-01T00:00:00Z", "--end", "2025-11-15T00:00:00Z"],
                            ["2025-10-26T01:00:00Z", "2025-11-14T17:00:00Z", "2025-11-15T00:00:00Z"], *FAULTS, as_arrived=True)
        for reason in ("late", "future", "wrong_partition", "conflict", "duplicate"):
            self.assertGreater(counts[reason], 0, reason)

    def test_five_seeds_with_disorder_and_duplicates(self):
        """Over both changes of the clock's time of year, month ends and midnights: kpisim puts events right at them."""
        for seed in range(31, 36):
            start = f"2025-0{seed - 30}-20T00:00:00Z"
            self.check(seed, ["--start", start, "--end", "2025-11-02T00:00:00Z"],
                       ["2025-10-26T00:30:00Z", "2025-10-31T23:00:00Z", "2025-11-02T00:00:00Z"],
                       "--duplicates", 5, "--disorder", 30, "--disorder-max", "6d", "--customers", 80, as_arrived=True)

    def test_what_arrived_wrong_does_not_matter_without_as_arrived(self):
        self.check(17, ["--start", "2025-10-01T00:00:00Z", "--end", "2025-11-15T00:00:00Z"], ["2025-11-15T00:00:00Z"], *FAULTS)


class Order(Case):
    PERIOD = ["--start", "2025-09-20T00:00:00Z", "--end", "2025-11-20T00:00:00Z"]
    INSTANTS = ["2025-11-01T00:00:00Z", "2025-11-20T00:00:00Z", "2025-11-28T00:00:00Z"]

    def setUp(self):
        super().setUp()
        options = ["--seed", 21, *self.PERIOD, *SMALL]
        self.path, self.people = self.simulated_file(*options), self.roster(*options)

    def shuffled(self, seed):
        """Every line up to 6 d 23 h later than it came, in the new order of arrival. (No retraction: what they reach depends on when they
        come.)"""
        source = random.Random(seed)
        lines = []
        with open(self.path, "rb") as file:
            for line in file:
                if b"event.retracted" in line:
                    continue
                arrived = int(RECEIVED.search(line).group(1)) + source.randrange(167 * HOUR)
                lines.append((arrived, RECEIVED.sub(b'"received_at":%d' % arrived, line, count=1)))
        lines.sort(key=lambda item: item[0])
        path = self.path + f".{seed}"
        with open(path, "wb") as file:
            file.writelines(line for _, line in lines)
        return path

    def test_arrival_within_the_allowed_lateness_changes_no_digit(self):
        options = ["--seed", 21, *self.PERIOD, *SMALL, "--retractions", 0]
        expected, _ = figures.oracle(self.simulated_file(*options), self.INSTANTS, self.people)
        for seed in (1, 2):
            path = self.shuffled(seed)
            for instant in self.INSTANTS:
                with self.subTest(seed=seed, as_of=instant):
                    figures.compare(expected[instant], replay(path, instant, self.people, "--as-arrived"))

    def test_duplicates_change_no_digit(self):
        with open(self.path, "rb") as file:
            lines = file.readlines()
        path = self.path + ".twice"
        with open(path, "wb") as file:
            file.writelines(lines + lines[::-1])
        instant = self.INSTANTS[1]
        self.assertEqual(sorted(replay(self.path, instant, self.people)), sorted(replay(path, instant, self.people)))

    def test_the_number_of_shards_changes_no_digit(self):
        for options in ([], ["--as-arrived"]):
            for instant in self.INSTANTS[:2]:
                one, four = (sorted(replay(self.path, instant, self.people, "--shards", count, *options)) for count in (1, 4))
                with self.subTest(as_of=instant, options=options):
                    self.assertGreater(len(one), 1000)
                    self.assertEqual(one, four)
