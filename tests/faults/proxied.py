"""A stage where kpid reaches Kafka and Redis only through proxies; everyone else reaches them directly."""
from faults.stage import Stage
from harness.kafka import Broker
from harness.process import free_port
from harness.proxy import Proxy


class ProxiedBroker(Broker):
    """Who comes to its proxy's port is told that port as the broker's address, so that all further connections go through it, too."""

    def __init__(self, options=None):
        self.proxy = Proxy(None)
        super().__init__(options)
        self.proxy.server_port = free_port()
        own, controllers = self.options["listeners"].split(",")
        self.options.update({
            "listeners": f"{own},PROXIED://127.0.0.1:{self.proxy.server_port},{controllers}",
            "advertised.listeners": f"{own},PROXIED://{self.proxy.address}",
            "listener.security.protocol.map": "BROKER:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT",
        })


class ProxiedStage(Stage):
    """`to_kafka` and `to_redis` are the proxies."""

    def new_brokers(self):
        self.broker = ProxiedBroker().start()
        self.addCleanup(self.broker.stop)
        self.to_kafka = self.broker.proxy.start()
        self.addCleanup(self.to_kafka.stop)
        return self.broker.address, self.broker.tool()

    def open(self, *options, **settings):
        super().open(*options)
        self.start_subject(**settings)
        return self

    def start_subject(self, **settings):
        self.to_redis = Proxy(self.redis.port).start()
        self.addCleanup(self.to_redis.stop)
        self.subject = self.kpid(kafka__brokers=self.to_kafka.address, redis__url=f"redis://{self.to_redis.address}/0", **settings).start()
        self.wait_all(self.subject)

    def all_well(self):
        """Both networks are as they should be; connections that lost something are cut."""
        for proxy in (self.to_kafka, self.to_redis):
            if proxy.behaviour != "pass":
                proxy.behave("pass")
                proxy.cut_lossy()
