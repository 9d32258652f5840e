"""Datums as they travel, lie in files and are shown to people: frames, containers, JSON, annotated dumps.

Frame, read_frame, frame_of, schema_header             which schema wrote a payload
SchemaStore, single_object_prefix                      single-object encoding
ContainerReader, write_container, Caps                 Avro container files
Exact, JsonForm                                        data that keep their unions' branches; JSON of them
annotate, dump_lines                                   every byte of a payload explained
"""

from __future__ import annotations

from avroad.wire.annotate import annotate
from avroad.wire.annotate_text import dump_lines
from avroad.wire.container import Caps, ContainerReader, write_container
from avroad.wire.exact import Exact
from avroad.wire.frames import Frame, frame_of, read_frame, schema_header
from avroad.wire.json_form import JsonForm
from avroad.wire.single_object import SchemaStore, single_object_prefix

__all__ = [
    "Caps",
    "ContainerReader",
    "Exact",
    "Frame",
    "JsonForm",
    "SchemaStore",
    "annotate",
    "dump_lines",
    "frame_of",
    "read_frame",
    "schema_header",
    "single_object_prefix",
    "write_container",
]
