"""The child's whole life: limits, confinement, and per file parse and answer.

An answer is two messages of plain JSON bytes, a header and the document, and what is attached:
the parent never unpickles anything that a parser could have made.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from importlib import import_module
from multiprocessing.connection import Connection
from typing import Any, Literal

from cytolake_ingest_gateway.converter.sandbox.confine import (
    Limits,
    close_in,
    leave_the_parent,
    renew_the_alarm,
)

MAX_MESSAGE = 2_000
IDLE_SECONDS = 4.0
"""A child to which no further file comes for so long ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One file to parse."""

    body: bytes
    name: str
    """The file's own name: some parsers need it. Never a path of this machine."""
    vendor: str | None
    timezone: str
    source: str | None = None
    """Whose file it is: a child reads files of one source only; None: this one alone."""
    is_known: bool = False
    """The source sent files of this shape before, read by this vendor: nothing is looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What parsing came to; `document` only with `parsed`, `recognition` as the event has it."""

    outcome: Literal["parsed", "rejected", "memory", "crashed"]
    vendor: str | None = None
    code: str | None = None
    message: str | None = None
    document: dict[str, Any] | None = None
    recognition: dict[str, Any] | None = None
    attachment: bytes = b""
    """What is too much for a document, in a form of the parser's own."""


Parse = Callable[[Request], Answer]


def main(parent: Connection, parse: Parse, limits: Limits) -> None:
    """Parse files for as long as some come; a fault without an answer is a crash."""
    os.environ.clear()  # nothing of it is for a parser
    leave_the_parent(limits)
    _silence()
    confinement = close_in()
    with suppress(EOFError):
        while parent.poll(IDLE_SECONDS):
            request = parent.recv()
            renew_the_alarm(limits)
            header, document, attachment = _answered(parse, request, limits)
            parent.send_bytes(json.dumps(header | {"confinement": asdict(confinement)}).encode())
            parent.send_bytes(document)
            parent.send_bytes(attachment)
    os._exit(0)  # nothing is left to do, and a parser's exit handlers are its own


def _answered(
    parse: Parse, request: Request, limits: Limits
) -> tuple[dict[str, Any], bytes, bytes]:
    try:
        answer = parse(request)
        document = canonical_json(answer.document)
    except MemoryError:
        answer, document = Answer(outcome="memory"), b"null"
    except Exception as error:  # noqa: BLE001 - the parent tells it; nobody else can
        why = f"{type(error).__name__}: {error}"
        answer, document = Answer(outcome="crashed", message=why), b"null"
    if len(document) > limits.answer_bytes or len(answer.attachment) > limits.attachment_bytes:
        answer, document = Answer(outcome="memory"), b"null"
    # Without the document, of which `asdict` would make a copy.
    header = asdict(replace(answer, document=None, attachment=b""))
    del header["document"], header["attachment"]
    header["message"] = (answer.message or "")[:MAX_MESSAGE]
    return header, document, answer.attachment


def parse_with_allotropy(request: Request) -> Answer:
    """Parse by allotropy, which the fork server has loaded: the service itself never does.

    It stands here and not beside the parent's code because the child imports the module that
    it stands in, for every file anew.
    """
    asm = import_module("cytolake_ingest_gateway.converter.sandbox.asm")
    answer: Answer = asm.parse(request)
    return answer


def parse_workbook(request: Request) -> Answer:
    """Read a workbook's cells, for a declared layout."""
    workbook = import_module("cytolake_ingest_gateway.converter.sandbox.workbook")
    answer: Answer = workbook.parse(request)
    return answer


def parse_parquet(request: Request) -> Answer:
    """Read the records of a Parquet file, for a declared layout."""
    parquet = import_module("cytolake_ingest_gateway.converter.sandbox.parquet")
    answer: Answer = parquet.parse(request)
    return answer


def canonical_json(document: dict[str, Any] | None) -> bytes:
    """Return strict JSON, keys in order: parsers build some documents from sets."""
    return json.dumps(
        _strict(document), sort_keys=True, ensure_ascii=False, allow_nan=False
    ).encode("utf-8", "backslashreplace")


def _strict(node: Any) -> Any:  # noqa: ANN401 - a JSON value
    """JSON has no NaN and no infinity: they become their names."""
    if isinstance(node, dict):
        return {str(key): _strict(value) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [_strict(value) for value in node]
    if isinstance(node, float) and (node != node or node in (float("inf"), -float("inf"))):  # noqa: PLR0124
        return repr(node)
    return node


def _silence() -> None:
    """Parsers print; a service's log is no place for what a file makes them say."""
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    os.close(null)
