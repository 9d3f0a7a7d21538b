"""The fault tests, a few tries of each row; all of them: make test-faults."""
import unittest

from faults.catalogue import all_rows
from faults.row import Runner, missing_paths


class Quick(unittest.TestCase):
    row = None

    def run_row(self):
        runner, self.notes, paths = Runner(self.row), [], {}
        try:
            for number in range(self.row.quick):
                trial, _ = runner.run(number, quick=True)
                paths.update({name: paths.get(name, 0) + count for name, count in trial.paths.items()})
            runner.close()
        finally:
            runner.abandon()
        self.assertEqual([], missing_paths(self.row, paths, quick=True), "rare paths that were never taken")
        self.notes.append(f"{self.row.quick} tries of {self.row.tries}")


def test_of(row):
    """A class of its own, so that rows run beside each other."""
    return type(f"Fault{row.id}", (Quick,), {"row": row, f"test_{row.id}": Quick.run_row, "__module__": __name__})


globals().update({f"Fault{row.id}": test_of(row) for row in all_rows() if row.quick})
del Quick
