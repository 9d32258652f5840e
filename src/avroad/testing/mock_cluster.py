"""librdkafka's own mock cluster, reached through ctypes: brokers with fault injection inside a test, no JVM.

It serves produce (idempotent and transactional), fetch, metadata and consumer groups with commits, on loopback. It
does not serve topic administration, and it keeps at most 5 MB per partition. librdkafka calls the interface
experimental, so every symbol is looked up before use and a missing one is named.
"""

from __future__ import annotations

import ctypes
from collections import Counter
from collections.abc import Callable, Sequence
from enum import IntEnum
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import confluent_kafka

from avroad.errors import AvroadError

__all__ = ["Api", "MockCluster", "MockUnavailable"]

_PRODUCER: Final = 0
_PATTERNS: Final = (
    "../confluent_kafka.libs/librdkafka*.so*",  # Linux wheels
    ".dylibs/librdkafka*.dylib",  # macOS wheels
    "../confluent_kafka.libs/librdkafka*.dll",  # Windows wheels
)
_POINTER, _INT, _INT16, _INT32, _SIZE = ctypes.c_void_p, ctypes.c_int, ctypes.c_int16, ctypes.c_int32, ctypes.c_size_t
_TEXT: Final = ctypes.c_char_p


class MockUnavailable(AvroadError):
    """This installation of confluent-kafka has no usable mock cluster; tests skip with the message."""


class Api(IntEnum):
    """Request types that can be made to fail, by their numbers in the Kafka protocol."""

    PRODUCE = 0
    FETCH = 1
    LIST_OFFSETS = 2
    METADATA = 3
    OFFSET_COMMIT = 8
    OFFSET_FETCH = 9
    FIND_COORDINATOR = 10
    JOIN_GROUP = 11
    HEARTBEAT = 12
    INIT_PRODUCER_ID = 22


class MockCluster:
    """A cluster of `brokers` brokers, ids from 1, as a context manager; its faults may be changed while it runs."""

    def __init__(self, brokers: int = 1) -> None:
        self._lib = _library()
        self._call = self._functions()
        message = ctypes.create_string_buffer(512)
        conf = self._call["rd_kafka_conf_new"]()
        self._call["rd_kafka_conf_set"](conf, b"log_level", b"0", message, len(message))
        self._handle = self._call["rd_kafka_new"](_PRODUCER, conf, message, len(message))
        if not self._handle:
            raise MockUnavailable(f"librdkafka refuses a client for the mock cluster: {message.value.decode()}")
        self._cluster = self._call["rd_kafka_mock_cluster_new"](self._handle, brokers)
        self.bootstrap_servers = str(self._call["rd_kafka_mock_cluster_bootstraps"](self._cluster).decode())
        self._call["rd_kafka_mock_group_initial_rebalance_delay_ms"](self._cluster, 0)
        # Without a controller, requests about topics wait for one until their timeout.
        self._check(self._call["rd_kafka_mock_set_controller_id"](self._cluster, 1), "make broker 1 the controller")
        self.brokers = brokers

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the cluster, then the client it lives in; the other order crashes."""
        if self._cluster:
            self._call["rd_kafka_mock_cluster_destroy"](self._cluster)
            self._call["rd_kafka_destroy"](self._handle)
            self._cluster = None

    def create_topic(self, topic: str, partitions: int = 1) -> None:
        """Create a topic on all brokers."""
        self._check(
            self._call["rd_kafka_mock_topic_create"](self._cluster, topic.encode(), partitions, self.brokers),
            f"create topic {topic}",
        )

    def delete_topic(self, topic: str) -> None:
        """Delete a topic with its records and the groups' offsets of it."""
        self._check(
            self._call["rd_kafka_mock_topic_delete"](self._cluster, topic.encode()),
            f"delete topic {topic}",
        )

    def push_errors(self, api: Api, *codes: int) -> None:
        """Let the next requests of a type fail with these error codes, in order; -195 disconnects the client."""
        array = (_INT * len(codes))(*codes)
        self._call["rd_kafka_mock_push_request_errors_array"](self._cluster, api, len(codes), array)

    def clear_errors(self, api: Api) -> None:
        """Let requests of a type succeed again."""
        self._call["rd_kafka_mock_clear_request_errors"](self._cluster, api)

    def topic_error(self, topic: str, code: int) -> None:
        """Let metadata answer this error for a topic; 0 ends it."""
        self._call["rd_kafka_mock_topic_set_error"](self._cluster, topic.encode(), code)

    def down(self, broker: int = -1) -> None:
        """Disconnect a broker (-1: all) and refuse new connections; leaders stay where they are."""
        self._check(self._call["rd_kafka_mock_broker_set_down"](self._cluster, broker), f"stop broker {broker}")

    def up(self, broker: int = -1) -> None:
        """Accept connections again."""
        self._check(self._call["rd_kafka_mock_broker_set_up"](self._cluster, broker), f"start broker {broker}")

    def rtt(self, milliseconds: int, broker: int = -1) -> None:
        """Delay every answer of a broker (-1: all)."""
        self._check(self._call["rd_kafka_mock_broker_set_rtt"](self._cluster, broker, milliseconds), "delay answers")

    def leader(self, topic: str, partition: int, broker: int) -> None:
        """Move a partition's leader; -1 leaves it without one."""
        moved = self._call["rd_kafka_mock_partition_set_leader"](self._cluster, topic.encode(), partition, broker)
        self._check(moved, f"move the leader of {topic} partition {partition}")

    def track_requests(self) -> None:
        """Start counting requests from zero."""
        self._call["rd_kafka_mock_stop_request_tracking"](self._cluster)
        self._call["rd_kafka_mock_clear_requests"](self._cluster)
        self._call["rd_kafka_mock_start_request_tracking"](self._cluster)

    def requests(self) -> Counter[int]:
        """Return requests per API number since `track_requests`."""
        count = _SIZE(0)
        found = self._call["rd_kafka_mock_get_requests"](self._cluster, ctypes.byref(count))
        items = ctypes.cast(found, ctypes.POINTER(_POINTER))
        keys = [int(self._call["rd_kafka_mock_request_api_key"](items[i])) for i in range(count.value)]
        self._call["rd_kafka_mock_request_destroy_array"](found, count)
        return Counter(keys)

    def _check(self, code: int, doing: str) -> None:
        if code:
            raise MockUnavailable(f"the mock cluster cannot {doing}: error {code}")

    def _functions(self) -> dict[str, Callable[..., Any]]:
        """Look every symbol up with its types: an untyped pointer would be cut to 32 bits."""
        signatures: dict[str, tuple[Any, Sequence[Any]]] = {
            "rd_kafka_conf_new": (_POINTER, ()),
            "rd_kafka_conf_set": (_INT, (_POINTER, _TEXT, _TEXT, _TEXT, _SIZE)),
            "rd_kafka_new": (_POINTER, (_INT, _POINTER, _TEXT, _SIZE)),
            "rd_kafka_destroy": (None, (_POINTER,)),
            "rd_kafka_mock_cluster_new": (_POINTER, (_POINTER, _INT)),
            "rd_kafka_mock_cluster_destroy": (None, (_POINTER,)),
            "rd_kafka_mock_cluster_bootstraps": (_TEXT, (_POINTER,)),
            "rd_kafka_mock_group_initial_rebalance_delay_ms": (None, (_POINTER, _INT32)),
            "rd_kafka_mock_topic_create": (_INT, (_POINTER, _TEXT, _INT, _INT)),
            "rd_kafka_mock_topic_delete": (_INT, (_POINTER, _TEXT)),
            "rd_kafka_mock_set_controller_id": (_INT, (_POINTER, _INT32)),
            "rd_kafka_mock_topic_set_error": (None, (_POINTER, _TEXT, _INT)),
            "rd_kafka_mock_push_request_errors_array": (None, (_POINTER, _INT16, _SIZE, ctypes.POINTER(_INT))),
            "rd_kafka_mock_clear_request_errors": (None, (_POINTER, _INT16)),
            "rd_kafka_mock_broker_set_down": (_INT, (_POINTER, _INT32)),
            "rd_kafka_mock_broker_set_up": (_INT, (_POINTER, _INT32)),
            "rd_kafka_mock_broker_set_rtt": (_INT, (_POINTER, _INT32, _INT)),
            "rd_kafka_mock_partition_set_leader": (_INT, (_POINTER, _TEXT, _INT32, _INT32)),
            "rd_kafka_mock_start_request_tracking": (None, (_POINTER,)),
            "rd_kafka_mock_stop_request_tracking": (None, (_POINTER,)),
            "rd_kafka_mock_clear_requests": (None, (_POINTER,)),
            "rd_kafka_mock_get_requests": (_POINTER, (_POINTER, ctypes.POINTER(_SIZE))),
            "rd_kafka_mock_request_api_key": (_INT16, (_POINTER,)),
            "rd_kafka_mock_request_destroy_array": (None, (_POINTER, _SIZE)),
        }
        found: dict[str, Callable[..., Any]] = {}
        for name, (result, arguments) in signatures.items():
            try:
                function = getattr(self._lib, name)
            except AttributeError:
                raise MockUnavailable(f"librdkafka {confluent_kafka.libversion()[0]} does not export {name}") from None
            function.restype, function.argtypes = result, list(arguments)
            found[name] = function
        return found


def _library() -> ctypes.CDLL:
    """Load the library inside the wheel; a system's own may differ from the one the client uses."""
    folder = Path(confluent_kafka.__file__).parent
    for pattern in _PATTERNS:
        parent, _, name = pattern.rpartition("/")
        for path in sorted((folder / parent).resolve().glob(name)):
            return ctypes.CDLL(str(path))
    raise MockUnavailable("this confluent-kafka does not bring its own librdkafka; install the wheel from PyPI")
