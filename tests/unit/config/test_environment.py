"""Environments: precedence, origins, the running stack, and every problem of every source at once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from avroad.config import load_environment
from avroad.config.kafka_rules import unknown_setting
from avroad.errors import ConfigError
from tests.unit.config.conftest import EnvironmentProject


def endpoints(project: EnvironmentProject, **changes: object) -> None:
    document = {
        "format_version": "1.0",
        "bootstrap_servers": "127.0.0.1:19092",
        "registry_url": "http://127.0.0.1:18081/apis/ccompat/v7",
        "cluster_id": "the-running-one",
        "brokers": 1,
        **changes,
    }
    path = project.root / ".avroad" / "stack" / "endpoints.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(document))


def test_a_minimal_environment(project: EnvironmentProject) -> None:
    environment = project.load()
    assert environment.name == "test"
    assert environment.cluster_id == ""
    assert environment.description == ""
    assert (environment.stack, environment.insecure) == (False, False)
    assert (environment.replication_factor, environment.min_insync_replicas) == (1, 1)
    assert environment.kafka_config() == {"bootstrap.servers": "127.0.0.1:9092"}
    assert environment.registry_config() == {"url": "http://127.0.0.1:8081"}
    assert environment.lock == project.root / ".avroad" / "test" / "schemas.lock.json"


def test_the_lock_path_is_absolute_and_relative_to_the_project(project: EnvironmentProject) -> None:
    project.write(lock="admin/locks/test.json")
    assert project.load().lock == project.root / "admin" / "locks" / "test.json"


def test_precedence_from_flag_down_to_file(project: EnvironmentProject) -> None:
    project.kafka("client.id: from-file")
    more = project.root / "more.properties"
    more.write_text("client.id=from-settings\n")
    variable = {"AVROAD_KAFKA__CLIENT_ID": "from-variable"}
    flag = {"client.id": "from-flag"}
    seen = [
        project.load(variable, flag, more),
        project.load(variable, None, more),
        project.load(None, None, more),
        project.load(),
    ]
    assert [environment.kafka["client.id"].value for environment in seen] == [
        "from-flag",
        "from-variable",
        "from-settings",
        "from-file",
    ]
    assert [environment.kafka["client.id"].origin for environment in seen] == [
        "flag -X client.id",
        "variable AVROAD_KAFKA__CLIENT_ID",
        f"{more}:1",
        "admin/environments/test.yaml:6",
    ]


@pytest.mark.parametrize(
    ("in_file", "in_flag"),
    [
        ("queue.buffering.max.ms: 5", "linger.ms"),
        ("linger.ms: 5", "queue.buffering.max.ms"),
        ("message.timeout.ms: 5", "delivery.timeout.ms"),
        ("compression.codec: lz4", "compression.type"),
    ],
)
def test_two_names_of_one_setting_do_not_both_survive(project: EnvironmentProject, in_file: str, in_flag: str) -> None:
    project.kafka(in_file)
    kafka = project.load(overrides={in_flag: "7"}).kafka
    assert kafka[in_flag].value == "7"
    assert in_file.split(":", maxsplit=1)[0] not in kafka


def test_the_environments_own_settings_can_be_overridden(project: EnvironmentProject) -> None:
    environment = project.load(
        {"AVROAD_REPLICATION_FACTOR": "3", "AVROAD_CLUSTER_ID": "abc"}, {"min_insync_replicas": "2", "lock": "/x.json"}
    )
    assert (environment.replication_factor, environment.min_insync_replicas) == (3, 2)
    assert environment.cluster_id == "abc"
    assert environment.lock == Path("/x.json")
    assert environment.origins["replication_factor"] == "variable AVROAD_REPLICATION_FACTOR"
    assert environment.origins["lock"] == "flag -X lock"


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (
            {"replication_factor": "many"},
            '-X replication_factor: expected a whole number from 1 to 1000, found "many"',
        ),
        ({"replication_factor": "0"}, '-X replication_factor: expected a whole number from 1 to 1000, found "0"'),
        ({"insecure": "yes"}, '-X insecure: expected true or false, found "yes"'),
        (
            {"min_insync_replicas": "2"},
            "-X min_insync_replicas: expected at most the replication factor, 1, found 2: no write would ever succeed",
        ),
    ],
)
def test_wrong_overrides(project: EnvironmentProject, overrides: dict[str, str], message: str) -> None:
    assert project.problems(overrides=overrides) == [message]


def test_a_running_stack_gives_addresses_and_sizes(project: EnvironmentProject) -> None:
    project.write(stack="true", kafka=None, registry=None)
    endpoints(project, brokers=3)
    environment = project.load()
    assert environment.kafka_config() == {"bootstrap.servers": "127.0.0.1:19092"}
    assert environment.registry_config() == {"url": "http://127.0.0.1:18081/apis/ccompat/v7"}
    assert environment.cluster_id == "the-running-one"
    assert (environment.replication_factor, environment.min_insync_replicas) == (3, 2)
    assert environment.kafka["bootstrap.servers"].origin == ".avroad/stack/endpoints.json"


def test_a_flag_still_wins_over_the_running_stack(project: EnvironmentProject) -> None:
    project.write(stack="true", kafka=None, registry=None)
    endpoints(project)
    environment = project.load({"AVROAD_REGISTRY__URL": "http://127.0.0.1:1"}, {"bootstrap.servers": "127.0.0.1:2"})
    assert environment.kafka["bootstrap.servers"].value == "127.0.0.1:2"
    assert environment.registry["url"].value == "http://127.0.0.1:1"


@pytest.mark.parametrize(
    ("overrides", "unaddressed", "flags"),
    [
        ({}, ("kafka", "registry"), "-X bootstrap.servers=HOST:PORT -X registry.url=URL"),
        ({"metadata.broker.list": "127.0.0.1:2"}, ("registry",), "-X registry.url=URL"),
        ({"registry.url": "http://127.0.0.1:2"}, ("kafka",), "-X bootstrap.servers=HOST:PORT"),
    ],
)
def test_a_stack_that_does_not_run_gives_no_address_and_the_error_says_what_to_start(
    project: EnvironmentProject, overrides: dict[str, str], unaddressed: tuple[str, ...], flags: str
) -> None:
    project.write(stack="true", kafka=None, registry=None)
    environment = project.load(overrides=overrides)
    assert environment.unaddressed == unaddressed
    configs = {"kafka": environment.kafka_config, "registry": environment.registry_config}
    for section in unaddressed:
        with pytest.raises(ConfigError) as caught:
            configs.pop(section)()
        assert str(caught.value) == (
            "environment test uses the stack of this checkout, which does not run. Start it: avroad stack up. "
            f"Or say where else: {flags}"
        )
        assert caught.value.exit_code == 64
    assert all(given() for given in configs.values())


def test_settings_say_which_addresses_the_stack_would_give(project: EnvironmentProject) -> None:
    project.write(stack="true", kafka=None, registry=None)
    setting = project.load().settings()["kafka.bootstrap.servers"]
    assert (setting.value, setting.origin) == ("", "the stack of this checkout, which does not run")


def test_an_address_in_the_file_of_a_stack_may_be_that_of_another_stack(project: EnvironmentProject) -> None:
    project.write(stack="true")
    first, second = project.problems()
    assert first.startswith(
        "admin/environments/test.yaml:4 $.kafka['bootstrap.servers']: expected no address beside stack: true"
    )
    assert second.startswith("admin/environments/test.yaml:5 $.registry.url: expected no address beside stack: true")


def test_an_environment_that_is_not_the_stack_ignores_it(project: EnvironmentProject) -> None:
    endpoints(project)
    assert project.load().kafka["bootstrap.servers"].value == "127.0.0.1:9092"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"format_version": "2.0"}, "the endpoints of a stack"),
        ({"brokers": "1"}, "addresses, cluster id and brokers"),
        ({"brokers": 0}, "addresses, cluster id and brokers"),
        ({"cluster_id": ""}, "addresses, cluster id and brokers"),
        ({"bootstrap_servers": None}, "addresses, cluster id and brokers"),
    ],
)
def test_endpoints_that_are_none(project: EnvironmentProject, changes: dict[str, object], expected: str) -> None:
    project.write(stack="true", kafka=None, registry=None)
    endpoints(project, **changes)
    (message,) = project.problems()
    assert message.startswith(f".avroad/stack/endpoints.json: expected {expected}, found")
    assert message.endswith("run: avroad stack up")


def test_endpoints_that_are_not_json(project: EnvironmentProject) -> None:
    project.write(stack="true", kafka=None, registry=None)
    path = project.root / ".avroad" / "stack" / "endpoints.json"
    path.parent.mkdir(parents=True)
    path.write_text("half a docum")
    assert len(project.problems()) == 1


def test_an_unknown_environment_names_those_there_are(project: EnvironmentProject) -> None:
    with pytest.raises(ConfigError) as caught:
        load_environment(project.root, "tset", environ={})
    assert str(caught.value) == (
        'there is no environment "tset": expected one of test, found "tset". Did you mean "test"?'
    )


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "", ".", "test.yaml"])
def test_an_environments_name_is_never_a_path(project: EnvironmentProject, name: str) -> None:
    with pytest.raises(ConfigError, match="there is no environment"):
        load_environment(project.root, name, environ={})


def test_a_project_without_environments(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"expected a file admin/environments/<name>\.yaml"):
        load_environment(tmp_path, "local", environ={})


def test_the_file_says_which_environment_it_is(project: EnvironmentProject) -> None:
    project.write(environment="prod")
    assert project.problems() == [
        (
            'admin/environments/test.yaml:1 $.environment: expected the environment "test", after which the file is '
            'named, found the text "prod"'
        )
    ]


@pytest.mark.parametrize("text", ["", "# nothing\n"])
def test_an_empty_file(project: EnvironmentProject, text: str) -> None:
    project.text(text)
    assert project.problems() == ["admin/environments/test.yaml: expected an environment, found an empty file"]


def test_a_file_that_is_a_list(project: EnvironmentProject) -> None:
    project.text("- a\n")
    assert project.problems() == ["admin/environments/test.yaml:1 $: expected a mapping, found a list"]


def test_a_file_that_is_no_yaml_gives_only_that_problem(project: EnvironmentProject) -> None:
    project.text("kafka: [\n")
    (message,) = project.problems()
    assert "expected YAML" in message


def test_addresses_must_come_from_somewhere(project: EnvironmentProject) -> None:
    project.write(kafka="{client.id: x}", registry="{timeout: 5}")
    assert project.problems() == [
        (
            'admin/environments/test.yaml $.kafka: expected the setting "bootstrap.servers", found no such setting: '
            "add it to the file"
        ),
        (
            'admin/environments/test.yaml $.registry: expected the setting "url", found no such setting: '
            "add it to the file"
        ),
    ]
    variables = {"AVROAD_KAFKA__BOOTSTRAP_SERVERS": "h:1", "AVROAD_REGISTRY__URL": "http://h:1"}
    assert project.load(variables).registry["url"].value == "http://h:1"


def test_problems_of_all_sources_come_together(project: EnvironmentProject) -> None:
    project.kafka("group.id: g\nsession.timeout.ms: never")
    more = project.root / "more.properties"
    more.write_text("key.serializer=x\n")
    found = project.problems({"AVROAD_KAFAK__X": "1"}, {"sasl.password": "canary"}, more)
    assert len(found) == 5
    for place in ("-X sasl.password", "AVROAD_KAFAK__X", f"{more}:1", "test.yaml:6", "test.yaml:7"):
        assert any(place in line for line in found), place
    assert not any("canary" in line for line in found)


def test_the_headline_counts(project: EnvironmentProject) -> None:
    project.kafka("group.id: g")
    with pytest.raises(ConfigError, match=r'^the environment "test" has 1 problem:\n'):
        project.load()


def test_every_setting_has_an_origin(project: EnvironmentProject) -> None:
    project.write(description="A test.", cluster_id="abc")
    settings = project.load().settings()
    assert {name: item.origin for name, item in settings.items()} == {
        "description": "admin/environments/test.yaml:6",
        "cluster_id": "admin/environments/test.yaml:7",
        "replication_factor": "admin/environments/test.yaml:2",
        "min_insync_replicas": "admin/environments/test.yaml:3",
        "lock": "default",
        "stack": "default",
        "insecure": "default",
        "kafka.bootstrap.servers": "admin/environments/test.yaml:4",
        "registry.url": "admin/environments/test.yaml:5",
    }


def test_another_state_folder_has_its_own_stack_and_lock(
    project: EnvironmentProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write(stack="true", kafka=None, registry=None)
    endpoints(project)
    monkeypatch.setenv("AVROAD_STATE_DIR", "elsewhere")
    environment = project.load()
    assert environment.unaddressed == ("kafka", "registry")
    assert environment.lock == project.root / "elsewhere" / "test" / "schemas.lock.json"


def test_a_slip_in_a_setting_of_the_registry_is_no_setting_of_the_kafka_client(project: EnvironmentProject) -> None:
    with pytest.raises(ConfigError) as caught:
        project.load(overrides={"registy.url": "http://127.0.0.1:1"})
    assert [(problem.path, problem.fix) for problem in caught.value.problems] == [
        ("-X registy.url", 'did you mean "registry.url"?')
    ]


def test_a_setting_the_client_refuses_is_named_with_where_it_comes_from(project: EnvironmentProject) -> None:
    project.kafka("client.rock: x")
    environment = project.load(overrides={"nonsense": "1"})

    def start(config: Mapping[str, str]) -> None:
        assert config["nonsense"] == "1"
        raise ConfigError("refused", problems=tuple(map(unknown_setting, ("nonsense", "client.rock", "elsewhere"))))

    with pytest.raises(ConfigError) as caught:
        environment.kafka_client(start)
    assert [problem.path for problem in caught.value.problems] == [
        "flag -X nonsense", "admin/environments/test.yaml:6", "elsewhere",
    ]  # fmt: skip
    assert environment.kafka_client(dict) == environment.kafka_config()
