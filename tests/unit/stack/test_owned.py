"""Processes without a record: found by their mark, stopped before data goes, and nobody else's ever touched."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from avroad.errors import StackError
from avroad.stack import Stack
from avroad.stack.owned import find_owned
from avroad.stack.process import ProcessId, is_alive, start_detached, stop_all
from avroad.stack.recipe import marks
from avroad.stack.state import ClusterIdentity, Home, State

from .conftest import Recorder

Make = Callable[..., Stack]

HANG = "import threading; threading.Event().wait(60)"
LOCKED = (
    "import fcntl, sys; file = open(sys.argv[1], 'a'); fcntl.lockf(file, fcntl.LOCK_EX); "
    "print('locked', flush=True); input()"
)
posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows refuses to move or delete what is in use")


def processes(stack: Stack) -> list[ProcessId]:
    state = State.read(stack.home.state)
    assert state is not None
    return [service.process for service in state.services]


def lose(how: str, path: Path) -> None:
    text = path.read_text()
    path.unlink()
    if how != "deleted":
        path.write_text({"emptied": "", "cut": text[: len(text) // 2], "garbage": "\x00\xff garbage"}[how])


lost = pytest.mark.parametrize("how", ["deleted", "emptied", "cut", "garbage"])


@lost
def test_down_stops_what_no_state_file_names(make_stack: Make, how: str) -> None:
    stack = make_stack()
    stack.up()
    running = processes(stack)
    lose(how, stack.home.state)
    assert stack.is_running()
    assert set(stack.down()) == {"broker-1", "registry"}
    assert not any(is_alive(process) for process in running)
    assert not stack.home.state.exists()
    assert stack.down() == ()


@lost
def test_reset_stops_what_no_state_file_names_before_it_deletes(make_stack: Make, how: str) -> None:
    stack = make_stack()
    stack.up()
    running = processes(stack)
    lose(how, stack.home.state)
    assert stack.reset() == 2
    assert not any(is_alive(process) for process in running)
    assert not stack.home.data.exists()


@lost
def test_up_starts_again_on_the_same_data(make_stack: Make, recorder: Recorder, how: str) -> None:
    stack = make_stack()
    report = stack.up()
    running = processes(stack)
    kept = stack.home.data / "broker-1" / "topic-0"
    kept.mkdir()
    lose(how, stack.home.state)
    again = stack.up()
    assert again.cluster_id == report.cluster_id
    assert again.started == ("broker-1", "registry")
    assert kept.is_dir()
    assert not any(is_alive(process) for process in running)
    assert "stopping broker-1, registry, left running without a record" in recorder.lines


def test_status_shows_what_no_state_file_names(make_stack: Make) -> None:
    stack = make_stack()
    stack.up()
    pids = {process.pid for process in processes(stack)}
    stack.home.state.unlink()
    found = stack.status()
    assert {service.pid for service in found.services} == pids
    assert [service.name for service in found.services] == ["broker-1", "registry"]
    assert found.running
    assert not found.healthy
    assert not any(service.recorded or service.healthy for service in found.services)


def test_a_reused_pid_in_the_state_file_does_not_hide_the_process(make_stack: Make) -> None:
    stack = make_stack()
    stack.up()
    running = processes(stack)
    text = stack.home.state.read_text()
    for process in running:
        text = text.replace(str(process.started_at), "1000000000.0")
    stack.home.state.write_text(text)
    assert set(stack.down()) == {"broker-1", "registry"}
    assert not any(is_alive(process) for process in running)


@posix
def test_down_stops_the_processes_of_a_folder_that_was_deleted(make_stack: Make) -> None:
    stack = make_stack()
    stack.up()
    running = processes(stack)
    shutil.rmtree(stack.home.path.parent)
    assert set(stack.down()) == {"broker-1", "registry"}
    assert not any(is_alive(process) for process in running)


@posix
def test_a_project_that_was_moved_still_knows_its_processes(make_stack: Make, tmp_path: Path) -> None:
    stack = make_stack()
    stack.up()
    running = processes(stack)
    (tmp_path / "project").rename(tmp_path / "moved")
    assert stack.down() == ()
    moved = Stack(tmp_path / "moved" / ".avroad" / "stack")
    assert moved.status().healthy
    assert set(moved.down()) == {"broker-1", "registry"}
    assert not any(is_alive(process) for process in running)


def test_a_copy_of_a_project_leaves_the_original_alone(make_stack: Make, tmp_path: Path) -> None:
    stack = make_stack()
    stack.up()
    shutil.copytree(tmp_path / "project", tmp_path / "copy")
    copy = Stack(tmp_path / "copy" / ".avroad" / "stack")
    assert copy.home.state.read_text() == stack.home.state.read_text()
    assert not copy.status().running
    copy.stop("broker-1", "registry", force=True)
    assert copy.down() == ()
    assert copy.reset() == 0
    assert stack.status().healthy


def test_a_process_that_only_bears_the_mark_is_not_ours(make_stack: Make, tmp_path: Path) -> None:
    stack = make_stack()
    stack.home.path.mkdir(parents=True)
    command = [sys.executable, "-c", "input()", *marks(stack.home.path, "broker-1")]
    with subprocess.Popen(command, cwd=tmp_path, stdin=subprocess.PIPE) as stranger:
        try:
            assert stack.down() == ()
            assert stranger.poll() is None
        finally:
            stranger.communicate(b"\n", timeout=30)


def test_where_the_working_folder_is_not_told_the_mark_decides(
    make_stack: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stack = make_stack()
    stack.up()

    def refuse(_process: psutil.Process) -> str:
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil.Process, "cwd", refuse)
    assert {service.name for service in find_owned(stack.home, ()).strays} == {"broker-1", "registry"}
    assert find_owned(Home(path=tmp_path), ()).strays == ()


def test_a_format_tool_that_outlived_its_command_is_ended_first(make_stack: Make, recorder: Recorder) -> None:
    stack = make_stack()
    stack.home.path.mkdir(parents=True)
    command = [sys.executable, "-c", HANG, *marks(stack.home.path, "format-1")]
    tool = start_detached(command, folder=stack.home.path, log=stack.home.log("format-1"))
    try:
        assert stack.status().services == ()  # a tool is no service
        assert stack.up().started == ("broker-1", "registry")
        assert not is_alive(tool)
        assert "stopping format-1, left running without a record" in recorder.lines
    finally:
        stop_all([tool], grace_s=0)


def test_a_service_that_was_started_but_not_written_down_is_ended_too(
    make_stack: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = make_stack()

    def interrupted(_state: State, _path: Path) -> None:
        assert find_owned(stack.home, ()).strays, "it must be running by now"
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(State, "write", interrupted)
        with pytest.raises(KeyboardInterrupt):
            stack.up()
    assert find_owned(stack.home, ()).strays == ()
    assert stack.up().started == ("broker-1", "registry")


def test_data_that_was_used_after_a_killed_first_start_is_kept(make_stack: Make) -> None:
    stack = make_stack()
    stack.up()
    identity = ClusterIdentity.read(stack.home.identity)
    assert identity is not None
    unfinished = ClusterIdentity(cluster_id=identity.cluster_id, brokers=1, complete=False)
    (stack.home.data / "broker-1" / "topic-0").mkdir()
    unfinished.write(stack.home.identity)
    stack.down()
    assert stack.up().cluster_id == identity.cluster_id
    assert (stack.home.data / "broker-1" / "topic-0").is_dir()


@contextmanager
def unseen_broker(home: Home) -> Iterator[None]:
    """Hold a broker's lock as a broker in a container would: without any mark on this machine."""
    lock = home.data / "broker-1" / ".lock"
    command = [sys.executable, "-c", LOCKED, str(lock)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as broker:
        assert broker.stdout is not None
        assert broker.stdout.readline() == b"locked\n"
        try:
            yield
        finally:
            broker.communicate(b"\n", timeout=30)


@posix
def test_data_that_an_unseen_broker_works_on_is_never_deleted(make_stack: Make) -> None:
    stack = make_stack()
    stack.up()
    stack.down()
    identity = ClusterIdentity.read(stack.home.identity)
    assert identity is not None
    with unseen_broker(stack.home):
        with pytest.raises(StackError, match="in use by a broker that this machine does not show"):
            stack.reset()
        assert (stack.home.data / "broker-1" / "meta.properties").exists()
        ClusterIdentity(cluster_id=identity.cluster_id, brokers=1, complete=False).write(stack.home.identity)
        with pytest.raises(StackError, match="in use by a broker"):
            stack.up()
        assert (stack.home.data / "broker-1" / "meta.properties").exists()
    assert stack.reset() == 0
    assert not stack.home.data.exists()


def test_a_reset_that_was_broken_off_is_finished_by_the_next_up(make_stack: Make) -> None:
    stack = make_stack()
    first = stack.up().cluster_id
    stack.down()
    stack.home.data.rename(stack.home.path / "deleted")  # as far as it came
    assert stack.up().cluster_id != first
    assert not (stack.home.path / "deleted").exists()


def test_another_stacks_answer_on_the_same_port_does_not_count(make_stack: Make, tmp_path: Path) -> None:
    port = int(make_stack().up().registry_url.split(":")[2].partition("/")[0])
    other = Stack(tmp_path / "other", port=0, registry_port=port, start_timeout_s=20)
    # Both found the port free; the other one was faster.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("avroad.stack.local.require_free", lambda *_args, **_kwargs: None)
        with pytest.raises(StackError, match="registry ended while starting"):
            other.up()
    assert find_owned(other.home, ()).strays == ()
