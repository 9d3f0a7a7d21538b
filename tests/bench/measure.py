"""What the kernel and the machine say: processor time and memory of a process, and which machine this is."""
import datetime
import os
import platform
import re
import subprocess

from harness.process import ROOT

TICK = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    """User and system time of all threads so far, also of those that have ended."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def stolen_seconds():
    """What the host of this virtual machine has given to others while there was something to do here: of all processors, since the start."""
    with open("/proc/stat", encoding="ascii") as file:
        return int(file.readline().split()[8]) / TICK


def memory(pid):
    """{"rss", "pss", "private", "peak"} in bytes."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        rollup = _kilobytes(file.read())
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        status = _kilobytes(file.read())
    return {"rss": rollup["Rss"], "pss": rollup["Pss"], "private": rollup["Private_Dirty"] + rollup["Private_Clean"],
            "peak": status["VmHWM"]}


def _kilobytes(text):
    return {name: int(number) * 1024 for name, number in re.findall(r"^(\w+):\s+(\d+) kB$", text, re.M)}


def _output(*command):
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, stdin=subprocess.DEVNULL)
    return done.stdout.strip() if done.returncode == 0 else ""


def _first(pattern, text):
    found = re.search(pattern, text, re.M)
    return found.group(1).strip() if found else ""


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        processor = _first(r"^model name\s*:\s*(.*)$", file.read())
    with open("/proc/meminfo", encoding="ascii") as file:
        kilobytes = int(_first(r"^MemTotal:\s+(\d+)", file.read()))
    return {"processor": processor or platform.machine(), "processors": os.cpu_count(),
            "memory_gib": round(kilobytes / (1 << 20), 1), "kernel": platform.release()}


def versions():
    with open(os.path.join(ROOT, "tests", "harness", "kafka", "pom.xml"), encoding="utf-8") as file:
        kafka = _first(r"<version>([0-9.]+)</version>\s*</dependency>", file.read())
    return {"kpid": _output(os.path.join(ROOT, "build", "kpid"), "--version"), "kafka": kafka,
            "redis": _first(r"v=([0-9.]+)", _output("redis-server", "--version")),
            "librdkafka": _output("pkg-config", "--modversion", "rdkafka"),
            "hiredis": _output("pkg-config", "--modversion", "hiredis"),
            "compiler": _output("gcc", "-dumpfullversion")}


def commit():
    name = _output("git", "rev-parse", "--short=10", "HEAD")
    changed = _output("git", "status", "--porcelain", "--", "base", "config", "pipeline", "daemon", "tools", "Makefile")
    return name + ("+changes" if changed else "")


def provenance():
    """What every file of results begins with."""
    return {"date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%MZ"), "commit": commit(),
            "load_average": [round(load, 1) for load in os.getloadavg()], "machine": machine(), "versions": versions()}
