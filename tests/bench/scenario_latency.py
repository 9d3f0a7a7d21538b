"""Latency: from before an event is handed to its producer until its count is read from Redis, caught up, at steady rates."""
import json

from bench import measure as kernel
from bench.results import Case, case_table, interleave
from bench.scenario import Outcome
from bench.stage import SMALL, History, Stage, bench_program, write_roster
from harness.daemon import run

COLUMNS = {"p50 ms": "p50_ms", "p99 ms": "p99_ms", "p99.9 ms": "p999_ms", "max ms": "max_ms", "probes": "probes",
           "events/s": "events_per_second", "CPU share": "cpu_share", "stolen %": "stolen_percent"}


def latency(stage, history, rate, seconds, *options):
    text = run(bench_program("bench_latency"), "--brokers", stage.broker.address, "--prefix", history.prefix, "--rate", rate, "--seconds", seconds,
               *options, deadline_seconds=seconds + 180)
    return json.loads(text)


def of_kpid(stage, history, rate, seconds):
    """On a kpid that has just caught up with all that the topics hold."""
    daemon = stage.daemon(history)
    ends = stage.broker.tool().ends(*history.topics)
    daemon.start()
    daemon.wait_consumed(ends, 600)
    before = kernel.cpu_seconds(daemon.pid)
    figures = latency(stage, history, rate, seconds, "--redis", stage.redis.url)
    cpu = kernel.cpu_seconds(daemon.pid) - before
    daemon.kill()
    return {**figures, "cpu_share": cpu / (figures["events"] / figures["events_per_second"]), "cpu_seconds_per_million": cpu * 1e6 / figures["events"]}


def measure(bench):
    seconds = bench.size(20, 4)
    cases = []
    with Stage() as stage:
        settings = {"roster.file": write_roster(100)}

        def new_topics():
            return History(*stage.small_topics(), 0, SMALL, settings)

        latency(stage, new_topics(), 5000, seconds)  # so that the broker's code is warm
        for rate in (1000, 5000, 50000):
            cases += [
                Case(f"{rate:,}/s: Kafka alone", lambda rate=rate: latency(stage, new_topics(), rate, seconds), who="kafka", rate=rate),
                Case(f"{rate:,}/s: into Redis", lambda rate=rate: of_kpid(stage, new_topics(), rate, seconds), who="kpid", rate=rate)]
        before = stage.small_history(events=bench.size(1000000, 100000))
        cases.append(Case(f"5,000/s: into Redis, behind {before.events:,} events", lambda: of_kpid(stage, before, 5000, seconds), who="kpid after", rate=5000))
        interleave(cases, bench.runs, bench.say)
    return Outcome(cases, [case_table(cases, COLUMNS)])
