"""What is known about a value from where it stands in an ASM document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, tzinfo
from typing import Any

from cytolake_ingest_gateway.converter.times import device_time
from cytolake_ingest_gateway.converter.values import label

Document = Mapping[str, Any]

FIELDS: Mapping[str, tuple[str, ...]] = {
    "sample_id": ("sample identifier",),
    "plate_id": ("well plate identifier", "plate identifier"),
    "well": ("well location identifier", "location identifier"),
    "sample_role": ("sample role type",),
    "target": (
        "target DNA description",
        "analyte name",
        "dimension identifier",
        "error feature",
    ),
    "device_id": ("device identifier",),
    "device_model": ("model number",),
    "device_serial": ("equipment serial number",),
    "analyst": ("analyst",),
}
"""Columns of a row, each from the first of these names that has a value."""
TIMES = ("measurement time", "injection time")
EMBEDDED = ("device system document", "sample document", "injection document")
"""Documents that describe what holds them, not what they hold."""
ERRORS = ("error aggregate document", "error document")
CONTROLS = ("device control aggregate document", "device control document")
NAMES_OF_FIELDS = frozenset({name for names in FIELDS.values() for name in names} | {*TIMES})
_FIRST_NAMES_LAST = tuple(
    (name, column) for column, names in FIELDS.items() for name in reversed(names)
)
MEASUREMENT = "measurement document"
_EMBEDDING = frozenset({*EMBEDDED, MEASUREMENT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The columns that a value takes from its surroundings; None where nothing says."""

    sample_id: str | None = None
    plate_id: str | None = None
    well: str | None = None
    sample_role: str | None = None
    target: str | None = None
    population_path: str | None = None
    device_id: str | None = None
    device_model: str | None = None
    device_serial: str | None = None
    analyst: str | None = None
    measured_at: datetime | None = None
    ordinal: int = 0
    errors: tuple[tuple[str, str], ...] = ()
    """What the instrument says of its own values: which value, and what is wrong with it."""

    def within(self, document: Document, zone: tzinfo) -> Context:
        """Return the context of what lies in `document`."""
        found: dict[str, Any] = {}
        for part in (*_embedded(document), document):
            found |= _said_by(part, zone)
        found = _with_control(found, document, known=self.device_id)
        if ERRORS[0] in document:
            found["errors"] = _errors(document)
        return replace(self, **found) if found else self

    def agreeing_with(self, other: Context) -> Context:
        """Return what both say: the context of a value calculated from both."""
        differing: dict[str, Any] = {
            field.name: None
            for field in fields(self)
            if field.name not in {"ordinal", "errors"}
            and getattr(self, field.name) != getattr(other, field.name)
        }
        return replace(self, **differing, errors=())

    def error_of(self, name: str) -> str | None:
        """Return what the instrument wrote instead of this value, e.g. `< 8.7`."""
        for feature, error in self.errors:
            if feature.casefold() == name.casefold() or (
                self.target is not None and f"{feature} ".startswith(f"{self.target} ")
            ):
                return error
        return None


def only(node: object) -> Document | None:
    """Return the document, or the only one of a list; None for several."""
    if isinstance(node, list) and len(node) == 1:
        node = node[0]
    return node if isinstance(node, Mapping) else None


def _embedded(document: Document) -> Iterator[Document]:
    if _EMBEDDING.isdisjoint(document):
        return
    # What lies beside the only measurement of a group was said of that measurement.
    alone = only(document.get(MEASUREMENT))
    for holder in (alone, document) if alone else (document,):
        yield from filter(None, (only(holder.get(name)) for name in EMBEDDED))
    if alone:
        yield alone


def _said_by(document: Document, zone: tzinfo) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if NAMES_OF_FIELDS.isdisjoint(document):
        return found
    for name, column in _FIRST_NAMES_LAST:
        if name in document and (value := label(document[name])):
            found[column] = value
    times = (device_time(document[name], zone) for name in TIMES if name in document)
    at = next(filter(None, times), None)
    return found | ({"measured_at": at} if at else {})


def _errors(document: Document) -> tuple[tuple[str, str], ...]:
    aggregate = only(document.get(ERRORS[0])) or {}
    listed = aggregate.get(ERRORS[1])
    listed = listed if isinstance(listed, list) else [listed]
    pairs = (
        (label(one.get("error feature")), label(one.get("error")))
        for one in listed
        if isinstance(one, Mapping)
    )
    return tuple((feature, error) for feature, error in pairs if feature and error)


def _with_control(
    found: dict[str, Any], document: Document, *, known: str | None
) -> dict[str, Any]:
    """A device that only its control document names is the measurement's device."""
    if known is not None or "device_id" in found or CONTROLS[0] not in document:
        return found
    aggregate = only(document.get(CONTROLS[0]))
    control = only(aggregate.get(CONTROLS[1])) if aggregate else None
    device = label(control.get("device identifier")) if control else None
    return found | ({"device_id": device} if device else {})
