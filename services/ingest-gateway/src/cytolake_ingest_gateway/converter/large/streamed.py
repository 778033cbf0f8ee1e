"""One large file from the store to a Parquet file, as it streams by: nothing is held whole.

The bytes go from the store through this process (hashed, made UTF-8) into the child's standard
input; the child writes Parquet into a folder that is deleted in the end. A first try reads
the file as plainly as its head is; what does not fit in further down costs a second, with care.
Blocks: to be called in a thread.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from cytolake_contracts import FileRef, ReasonCode
from cytolake_contracts.layouts import Layout
from cytolake_ingest_gateway.converter.grid import GridError
from cytolake_ingest_gateway.converter.headers import LayoutMismatchError
from cytolake_ingest_gateway.converter.large.feed import Feed
from cytolake_ingest_gateway.converter.large.plan import Plan, plan_of, with_care
from cytolake_ingest_gateway.converter.large.reader import Budget, Child, Outcome, reading
from cytolake_ingest_gateway.converter.large.sql import copy_statement
from cytolake_ingest_gateway.converter.large.words import rejection_of
from cytolake_ingest_gateway.converter.rejection import Rejection, content_changed

SOURCE = "/dev/stdin"
Stream = Callable[[Callable[[bytes], None]], None]
"""Calls back with each chunk of the file, in order; raises Retryable, ObjectMissingError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A large file as Parquet in the work folder."""

    path: Path
    sha256: str
    rows: int
    plan: Plan
    is_confined: bool
    peak_kib: int
    """The child's greatest resident memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A file, how to read it, and what every row of it carries."""

    file: FileRef
    layout: Layout
    ids: Mapping[str, Any]
    folder: Path
    stream: Stream
    progressed: Callable[[int], None]
    budget: Budget


class _Again(Exception):  # noqa: N818 - no error: the file is read once more, with care
    pass


def read_large(request: Request) -> Read | Rejection:
    """Return the file's Parquet, or why there is none: the same bytes every time."""
    try:
        return _read(request, careful=False)
    except _Again:
        return _read(request, careful=True)
    except (LayoutMismatchError, GridError) as fault:
        return fault.rejection


def _read(request: Request, *, careful: bool) -> Read | Rejection:
    target = request.folder / "table.parquet"
    with _work(request, target, careful=careful) as work:
        request.stream(work.take)
        work.feed.end()
        if work.feed.sha256 != request.file.content_sha256:
            return content_changed(request.file.name)
        outcome, plan = work.ended()
    if outcome.outcome != "read":
        return _failure(outcome, plan)
    if outcome.rejects:
        if plan.is_plain and any(reject.kind == "CAST" for reject in outcome.rejects):
            raise _Again
        return rejection_of(plan, outcome.rejects, ends_whole=work.feed.last_byte == b"\n")
    if not outcome.rows:
        words = f"This {plan.layout.title} holds no readings: every cell is empty."
        return Rejection(ReasonCode.NO_ROWS, words, "parse")
    return Read(
        path=target,
        sha256=_sha256(target),
        rows=outcome.rows,
        plan=plan,
        is_confined=outcome.is_confined,
        peak_kib=outcome.peak_kib,
    )


class _Work:
    """The feed, and the child that is begun when the head has come."""

    def __init__(self, request: Request, target: Path, stack: ExitStack, *, careful: bool) -> None:
        self._request, self._target, self._stack = request, target, stack
        self._careful = careful
        self._begun: tuple[Child, Plan] | None = None
        layout = request.layout
        self.feed = Feed(self._begin, self._write, layout.file.encoding, layout.title)

    def take(self, chunk: bytes) -> None:
        self.feed.take(chunk)
        self._request.progressed(self.feed.done_bytes)

    def ended(self) -> tuple[Outcome, Plan]:
        child, plan = self._at_work()
        return child.ended(), plan

    def _begin(self, head: str) -> None:
        request = self._request
        plan = plan_of(head, request.layout, ZoneInfo(request.file.source.timezone))
        plan = with_care(plan) if self._careful else plan
        statement = copy_statement(plan, SOURCE, str(self._target), request.ids)
        child = self._stack.enter_context(reading(statement, request.folder, request.budget))
        self._begun = child, plan

    def _write(self, chunk: bytes) -> None:
        self._at_work()[0].write(chunk)

    def _at_work(self) -> tuple[Child, Plan]:
        if self._begun is None:
            raise RuntimeError("the feed begins before it hands on")
        return self._begun


@contextmanager
def _work(request: Request, target: Path, *, careful: bool) -> Iterator[_Work]:
    with ExitStack() as stack:
        yield _Work(request, target, stack, careful=careful)


def _failure(outcome: Outcome, plan: Plan) -> Rejection:
    code, what = {
        "memory": (ReasonCode.PARSER_MEMORY, "needed more memory than one file may use"),
        "timeout": (ReasonCode.PARSER_TIMEOUT, "took too long and was stopped"),
    }.get(outcome.outcome, (ReasonCode.PARSER_CRASHED, f"failed ({outcome.message})"))
    return Rejection(
        code,
        f"Reading this file as a {plan.layout.title} {what}; other files are not affected. "
        "The file may be damaged: look at its lines, export it again and drop it once more.",
        "parse",
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
