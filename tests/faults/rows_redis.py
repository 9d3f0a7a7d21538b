"""Redis that forgets, breaks, fills up or says no."""
import glob
import os
import shutil
import time

from faults.row import Row
from faults.stage import Stage, Watch, pass_time
from harness.process import wait_until
from harness.redis import RedisError

PERSISTENCE = {
    "without persistence": (),
    "append-only, every second": ("--appendonly", "yes", "--appendfsync", "everysec"),
    "append-only, always": ("--appendonly", "yes", "--appendfsync", "always"),
}


def begin(trial, *redis_options, **settings):
    """A stage with a kpid that has published all, on a Redis with these options."""
    stage = Stage(trial.seed)
    stage.redis_options = redis_options
    stage.open()
    stage.subject = stage.kpid(**settings).start()
    stage.wait_all(stage.subject)
    return stage


class Restarted(Row):
    id = "R1"
    fault = "Redis killed and restarted, without persistence and with an append-only file (everysec, always), 20 times each"
    shows = "all right again within 5 s of its return"
    tries = 60
    quick = 3
    must_move = ("loss detected",)
    quick_must_move = must_move

    def open(self, trial):
        return begin(trial)

    def attempt(self, stage, trial):
        kpid, (name, options) = stage.subject, list(PERSISTENCE.items())[trial.number % len(PERSISTENCE)]
        if stage.redis.options != options:
            stage.redis.stop()
            stage.redis.options = options
            stage.redis.start()
            stage.wait_heals(kpid, trial, time.monotonic())
        trial.seconds, watch = 0.0, Watch(kpid)
        stage.news(trial)
        pass_time(trial.random.uniform(0, 0.3))
        stage.redis.kill()
        if trial.random.random() < 0.5:
            stage.news(trial)
        stage.foresee()
        stage.redis.start()
        stage.wait_heals(kpid, trial, time.monotonic(), boards_too=trial.number % 10 == 0)
        watch.tell(trial)
        trial.note(name)


class Cut(Row):
    """Try n cuts n + 1 bytes off the end of the append-only file, then n + 1 + tries, and so on until the whole of the last transaction is gone:
    together they cut it at every byte. Each ends with cuts anywhere in the last 64 KiB."""
    id = "R3"
    fault = "Redis killed, its append-only file cut inside the last transaction, at every byte, and deeper"
    shows = "all figures right again at every byte"
    tries = 40
    quick = 1
    limit_seconds = 900
    must_move = ("loss detected",)
    DEEP = 4

    def open(self, trial):
        return begin(trial, "--appendonly", "yes", "--appendfsync", "always", "--auto-aof-rewrite-percentage", "0")

    def attempt(self, stage, trial):
        watch, cut, cuts = Watch(stage.subject), trial.number + 1, 0
        step = 1500 if trial.quick else self.tries
        while self.cut_and_heal(stage, trial, lambda last: cut if cut <= last else None):
            cut, cuts = cut + step, cuts + 1
        stage.news(trial)
        stage.wait_all(stage.subject)
        for _ in range(self.DEEP):
            self.cut_and_heal(stage, trial, lambda _: trial.random.randrange(1, 65536))
        watch.tell(trial)
        trial.counts_for(cuts + self.DEEP)

    def cut_and_heal(self, stage, trial, choose):
        """choose(bytes of the last transaction) says how many bytes to cut; None: no cut, and False."""
        stage.redis.kill()
        path = max(glob.glob(os.path.join(stage.redis.folder, "appendonlydir", "*.incr.aof")), key=os.path.getmtime)
        with open(path, "rb") as file:
            content = file.read()
        begins = content.rfind(b"*1\r\n$5\r\nMULTI\r\n")
        cut = choose(len(content) - begins)
        if cut:
            os.truncate(path, max(0, len(content) - cut))
        stage.redis.start()
        stage.wait_heals(stage.subject, trial, time.monotonic())
        return bool(cut)


class Damaged(Row):
    """Each heals by itself within redis.refresh, which is 5 s here and 60 s as shipped."""
    id = "R4"
    fault = "FLUSHALL, keys deleted, fields changed and planted, keys of the wrong type, SCRIPT FLUSH"
    shows = "healed within redis.refresh; beside a key of the wrong type all others are right, and the log says so"
    tries = 40
    quick = 4
    must_move = ("loss detected",)

    def open(self, trial):
        return begin(trial)

    def attempt(self, stage, trial):
        kpid, client, watch = stage.subject, stage.client(), Watch(stage.subject)
        damage = DAMAGES[trial.number % len(DAMAGES)]
        mend = damage(client, trial.random)
        if trial.random.random() < 0.5:
            stage.news(trial)
        if mend:
            kpid.wait_until(lambda: "cannot be written" in kpid.log_text(), "a word about the key of the wrong type")
            mend(stage.client())
            trial.path("wrong type told")
        stage.wait_heals(kpid, trial, time.monotonic(), 65, boards_too=True)
        watch.tell(trial)
        trial.note(damage.__name__)


def some(client, pattern, source, count=3):
    keys = client.keys(pattern)
    return source.sample(keys, min(count, len(keys)))


def flush_all(client, _source):
    client.command("FLUSHALL")


def delete_snapshots(client, source):
    client.command("DEL", *some(client, "kpi:snap:*", source))


def delete_boards(client, source):
    client.command("DEL", *some(client, "kpi:board:*", source))


def delete_guards(client, source):
    client.command("DEL", *some(client, "{kpi:*guard", source))


def change_fields(client, source):
    for key in some(client, "kpi:snap:*", source):
        client.command("HSET", key, "close_rate@30d", '{"value":0.99}', "planted@30d", '{"value":0.99}')
        client.command("HDEL", key, "revenue@30d")


def change_boards(client, source):
    for key in some(client, "kpi:board:*", source):
        client.command("ZADD", key, 10 ** 9, "planted")
        client.command("ZREMRANGEBYRANK", key, 0, 0)


def forget_scripts(client, _source):
    client.command("SCRIPT", "FLUSH")


def wrong_type(client, source):
    """Beside it, all others stay right; once it has gone, it heals, too."""
    keys = some(client, "kpi:snap:rep:*", source, 1) + some(client, "kpi:board:*", source, 1)
    for key in keys:
        client.command("SET", key, "not kpid's")
    return lambda later: later.command("DEL", *keys)


def delete_meta(client, _source):
    client.command("DEL", "kpi:meta")


def plant_snapshot(client, _source):
    client.command("HSET", "kpi:snap:rep:planted", "close_rate@30d", '{"value":0.99}')


DAMAGES = (flush_all, wrong_type, delete_snapshots, change_fields, delete_boards, change_boards, delete_guards, forget_scripts, delete_meta,
           plant_snapshot)


class Refusing(Row):
    """Nothing waits in kpid's memory for Redis to take it: what is there is written when it does."""
    id = "R5"
    fault = "Redis out of memory, read-only, failing to save, loading, asleep for 10 s, cutting connections"
    shows = "kpid goes on, its memory does not grow, all right again afterwards"
    tries = 30
    quick = 2
    must_move = ("OOM told", "READONLY told", "MISCONF told", "LOADING told", "new connection")
    GROWTH_KIB = 16384  # of a kpid that has published everything before: far more than the allocator's moods

    def open(self, trial):
        return begin(trial, "--enable-debug-command", "yes", "--enable-protected-configs", "yes")

    def attempt(self, stage, trial):
        kpid, refuse = stage.subject, REFUSALS[trial.number % len(REFUSALS)]
        said = len(kpid.log_text())
        before = resident_kib(kpid.pid)
        mend = refuse(stage)
        for _ in range(3):
            stage.news(trial)
        stage.foresee()
        if refuse is not sleep_long:
            kpid.wait_until(lambda: "redis: " in kpid.log_text()[said:], "a word about Redis")
        mend()
        stage.wait_heals(kpid, trial, time.monotonic(), boards_too=True)
        self.tell(trial, kpid.log_text()[said:])
        grown = resident_kib(kpid.pid) - before
        trial.note(f"{refuse.__name__}, {grown:+} KiB")
        if grown > self.GROWTH_KIB:
            raise AssertionError(f"kpid has grown by {grown} KiB")

    @staticmethod
    def tell(trial, text):
        for word in ("OOM", "READONLY", "MISCONF", "LOADING"):
            if word in text:
                trial.path(word + " told")
        if "redis: connected" in text:
            trial.path("new connection")


def resident_kib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS:"))


def fill_up(stage):
    stage.client().command("CONFIG", "SET", "maxmemory", "1mb")
    return lambda: stage.client().command("CONFIG", "SET", "maxmemory", "0")


def read_only(stage):
    stage.client().command("REPLICAOF", "127.0.0.1", "1")
    return lambda: stage.client().command("REPLICAOF", "NO", "ONE")


def fail_to_save(stage):
    """Its folder for the snapshot does not exist."""
    client, gone = stage.client(), os.path.join(stage.redis.folder, "gone")
    os.makedirs(gone)
    client.command("CONFIG", "SET", "dir", gone)
    shutil.rmtree(gone)
    client.command("CONFIG", "SET", "save", "3600 1000000")
    client.command("BGSAVE")
    wait_until(lambda: b"rdb_last_bgsave_status:err" in client.command("INFO", "persistence"), 30, "the saving to fail")

    def mend():
        stage.client().command("CONFIG", "SET", "save", "")
        stage.client().command("CONFIG", "SET", "dir", stage.redis.folder)
    return mend


def load_slowly(stage):
    stage.client().command("SAVE")
    stage.redis.kill()
    stage.redis.start_without_waiting("--key-load-delay", "20000", "--loading-process-events-interval-bytes", "1024")

    def loaded():
        try:
            return stage.client().command("DBSIZE") is not None
        except (OSError, RedisError):
            return False
    return lambda: wait_until(loaded, 60, "Redis to have loaded", interval=0.1)


def sleep_long(stage):
    client = stage.redis.client()
    stage.addCleanup(client.close)
    client.send("DEBUG", "SLEEP", "10")
    return lambda: None


def cut_connections(stage):
    client = stage.redis.client()
    for _ in range(5):
        client.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        pass_time(0.1)
    client.close()
    return lambda: None


REFUSALS = (fill_up, read_only, fail_to_save, load_slowly, sleep_long, cut_connections)
