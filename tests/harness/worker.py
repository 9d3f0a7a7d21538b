"""Runs test classes for tests/run: one JSON line in {"root", "tests"}, events out as JSON lines.

A process of its own, so that a test that hangs or crashes costs only itself. What tests print goes to standard error.
"""
import json
import os
import sys
import time
import traceback
import unittest

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, TESTS)

from harness.process import handle_signals  # noqa: E402


class Reporter(unittest.TestResult):
    """A skipped test is a failure: nothing is left out in silence."""

    def __init__(self, output):
        super().__init__()
        self._output = output
        self._problems = []

    def send(self, **event):
        self._output.write(json.dumps(event) + "\n")
        self._output.flush()

    def startTest(self, test):
        super().startTest(test)
        self._problems = []
        self._began = time.monotonic()
        self.send(event="start", test=test.id())

    def stopTest(self, test):
        super().stopTest(test)
        self.send(event="end", test=test.id(), seconds=time.monotonic() - self._began, problem="\n".join(self._problems),
                  notes=getattr(test, "notes", []))

    def _problem(self, test, text):
        if hasattr(test, "_testMethodName"):
            self._problems.append(text)
        else:  # setUpClass and its like
            self.send(event="end", test=test.id(), seconds=0, problem=text, notes=[])

    def addError(self, test, error):
        self._problem(test, "".join(traceback.format_exception(*error)))

    def addFailure(self, test, error):
        self._problem(test, "".join(traceback.format_exception(*error)))

    def addSubTest(self, test, subtest, error):
        if error:
            self._problem(test, f"{subtest}\n" + "".join(traceback.format_exception(*error)))

    def addSkip(self, test, reason):
        self._problem(test, f"skipped: {reason}")

    def addUnexpectedSuccess(self, test):
        self._problem(test, "succeeded, but was expected to fail")


def main():
    handle_signals()
    output = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        job = json.loads(line)
        if job["root"] not in sys.path:
            sys.path.insert(0, job["root"])
        reporter = Reporter(output)
        unittest.defaultTestLoader.loadTestsFromNames(job["tests"]).run(reporter)
        reporter.send(event="done")


main()
