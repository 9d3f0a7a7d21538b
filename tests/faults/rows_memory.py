"""Memory that is not there, and messages that ask for much of it."""
import os
import subprocess
import time

from faults.row import Row
from faults.stage import Stage
from harness.daemon import built
from harness.process import ROOT, wait_until

EXIT_NO_MEMORY = 70
SENTENCE = "kpid: out of memory"


class NoMemory(Row):
    id = "M1"
    fault = "the Nth allocation fails, N from 1 to 5,000: while kpid starts, or once it is ready"
    shows = "kpid ends with code 70 and one sentence; all figures right after"
    tries = 40
    quick = 1
    must_move = ("out of memory", "out of memory when ready")
    SAMPLES = 5

    def open(self, trial):
        stage = Stage(trial.seed).open()
        stage.subject = stage.kpid()
        return stage

    def attempt(self, stage, trial):
        kpid = stage.subject
        if kpid.running():
            kpid.kill()
        samples = 2 if trial.quick else self.SAMPLES
        for sample in range(samples):
            self.fail(stage, trial, trial.number * self.SAMPLES + sample)
        del kpid.env["KPID_TEST_FAIL_ALLOCATION"]
        trial.counts_for(samples)
        began = time.monotonic()
        kpid.start()
        stage.wait_right(kpid, trial, began)
        stage.assert_right(kpid)

    def fail(self, stage, trial, number):
        """The 200 samples stand 25 apart, a quarter of them counts from READY on."""
        kpid, ready = stage.subject, number % 4 == 3
        nth = 1 + number * 25 % 5000
        kpid.env["KPID_TEST_FAIL_ALLOCATION"] = f"ready:{nth}" if ready else str(nth)
        seen = len(kpid.log_text())
        kpid.start()
        if ready:
            stage.news(trial)
        wait_until(lambda: not kpid.running(), 60, f"the end by allocation {nth}", kpid.log_tail)
        code = kpid.wait_exit()
        assert code == EXIT_NO_MEMORY and SENTENCE in kpid.log_text()[seen:], f"allocation {nth}: {code}\n{kpid.log_tail()}"
        trial.path("out of memory when ready" if ready else "out of memory")


class NoMemoryInProcess(Row):
    id = "M1p"
    fault = "each of the first 5,000 allocations of decode, shard, save and load fails, in process"
    shows = "exit code 70 and one sentence each time"
    tries = 1
    limit_seconds = 900

    def open(self, trial):
        return _Nothing()

    def attempt(self, stage, trial):
        done = subprocess.run([built("tests/unit/test_out_of_memory")], env={**os.environ, "KPID_PROPERTY_RUNS": "300"}, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        assert done.returncode == 0, done.stdout + done.stderr
        count = int(next(line.split()[0] for line in (done.stdout + done.stderr).splitlines() if line.endswith("allocations failed")))
        trial.counts_for(count)
        trial.note(f"{count} allocations")


class MuchAsked(Row):
    id = "I3"
    fault = "10 million distinct ids of one customer; 1 million names that collide under unkeyed hashes"
    shows = "what is kept is within the limits; at least half as fast as harmless events"
    tries = 1
    quick = 1
    limit_seconds = 900

    def open(self, trial):
        return _Nothing()

    def attempt(self, stage, trial):
        ids, keys = (300000, 120000) if trial.quick else (10000000, 1000000)
        done = subprocess.run([built("tests/bench/bench_limits"), "--ids", str(ids), "--keys", str(keys)], cwd=ROOT, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL)
        assert done.returncode == 0, done.stdout + done.stderr
        trial.counts_for(ids + keys)
        for line in done.stdout.splitlines():
            trial.note(" ".join(line.split()))


class _Nothing:
    def close(self):
        pass
