"""Every error that a broker can answer with, on every request of a consumer's life."""
import os
import subprocess
import time

from faults.row import Row
from faults.stage import Stage
from harness import figures
from harness.case import DEAD_LETTERS, LATE, PARTITIONS
from harness.daemon import built
from harness.process import Process, temporary_folder, wait_until

# Keys of Kafka's protocol.
REQUESTS = {0: "Produce", 1: "Fetch", 2: "ListOffsets", 3: "Metadata", 8: "OffsetCommit", 9: "OffsetFetch", 10: "FindCoordinator", 18: "ApiVersions",
            19: "CreateTopics", 22: "InitProducerId"}
ERRORS = [-1, *range(1, 98)]
TIMES = 2
CLEAR = (0, 1, 78)  # exit codes with a word in the log


class FailingBroker(Stage):
    """kpid on librdkafka's broker in memory, whose answers are made errors."""

    def new_brokers(self):
        self.broker = Process("broker", [built("tests/faults/failing_broker"), *(f"{name}:{PARTITIONS}" for name in [*figures.topics(), DEAD_LETTERS, LATE])],
                              os.path.join(temporary_folder("broker"), "log"), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(self.broker.stop)
        return self.broker.stdout.readline().decode().strip(), None

    def open(self):
        self.setUp()
        self.prefix = ""
        self.until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self.people = self.roster("--end", self.until, "--days", 5, "--customers", 10)
        self.written = 0
        return self

    def fail(self, api, error, times=TIMES):
        self.broker.stdin.write(b"%d %d %d\n" % (api, error, times))
        self.broker.stdin.flush()
        assert self.broker.stdout.readline() == b"ok\n"

    def more(self, seed):
        path = os.path.join(temporary_folder("events"), "events")
        self.simulate("--out", path, "--seed", seed, "--end", self.until, "--days", 2, "--customers", 5)
        with open(path, "rb") as file:
            self.written += sum(1 for line in file if line.strip())
        self.produce_history("--seed", seed, "--end", self.until, "--days", 2, "--customers", 5)


class ErrorsOfBrokers(Row):
    id = "K3"
    fault = "each of 98 error codes on each of 10 kinds of request, while kpid starts and reads"
    shows = "no crash, no hang over 60 s; nothing lost, nothing read twice"
    tries = len(ERRORS)
    quick = 1
    tries_per_stage = 25
    HANG_SECONDS = 60

    def open(self, trial):
        stage = FailingBroker(trial.seed).open()
        stage.subject = stage.kpid()
        stage.more(trial.seed)
        return stage

    def attempt(self, stage, trial):
        error, kpid = ERRORS[(trial.number * 5) % len(ERRORS)] if trial.quick else ERRORS[trial.number], stage.subject
        trial.note(f"error {error}")
        trial.counts_for(len(REQUESTS))
        for api in REQUESTS:
            stage.fail(api, 0, 0)
        if kpid.running():
            assert kpid.terminate(self.HANG_SECONDS) == 0
        stage.more(trial.seed)
        for api in REQUESTS:
            stage.fail(api, error)
        began, ends = time.monotonic(), 0
        kpid.start()
        while not self.read_all(stage, kpid):
            ends += 1
            code = kpid.wait_exit()
            assert code in CLEAR and ends < 20, f"error {error}: it ended with {code}, {ends} times\n{kpid.log_tail()}"
            kpid.start()
        trial.took(time.monotonic() - began)
        if ends:
            trial.note(f"started again {ends} times")
        meta = kpid.meta()
        assert int(meta["records"]) == stage.written and not meta["gap"], f"{stage.written} records: {meta}"

    def read_all(self, stage, kpid):
        """False when it ended by itself, with a word about it."""
        def settled():
            if not kpid.running():
                return "ended"
            meta = kpid.meta()
            whole = meta.get("pid") == str(kpid.pid) and int(meta.get("records", 0)) >= stage.written
            return "read" if whole and meta.get("caught_up") == "1" else None
        return wait_until(settled, self.HANG_SECONDS, f"{stage.written} records to be read", kpid._details) == "read"
