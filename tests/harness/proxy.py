"""A proxy on a loopback port in front of one server, that behaves as badly as a network does.

    pass        as if it were not there
    latency     every piece arrives 2 s late
    reset       connections are reset, old and new ones, some time after they began
    half_open   what the server sends is lost, and the client is told of nothing
    trickle     one byte at a time
    black_hole  nothing arrives on either side, new connections are accepted
    refuse      connections are reset, new ones refused
    hold        nothing is lost, but all of it waits until the behaviour is another one
"""
import queue
import random
import select
import socket
import struct
import threading
import time

from harness.process import free_port

BEHAVIOURS = ("latency", "reset", "half_open", "trickle", "black_hole", "refuse")
LATENCY_SECONDS = 2.0
PIECE = 65536


class Proxy:
    def __init__(self, server_port):
        self.port = free_port()
        self.server_port = server_port
        self._behaviour = "pass"
        self._flowing = threading.Event()
        self._flowing.set()
        self._listener = None
        self._links = set()
        self._lock = threading.Lock()

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    @property
    def behaviour(self):
        return self._behaviour

    def start(self):
        self._listen()
        return self

    def behave(self, behaviour):
        """From now on, for old and new connections. Connections that were in a black hole or half open stay so: their bytes are lost."""
        before, self._behaviour = self._behaviour, behaviour
        (self._flowing.clear if behaviour == "hold" else self._flowing.set)()
        if behaviour == "refuse":
            self._close_listener()
        elif before == "refuse":
            self._listen()
        if behaviour in ("reset", "refuse"):
            self.reset_all()

    def reset_all(self):
        for link in self._all():
            link.reset()

    def cut_lossy(self):
        """Resets the connections that have lost bytes: what a network that is well again does to them in the end."""
        for link in self._all():
            if link.lossy():
                link.reset()

    def _all(self):
        with self._lock:
            return list(self._links)

    def stop(self):
        self._flowing.set()
        self._close_listener()
        self.reset_all()

    # ---- connections

    def _listen(self):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(64)
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def _close_listener(self):
        listener, self._listener = self._listener, None
        if listener:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def _accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.server_port), timeout=5)
            except OSError:
                client.close()
                continue
            link = _Link(self, client, server)
            with self._lock:
                self._links.add(link)
            link.start()

    def wait_flowing(self):
        self._flowing.wait()

    def forget(self, link):
        with self._lock:
            self._links.discard(link)


class _Link:
    """One connection: a thread reads each side, another one each writes, so that a late piece holds up only what is behind it."""

    def __init__(self, proxy, client, server):
        self._proxy = proxy
        self._sockets = (client, server)
        self._lost = [False, False]
        self._ended = False
        for one in self._sockets:
            one.settimeout(None)
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def start(self):
        client, server = self._sockets
        for number, (source, target) in enumerate(((client, server), (server, client))):
            pieces = queue.Queue(256)
            threading.Thread(target=self._read, args=(number, source, pieces), daemon=True).start()
            threading.Thread(target=self._write, args=(target, pieces), daemon=True).start()

    def lossy(self):
        return any(self._lost)

    def reset(self):
        self._ended = True
        for one in self._sockets:
            try:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            one.close()
        self._proxy.forget(self)

    def _read(self, number, source, pieces):
        try:
            while not self._ended:
                data = source.recv(PIECE)
                behaviour = self._proxy.behaviour
                if behaviour == "reset" and random.random() < 0.2:
                    break
                if behaviour == "black_hole" or (behaviour == "half_open" and number == 1):
                    self._lost[number] = True
                if not data:
                    break
                if not self._lost[number]:
                    late = LATENCY_SECONDS if behaviour == "latency" else 0.0
                    pieces.put((time.monotonic() + late, behaviour == "trickle", data))
        except OSError:
            pass
        if not any(self._lost):
            pieces.put(None)

    def _write(self, target, pieces):
        try:
            while True:
                piece = pieces.get()
                if piece is None:
                    break
                due, trickle, data = piece
                _pause_until(due)
                self._proxy.wait_flowing()
                for start in range(0, len(data), 1 if trickle else PIECE):
                    target.sendall(data[start:start + (1 if trickle else PIECE)])
        except OSError:
            pass
        self.reset()


def _pause_until(moment):
    left = moment - time.monotonic()
    if left > 0:
        select.select([], [], [], left)
