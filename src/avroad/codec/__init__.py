"""The Avro codec: strict in both directions, compiled per schema pair, with one typed error for bytes and data.

`encoder_for` and `decoder_for` give the functions, `resolve` says what a reader cannot read before any byte is
read, `frame` and `schema_id_of` handle the five bytes of the registry's wire format.
"""

from __future__ import annotations

from avroad.codec.compiled import Decoder, Encoder, decoder_for, encoder_for
from avroad.codec.framing import FRAME_SIZE, frame, schema_id_of
from avroad.codec.leniency import Accept
from avroad.codec.logical import Duration
from avroad.codec.plan import Conflict, Plan
from avroad.codec.resolve import resolve

__all__ = [
    "FRAME_SIZE",
    "Accept",
    "Conflict",
    "Decoder",
    "Duration",
    "Encoder",
    "Plan",
    "decoder_for",
    "encoder_for",
    "frame",
    "resolve",
    "schema_id_of",
]
