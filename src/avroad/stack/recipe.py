"""How broker and registry are configured and called; pure values, nothing is started here.

Every child runs with the stack's home as its working folder, so that no path in a setting needs quoting.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Ports", "broker_command", "format_command", "registry_command", "server_properties"]

HOST = "127.0.0.1"
REGISTRY_API = "/apis/ccompat/v7"
# Words on the command line of every child: whose it is and which of its services. A JVM takes them as properties.
STACK_MARK, SERVICE_MARK = "-Davroad.stack=", "-Davroad.service="
_HEAP_MB = {1: 512, 3: 256}
_REGISTRY_HEAP_MB = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Every port of one stack, all on loopback. brokers, controllers: one per node, in node order."""

    brokers: tuple[int, ...]
    controllers: tuple[int, ...]
    registry: int
    management: int

    @property
    def bootstrap_servers(self) -> str:
        """The client addresses as Kafka clients take them."""
        return ",".join(f"{HOST}:{port}" for port in self.brokers)

    @property
    def registry_url(self) -> str:
        """The address of the registry's Confluent interface."""
        return f"http://{HOST}:{self.registry}{REGISTRY_API}"


def server_properties(node: int, ports: Ports) -> str:
    """Return the settings of broker `node` (1-based): combined role, loopback only, factors for the node count."""
    nodes = len(ports.brokers)
    factor = min(nodes, 3)
    voters = ",".join(f"{number}@{HOST}:{port}" for number, port in enumerate(ports.controllers, start=1))
    client, controller = ports.brokers[node - 1], ports.controllers[node - 1]
    settings = {
        "process.roles": "broker,controller",
        "node.id": str(node),
        "controller.quorum.voters": voters,
        "listeners": f"CLIENT://{HOST}:{client},CONTROLLER://{HOST}:{controller}",
        "advertised.listeners": f"CLIENT://{HOST}:{client}",
        "listener.security.protocol.map": "CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "CLIENT",
        "controller.listener.names": "CONTROLLER",
        "log.dirs": f"data/broker-{node}",
        "auto.create.topics.enable": "false",
        "group.initial.rebalance.delay.ms": "0",
        "default.replication.factor": str(factor),
        "offsets.topic.replication.factor": str(factor),
        "transaction.state.log.replication.factor": str(factor),
        "transaction.state.log.min.isr": str(max(1, factor - 1)),
        "share.coordinator.state.topic.replication.factor": str(factor),
        "share.coordinator.state.topic.min.isr": str(max(1, factor - 1)),
    }
    if nodes == 1:
        # After a crash a broker may register again only when its old session has expired (9 s by default). With
        # broker and controller in one process a stall delays both, so that a short session fences nobody wrongly.
        settings["broker.session.timeout.ms"] = "4000"
        settings["broker.heartbeat.interval.ms"] = "500"
    return "".join(f"{key}={value}\n" for key, value in settings.items())


def marks(home: Path, service: str) -> tuple[str, str]:
    """Return the words that mark a command line as that of `service` of the stack in `home`."""
    return f"{STACK_MARK}{home}", f"{SERVICE_MARK}{service}"


def format_command(java: Path, jars: Path, node: int, *, cluster_id: str, home: Path) -> list[str]:
    """Return the call that formats an empty data folder for broker `node`; `home` marks it as this project's."""
    return [
        str(java),
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        *_QUIET_JVM,
        *marks(home, f"format-{node}"),
        "-cp",
        _class_path(jars),
        "kafka.tools.StorageTool",
        "format",
        "-t",
        cluster_id,
        "-c",
        f"config/broker-{node}.properties",
    ]


def broker_command(java: Path, jars: Path, node: int, *, brokers: int, home: Path) -> list[str]:
    """Return the call that runs broker `node` of `brokers`; `home` marks the process as this project's."""
    return [
        str(java),
        f"-Xmx{_HEAP_MB[brokers]}m",
        "-XX:+UseSerialGC",
        *_QUIET_JVM,
        *marks(home, f"broker-{node}"),
        # Warnings, and the two loggers that say which version started and when it was up.
        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
        "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info",
        "-Dorg.slf4j.simpleLogger.log.org.apache.kafka.common.utils.AppInfoParser=info",
        "-Dorg.slf4j.simpleLogger.showDateTime=true",
        "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss.SSS",
        "-cp",
        _class_path(jars),
        "kafka.Kafka",
        f"config/broker-{node}.properties",
    ]


def registry_command(java: Path, registry: Path, *, home: Path) -> list[str]:
    """Return the call that runs the registry; `home` marks the process as this project's."""
    return [
        str(java),
        f"-Xmx{_REGISTRY_HEAP_MB}m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        *_QUIET_JVM,
        *marks(home, "registry"),
        "-jar",
        str(registry / "quarkus-run.jar"),
    ]


def registry_environment(ports: Ports) -> Mapping[str, str]:
    """Return the registry's settings; both of its ports are bound to loopback, every write reaches the disk."""
    return {
        "QUARKUS_HTTP_HOST": HOST,
        "QUARKUS_HTTP_PORT": str(ports.registry),
        "QUARKUS_MANAGEMENT_HOST": HOST,  # without it a second port opens on every interface
        "QUARKUS_MANAGEMENT_PORT": str(ports.management),
        "QUARKUS_HTTP_ACCESS_LOG_ENABLED": "false",
        # Its own format puts the time zone into the date; its audit says every request again.
        "QUARKUS_LOG_CONSOLE_FORMAT": "%d{yyyy-MM-dd HH:mm:ss.SSS} %-5p [%c] (%t) %s%e%n",
        "QUARKUS_LOG_CATEGORY__IO_APICURIO_REGISTRY_LOGGING_AUDIT__LEVEL": "WARN",
        "APICURIO_STORAGE_KIND": "sql",
        "APICURIO_STORAGE_SQL_KIND": "h2",
        # With the default delay the last half second of writes is lost when the process is killed.
        "APICURIO_DATASOURCE_URL": "jdbc:h2:file:./data/registry/registry;WRITE_DELAY=0",
        "APICURIO_RULES_GLOBAL_COMPATIBILITY": "BACKWARD",
    }


_QUIET_JVM = (
    "-XX:-UsePerfData",  # no statistics file in the machine's temporary folder
    "-XX:ErrorFile=log/jvm-crash-%p.log",
    "-Djava.io.tmpdir=tmp",  # native compression libraries are unpacked here
    "-Djava.awt.headless=true",
)


def _class_path(jars: Path) -> str:
    return str(jars / "*")
