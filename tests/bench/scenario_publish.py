"""Publishing: KPI values a second into Redis, nearly every figure of every key changed in each turn."""
import json

from bench import measure as kernel
from bench.results import Case, case_table, interleave
from bench.scenario import Outcome
from bench.stage import SMALL, bench_program
from harness.daemon import CONFIG, run
from harness.redis import RedisServer

COLUMNS = {"values/s": "values_per_second", "keys": "keys", "CPU-s per million values": "cpu_seconds_per_million",
           "Redis CPU-s per million": "redis_cpu_seconds_per_million"}


def publish(config, keys, seconds):
    with RedisServer() as redis:
        before = kernel.cpu_seconds(redis.pid)
        said = json.loads(run(bench_program("bench_publish"), "--redis", redis.url, "--config", config, "--keys", keys, "--seconds", seconds,
                              deadline_seconds=900))
        redis_cpu = kernel.cpu_seconds(redis.pid) - before
    return {**said, "values_per_second": said["values"] / said["seconds"], "cpu_seconds_per_million": said["cpu_seconds"] * 1e6 / said["values"],
            "redis_cpu_seconds_per_million": redis_cpu * 1e6 / (said["values"] + said["first_values"])}


def measure(bench):
    seconds = bench.size(5, 2)
    cases = [Case(f"{name}, {keys:,} reps", lambda config=config, keys=keys: publish(config, keys, seconds), config=name, keys=keys)
             for name, config, keys in (("small", SMALL, bench.size(10000, 1000)), ("shipped", CONFIG, bench.size(1000, 100)))]
    interleave(cases, bench.runs, bench.say)
    return Outcome(cases, [case_table(cases, COLUMNS)])
