"""The settings of broker and registry, as measured to work."""

from __future__ import annotations

from pathlib import Path

import pytest

from avroad.stack.recipe import (
    Ports,
    broker_command,
    format_command,
    registry_command,
    registry_environment,
    server_properties,
)

ONE = Ports(brokers=(9092,), controllers=(20001,), registry=8081, management=20002)
THREE = Ports(brokers=(9092, 9093, 9094), controllers=(20001, 20002, 20003), registry=8081, management=20004)
FACTORS = (
    "offsets.topic.replication.factor",
    "transaction.state.log.replication.factor",
    "transaction.state.log.min.isr",
    "share.coordinator.state.topic.replication.factor",
    "share.coordinator.state.topic.min.isr",
)


def properties(node: int, ports: Ports) -> dict[str, str]:
    return dict(line.split("=", 1) for line in server_properties(node, ports).splitlines())


@pytest.mark.parametrize(("ports", "factors"), [(ONE, "11111"), (THREE, "33232")])
def test_internal_topics_have_as_many_copies_as_there_are_brokers(ports: Ports, factors: str) -> None:
    settings = properties(1, ports)
    assert "".join(settings[name] for name in FACTORS) == factors


def test_a_broker_is_its_own_controller_and_creates_no_topic_by_itself() -> None:
    settings = properties(1, ONE)
    assert settings["process.roles"] == "broker,controller"
    assert settings["auto.create.topics.enable"] == "false"
    assert settings["group.initial.rebalance.delay.ms"] == "0"


@pytest.mark.parametrize("node", [1, 2, 3])
def test_each_node_has_its_own_id_ports_and_folder(node: int) -> None:
    settings = properties(node, THREE)
    assert settings["node.id"] == str(node)
    assert settings["listeners"] == f"CLIENT://127.0.0.1:{9091 + node},CONTROLLER://127.0.0.1:{20000 + node}"
    assert settings["advertised.listeners"] == f"CLIENT://127.0.0.1:{9091 + node}"
    assert settings["log.dirs"] == f"data/broker-{node}"
    assert settings["controller.quorum.voters"] == "1@127.0.0.1:20001,2@127.0.0.1:20002,3@127.0.0.1:20003"


def test_no_setting_names_an_address_beside_loopback_or_an_absolute_path() -> None:
    text = server_properties(1, THREE)
    assert "0.0.0.0" not in text
    assert "localhost" not in text
    assert "=/" not in text


def test_a_single_broker_registers_again_soon_after_a_crash_and_several_keep_the_default() -> None:
    assert int(properties(1, ONE)["broker.session.timeout.ms"]) < 9000
    assert "broker.session.timeout.ms" not in properties(1, THREE)


def test_both_registry_ports_are_bound_to_loopback_and_no_write_is_delayed() -> None:
    settings = registry_environment(ONE)
    assert settings["QUARKUS_HTTP_HOST"] == settings["QUARKUS_MANAGEMENT_HOST"] == "127.0.0.1"
    assert (settings["QUARKUS_HTTP_PORT"], settings["QUARKUS_MANAGEMENT_PORT"]) == ("8081", "20002")
    assert settings["APICURIO_DATASOURCE_URL"].endswith(";WRITE_DELAY=0")
    assert settings["APICURIO_RULES_GLOBAL_COMPATIBILITY"] == "BACKWARD"


@pytest.mark.parametrize(("brokers", "heap"), [(1, "-Xmx512m"), (3, "-Xmx256m")])
def test_the_heap_of_a_broker_depends_on_their_number(brokers: int, heap: str) -> None:
    command = broker_command(Path("java"), Path("jars"), 2, brokers=brokers, home=Path("/p/.avroad/stack"))
    assert heap in command
    words = {word.replace("\\", "/") for word in command}
    assert {"-Davroad.stack=/p/.avroad/stack", "-Davroad.service=broker-2"} <= words
    assert command[-2:] == ["kafka.Kafka", "config/broker-2.properties"]


def test_every_jvm_keeps_its_files_inside_the_home() -> None:
    home = Path("home")
    commands = (
        format_command(Path("java"), Path("jars"), 1, cluster_id="id", home=home),
        broker_command(Path("java"), Path("jars"), 1, brokers=1, home=home),
        registry_command(Path("java"), Path("registry"), home=home),
    )
    for command in commands:
        assert "-Davroad.stack=home" in command
        assert {"-XX:-UsePerfData", "-Djava.io.tmpdir=tmp", "-XX:+UseSerialGC"} <= set(command)


def test_addresses_are_written_as_clients_take_them() -> None:
    assert THREE.bootstrap_servers == "127.0.0.1:9092,127.0.0.1:9093,127.0.0.1:9094"
    assert THREE.registry_url == "http://127.0.0.1:8081/apis/ccompat/v7"
