"""Ports: which are free and who holds the others."""

from __future__ import annotations

import os
import socket

import psutil
import pytest

from avroad.errors import StackError
from avroad.stack import ports as module
from avroad.stack.ports import PortTaken, free_ports, is_free, require_free


def test_a_port_somebody_listens_on_is_not_free_until_they_stop() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        assert not is_free(port)
    assert is_free(port)


def test_a_port_held_on_every_address_is_not_free() -> None:
    with socket.create_server(("", 0)) as held:
        assert not is_free(held.getsockname()[1])


def test_a_port_that_was_just_closed_with_a_connection_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as client:
            accepted, _ = held.accept()
            accepted.close()  # the server closes first: its side waits in TIME_WAIT
            client.recv(1)
    assert is_free(port)


def test_free_ports_are_free_different_and_outside_the_range_of_outgoing_connections() -> None:
    found = free_ports(10)
    assert len(set(found)) == 10
    assert all(20_000 <= port < 32_000 and is_free(port) for port in found)


def test_free_ports_are_none_of_those_promised_already() -> None:
    assert not set(free_ports(20, besides=range(20_000, 26_000))) & set(range(20_000, 26_000))


def test_no_free_port_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "is_free", lambda _port: False)
    with pytest.raises(StackError, match="no 2 free ports"):
        free_ports(2)


def test_a_taken_port_names_use_option_and_holder() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        with pytest.raises(PortTaken, match=f"port {port} is needed for broker-1") as caught:
            require_free(port, used_by="broker-1", option="--port")
    assert f"pid {os.getpid()}" in str(caught.value)
    assert "--port" in caught.value.hint


@pytest.mark.parametrize("failure", [psutil.AccessDenied(1), psutil.NoSuchProcess(1), OSError("no")])
def test_a_holder_the_system_does_not_tell_is_another_program(
    monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def refuse(**_kwargs: str) -> None:
        raise failure

    monkeypatch.setattr(psutil, "net_connections", refuse)
    with socket.create_server(("127.0.0.1", 0)) as held, pytest.raises(PortTaken, match="by another program"):
        require_free(held.getsockname()[1], used_by="the registry", option="")


def test_a_free_port_is_no_error() -> None:
    port = free_ports(1)[0]
    require_free(port, used_by="broker-1", option="--port")
    with socket.create_server(("127.0.0.1", port)) as held:
        assert held.getsockname()[1] == port, "looking must not take the port"
