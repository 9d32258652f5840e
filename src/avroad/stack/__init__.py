"""Real Apache Kafka and a real schema registry on this machine, without containers or rights.

Stack    up, down, status, stop, reset of one stack in one folder
Home     the folders and files of a stack
"""

from __future__ import annotations

from avroad.stack.disk import DiskFull
from avroad.stack.fetch import ChecksumMismatch, FetchError
from avroad.stack.java import JavaMissing, JavaTooOld
from avroad.stack.local import Stack, UpReport
from avroad.stack.logs import Crashed, DamagedData
from avroad.stack.ports import PortTaken
from avroad.stack.state import Home
from avroad.stack.status import ServiceStatus, StackStatus

__all__ = [
    "ChecksumMismatch",
    "Crashed",
    "DamagedData",
    "DiskFull",
    "FetchError",
    "Home",
    "JavaMissing",
    "JavaTooOld",
    "PortTaken",
    "ServiceStatus",
    "Stack",
    "StackStatus",
    "UpReport",
]
