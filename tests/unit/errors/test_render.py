"""The wording of errors: expected, found, where, next step."""

from __future__ import annotations

import pytest

from avroad import errors
from avroad.errors import AvroadError, ConfigError, DecodeError, ExitCode, Problem, RegistryCode, RegistryError, render


def test_parts_are_joined_in_reading_order() -> None:
    error = ConfigError(
        "the setting cannot be used", expected="a number", found="'x'", file="a.yaml", path="$.b", hint="Write 3."
    )
    assert str(error) == "a.yaml: the setting cannot be used: expected a number, found 'x' - at $.b. Write 3."


def test_problems_are_grouped_by_file_each_on_its_line() -> None:
    problems = (
        Problem(file="a.yaml", line=3, path="$.x", expected="a", found="b", fix="did you mean c?"),
        Problem(file="b.yaml", path="$.y", expected="d", found="e"),
        Problem(file="a.yaml", path="$.z", expected="f", found="g"),
    )
    assert render(ConfigError("3 problems", problems=problems)).splitlines() == [
        "3 problems",
        "a.yaml:3 $.x: expected a, found b: did you mean c?",
        "a.yaml $.z: expected f, found g",
        "b.yaml $.y: expected d, found e",
    ]


def test_an_error_without_words_still_has_a_name() -> None:
    assert str(AvroadError()) == "AvroadError"


def test_a_decode_error_says_reason_offset_and_path() -> None:
    error = DecodeError("boolean byte is neither 0 nor 1", offset=7, path="$.active")
    assert (error.reason, error.offset, error.path) == ("boolean byte is neither 0 nor 1", 7, "$.active")
    assert str(error) == "boolean byte is neither 0 nor 1, byte 7 - at $.active"


def test_registry_codes_are_names() -> None:
    error = RegistryError("no such subject", code=RegistryCode(40401), status=404)
    assert error.code is RegistryCode.SUBJECT_NOT_FOUND


@pytest.mark.parametrize("name", [n for n in errors.__all__ if n[0].isupper()])
def test_every_error_of_the_tree_has_an_exit_code_and_a_docstring(name: str) -> None:
    value = getattr(errors, name)
    if isinstance(value, type) and issubclass(value, AvroadError):
        assert value.exit_code in set(ExitCode)
        assert value.__doc__
        assert isinstance(value.retriable, bool)
    else:
        assert name in {"ExitCode", "Problem", "RegistryCode"}
