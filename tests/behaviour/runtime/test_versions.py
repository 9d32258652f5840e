"""The suite of versions that appear, on librdkafka's mock cluster and the registry in process."""

from __future__ import annotations

from tests.behaviour.runtime.versions import VersionsInTheField


class TestMock(VersionsInTheField):
    """`world` is the one of the folder: a mock cluster and a registry in process."""
