"""Checkpoints of a million customers: the pause of a shard, the size, and how soon a killed kpid is back on them."""
import os
import re
import subprocess

from bench.results import Case, case_table, interleave
from bench.scenario import Outcome
from bench.stage import bench_program
from harness.daemon import run
from harness.process import ROOT

PAUSE = re.compile(r"^save, shard \d+ \(the pause\) +([\d.]+) ms wall, +([\d.]+) ms CPU", re.M)
SIZE = re.compile(r"^checkpoints +(\d+) bytes, ([\d.]+) a customer", re.M)
LOAD = re.compile(r"^load, all, a thread a shard +([\d.]+) ms wall, +([\d.]+) ms CPU", re.M)
START = re.compile(r"^start (\d+): back and caught up after ([\d.]+) s, ([\d.]+) s CPU", re.M)


def save_and_load(customers):
    text = run(bench_program("bench_checkpoint"), "--customers", customers, deadline_seconds=900)
    pauses = [(float(wall), float(cpu)) for wall, cpu in PAUSE.findall(text)]
    size, load = SIZE.search(text), LOAD.search(text)
    return {"longest_pause_ms": max(wall for wall, _ in pauses), "longest_pause_cpu_ms": max(cpu for _, cpu in pauses),
            "bytes": int(size[1]), "bytes_per_customer": float(size[2]), "load_ms": float(load[1]), "load_cpu_ms": float(load[2])}


def restart(customers):
    """The first start reads what bench_checkpoint wrote, which is warm in no cache of kpid's; the others read kpid's own."""
    done = subprocess.run([os.path.join(ROOT, "tests", "bench", "restart"), str(customers)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=1800)
    if done.returncode != 0:
        raise AssertionError(f"tests/bench/restart ended with {done.returncode}:\n{done.stderr[-3000:]}")
    starts = [(float(seconds), float(cpu)) for number, seconds, cpu in START.findall(done.stdout) if number != "0"]
    return {"restart_seconds": max(seconds for seconds, _ in starts), "restart_cpu_seconds": max(cpu for _, cpu in starts)}


def measure(bench):
    customers = bench.size(1000000, 20000)
    saves = Case(f"save and load, {customers:,} customers", lambda: save_and_load(customers), customers=customers, shards=4)
    starts = Case(f"restart, {customers:,} customers", lambda: restart(customers), customers=customers, shards=4)
    interleave([saves, starts], bench.runs, bench.say)
    return Outcome([saves, starts], [
        case_table([saves], {"pause of a shard ms": "longest_pause_ms", "of it CPU ms": "longest_pause_cpu_ms", "MB": ("bytes", 1e-6),
                             "bytes a customer": "bytes_per_customer", "load ms": "load_ms"}),
        case_table([starts], {"longest restart s": "restart_seconds", "CPU s": "restart_cpu_seconds"})])
