"""Stages on brokers of their own, one or three: those that a row may kill."""
from faults.stage import Stage
from harness import figures
from harness.case import DEAD_LETTERS, LATE, PARTITIONS
from harness.kafka import Broker, KafkaTool, count_brokers
from harness.process import wait_until


class OneBroker(Stage):
    def new_brokers(self):
        self.broker = Broker().start()
        self.addCleanup(self.broker.stop)
        return self.broker.address, self.broker.tool()


class Member(Broker):
    """One of several; it is ready when it knows as many as there should be."""

    def join(self, node, voters, size):
        self.size = size
        self.options.update({
            "node.id": str(node), "controller.quorum.voters": voters, "default.replication.factor": str(size), "min.insync.replicas": "2",
            "auto.leader.rebalance.enable": "true", "leader.imbalance.check.interval.seconds": "2", "leader.imbalance.per.broker.percentage": "0",
            "controller.quorum.election.timeout.ms": "1000", "controller.quorum.fetch.timeout.ms": "2000"})

    @property
    def controller_port(self):
        return self._controller_port

    def running(self):
        return self._process is not None and self._process.running()

    def _ready(self):
        if not self.running():
            raise RuntimeError(f"the broker ended\n{self._process.log_tail()}")
        try:
            return count_brokers(self.port) == self.size
        except OSError:
            return False


class ThreeBrokers(Stage):
    """Every partition lies on all three; leaders go back to where they belong when a broker is back."""

    SIZE = 3

    def new_brokers(self):
        self.members = [Member() for _ in range(self.SIZE)]
        voters = ",".join(f"{node}@127.0.0.1:{member.controller_port}" for node, member in enumerate(self.members, 1))
        for node, member in enumerate(self.members, 1):
            member.join(node, voters, self.SIZE)
            self.addCleanup(member.stop_process)
            member.start_without_waiting()
        for member in self.members:
            member.wait_ready(120)
        addresses = ",".join(member.address for member in self.members)
        tool = KafkaTool(addresses)
        self.addCleanup(tool.close)
        return addresses, tool

    def create_topics(self, partitions=PARTITIONS):
        names = [self.topic(name) for name in [*figures.topics(), DEAD_LETTERS, LATE]]
        self.tool.create(*names, partitions=partitions, replicas=self.SIZE)

    def wait_whole(self):
        for member in self.members:
            wait_until(lambda: member._ready(), 120, "all brokers to know each other", member._process.log_tail)
