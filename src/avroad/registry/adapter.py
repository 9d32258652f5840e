"""requests' adapter with connections that obey the current deadline and one TLS context for all of them."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from requests.adapters import HTTPAdapter
from requests.models import PreparedRequest
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from avroad.errors import ConfigError
from avroad.registry.deadline import Deadline, connect
from avroad.registry.settings import RegistrySettings

__all__ = ["DeadlineAdapter", "tls_context"]

_CONNECTIONS = 16


class _Watched(HTTPConnection):
    """Opens sockets inside the deadline and hands kept ones to the deadline of each new request."""

    _handle: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        opened = connect(self._dns_host, self.port or self.default_port, self.socket_options or ())
        self._release()
        # A duplicate taken before TLS: wrapping detaches the original, and a TLS socket cannot be duplicated.
        self._handle = opened.dup()
        return opened

    def request(self, *args: Any, **kwargs: Any) -> None:
        deadline = Deadline.current()
        if deadline is not None and self._handle is not None:
            deadline.watch(self._handle)
        super().request(*args, **kwargs)

    def close(self) -> None:
        super().close()
        self._release()

    def _release(self) -> None:
        if self._handle is not None:
            with suppress(OSError):
                self._handle.close()
            self._handle = None


class _WatchedTls(_Watched, HTTPSConnection):
    """The same over TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Watched  # pyright: ignore[reportAssignmentType] - the library's own class does not fit either


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedTls  # pyright: ignore[reportAssignmentType] - as above


class DeadlineAdapter(HTTPAdapter):
    """Sends one request per call, never repeats one; safe to use from several threads at once."""

    def __init__(self, settings: RegistrySettings) -> None:
        self._context = tls_context(settings) if any(url.startswith("https") for url in settings.urls) else None
        super().__init__(pool_connections=len(settings.urls), pool_maxsize=_CONNECTIONS, max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **kwargs: Any) -> None:  # noqa: FBT001, FBT002 - the library's signature
        """Use the watched connections; called by the library."""
        super().init_poolmanager(connections, maxsize, block, **self._tls(), **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:  # noqa: ANN401 - the library's signature
        """Use the watched connections through a proxy too; called by the library."""
        manager = super().proxy_manager_for(proxy, **self._tls(), **kwargs)
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
        return manager

    def build_connection_pool_key_attributes(self, request: PreparedRequest, verify: Any, cert: Any = None) -> Any:  # noqa: ANN401 - the library's signature
        """Leave TLS to the one context: the library would add its own trusted certificates to ours."""
        host, _ = super().build_connection_pool_key_attributes(request, verify, cert)
        return host, {}

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:  # noqa: ANN401 - the library's signature
        """Do nothing, for the same reason."""

    def _tls(self) -> dict[str, Any]:
        return {"ssl_context": self._context} if self._context is not None else {}


def tls_context(settings: RegistrySettings) -> ssl.SSLContext:
    """Return a verifying context: trusted certificates, and our own when one is set.

    Raises ConfigError naming the file that cannot be used.
    """
    location = settings.ca_location or DEFAULT_CA_BUNDLE_PATH
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # verifies certificate and host name, trusts nobody yet
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    reason = _failing(lambda: context.load_verify_locations(cafile=location))
    if reason:
        raise ConfigError(
            "the registry's trusted certificates cannot be used",
            path="ssl.ca.location", expected="a PEM file of certificates", found=f"{location}: {reason}",
        )  # fmt: skip
    certificate, key = settings.certificate_location, settings.key_location or None
    if certificate:
        # The empty password stops OpenSSL from asking on the terminal.
        reason = _failing(lambda: context.load_cert_chain(certificate, key, password=settings.key_password or ""))
    if reason:
        raise ConfigError(
            "the client certificate for the registry cannot be used",
            path="ssl.certificate.location", expected="a PEM certificate and its key",
            found=f"{certificate}: {reason}", hint="Do ssl.key.location and ssl.key.password belong to it?",
        )  # fmt: skip
    return context


def _failing(step: Callable[[], None]) -> str:
    """Return why a step fails, "" when it does not, never with file contents or passwords."""
    try:
        step()
    except FileNotFoundError:
        return "no such file"
    except PermissionError:
        return "not readable"
    except (OSError, ValueError):  # ssl.SSLError is an OSError
        return "not usable as PEM with the given key and password"
    return ""
