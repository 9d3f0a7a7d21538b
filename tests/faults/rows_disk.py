"""Disks that are full, broken or read-only, and checkpoints that are damaged."""
import errno
import functools
import glob
import os
import shutil
import subprocess
import time

from faults.row import Row
from faults.stage import Stage
from harness.case import PARTITIONS
from harness.process import ROOT, temporary_folder, wait_until

# What the preloaded library lets fail, and what the disk is told to be short of.
INJECTED = [("open", errno.EIO), ("open", errno.EROFS), ("open", errno.ENOSPC), ("write", errno.EIO), ("write", errno.ENOSPC),
            ("sync", errno.EIO), ("sync", errno.ENOSPC), ("sync_directory", errno.EIO), ("rename", errno.EIO), ("rename", errno.EROFS)]
FULL = ("full", errno.ENOSPC)
FAULTS = [*INJECTED, FULL]


@functools.cache
def library():
    path = os.path.join(temporary_folder("disk"), "disk.so")
    subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-D_GNU_SOURCE", "-o", path, os.path.join(ROOT, "tests", "faults", "disk.c"), "-ldl"],
                   check=True, stdin=subprocess.DEVNULL)
    return path


def checkpoints(kpid):
    return sorted(glob.glob(os.path.join(kpid.checkpoint_folder, "shard-*")))


def shards_of(paths):
    return [os.path.basename(path).split(".")[0] for path in paths]


def has_both_generations(kpid):
    """Of each shard there is a checkpoint, and the one before."""
    found = shards_of(checkpoints(kpid))
    return len(set(found)) == PARTITIONS and len(found) == 2 * PARTITIONS


class SickDisk(Row):
    id = "D1"
    fault = "disk full, I/O errors of open, write, fsync and rename, read-only"
    shows = "kpid works on and says so; all figures right, also after kill -9 in the midst of it"
    tries = 33
    quick = 1
    must_move = ("checkpoint failed", "checkpoint works again")
    quick_must_move = must_move

    def open(self, trial):
        stage = Stage(trial.seed).open()
        stage.control = os.path.join(temporary_folder("disk"), "fault")
        stage.subject = stage.kpid()
        stage.disk = self.mount(stage)
        stage.subject.env.update(LD_PRELOAD=library(), KPID_FAULT=stage.control)
        stage.subject.start()
        stage.assert_right(stage.subject)
        return stage

    def mount(self, stage):
        """A disk of 64 MiB for the checkpoints; None where nothing may be mounted."""
        folder = stage.subject.checkpoint_folder
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", folder], stderr=subprocess.DEVNULL).returncode != 0:
            return None
        stage.addCleanup(subprocess.run, ["umount", "-l", folder], check=True)
        stage.addCleanup(self.end, stage)
        return folder

    def end(self, stage):
        """The mount is busy as long as kpid holds its lock."""
        if stage.subject.running():
            stage.subject.terminate()

    def attempt(self, stage, trial):
        fault = FAULTS[trial.number % len(FAULTS)] if not trial.quick else FULL
        kpid = stage.subject
        trial.note(f"{fault[0]} {errno.errorcode[fault[1]]}")
        self.break_disk(stage, fault)
        stage.news(trial)
        kpid.wait_until(lambda: int(kpid.meta().get("checkpoints_failing", 0)) > 0, "kpi:meta to say that checkpoints fail")
        wait_until(lambda: "cannot write a checkpoint" in kpid.log_text(), 30, "a word about it in the log", kpid.log_tail)
        trial.path("checkpoint failed")
        stage.assert_right(kpid)
        assert len(checkpoints(kpid)) <= 3 * PARTITIONS, f"files pile up: {checkpoints(kpid)}"
        if trial.random.random() < 0.5:
            kpid.kill()
            kpid.start()
            stage.wait_right(kpid, trial, time.monotonic())
            kpid.wait_until(lambda: int(kpid.meta().get("checkpoints_failing", 0)) > 0, "kpi:meta to say it again")
        self.mend_disk(stage)
        began = time.monotonic()
        kpid.wait_until(lambda: kpid.meta().get("checkpoints_failing") == "0", "checkpoints to be written again")
        trial.took(time.monotonic() - began)
        trial.path("checkpoint works again")
        kpid.kill()
        kpid.start()
        stage.wait_right(kpid, trial, time.monotonic())
        stage.assert_right(kpid)

    def break_disk(self, stage, fault):
        if fault == FULL and stage.disk:
            self.fill(stage.disk)
            return
        with open(stage.control + ".new", "w") as file:
            file.write("%s %d" % (("write", errno.ENOSPC) if fault == FULL else fault))
        os.rename(stage.control + ".new", stage.control)

    def fill(self, folder):
        with open(os.path.join(folder, "filler"), "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 4096)
            except OSError:
                return

    def mend_disk(self, stage):
        for path in [stage.control, *([os.path.join(stage.disk, "filler")] if stage.disk else [])]:
            if os.path.exists(path):
                os.remove(path)


class DamagedCheckpoint(Row):
    id = "D2"
    fault = "checkpoint files: a byte flipped, cut, of another format, foreign, swapped, gone"
    shows = "never a crash: the one before, or exit code 78 with what to do; all figures right after"
    tries = 200
    quick = 2
    tries_per_stage = 50
    must_move = ("older checkpoint used", "clear stop")

    PASSED = ["flip", "flip", "flip", "cut", "cut", "empty", "zeros", "foreign", "swap", "grown"]
    STOPPED = ["both", "version", "format"]
    KINDS = [*PASSED, *STOPPED, "gone"]

    def open(self, trial):
        stage = Stage(trial.seed).open()
        stage.subject = stage.kpid().start()
        stage.assert_right(stage.subject)
        assert stage.subject.terminate() == 0
        while not has_both_generations(stage.subject):
            stage.subject.start()
            stage.news(trial)
            stage.wait_all(stage.subject)
            assert stage.subject.terminate() == 0
        stage.kept = os.path.join(temporary_folder("kept"), "state")
        shutil.copytree(stage.subject.checkpoint_folder, stage.kept)
        return stage

    def attempt(self, stage, trial):
        kpid = stage.subject
        shutil.rmtree(kpid.checkpoint_folder)
        shutil.copytree(stage.kept, kpid.checkpoint_folder)
        kind = self.KINDS[(trial.number * 5 if trial.quick else trial.number) % len(self.KINDS)]
        trial.note(kind)
        damage(kpid, kind, trial.random)
        seen = len(kpid.log_text())
        kpid.start()
        if kind in self.STOPPED:
            self.stopped(kpid, seen)
            trial.path("clear stop")
            kpid.start()
        stage.wait_right(kpid, trial, time.monotonic())
        if kind in self.PASSED:
            assert "checkpoint passed over" in kpid.log_text()[seen:], kpid.log_tail()
            trial.path("older checkpoint used")
        stage.assert_right(kpid)
        assert kpid.terminate() == 0

    def stopped(self, kpid, seen):
        """It says why, and the way on works: another directory."""
        code = kpid.wait_exit(60)
        assert code == 78, f"kpid ended with {code}\n{kpid.log_tail()}"
        assert "checkpoint" in kpid.log_text()[seen:], kpid.log_tail()
        shutil.rmtree(kpid.checkpoint_folder)
        os.makedirs(kpid.checkpoint_folder)


# ---- damage


def newest_of_a_shard(files, source):
    """(the newest generation, all generations)"""
    shard = source.choice(sorted(set(shards_of(files))))
    own = sorted((path for path in files if os.path.basename(path).split(".")[0] == shard), key=lambda path: int(path.split(".")[-2]))
    return own[-1], own


def read(path):
    with open(path, "rb") as file:
        return bytearray(file.read())


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)


def crc32c(data):
    """As at the end of a checkpoint's file; bit by bit through a table."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ CRC_TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def crc_row(byte):
    for _ in range(8):
        byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
    return byte


CRC_TABLE = [crc_row(byte) for byte in range(256)]
FRAME_VERSION, FORMAT = 8, 40  # where they stand in a file


def set_version(data, place, source):
    """A whole checkpoint of a kpid that is newer than this one."""
    data[place:place + 4] = source.randrange(1000, 1 << 31).to_bytes(4, "little")
    data[-4:] = crc32c(data[:-4]).to_bytes(4, "little")


def damage(kpid, kind, source):
    files = checkpoints(kpid)
    newest, own = newest_of_a_shard(files, source)
    data = read(newest)
    place = source.randrange(len(data))
    if kind == "flip":
        data[place] ^= 1 << source.randrange(8)
    elif kind == "cut":
        del data[place:]
    elif kind == "empty":
        data.clear()
    elif kind == "zeros":
        data[:max(8, place)] = bytes(max(8, place))
    elif kind == "grown":
        data += source.randbytes(source.randrange(1, 5000))
    elif kind == "foreign":
        data = source.randbytes(len(data))
    elif kind == "swap":
        data = read(source.choice([path for path in files if path not in own]))
    elif kind in ("version", "format"):
        set_version(data, FRAME_VERSION if kind == "version" else FORMAT, source)
    elif kind == "both":
        for path in own:
            os.truncate(path, source.randrange(os.path.getsize(path)))
        return
    elif kind == "gone":
        os.remove(newest)
        return
    write(newest, data)
