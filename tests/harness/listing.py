"""Prints the tests of a folder, one id a line; a file that cannot be imported is an id that fails when it is run."""
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def tests_of(suite):
    for entry in suite:
        if isinstance(entry, unittest.TestSuite):
            yield from tests_of(entry)
        else:
            yield entry


for test in tests_of(unittest.defaultTestLoader.discover(sys.argv[1], "test_*.py", sys.argv[1])):
    failed = type(test).__name__ == "_FailedTest"
    print(test.id().removeprefix("unittest.loader._FailedTest.") if failed else test.id())
