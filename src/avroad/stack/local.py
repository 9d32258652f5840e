"""The local stack as an object: real Apache Kafka and a real registry on this machine, without containers."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from avroad.config.filelock import LockBusy, exclusive
from avroad.errors import StackError
from avroad.stack.artifacts import ArtifactLock, load_artifact_lock
from avroad.stack.cache import Installation, cache_root, ensure_installed
from avroad.stack.data import begin_data, check_data, delete_data, format_data, size_of_data
from avroad.stack.disk import disk_errors_named, require_space
from avroad.stack.java import Java, find_java
from avroad.stack.owned import find_owned
from avroad.stack.ports import free_ports, require_free
from avroad.stack.process import is_alive, start_detached, stop_all
from avroad.stack.progress import Quiet, Reporter
from avroad.stack.ready import await_ready
from avroad.stack.recipe import Ports, broker_command, registry_command, registry_environment, server_properties
from avroad.stack.state import REGISTRY, ClusterIdentity, Home, Service, State
from avroad.stack.status import StackStatus, observe_stack

__all__ = ["DEFAULT_PORT", "DEFAULT_REGISTRY_PORT", "Stack", "UpReport"]

DEFAULT_PORT = 9092
DEFAULT_REGISTRY_PORT = 8081
_SIZES = (1, 3)
_DATA_BYTES = 300_000_000  # what a small stack grows to within its first hours
_START_TIMEOUT_S = 90.0
_STOP_GRACE_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class UpReport:
    """What `up` did. started: names of the services it had to start, () when everything ran already."""

    bootstrap_servers: str
    registry_url: str
    cluster_id: str
    brokers: int
    started: tuple[str, ...]
    took_s: float


class Stack:
    """Brokers and registry whose data, logs and state live in the folder `home`.

    brokers: 1 or 3; None takes what the data was made for, else 1.
    port: the first broker's client port (three brokers take three in a row), registry_port: the registry's;
    None takes what is running, else 9092 and 8081; 0 picks free ports, the same ones for the life of this object.
    Every call is safe against another process working on the same home. Everything listens on 127.0.0.1 only.
    """

    def __init__(
        self,
        home: Path,
        *,
        brokers: int | None = None,
        port: int | None = None,
        registry_port: int | None = None,
        reporter: Reporter | None = None,
        environ: Mapping[str, str] | None = None,
        start_timeout_s: float = _START_TIMEOUT_S,
    ) -> None:
        if brokers is not None and brokers not in _SIZES:
            raise StackError("a local stack has one or three brokers", expected="1 or 3", found=str(brokers))
        self._home = Home(path=home.absolute())
        self._brokers = brokers
        self._port = port
        self._registry_port = registry_port
        self._reporter = reporter or Quiet()
        self._environ = environ
        self._start_timeout_s = start_timeout_s
        self._ports: Ports | None = None

    @property
    def home(self) -> Home:
        """The folders of this stack."""
        return self._home

    @property
    def bootstrap_servers(self) -> str:
        """Where clients connect. Raises StackError when the stack is not running."""
        return self._running().ports.bootstrap_servers

    @property
    def registry_url(self) -> str:
        """The registry's Confluent interface. Raises StackError when the stack is not running."""
        return self._running().ports.registry_url

    @property
    def cluster_id(self) -> str:
        """The id of the cluster whose data is in `home`. Raises StackError when there is none yet."""
        return self._identity().cluster_id

    def up(self) -> UpReport:
        """Start what is not running and return when every broker and the registry answer.

        Idempotent. Data of an earlier run is kept, also after a crash. On any failure, and on KeyboardInterrupt,
        what this call started is stopped again. Raises StackError or one of its kinds for every failure it knows.
        """
        begun = time.monotonic()
        with self._exclusive():
            survivors = self._survivors()
            brokers = len(survivors.ports.brokers) if survivors else self._size()
            known = check_data(self._home, brokers)
            missing = self._missing(brokers, survivors)
            if survivors and missing and known is None:  # a first start that was killed half-way: begin again
                self._stop(survivors.services, force=True)
                survivors, missing = None, self._missing(brokers, None)
            try:
                if missing:
                    running, identity = self._start(missing, known or brokers, survivors)
                else:
                    running, identity = self._running(), self._identity()
                    await_ready(self._home, running, identity, since={}, timeout_s=self._start_timeout_s)
                ports = (*running.ports.brokers, running.ports.registry)
                replace(identity, complete=True, ports=ports).write(self._home.identity)
                self._home.write_endpoints(running.ports, identity.cluster_id)
            except BaseException:
                self._undo(survivors.services if survivors else ())
                raise
        return UpReport(
            bootstrap_servers=running.ports.bootstrap_servers,
            registry_url=running.ports.registry_url,
            cluster_id=identity.cluster_id,
            brokers=brokers,
            started=tuple(missing),
            took_s=time.monotonic() - begun,
        )

    def down(self) -> tuple[str, ...]:
        """Stop what runs and return the names of the services that were running; data stays.

        Only processes this stack started are ended: recognised by their mark, with or without a state file.
        """
        if not self._home.path.exists() and not find_owned(self._home, ()).strays:
            return ()
        with self._exclusive():
            return self._down()

    def stop(self, *names: str, force: bool = False) -> None:
        """Stop single services (`broker-1`, ..., `registry`), by force as a crash would; `up` starts them again."""
        with self._exclusive():
            running = self._running()
            chosen = tuple(item for item in running.services if item.name in names)
            unknown = set(names) - {item.name for item in chosen}
            if unknown:
                raise StackError(
                    "this stack has no such service",
                    expected=", ".join(item.name for item in running.services),
                    found=", ".join(sorted(unknown)),
                )
            self._stop(find_owned(self._home, chosen).known, force=force)

    def is_running(self) -> bool:
        """Return whether any process of this stack is there; asks none of them."""
        state = State.read(self._home.state)
        if state and any(is_alive(service.process) for service in state.services):
            return True
        return bool(find_owned(self._home, ()).strays)

    def status(self) -> StackStatus:
        """Return what runs, asking every service whether it answers; a stack that is down is no error."""
        return observe_stack(self._home)

    def reset(self) -> int:
        """Stop what runs, delete data, logs and state, and return how many services had to be stopped."""
        with self._exclusive():
            stopped = self._down()
            delete_data(self._home)
            for name in ("config", "log"):
                folder = self._home.path / name
                if folder.exists():
                    shutil.rmtree(folder)
        self._ports = None
        return len(stopped)

    # --- starting -----------------------------------------------------------------------------------------------

    def _survivors(self) -> State | None:
        """Return what runs and is on record, None when nothing is; what runs off the record is stopped."""
        state = State.read(self._home.state)
        owned = find_owned(self._home, state.services if state else ())
        if state and owned.known:
            self._refuse_other_options(state)
        if owned.strays:
            self._reporter.say(f"stopping {_names(owned.strays)}, left running without a record")
            self._stop(owned.strays)
        elif state and not owned.known:
            self._reporter.say("the last run ended without `stack down`; starting again on its data")
        return replace(state, services=owned.known) if state and owned.known else None

    def _missing(self, brokers: int, survivors: State | None) -> list[str]:
        return [name for name in self._home.services(brokers) if not (survivors and survivors.service(name))]

    def _start(
        self, missing: list[str], data: ClusterIdentity | int, survivors: State | None
    ) -> tuple[State, ClusterIdentity]:
        """Start `missing` beside `survivors` on existing data, or on new data for so many brokers."""
        known = None if isinstance(data, int) else data
        brokers = data if isinstance(data, int) else data.brokers
        java = find_java(self._environ)
        lock = load_artifact_lock()
        installation = ensure_installed(lock, cache_root(self._environ), reporter=self._reporter, environ=self._environ)
        require_space(self._home.path, _DATA_BYTES, purpose="the stack's data")
        ports = survivors.ports if survivors else self._choose_ports(brokers)
        self._require_free_ports(ports, missing)
        identity = known or begin_data(self._home, brokers)
        for name in ("config", "log", "tmp"):
            (self._home.path / name).mkdir(parents=True, exist_ok=True)
        for node in range(1, brokers + 1):
            config = self._home.path / "config" / f"broker-{node}.properties"
            config.write_text(server_properties(node, ports), encoding="utf-8", newline="\n")
        starting = State(
            ports=ports,
            services=survivors.services if survivors else (),
            java_version=java.version,
            kafka_version=lock.kafka_version,
            registry_version=lock.registry_version,
        )
        since = {name: _size_bytes(self._home.log(name)) for name in missing}
        self._reporter.say(_announcement(lock, java, missing))
        if REGISTRY in missing:
            starting = self._launch(REGISTRY, starting, java, installation)
        if known is None:  # the registry starts meanwhile
            format_data(self._home, identity, java=java, jars=installation.jars)
        for name in missing:
            if name != REGISTRY:
                starting = self._launch(name, starting, java, installation)
        await_ready(self._home, starting, identity, since=since, timeout_s=self._start_timeout_s)
        return starting, identity

    def _undo(self, survivors: tuple[Service, ...]) -> None:
        """End everything but `survivors`: also a process that was started but not yet written down."""
        self._stop(find_owned(self._home, survivors).strays, force=True)
        if not survivors:
            self._home.state.unlink(missing_ok=True)
            self._home.endpoints.unlink(missing_ok=True)

    def _launch(self, name: str, state: State, java: Java, installation: Installation) -> State:
        """Start one service and write it down before anything else can fail."""
        settings: Mapping[str, str] = {}
        if name == REGISTRY:
            command = registry_command(java.executable, installation.registry, home=self._home.path)
            settings, port = registry_environment(state.ports), state.ports.registry
        else:
            node = int(name.rpartition("-")[2])
            port = state.ports.brokers[node - 1]
            command = broker_command(
                java.executable, installation.jars, node, brokers=len(state.ports.brokers), home=self._home.path
            )
        with java.starting():
            process = start_detached(command, folder=self._home.path, log=self._home.log(name), settings=settings)
        others = tuple(item for item in state.services if item.name != name)
        grown = replace(state, services=(*others, Service(name=name, port=port, process=process)))
        grown.write(self._home.state)
        return grown

    # --- choices ------------------------------------------------------------------------------------------------

    def _size(self) -> int:
        return self._brokers or size_of_data(self._home) or 1

    def _choose_ports(self, brokers: int) -> Ports:
        if self._ports is not None and len(self._ports.brokers) == brokers:
            return self._ports
        identity = ClusterIdentity.read(self._home.identity)
        usual = (*range(DEFAULT_PORT, DEFAULT_PORT + brokers), DEFAULT_REGISTRY_PORT)
        kept = identity.ports if identity and len(identity.ports) == len(usual) else usual
        asked, registry = kept[:-1], kept[-1]
        if self._port is not None:
            asked = tuple(range(self._port, self._port + brokers)) if self._port else ()
        if self._registry_port is not None:
            registry = self._registry_port
        if registry in asked:
            raise StackError(
                "broker and registry were given the same port",
                expected="different ones",
                found=f"{registry} twice",
                hint="Choose others with --port and --registry-port.",
            )
        free = free_ports(2 * brokers + 2, besides=(*asked, registry))
        self._ports = Ports(
            brokers=asked or free[:brokers],
            controllers=free[brokers : 2 * brokers],
            registry=registry or free[-2],
            management=free[-1],
        )
        return self._ports

    def _require_free_ports(self, ports: Ports, names: list[str]) -> None:
        for name in names:
            if name == REGISTRY:
                require_free(ports.registry, used_by="the registry", option="--registry-port")
                require_free(ports.management, used_by="the registry's management", option="")
            else:
                node = int(name.rpartition("-")[2])
                require_free(ports.brokers[node - 1], used_by=name, option="--port")
                require_free(ports.controllers[node - 1], used_by=f"the controller of {name}", option="")

    def _refuse_other_options(self, state: State) -> None:
        ports = state.ports
        wanted = (
            ("--brokers", self._brokers, len(ports.brokers)),
            ("--port", self._port or None, ports.brokers[0]),
            ("--registry-port", self._registry_port or None, ports.registry),
        )
        different = [(option, want, have) for option, want, have in wanted if want is not None and want != have]
        if different:
            raise StackError(
                "the stack is already running with other options",
                expected=", ".join(f"{option} {want}" for option, want, _ in different),
                found=", ".join(f"{option} {have}" for option, _, have in different),
                hint="Run `avroad stack down` first.",
            )

    # --- stopping and state -------------------------------------------------------------------------------------

    def _down(self) -> tuple[str, ...]:
        """Do the work of `down` while holding the lock."""
        state = State.read(self._home.state)
        owned = find_owned(self._home, state.services if state else ())
        alive = (*owned.known, *owned.strays)
        if alive:
            self._reporter.say(f"stopping {_names(alive)}")
        self._stop(alive)
        self._home.endpoints.unlink(missing_ok=True)
        self._home.state.unlink(missing_ok=True)
        shutil.rmtree(self._home.path / "tmp", ignore_errors=True)
        return tuple(item.name for item in alive)

    def _stop(self, services: tuple[Service, ...], *, force: bool = False) -> None:
        killed = stop_all([service.process for service in services], grace_s=0.0 if force else _STOP_GRACE_S)
        left = [service for service in services if is_alive(service.process)]
        if left:
            raise StackError(
                f"could not end {', '.join(f'{item.name} (pid {item.process.pid})' for item in left)}",
                hint="Do they belong to another user? Run the command as that user.",
            )
        if killed and not force:
            names = _names(tuple(service for service in services if service.process in killed))
            self._reporter.say(f"{names} did not end within {_STOP_GRACE_S:.0f} s and was killed")

    def _running(self) -> State:
        state = State.read(self._home.state)
        if state is None:
            raise StackError("the local stack is not running", hint="Run: avroad stack up")
        return state

    def _identity(self) -> ClusterIdentity:
        identity = ClusterIdentity.read(self._home.identity)
        if identity is None:
            raise StackError("this stack was never started", hint="Run: avroad stack up")
        return identity

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        try:
            with disk_errors_named(self._home.path, purpose="the stack's data"), exclusive(self._home.path / "lock"):
                yield
        except LockBusy as busy:
            raise StackError(
                "another avroad command is starting or stopping this stack",
                file=os.fspath(self._home.path),
                hint="Wait for it to end.",
            ) from busy


def _announcement(lock: ArtifactLock, java: Java, missing: list[str]) -> str:
    return (
        f"starting {', '.join(missing)}\n  Apache Kafka {lock.kafka_version}, "
        f"Apicurio Registry {lock.registry_version}, Java {java.version} ({java.origin})"
    )


def _names(services: tuple[Service, ...]) -> str:
    return ", ".join(service.name for service in services)


def _size_bytes(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
