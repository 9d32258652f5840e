"""`avroad schema explain`: every rule and error, at 80 columns, and the nearest name for a typo."""

from __future__ import annotations

import json

import pytest

from avroad import errors
from avroad.cli.explain_errors import ERROR_WORDS
from avroad.cli.main import run
from avroad.contracts.compat.rules import RULES
from avroad.contracts.lint import LINT_RULES
from avroad.errors import AvroadError, ExitCode, RegistryCode
from avroad.errors.registry_codes import CODE_HELP, KEY_REGISTRY_CODES


@pytest.mark.parametrize("name", sorted({*RULES, *LINT_RULES}))
def test_every_rule_has_reason_example_and_cure(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", "explain", name]) == ExitCode.OK
    out = capsys.readouterr().out
    assert out.startswith(f"{name}  ")
    assert "Why: " in out
    assert "Cure: " in out
    assert name == "SCHEMA_TOO_LARGE" or "Example:" in out or "After:" in out
    # A text in a schema cannot be broken; everything else fits.
    assert [line for line in out.splitlines() if len(line) > 80] == []


def test_the_list_has_everything(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", "explain"]) == ExitCode.OK
    out = capsys.readouterr().out
    words = set(out.split())
    assert {*RULES, *LINT_RULES, "StalePlan", "DecodeError"} <= words
    assert max(map(len, out.splitlines())) <= 80
    assert run(["schema", "explain", "--output", "json"]) == ExitCode.OK
    assert {rule["id"] for rule in json.loads(capsys.readouterr().out)["rules"]} == {*RULES, *LINT_RULES}


@pytest.mark.parametrize("name", ["stale-plan", "StalePlan", "enum_without_default", "Enum-Without-Default"])
def test_names_in_any_spelling(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    expected = ExitCode.USAGE if name == "stale-plan" else ExitCode.OK
    assert run(["schema", "explain", name]) == expected
    assert expected == ExitCode.OK or 'did you mean "StalePlan"?' in capsys.readouterr().err


def test_a_typo_gets_the_nearest_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", "explain", "MISSING_UNION_BRANHC"]) == ExitCode.USAGE
    assert 'did you mean "MISSING_UNION_BRANCH"?' in capsys.readouterr().err
    assert run(["schema", "explain", "\x1b[31m%"]) == ExitCode.USAGE


def test_an_error_says_its_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", "explain", "StalePlan"]) == ExitCode.OK
    assert "Exit code 4" in capsys.readouterr().out
    assert run(["schema", "explain", "RegistryUnavailable", "--output", "json"]) == ExitCode.OK
    assert json.loads(capsys.readouterr().out)["retriable"] is True


def test_every_code_of_the_registry_has_words() -> None:
    assert set(CODE_HELP) == set(RegistryCode)
    assert all(words.summary.endswith((".", ")", ").")) and words.cure for words in CODE_HELP.values())


@pytest.mark.parametrize("code", sorted({*map(int, CODE_HELP), *KEY_REGISTRY_CODES}))
def test_a_code_is_explained_by_number(code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", "explain", str(code)]) == ExitCode.OK
    out = capsys.readouterr().out
    assert out.startswith(f"{code}  ")
    assert "Cure: " in out
    assert max(map(len, out.splitlines())) <= 80


def test_a_code_is_explained_by_name_and_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", "explain", "invalid-schema", "--output", "json"]) == ExitCode.OK
    found = json.loads(capsys.readouterr().out)
    assert (found["code"], found["name"]) == (42201, "INVALID_SCHEMA")
    assert run(["schema", "explain", "SCHEMA_TOO_LARGE"]) == ExitCode.OK  # a rule has the name: the code its number
    assert capsys.readouterr().out.startswith("SCHEMA_TOO_LARGE  ")
    assert run(["schema", "explain", "--output", "json"]) == ExitCode.OK
    assert {42201, 409, 50001} <= {item["code"] for item in json.loads(capsys.readouterr().out)["registry_codes"]}
    assert run(["schema", "explain", "40499"]) == ExitCode.USAGE
    assert run(["schema", "explain", "9" * 5000]) == ExitCode.USAGE


ERRORS = sorted(ERROR_WORDS)


def test_every_error_has_words() -> None:
    classes = {name for name in errors.__all__ if name not in {"ExitCode", "Problem", "RegistryCode", "render"}}
    assert classes == set(ERROR_WORDS)
    assert all(issubclass(getattr(errors, name), AvroadError) for name in classes)


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_has_example_and_cure(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", "explain", name]) == ExitCode.OK
    out = capsys.readouterr().out
    assert "\nExample: " in out
    assert "\nCure: " in out
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.parametrize("command", ["check", "diff", "explain", "fmt", "history", "lint", "pairs", "show", "types"])
def test_every_schema_command_says_its_exit_codes(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", command, "--help"]) == ExitCode.OK
    assert "exit" in capsys.readouterr().out.lower()
