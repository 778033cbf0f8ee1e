"""Flow Cytometry Standard files (FCS 2.0 to 3.1), as the child reads them by flowio.

Metadata become a document in the form of the ASM, so that one flattening serves all; events go
beside it, as they are stored: gain and logarithmic amplification ($PnG, $PnE) are not applied.
Source: Data File Standard for Flow Cytometry, version FCS 3.1, sections 3.1 and 3.2 (keywords).
"""

from __future__ import annotations

import json
import struct
from array import array
from io import BytesIO
from typing import Any

import numpy as np
from flowio import FlowData
from flowio.exceptions import FlowIOException

from cytolake_contracts import ReasonCode
from cytolake_ingest_gateway.converter import recognise
from cytolake_ingest_gateway.converter.rejection import Rejection
from cytolake_ingest_gateway.converter.sandbox.child import Answer, Request
from cytolake_ingest_gateway.converter.sandbox.flow_document import Channel, document_of

MAGIC = (b"FCS2.0", b"FCS3.0", b"FCS3.1")
HEADER_BYTES = 58
ARROW_TYPES = {"B": "uint8", "H": "uint16", "I": "uint32", "f": "float32", "d": "float64"}
FAULTS = (
    FlowIOException,
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    EOFError,
    OverflowError,
    struct.error,
)


def is_fcs(body: bytes) -> bool:
    """Return whether the file says that it is one, whatever its name is."""
    return body.startswith(MAGIC)


def parse(request: Request) -> Answer | Rejection:
    """Read the file; a Rejection where it cannot be read."""
    missing = _end_of_data(request.body) - len(request.body)
    if missing > 0:
        return _cut_off(request.name, missing)
    try:
        data = FlowData(BytesIO(request.body))
        channels = _channels(data)
    except MemoryError:
        raise
    except FAULTS as error:
        return _damaged(request.name, error)
    return Answer(
        outcome="parsed",
        vendor=recognise.FCS,
        document=document_of(data.text, str(data.version), channels),
        recognition=recognise.by_magic().model_dump(),
        attachment=_attachment(channels),
    )


def _channels(data: Any) -> list[Channel]:  # noqa: ANN401 - flowio is not typed
    count, events = data.channel_count, data.events
    if len(events) != count * data.event_count:
        raise ValueError(f"{data.event_count} events of {count} channels are announced")
    if isinstance(events, list):  # channels of different widths
        events = array("I", events)
    return [
        Channel(number + 1, data.pnn_labels[number], np.frombuffer(events[number::count], dtype))
        for number in range(count)
        if (dtype := np.dtype(events.typecode))
    ]


def _attachment(channels: list[Channel]) -> bytes:
    """Return one line of JSON that names the columns, then the columns' bytes, one by one."""
    told = [
        {"name": one.name, "type": ARROW_TYPES[one.events.dtype.char], "rows": len(one.events)}
        for one in channels
    ]
    return b"".join([json.dumps(told).encode(), b"\n", *(one.events.tobytes() for one in channels)])


def _end_of_data(body: bytes) -> int:
    """Return how long the file must be by its header; 0 where that says nothing."""
    said = body[34:42].strip()
    return int(said) + 1 if len(body) >= HEADER_BYTES and said.isdigit() else 0


def _cut_off(name: str, missing: int) -> Rejection:
    return Rejection(
        ReasonCode.TRUNCATED_FILE,
        f"The FCS file {name!r} is cut off: {missing} bytes of its events are missing. The copy or "
        "upload was probably interrupted. Copy the whole file again and drop it once more.",
        "parse",
    )


def _damaged(name: str, error: Exception) -> Rejection:
    why = " ".join(str(error).replace("InMemoryFile", "the file").split())[:300].rstrip(".")
    return Rejection(
        ReasonCode.DAMAGED_FILE,
        f"The FCS file {name!r} contradicts itself, so that its numbers could be read wrongly: "
        f"{why} ({type(error).__name__}). Nothing of it is loaded. Export it again from the "
        "cytometer's software; if it comes out the same, refuse it.",
        "recognise",
        recognise.by_magic(),
    )
