"""Apache Kafka for the demonstration: kafka.py FILE writes the address of a new broker to FILE, and ends it with itself."""
import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests"))

from harness.kafka import Broker  # noqa: E402


def main(path):
    ends = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    broker = Broker().start()
    with open(path + ".new", "w", encoding="ascii") as file:
        file.write(broker.address)
    os.rename(path + ".new", path)
    signal.sigwait(ends)


if __name__ == "__main__":
    main(sys.argv[1])
