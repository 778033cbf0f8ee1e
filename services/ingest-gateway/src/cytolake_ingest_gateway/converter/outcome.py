"""What a file became, and what its shape says beside what was known of its source."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cytolake_contracts import ParserRef, ReasonCode, Recognition, SourceRef, UnreadCells
from cytolake_ingest_gateway.converter.drift import MANY_SHAPES, MIN_ALIKE, Drift, drift_from
from cytolake_ingest_gateway.converter.drift import known_shapes as shapes_known
from cytolake_ingest_gateway.converter.recognise import plain
from cytolake_ingest_gateway.converter.rejection import Rejection
from cytolake_ingest_gateway.converter.shapes import Shape
from cytolake_ingest_gateway.converter.tables import Kept, Parquet

UNREADABLE = frozenset(
    {ReasonCode.UNREADABLE_BY_VENDOR, ReasonCode.UNKNOWN_LAYOUT, ReasonCode.MISSING_COLUMN}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """What a file became: tables, the main one first; `evidence` is gzipped ASM JSON."""

    parquet: Parquet
    parser: ParserRef
    others: tuple[Parquet, ...] = ()
    kept: tuple[Kept, ...] = ()
    evidence: bytes | None = None
    warnings: tuple[str, ...] = ()
    unread: UnreadCells | None = None
    recognition: Recognition | None = None
    drift: Drift | None = None


def compared(
    outcome: Converted | Rejection, source: SourceRef, shape: Shape | None
) -> Converted | Rejection:
    """Return the outcome with the file's shape in it.

    A shape that the source did not send before is a drift: the values are kept, with a warning.
    Where no parser reads the file any more, but it is plainly of the same kind, people decide.
    """
    known = shapes_known(source)
    drift = drift_from(known, shape)
    seen = _with_shape(outcome.recognition, shape)
    if isinstance(outcome, Converted):
        told = drift if len(known) < MANY_SHAPES else None
        warned = (_warning(told, source),) if told else ()
        warnings = (*warned, *outcome.warnings)
        return replace(outcome, recognition=seen, drift=told, warnings=warnings)
    if drift is None or drift.alike < MIN_ALIKE or outcome.code not in UNREADABLE:
        return replace(outcome, recognition=seen)
    return replace(_changed(outcome, source, drift), recognition=seen)


def together(*counts: UnreadCells | None) -> UnreadCells | None:
    """Return one count of what several looks found unread."""
    found = [one for one in counts if one is not None]
    examples = tuple(text for one in found for text in one.examples)
    return UnreadCells(count=sum(one.count for one in found), examples=examples) if found else None


def _with_shape(told: Recognition | None, shape: Shape | None) -> Recognition | None:
    if shape is None:
        return told
    seen = {"fingerprint": shape.fingerprint, "columns": shape.columns}
    return (told or Recognition()).model_copy(update=seen)


def _warning(drift: Drift, source: SourceRef) -> str:
    return (
        f"The shape of this file is not the one that {source.name} sent before "
        f"({drift.difference}). Its values are kept; check that they mean what they did."
    )


def _changed(outcome: Rejection, source: SourceRef, drift: Drift) -> Rejection:
    vendor = source.vendor or (None if source.layout else drift.reader)
    kind = f"exports of {plain(vendor)}" if vendor else f"files of the layout {source.layout}"
    return Rejection(
        ReasonCode.LAYOUT_CHANGED,
        f"The files of {source.name} look otherwise than before ({drift.difference}) and cannot be "
        f"read as {kind} any more. Was its software updated, or its export changed? "
        f"{outcome.message}",
        "recognise",
    )
