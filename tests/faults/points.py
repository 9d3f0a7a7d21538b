"""Named points of kpid's work with its files and with Redis, where it is killed by a preloaded library (shim.c)."""
import functools
import os
import subprocess
import threading

from harness.process import ROOT, temporary_folder

# point: (how many such calls a short run makes for sure, what may be done there)
POINTS = {
    "load": (4, ("before", "after")),
    "create": (6, ("before", "after")),
    "write": (16, ("before", "half", "after")),
    "sync": (6, ("before", "after")),
    "rename": (6, ("before", "after")),
    "sync_folder": (6, ("before", "after")),
    "remove": (4, ("before", "after")),
    "connect": (1, ("before", "after")),
    "send": (8, ("before", "half", "after")),
}

_lock = threading.Lock()


@functools.cache
def built(*source):
    """A library to preload, of one of our sources."""
    with _lock:
        target = os.path.join(temporary_folder("preload"), os.path.basename(source[-1])[:-2] + ".so")
        command = ["cc", "-O1", "-shared", "-fPIC", "-pthread", "-D_GNU_SOURCE", "-o", target, os.path.join(ROOT, *source), "-ldl"]
        subprocess.run(command, check=True)
    return target


def environment(point, nth, when, redis_port):
    """Variables for the kpid that is to end there."""
    return {"LD_PRELOAD": built("tests", "faults", "shim.c"), "KPID_FAULT": f"{point}:{nth}:{when}", "KPID_FAULT_PORT": str(redis_port)}


def draw(source):
    """A point, which of its calls, and whether before or after it."""
    point = source.choice(sorted(POINTS))
    most, moments = POINTS[point]
    return point, source.randint(1, most), source.choice(moments)
