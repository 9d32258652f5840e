"""Flags, variables and settings files: which names mean what, and which are refused."""

from __future__ import annotations

import pytest

from tests.unit.config.conftest import EnvironmentProject


@pytest.mark.parametrize(
    ("variable", "section", "name"),
    [
        ("AVROAD_KAFKA__CLIENT_ID", "kafka", "client.id"),
        ("AVROAD_KAFKA__SOCKET_CONNECTION_SETUP_TIMEOUT_MS", "kafka", "socket.connection.setup.timeout.ms"),
        ("AVROAD_REGISTRY__CACHE_LATEST_TTL_SEC", "registry", "cache.latest.ttl.sec"),
    ],
)
def test_variables_nest_with_two_underscores(
    project: EnvironmentProject, variable: str, section: str, name: str
) -> None:
    found = getattr(project.load({variable: "7"}), section)[name]
    assert (found.value, found.origin) == ("7", f"variable {variable}")


@pytest.mark.parametrize(
    ("variable", "message"),
    [
        (
            "AVROAD_KAFKA_BOOTSTRAP_SERVERS",
            (
                "expected two underscores after AVROAD_KAFKA, found AVROAD_KAFKA_BOOTSTRAP_SERVERS: did you mean "
                '"AVROAD_KAFKA__BOOTSTRAP_SERVERS"?'
            ),
        ),
        (
            "AVROAD_REGISTRI__URL",
            (
                "expected AVROAD_KAFKA__... or AVROAD_REGISTRY__..., found AVROAD_REGISTRI__URL: did you mean "
                '"AVROAD_REGISTRY__"?'
            ),
        ),
        ("AVROAD_KAFKA__", "expected AVROAD_KAFKA__... or AVROAD_REGISTRY__..., found AVROAD_KAFKA__"),
    ],
)
def test_a_misspelt_variable_is_not_silently_ignored(project: EnvironmentProject, variable: str, message: str) -> None:
    (found,) = project.problems({variable: "x"})
    assert found.startswith(f"{variable}: {message}")


@pytest.mark.parametrize(
    "variable", ["AVROAD_ENV", "AVROAD_CACHE_DIR", "AVROAD_DEBUG", "KAFKA__X", "PATH", "avroad_kafka__client_id"]
)
def test_variables_of_others_are_left_alone(project: EnvironmentProject, variable: str) -> None:
    assert project.load({variable: "x"}).kafka_config() == {"bootstrap.servers": "127.0.0.1:9092"}


@pytest.mark.parametrize(
    ("flag", "section", "name"),
    [
        ("client.id", "kafka", "client.id"),
        ("kafka.client.id", "kafka", "client.id"),
        ("registry.timeout", "registry", "timeout"),
        ("schema.registry.timeout", "registry", "timeout"),
    ],
)
def test_flags_name_settings_of_both_sections(project: EnvironmentProject, flag: str, section: str, name: str) -> None:
    assert getattr(project.load(overrides={flag: "7"}), section)[name].value == "7"


@pytest.mark.parametrize(
    ("flag", "variable"),
    [
        ("sasl.password", "AVROAD_KAFKA__SASL_PASSWORD"),
        ("ssl.key.password", "AVROAD_KAFKA__SSL_KEY_PASSWORD"),
        ("sasl.oauthbearer.client.secret", "AVROAD_KAFKA__SASL_OAUTHBEARER_CLIENT_SECRET"),
        ("registry.basic.auth.user.info", "AVROAD_REGISTRY__BASIC_AUTH_USER_INFO"),
        ("registry.bearer.auth.token", "AVROAD_REGISTRY__BEARER_AUTH_TOKEN"),
    ],
)
def test_no_secret_is_taken_from_the_command_line(project: EnvironmentProject, flag: str, variable: str) -> None:
    (message,) = project.problems(overrides={flag: "canary"})
    assert message == (
        f"-X {flag}: expected no secret on the command line, found one that `ps` would show: set {variable}, "
        f"or give -X {flag}_file=PATH"
    )


def test_a_properties_file_as_confluent_hands_it_out(project: EnvironmentProject) -> None:
    path = project.root / "client.properties"
    path.write_text(
        "# Kafka\n"
        "bootstrap.servers=pkc-1.example.org:9092\n"
        "security.protocol=SASL_SSL\n"
        "sasl.mechanisms=PLAIN\n"
        "sasl.username=user\n"
        "sasl.password=canary\n"
        "schema.registry.url=https://psrc-1.example.org\n"
        "schema.registry.basic.auth.user.info=key:canary\n"
        "replication_factor=3\n"
    )
    environment = project.load(config=path)
    assert environment.kafka["sasl.password"].value == "canary"
    assert environment.kafka["sasl.mechanisms"].origin == f"{path}:4"
    assert environment.registry_config() == {
        "url": "https://psrc-1.example.org",
        "basic.auth.user.info": "key:canary",
    }
    assert environment.replication_factor == 3
    assert "canary" not in repr(environment)


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("sasl.jaas.config=org.apache.kafka X required;", "set sasl.username and sasl.password"),
        ("ssl.truststore.location=/a.jks", "set ssl.ca.location to a PEM file"),
        ("key.serializer=org.apache.X", "it names a Java class"),
    ],
)
def test_settings_of_the_java_client_say_what_to_write_instead(
    project: EnvironmentProject, line: str, hint: str
) -> None:
    path = project.root / "client.properties"
    path.write_text(line)
    name = line.split("=", maxsplit=1)[0]
    found = project.problems(config=path)
    assert f"{path}:1 $.{name}: expected a setting of librdkafka, found {name} of the Java client: {hint}" in found


def test_a_yaml_settings_file(project: EnvironmentProject) -> None:
    path = project.root / "more.yml"
    path.write_text("kafka:\n  client.id: x\nregistry:\n  timeout: 9\ncluster_id: abc\n")
    environment = project.load(config=path)
    assert environment.kafka["client.id"].value == "x"
    assert environment.registry["timeout"].value == "9"
    assert environment.cluster_id == "abc"


def test_a_yaml_settings_file_is_as_strict_as_any(project: EnvironmentProject) -> None:
    path = project.root / "more.yaml"
    path.write_text("kafak:\n  client.id: x\nkafka:\n  a.b: [1]\n")
    assert project.problems(config=path) == [
        f'{path}:2 $.kafak: expected a known key, found "kafak": did you mean "kafka"?',
        f"{path}:4 $.kafka['a.b']: expected one value, found a list",
    ]


def test_a_settings_file_that_cannot_be_read(project: EnvironmentProject) -> None:
    (message,) = project.problems(config=project.root / "none.properties")
    assert "expected a readable file, found No such file" in message
    binary = project.root / "binary.properties"
    binary.write_bytes(b"a=\xff")
    (message,) = project.problems(config=binary)
    assert "found other bytes" in message
    huge = project.root / "huge.properties"
    huge.write_text("#" * (1024 * 1024 + 1))
    (message,) = project.problems(config=huge)
    assert "expected at most 1048576 bytes" in message


def test_a_yaml_settings_file_that_is_no_yaml(project: EnvironmentProject) -> None:
    path = project.root / "more.yaml"
    path.write_text("kafka: [\n")
    (message,) = project.problems(config=path)
    assert message.startswith(f"{path}:2: expected YAML, found")


def test_a_wrong_number_in_a_yaml_settings_file_is_not_taken_for_one(project: EnvironmentProject) -> None:
    path = project.root / "more.yaml"
    path.write_text("replication_factor: many\n")
    assert project.problems(config=path) == [
        f'{path}:1 $.replication_factor: expected a whole number from 1 to 1000, found "many"'
    ]
