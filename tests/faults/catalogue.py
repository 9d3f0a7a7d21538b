"""All rows: the classes with an id in tests/faults/rows_*.py."""
import glob
import importlib
import os
import re

from faults.row import Row


def all_rows():
    """In the order of their ids: F1, F2, F10."""
    found = {}
    for path in sorted(glob.glob(os.path.join(os.path.dirname(__file__), "rows_*.py"))):
        module = importlib.import_module("faults." + os.path.basename(path)[:-3])
        for kind in vars(module).values():
            if isinstance(kind, type) and issubclass(kind, Row) and kind.id and kind.__module__ == module.__name__:
                if kind.id in found:
                    raise RuntimeError(f"two rows are called {kind.id}")
                found[kind.id] = kind()
    return [found[name] for name in sorted(found, key=order)]


def order(name):
    letters, number, rest = re.fullmatch(r"(\D*)(\d*)(.*)", name).groups()
    return letters, int(number or 0), rest
