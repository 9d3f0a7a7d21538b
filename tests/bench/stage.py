"""What a scenario measures on: a broker, a Redis, topics full of events, kpid and the bare consumer."""
import json
import os
import socket
import time

from bench import measure
from harness.case import NOT_EVENTS
from harness.daemon import CONFIG, Daemon, built, run
from harness.kafka import SHIPPED_JAVA, Broker
from harness.process import ROOT, temporary_folder
from harness.redis import RedisServer

PARTITIONS = 4
SMALL = os.path.join(ROOT, "tests", "bench", "small")
SMALL_TOPICS = ("sales.calls", "sales.emails", "sales.deals")
TEAMS = 10


def bench_program(name):
    """As run() takes it."""
    return os.path.relpath(built(f"tests/bench/{name}"), os.path.dirname(built("kpid")))


def write_roster(reps, teams=TEAMS):
    """The reps of make_events, spread over the teams."""
    path = os.path.join(temporary_folder("roster"), "roster.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write("teams:\n" + "".join(f"  - {{id: t{team:02d}, name: Team {team}}}\n" for team in range(teams)))
        file.write("reps:\n" + "".join(f"  - {{id: r{rep:02d}, name: Rep {rep}, teams: [{{team: t{rep % teams:02d}}}]}}\n" for rep in range(reps)))
    return path


def simulated_roster(*options):
    """The reps of kpisim with these options."""
    path = os.path.join(temporary_folder("roster"), "roster.yaml")
    run("kpisim", "--roster", path, *options)
    return path


class History:
    """Topics of their own with events, the configuration that reads them, and how many there are."""

    def __init__(self, prefix, topics, events, config, settings):
        self.prefix, self.topics, self.events, self.config, self.settings = prefix, topics, events, config, settings


class Stage:
    """One broker and one Redis, for as long as the scenario lasts."""

    def __init__(self):
        self.broker = Broker(java=SHIPPED_JAVA)
        self.redis = RedisServer()
        self._histories = 0

    def __enter__(self):
        self.broker.start()
        self.redis.start()
        return self

    def __exit__(self, *_):
        self.redis.stop()
        self.broker.stop()

    # ---- histories

    def _prefix(self):
        self._histories += 1
        return f"h{self._histories}."

    def small_topics(self):
        prefix = self._prefix()
        topics = [prefix + name for name in (*SMALL_TOPICS, "sales.dead_letters", "sales.late")]
        self.broker.tool().create(*topics, partitions=PARTITIONS)
        return prefix, topics[:len(SMALL_TOPICS)]

    def shipped_topics(self):
        """All that the shipped configuration reads; those that make_events writes to come back."""
        prefix = self._prefix()
        run("kpisim", "topics", "--brokers", self.broker.address, "--partitions", PARTITIONS, "--topic-prefix", prefix)
        return prefix, [prefix + name for name in SMALL_TOPICS]

    def small_history(self, events=1000000, reps=100, customers=10000, roster=True, options=(), settings=None, config=SMALL):
        """Of make_events; without a roster there are no teams."""
        prefix, topics = self.shipped_topics() if config == CONFIG else self.small_topics()
        run(bench_program("make_events"), "--brokers", self.broker.address, "--prefix", prefix, "--events", events, "--reps", reps,
            "--customers", customers, *options, deadline_seconds=900)
        chosen = {"roster.file": write_roster(reps)} if roster else {}
        return History(prefix, topics, events, config, {**chosen, **(settings or {})})

    def simulated_history(self, *options, settings=None):
        """Of kpisim, for the shipped configuration."""
        roster = simulated_roster(*options)
        prefix, _ = self.shipped_topics()
        run("kpisim", "--brokers", self.broker.address, "--partitions", PARTITIONS, "--topic-prefix", prefix, *options, deadline_seconds=900)
        others = [prefix + name for name in NOT_EVENTS]
        topics = sorted(name for name in self.broker.tool().topics() if name.startswith(prefix) and name not in others)
        events = sum(self.broker.tool().ends(*topics).values())
        return History(prefix, topics, events, CONFIG, {"roster.file": roster, **(settings or {})})

    # ---- kpid

    def daemon(self, history, **settings):
        """With the settings of kpid's users, not those of the tests, but for what is given (__ for the dot). Redis is empty."""
        with self.redis.client() as client:
            client.command("FLUSHALL")
        chosen = {"checkpoint.interval": "10s", "workers.threads": "0", **history.settings,
                  **{name.replace("__", "."): value for name, value in settings.items()}}
        return Daemon(self.broker.address, self.redis, history.prefix, history.config, chosen)

    def catch_up(self, history, deadline_seconds=900, **settings):
        """A kpid without state reads it all, and is ended: a run's figures."""
        daemon = self.daemon(history, **settings)
        figures = self.start_and_catch_up(daemon, history.events, deadline_seconds)
        figures["memory"] = measure.memory(daemon.pid)
        daemon.kill()
        return figures

    def start_and_catch_up(self, daemon, records, deadline_seconds=900):
        """Until kpid has published that it has read so many records and is at the end. `seconds` count from its start, `reading_seconds` from
        where its workers begin to read; processor seconds are kpid's in all. Redis's come beside them."""
        redis_cpu = measure.cpu_seconds(self.redis.pid)
        with Readiness(daemon) as readiness, self.redis.client() as client:
            token = int(client.command("HGET", "kpi:meta", "token") or 0)
            began = time.monotonic()
            daemon.start()
            deadline = began + deadline_seconds
            ready = daemon.wait_until(readiness.seen, "kpid to be ready", deadline_seconds)
            end, cpu = daemon.wait_until(lambda: self._caught_up(daemon, client, records, token), "kpid to read on", deadline - time.monotonic())
        return {"records": records, "seconds": end - began, "reading_seconds": end - ready, "cpu_seconds": cpu,
                "reading_per_second": records / (end - ready), "cpu_seconds_per_million": cpu * 1e6 / max(records, 1),
                "redis_cpu_seconds": measure.cpu_seconds(self.redis.pid) - redis_cpu}

    @staticmethod
    def _caught_up(daemon, client, records, token):
        """By a process with a later token."""
        read, caught_up, newer = client.command("HMGET", "kpi:meta", "records", "caught_up", "token")
        there = caught_up == b"1" and int(read) >= records and int(newer) > token
        return (time.monotonic(), measure.cpu_seconds(daemon.pid)) if there else None

    # ---- the bare consumer

    def bare(self, history, mode="drop", threads=1):
        """A run's figures of the bare consumer (bare_consumer.c)."""
        text = run(bench_program("bare_consumer"), "--brokers", self.broker.address, "--topics", ",".join(history.topics),
                   "--partitions", PARTITIONS, "--mode", mode, "--threads", threads, deadline_seconds=900)
        said = json.loads(text)
        if said["records"] != history.events:
            raise AssertionError(f"the bare consumer read {said['records']} of {history.events} records")
        return {**said, "reading_per_second": said["records"] / said["reading_seconds"],
                "cpu_seconds_per_million": said["cpu_seconds"] * 1e6 / said["records"]}


class Readiness:
    """When kpid tells its service manager that it is ready."""

    def __init__(self, daemon):
        self._path = os.path.join(daemon.folder, "notify")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._env = daemon.env

    def __enter__(self):
        self._socket.bind(self._path)
        self._env["NOTIFY_SOCKET"] = self._path
        return self

    def __exit__(self, *_):
        self._socket.close()
        os.unlink(self._path)

    def seen(self):
        """The time, once it was; else None."""
        try:
            while b"READY=1" not in self._socket.recv(4096).split(b"\n"):
                pass
        except BlockingIOError:
            return None
        return time.monotonic()
