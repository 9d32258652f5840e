"""Rules for the whole suite: a clean environment, and proof that the real-Kafka tests ran when they must."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

REQUIRE_KAFKA = "AVROAD_REQUIRE_KAFKA"
"""When set, a real-Kafka test that cannot start its stack fails, and a run that should have had some must have."""

# In CI one commit has one verdict; new examples come from everybody's own runs and from `make fuzz`.
settings.register_profile(
    "avroad", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=bool(os.environ.get("CI"))
)
settings.load_profile("avroad")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("avroad")
    group.addoption("--bootstrap-servers", default="", help="Reuse this Kafka cluster instead of starting one.")
    group.addoption("--registry", default="", help="Reuse this schema registry; goes with --bootstrap-servers.")


def pytest_configure() -> None:
    """Hear Ctrl-C, also in a run started in the background: shells let those ignore it, and their children too."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the person who runs the tests reaches them, and none of theirs reaches the next test."""
    for name in list(os.environ):
        kept = name in {REQUIRE_KAFKA, "AVROAD_CACHE_DIR", "AVROAD_MAVEN_MIRROR"}
        if (name.startswith("AVROAD_") and not kept) or name in {"NO_COLOR", "FORCE_COLOR"}:
            monkeypatch.delenv(name)


@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    yield
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    asked = session.config.getoption("markexpr") == "kafka"
    if not (asked and os.environ.get(REQUIRE_KAFKA)) or reporter is None:
        return
    if not reporter.stats.get("passed") or reporter.stats.get("skipped"):
        reporter.write_line(f"{REQUIRE_KAFKA} is set, but not every real-Kafka test ran", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
