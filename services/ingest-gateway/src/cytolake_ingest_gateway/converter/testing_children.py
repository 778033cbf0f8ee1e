"""For tests of the sandbox: parsers that remember what their child has read before."""

from __future__ import annotations

import os
import signal
from itertools import count

from cytolake_ingest_gateway.converter.sandbox.child import Answer, Request

_FILES = count()


def numbered(request: Request) -> Answer:
    """Say how many files this child has read before."""
    document = {"files_before": next(_FILES)}
    return Answer(outcome="parsed", vendor=request.vendor or "ANY", document=document)


def touchy(request: Request) -> Answer:
    """Do what the file says, but only in a child that has read one before."""
    if next(_FILES):
        _go_wrong(request.body)
    return Answer(outcome="parsed", vendor=request.vendor or "ANY", document={})


def _go_wrong(how: bytes) -> None:
    if how == b"vanish":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == b"memory":
        raise MemoryError
    while how == b"spin":
        pass
    raise ValueError(how)
