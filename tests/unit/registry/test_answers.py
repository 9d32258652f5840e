"""Any status and body becomes a value or an error of ours."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avroad.errors import RegistryCode, RegistryError, SchemaNotFound
from avroad.registry.answers import Answer, error_of
from avroad.registry.dialect import detect
from avroad.registry.shapes import Shapes
from avroad.registry.transport import Response
from avroad.schema import Json

READERS: list[Callable[[Json], object]] = [
    Shapes.names, Shapes.versions, Shapes.states, Shapes.pairs, Shapes.new_id, Shapes.level, Shapes.verdict,
    Shapes.anything, Shapes.schema_text, Shapes.registered, Shapes.listed,
]  # fmt: skip
KEYS = ["id", "version", "subject", "schema", "schemaType", "references", "name", "compatibilityLevel", "config",
        "is_compatible", "messages", "error_code", "message", "versions", "state"]  # fmt: skip
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["AVRO", "x", "", "1", "FULL"])
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner), max_leaves=12
)
BODIES = st.binary(max_size=40) | VALUES.map(lambda value: json.dumps(value).encode())


def plain(text: str) -> str:
    return text


@given(status=st.integers(200, 499), body=BODIES, reader=st.sampled_from(READERS))
def test_nothing_but_values_and_registry_errors(status: int, body: bytes, reader: Callable[[Json], object]) -> None:
    answer = Answer(Response(status=status, body=body), "ask", plain)
    assert answer.code() is None or status >= 400
    error: RegistryError | None = None
    try:
        answer.value(reader)
    except RegistryError as caught:
        error = caught
    assert error is not None or status < 400
    assert error is None or (error.status == status and str(error))


@given(body=BODIES, status=st.integers(200, 499))
def test_detection_never_fails_on_an_answer(body: bytes, status: int) -> None:
    assert detect(lambda _, __: Response(status=status, body=body)) is not None


@pytest.mark.parametrize("code", list(RegistryCode))
def test_every_known_code_is_named(code: RegistryCode) -> None:
    status = code if code == 409 else code // 100
    error = error_of(Response(status=status, body=json.dumps({"error_code": code}).encode()), "ask", plain)
    assert error.code is code
    assert isinstance(error, SchemaNotFound) == (status == 404)


def test_an_unknown_code_is_shown_by_number() -> None:
    body = json.dumps({"error_code": 42999, "message": "new rule"}).encode()
    error = error_of(Response(status=422, body=body), "register it", plain)
    assert error.code is None
    assert str(error) == "cannot register it: new rule (error code 42999)"


def test_words_of_the_registry_are_scrubbed() -> None:
    body = json.dumps({"error_code": 42201, "message": "secret"}).encode()
    assert "secret" not in str(error_of(Response(status=422, body=body), "ask", lambda _: "***"))
