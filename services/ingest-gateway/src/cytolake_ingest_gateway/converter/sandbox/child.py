"""The child's whole life: limits, confinement, parse, answer.

The answer is two messages of plain JSON bytes, a header and the document, and what is attached:
the parent never unpickles anything that a parser could have made.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from importlib import import_module
from multiprocessing.connection import Connection
from typing import Any, Literal

from cytolake_ingest_gateway.converter.sandbox.confine import Limits, close_in, leave_the_parent

MAX_MESSAGE = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One file to parse."""

    body: bytes
    name: str
    """The file's own name: some parsers need it. Never a path of this machine."""
    vendor: str | None
    timezone: str
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


def main(answers: Connection, request: Request, parse: Parse, limits: Limits) -> None:
    """Parse one file and tell the parent; a fault without an answer is a crash."""
    os.environ.clear()  # nothing of it is for a parser
    leave_the_parent(limits)
    _silence()
    confinement = close_in()
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
    answers.send_bytes(json.dumps(header | {"confinement": asdict(confinement)}).encode())
    answers.send_bytes(document)
    answers.send_bytes(answer.attachment)
    answers.close()
    os._exit(0)  # nothing is left to do, and a parser's exit handlers are its own


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
