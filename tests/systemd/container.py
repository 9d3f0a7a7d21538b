"""A booted Debian 12 with systemd as PID 1, in a container that leaves no trace: systemd-nspawn over an overlay in memory."""
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile

from harness.process import ROOT, Process, temporary_folder, wait_until

CACHE = os.environ.get("KPID_CACHE") or os.path.join(ROOT, "tests", "cache")
PACKAGES = ("systemd-sysv", "dbus", "procps", "tzdata", "redis-server", "librdkafka1", "libhiredis0.14", "libcjson1", "libyaml-0-2", "libsimdjson14",
            "libsystemd0", "libjemalloc2", "libmicrohttpd12", "libcurl4", "libstdc++6")


def tree():
    """The root file system; made once."""
    digest = hashlib.sha256(" ".join(PACKAGES).encode()).hexdigest()[:12]
    target = os.path.join(CACHE, "systemd-tree-" + digest)
    if not os.path.isdir(target):
        os.makedirs(CACHE, exist_ok=True)
        new = tempfile.mkdtemp(prefix="new-", dir=CACHE)
        try:
            subprocess.run(["mmdebstrap", "--quiet", "--variant=minbase", "--include=" + ",".join(PACKAGES), "bookworm", new], check=True)
            os.rename(new, target)
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            raise
    return target


def cgroup_folders(name):
    """A folder of our own in each hierarchy that systemd uses, else the container would rearrange the one we are in."""
    roots = [root for root in ("/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd") if os.path.isdir(root)] or ["/sys/fs/cgroup"]
    return [os.path.join(root, name) for root in roots]


class Container:
    """binds: {path in the container: path here}, read-only unless it ends in ':rw'."""

    def __init__(self, binds):
        self.name = f"kpid-test-{os.getpid()}"
        self.log = os.path.join(temporary_folder("nspawn"), "console.log")
        self._cgroups = cgroup_folders(self.name)
        self._binds = binds
        self._process = None
        self._leader = 0

    def __enter__(self):
        for folder in self._cgroups:
            os.makedirs(folder, exist_ok=True)
        command = ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--boot", "-D", tree(), "--volatile=overlay",
                   "--private-network", "--link-journal=no", "--capability=all", "--system-call-filter=bpf", "--console=pipe",
                   "--machine=" + self.name]
        for inside, here in self._binds.items():
            command.append(f"--bind={here}:{inside[:-3]}" if inside.endswith(":rw") else f"--bind-ro={here}:{inside}")
        enter = "".join(f"echo $$ > {folder}/cgroup.procs; " for folder in self._cgroups)
        self._process = Process("systemd-nspawn", ["sh", "-c", enter + 'exec "$@"', "sh", *command], self.log)
        try:
            wait_until(self._booted, 60, "the container to boot", self._process.log_tail, 0.1)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def _booted(self):
        if not self._process.running():
            raise RuntimeError(f"systemd-nspawn ended with {self._process.exit_code}\n{self._process.log_tail()}")
        with open(f"/proc/{self._process.pid}/task/{self._process.pid}/children", encoding="ascii") as file:
            children = file.read().split()
        self._leader = int(children[0]) if children else 0
        return self._leader and self.run("systemctl", "is-system-running").strip() in ("running", "degraded")

    def close(self):
        """Powers it off; what does not obey is killed."""
        if self._process.running() and self._leader:
            os.kill(self._leader, signal.SIGRTMIN + 4)
            try:
                self._process.wait(30)
            except AssertionError:
                self._process.kill()
        self._process.stop(10)
        for folder in self._cgroups:
            for path, _, _ in os.walk(folder, topdown=False):
                try:
                    os.rmdir(path)
                except OSError:
                    pass

    def run(self, *command, check=False, stdin=""):
        """Its standard output. check: it must succeed."""
        done = subprocess.run(["nsenter", "-t", str(self._leader), "-a", "--", *command], input=stdin, capture_output=True, text=True,
                              errors="replace", timeout=120, cwd="/")
        if check and done.returncode:
            raise AssertionError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def show(self, unit, *properties):
        """One property as text, or several as a dictionary."""
        lines = self.run("systemctl", "show", unit, "-p", ",".join(properties), check=True).splitlines()
        values = dict(line.split("=", 1) for line in lines if "=" in line)
        return values[properties[0]] if len(properties) == 1 else values

    def journal(self, unit, *options):
        return self.run("journalctl", "--no-pager", "-o", "cat", "-u", unit, *options)
