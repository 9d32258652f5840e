"""Variables in environment files."""

from __future__ import annotations

import pytest

from tests.unit.config.conftest import EnvironmentProject


@pytest.mark.parametrize(
    ("written", "environ", "expected"),
    [
        ("${NAME}", {"NAME": "x"}, "x"),
        ("a-${NAME}-b", {"NAME": "x"}, "a-x-b"),
        ("${A}${B}", {"A": "1", "B": "2"}, "12"),
        ("'${NAME}'", {"NAME": "x"}, "x"),
        ("${NAME:-y}", {}, "y"),
        ("${NAME:-y}", {"NAME": "x"}, "x"),
        ("${NAME:-y}", {"NAME": ""}, "y"),
        ("${NAME:-a:b,c}", {}, "a:b,c"),
        ("${NAME}", {"NAME": "12345"}, "12345"),
        ("${NAME}", {"NAME": "TRUE"}, "TRUE"),
        ("${NAME}", {"NAME": "${OTHER}"}, "${OTHER}"),
        ("$NAME", {"NAME": "x"}, "$NAME"),
    ],
)
def test_values(project: EnvironmentProject, written: str, environ: dict[str, str], expected: str) -> None:
    project.kafka(f"client.id: {written}")
    assert project.load(environ).kafka["client.id"].value == expected


def test_a_variable_can_give_a_number_or_a_flag(project: EnvironmentProject) -> None:
    project.write(replication_factor="${RF:-3}", min_insync_replicas="${ISR}", insecure="${LAX:-false}")
    environment = project.load({"ISR": "2"})
    assert (environment.replication_factor, environment.min_insync_replicas, environment.insecure) == (3, 2, False)


def test_digits_from_a_variable_are_text_where_text_is_wanted(project: EnvironmentProject) -> None:
    project.write(cluster_id="${ID}")
    assert project.load({"ID": "123"}).cluster_id == "123"


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (
            "${NAME}",
            (
                "expected the environment variable NAME, found none of that name: "
                "export NAME=..., or write ${NAME:-default}"
            ),
        ),
        ("${}", "expected ${VAR} or ${VAR:-default}, found a ${...} around something else"),
        ("${1A}", "expected ${VAR} or ${VAR:-default}, found a ${...} around something else"),
        ("${A-b}", "expected ${VAR} or ${VAR:-default}, found a ${...} around something else"),
        ("${NAME", "expected ${VAR} or ${VAR:-default}, found a ${ that is never closed"),
    ],
)
def test_what_cannot_be_expanded_is_one_problem(project: EnvironmentProject, written: str, message: str) -> None:
    project.kafka(f'client.id: "{written}"')
    assert project.problems() == [f"admin/environments/test.yaml:6 $.kafka['client.id']: {message}"]


def test_all_unset_variables_are_named_at_once(project: EnvironmentProject) -> None:
    project.write(cluster_id="${ID}", replication_factor="${RF}", description="${ONE} and ${TWO}")
    found = project.problems()
    assert [line.split("variable ")[1].split(",")[0] for line in found] == ["RF", "ID", "ONE", "TWO"]


def test_a_value_cannot_bring_yaml_with_it(project: EnvironmentProject) -> None:
    project.kafka("client.id: ${NAME}")
    text = "x\n  security.protocol: ssl"
    environment = project.load({"NAME": text})
    assert environment.kafka["client.id"].value == text
    assert "security.protocol" not in environment.kafka


def test_a_settings_file_does_not_expand(project: EnvironmentProject) -> None:
    path = project.root / "more.yaml"
    path.write_text("kafka:\n  client.id: ${NAME}\n")
    assert project.load(config=path).kafka["client.id"].value == "${NAME}"
