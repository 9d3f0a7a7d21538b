"""A real redis-server on a free loopback port, and a small client."""
import os
import socket

from harness.process import Process, free_port, temporary_folder, wait_until


class RedisError(Exception):
    """An error reply."""


class Redis:
    """A RESP2 connection. Replies are bytes, int, None, list or RedisError; a client is dead after a connection error."""

    def __init__(self, port, host="127.0.0.1", timeout=60.0):
        self._socket = socket.create_connection((host, port), timeout=timeout)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._input = self._socket.makefile("rb")

    def close(self):
        self._input.close()
        self._socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def command(self, *arguments):
        reply = self.pipeline([arguments])[0]
        if isinstance(reply, RedisError):
            raise reply
        return reply

    def send(self, *arguments):
        """Whose reply nobody waits for: the last thing that is done with this client."""
        self._socket.sendall(_encode(arguments))

    def pipeline(self, commands):
        """The replies in order; an error reply stands in its place and is not raised."""
        replies = []
        for start in range(0, len(commands), 1000):  # bounded, so that neither side's buffer fills up
            chunk = commands[start:start + 1000]
            self._socket.sendall(b"".join(_encode(arguments) for arguments in chunk))
            replies += [self._read() for _ in chunk]
        return replies

    def hgetall(self, key):
        return pairs(self.command("HGETALL", key))

    def text(self, *arguments):
        reply = self.command(*arguments)
        return None if reply is None else reply.decode()

    def keys(self, pattern="*"):
        """All keys, by SCAN, sorted and without repetition."""
        found, cursor = set(), b"0"
        while True:
            cursor, chunk = self.command("SCAN", cursor, "MATCH", pattern, "COUNT", 1000)
            found.update(chunk)
            if cursor == b"0":
                return sorted(key.decode() for key in found)

    def subscribe(self, *channels):
        """From now on only next_message may be called."""
        self._socket.sendall(_encode(("SUBSCRIBE", *channels)))
        for _ in channels:
            self._read()

    def next_message(self, timeout=60.0):
        """(channel, payload) as text; raises TimeoutError."""
        self._socket.settimeout(timeout)
        _, channel, payload = self._read()
        return channel.decode(), payload.decode()

    def _line(self):
        line = self._input.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionError("Redis closed the connection")
        return line[:-2]

    def _read(self):
        line = self._line()
        kind, rest = line[:1], line[1:]
        if kind == b"+":
            return rest
        if kind == b"-":
            return RedisError(rest.decode("utf-8", "replace"))
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return self._bulk(int(rest))
        if kind == b"*":
            return None if rest == b"-1" else [self._read() for _ in range(int(rest))]
        raise ConnectionError(f"not a RESP2 reply: {line!r}")

    def _bulk(self, length):
        if length < 0:
            return None
        data = self._input.read(length + 2)
        if len(data) != length + 2:
            raise ConnectionError("Redis closed the connection")
        return data[:-2]


def pairs(reply):
    """A flat reply (HGETALL, an entry of a stream) as a dictionary of texts."""
    texts = [item.decode("utf-8", "surrogateescape") for item in reply]
    return dict(zip(texts[::2], texts[1::2]))


def _encode(arguments):
    parts = [b"*%d\r\n" % len(arguments)]
    for argument in arguments:
        data = argument if isinstance(argument, bytes) else str(argument).encode()
        parts.append(b"$%d\r\n%s\r\n" % (len(data), data))
    return b"".join(parts)


class RedisServer:
    """Options are words of redis-server's command line: ("--appendonly", "yes"). They may be changed before a start."""

    def __init__(self, *options):
        self.port = free_port()
        self.folder = temporary_folder("redis")
        self.options = options
        self._process = None

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self):
        self.start_without_waiting()
        wait_until(self._answers, 20, "redis-server to answer", self._process.log_tail, 0.01)
        return self

    def start_without_waiting(self, *more_options):
        """With further options, for this start only."""
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--dir", self.folder, "--save", "",
                   "--appendonly", "no", "--maxmemory-policy", "noeviction", *self.options, *more_options]
        self._process = Process("redis-server", command, os.path.join(self.folder, "redis.log"))

    def _answers(self):
        if not self._process.running():
            raise RuntimeError(f"redis-server ended with {self._process.exit_code}\n{self._process.log_tail()}")
        try:
            with self.client() as client:
                return client.command("PING") == b"PONG"
        except (OSError, RedisError):
            return False

    def client(self):
        return Redis(self.port)

    @property
    def pid(self):
        return self._process.pid

    def signal(self, number):
        self._process.signal(number)

    def stop(self):
        if self._process:
            self._process.stop(10)

    def kill(self):
        self._process.kill()

    def restart(self):
        """On the same port. With the default options it comes back empty."""
        self.stop()
        return self.start()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()


class Sentinel:
    """A real sentinel that watches the master `sales`; alone, it decides alone."""

    def __init__(self, master, down_after_ms=2000):
        self.port = free_port()
        self.folder = temporary_folder("sentinel")
        self._file = os.path.join(self.folder, "sentinel.conf")
        self._process = None
        with open(self._file, "w", encoding="utf-8") as file:
            file.write(f"port {self.port}\nbind 127.0.0.1\ndir {self.folder}\nsentinel monitor sales 127.0.0.1 {master.port} 1\n"
                       f"sentinel down-after-milliseconds sales {down_after_ms}\nsentinel failover-timeout sales 10000\n")

    def start(self):
        self._process = Process("sentinel", ["redis-server", self._file, "--sentinel"], os.path.join(self.folder, "sentinel.log"))
        wait_until(self._knows_a_replica, 60, "the sentinel to know master and replica", self._process.log_tail, 0.1)
        return self

    def wait_replica(self):
        wait_until(self._knows_a_replica, 60, "the sentinel to know master and replica", self._process.log_tail, 0.1)

    def _knows_a_replica(self):
        try:
            with Redis(self.port) as client:
                replicas = client.command("SENTINEL", "replicas", "sales")
                return any(pairs(replica).get("master-link-status") == "ok" for replica in replicas)
        except (OSError, RedisError):
            return False

    def master_port(self):
        with Redis(self.port) as client:
            return int(client.command("SENTINEL", "get-master-addr-by-name", "sales")[1])

    def stop(self):
        if self._process:
            self._process.stop(10)
