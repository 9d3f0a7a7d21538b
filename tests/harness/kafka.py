"""A real Apache Kafka broker (KRaft, one node) on free loopback ports, and a client for it."""
import base64
import fcntl
import hashlib
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading

from harness.process import ROOT, Process, free_port, tail, temporary_folder, wait_until

SOURCES = os.path.join(ROOT, "tests", "harness", "kafka")
CACHE = os.environ.get("KPID_CACHE") or os.path.join(ROOT, "tests", "cache")
CLUSTER = "a3BpZC10ZXN0LWJyb2tlcg"  # any 16 bytes in base64

_COMMON = ["-XX:-UsePerfData", "-Djava.net.preferIPv4Stack=true",
           f"-Dlog4j2.configurationFile=file:{os.path.join(SOURCES, 'log4j2.properties')}"]

# A short life: little memory, quick start, no class data worth compiling hard.
JAVA = ["java", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", *_COMMON]

# As kafka-server-start.sh of Apache Kafka starts a broker: for measurements. The one above stands still for 20 ms every two seconds of load.
SHIPPED_JAVA = ["java", "-server", "-Xmx1G", "-Xms1G", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20", "-XX:InitiatingHeapOccupancyPercent=35",
                "-XX:+ExplicitGCInvokesConcurrent", "-Djava.awt.headless=true", *_COMMON]

OPTIONS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "inter.broker.listener.name": "BROKER",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "auto.create.topics.enable": "false",
    "offsets.topic.num.partitions": "1",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.num.partitions": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    "log.retention.ms": "-1",  # records dated in the past must stay
    "log.message.timestamp.before.max.ms": "9223372036854775807",
    "log.message.timestamp.after.max.ms": "9223372036854775807",
    "message.max.bytes": "8388608",
    "replica.fetch.max.bytes": "8388608",
    "broker.session.timeout.ms": "3000",  # after a kill, the new broker waits for the end of the old one's session
    "broker.heartbeat.interval.ms": "500",
    "num.network.threads": "2",
    "num.io.threads": "2",
    "background.threads": "2",
    "log.cleaner.dedupe.buffer.size": "4194304",
}


# ---- jars


def _digest(*names):
    digest = hashlib.sha256()
    for name in names:
        with open(os.path.join(SOURCES, name), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()[:12]


def _cached(name, make):
    """CACHE/name, made by make(new folder) unless it is there. Several processes may ask at once."""
    target = os.path.join(CACHE, name)
    if os.path.isdir(target):
        return target
    os.makedirs(CACHE, exist_ok=True)
    with open(os.path.join(CACHE, "lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.isdir(target):
            new = tempfile.mkdtemp(prefix="new-", dir=CACHE)
            try:
                make(new)
                os.chmod(new, 0o755)
                os.rename(new, target)
            finally:
                shutil.rmtree(new, ignore_errors=True)
    return target


def _run(command):
    if not shutil.which(command[0]):
        raise RuntimeError(f"there is no {command[0]}: install maven and openjdk-17-jdk-headless (tests/install-deps test)")
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}\nended with {done.returncode}:\n{done.stdout[-4000:]}")


def jars():
    """The folder with the broker's jars; Maven fetches them once."""
    pom = os.path.join(SOURCES, "pom.xml")
    return _cached("kafka-" + _digest("pom.xml"), lambda folder: _run(
        ["mvn", "-q", "-B", "-f", pom, "dependency:copy-dependencies", "-DoutputDirectory=" + folder]))


def _tool_classes():
    return _cached("tool-" + _digest("pom.xml", "KafkaTool.java"), lambda folder: _run(
        ["javac", "-d", folder, "-cp", os.path.join(jars(), "*"), os.path.join(SOURCES, "KafkaTool.java")]))


def prepare():
    """Fetches and compiles all that is needed, so that no test does."""
    jars()
    _tool_classes()


# ---- broker


class Broker:
    """options: further lines of server.properties, {"log.retention.ms": "1000"}. java: the command that a class and its arguments follow."""

    def __init__(self, options=None, java=None):
        self.port, self._controller_port = free_port(), free_port()
        self.folder = temporary_folder("kafka")
        self.options = {
            **OPTIONS,
            "controller.quorum.voters": f"1@127.0.0.1:{self._controller_port}",
            "listeners": f"BROKER://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{self._controller_port}",
            "advertised.listeners": f"BROKER://127.0.0.1:{self.port}",
            "log.dirs": os.path.join(self.folder, "data"),
            **(options or {}),
        }
        self._java = [*(java or JAVA), "-cp", os.path.join(jars(), "*")]
        self._process = None
        self._tool = None

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self):
        return self._process.pid

    def tool(self):
        if self._tool is None:
            self._tool = KafkaTool(self.address)
        return self._tool

    def start(self):
        self.start_without_waiting()
        self.wait_ready()
        return self

    def start_without_waiting(self):
        """Only the formatting (a second, the first time) is waited for."""
        if self._process and self._process.running():
            return
        properties = os.path.join(self.folder, "server.properties")
        with open(properties, "w") as file:
            file.writelines(f"{key}={value}\n" for key, value in self.options.items())
        log = os.path.join(self.folder, "kafka.log")
        if not os.path.exists(os.path.join(self.folder, "data", "meta.properties")):
            format_command = self._java + ["kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c", properties]
            if Process("kafka-format", format_command, log).wait(60) != 0:
                raise RuntimeError(f"the broker's folder could not be formatted\n{tail(log)}")
        self._process = Process("kafka", self._java + ["kafka.Kafka", properties], log)

    def wait_ready(self, deadline_seconds=60):
        wait_until(self._ready, deadline_seconds, "the broker to answer", self._process.log_tail)

    def _ready(self):
        if not self._process.running():
            raise RuntimeError(f"the broker ended with {self._process.exit_code}\n{self._process.log_tail()}")
        try:
            return count_brokers(self.port) == 1
        except (OSError, struct.error):
            return False

    def signal(self, number):
        """SIGSTOP and SIGCONT pause it."""
        self._process.signal(number)

    def kill(self):
        self._process.kill()

    def stop(self):
        if self._tool:
            self._tool.close()
            self._tool = None
        self.stop_process()

    def stop_process(self):
        """Only the broker; the client stays and finds it again after start()."""
        if self._process:
            self._process.signal(signal.SIGCONT)
            self._process.stop(20)

    def restart(self):
        """On the same ports, with the same data."""
        self.stop_process()
        return self.start()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()


def count_brokers(port):
    """How many brokers a Metadata request (version 1, no topics) names; OSError while nobody answers."""
    client = b"kpid-tests"
    request = struct.pack(">hhih", 3, 1, 1, len(client)) + client + struct.pack(">i", 0)
    with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
        connection.sendall(struct.pack(">i", len(request)) + request)
        with connection.makefile("rb") as reply:
            _size, _correlation, brokers = struct.unpack(">iii", reply.read(12))
    return brokers


# ---- client


class KafkaToolError(Exception):
    """The broker or its client said no."""


class KafkaTool:
    """A Kafka client in a child process; see KafkaTool.java. Keys, values and header values are bytes or None."""

    def __init__(self, brokers):
        classes = os.pathsep.join([_tool_classes(), os.path.join(jars(), "*")])
        log = os.path.join(temporary_folder("kafka-tool"), "kafka-tool.log")
        self._process = Process("kafka-tool", JAVA + ["-cp", classes, "KafkaTool", brokers], log,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._lock = threading.Lock()

    def close(self):
        self._process.stop(5)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _call(self, op, **fields):
        """(the records, the result)"""
        records = []
        with self._lock:
            self._process.stdin.write(json.dumps({"op": op, **fields}).encode() + b"\n")
            self._process.stdin.flush()
            while True:
                line = self._process.stdout.readline()
                if not line:
                    raise KafkaToolError(f"the Kafka client ended\n{self._process.log_tail()}")
                reply = json.loads(line)
                if "record" not in reply:
                    break
                records.append(_decode(reply["record"]))
        if "error" in reply:
            raise KafkaToolError(f"{op}: {reply['error']}")
        return records, reply["result"]

    def create(self, *names, partitions=1, configs=None, replicas=1):
        self._call("create", topics=[{"name": name, "partitions": partitions, "replicas": replicas, "configs": configs or {}} for name in names])
        self.wait_for(names)

    def wait_for(self, names):
        """The controller has made the topics; the broker that clients ask may learn of them a moment later."""
        wait_until(lambda: set(names) <= set(self.topics()), 60, f"the topics {', '.join(sorted(names))}")

    def delete(self, *names):
        self._call("delete", topics=list(names))

    def topics(self):
        """{name: number of partitions}"""
        return self._call("topics")[1]

    def add_partitions(self, topic, count):
        """`count` in all."""
        self._call("partitions", topic=topic, count=count)

    def produce(self, records):
        """records: dictionaries with topic, key, value, and if wanted partition, timestamp (ms), headers [(name, bytes)]. Waits until the
        broker has them; returns [[partition, offset], ...]."""
        encoded = [_encode(record) for record in records]
        result = []
        for start in range(0, len(encoded), 2000):
            result += self._call("produce", records=encoded[start:start + 2000])[1]
        return result

    def transaction(self, records, commit=True):
        return self._call("transaction", records=[_encode(record) for record in records], commit=commit)[1]

    def ends(self, *topics, committed=False):
        """{"topic-partition": end offset}"""
        return self._call("ends", topics=list(topics), committed=committed)[1]

    def dump(self, *topics, committed=False):
        """All records from the beginning to the present end, in the order of each partition."""
        return self._call("dump", topics=list(topics), committed=committed)[0]

    def delete_records(self, topic, partition, before):
        self._call("delete_records", topic=topic, partition=partition, before=before)


def _encode(record):
    return {**record, "key": _base64(record.get("key")), "value": _base64(record.get("value")),
            "headers": [[name, _base64(value)] for name, value in record.get("headers", ())]}


def _decode(record):
    return {**record, "key": _bytes(record["key"]), "value": _bytes(record["value"]),
            "headers": [(name, _bytes(value)) for name, value in record["headers"]]}


def _base64(data):
    if data is None:
        return None
    return base64.b64encode(data.encode() if isinstance(data, str) else data).decode()


def _bytes(text):
    return None if text is None else base64.b64decode(text)
