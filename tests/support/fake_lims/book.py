"""The records of the fake LIMS, and which faults its next answers have. SYNTHETIC, all of it."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

Record = dict[str, Any]
BEGINNING = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


class Fault(StrEnum):
    """What an answer can be instead of the one asked for."""

    UNAUTHORIZED = "401"
    BUSY = "429"
    BROKEN = "500"
    TRUNCATED = "truncated JSON"
    LOGIN_PAGE = "an HTML login page with 200"
    SILENT = "no answer for a long time"


@dataclass(frozen=True, slots=True)
class Spell:
    """A fault in the answers number `first` to `last`, counted over all resources."""

    fault: Fault
    first: int = 1
    last: float = math.inf


@dataclass(slots=True)
class Book:
    """Everything the LIMS knows, by resource; records as SENAITE gives them with complete=yes."""

    records: dict[str, list[Record]] = field(default_factory=dict)
    faults: list[Spell] = field(default_factory=list)
    """Bad spells to come."""
    unseen: int = 0
    """Records that are counted and not shown: the user has no right to them."""
    asked: Counter[str] = field(default_factory=Counter)
    """How many requests each resource had."""
    urls: list[str] = field(default_factory=list)
    largest_page: int = 1000
    on_page: Callable[[str, int], None] | None = None
    """Called before a page is answered, with resource and offset: changes the data meanwhile."""

    def newest_first(self, resource: str) -> list[Record]:
        """Return all records of a resource, the last modified first."""
        return sorted(self.records.get(resource, ()), key=modified, reverse=True)

    def fill(self, resource: str, n: int, *, first: int = 1) -> None:
        """Add `n` made-up records, one a minute."""
        known = self.records.setdefault(resource, [])
        known += [record(resource, number) for number in range(first, first + n)]

    def change(self, resource: str, number: int, *, at: datetime, **fields: Any) -> Record:
        """Change a record, as a person would at `at`."""
        found = next(
            one for one in self.records[resource] if one["id"] == identifier(resource, number)
        )
        found.update(fields, modified=text(at))
        return found


def record(resource: str, number: int) -> Record:
    """Return a made-up record in the form of SENAITE's full objects."""
    at = text(BEGINNING + timedelta(minutes=number))
    common = {
        "uid": hashlib.md5(f"{resource} {number}".encode(), usedforsecurity=False).hexdigest(),
        "id": identifier(resource, number),
        "title": f"SYNTHETIC {resource} {number}",
        "portal_type": PORTAL_TYPES.get(resource, resource),
        "created": at,
        "modified": at,
    }
    own = OWN.get(resource)
    return common | (own(number) if own else {})


def identifier(resource: str, number: int) -> str:
    """Return the id that people read."""
    return f"{PREFIXES.get(resource, 'X')}-{number:05}"


def modified(one: Record) -> str:
    """Return by what a feed is sorted."""
    return str(one["modified"])


def text(at: datetime) -> str:
    """Write a time as SENAITE does."""
    return at.astimezone(UTC).isoformat(timespec="seconds")


PORTAL_TYPES = {
    "analysis": "Analysis",
    "analysisrequest": "AnalysisRequest",
    "batch": "Batch",
    "analysisservice": "AnalysisService",
}
PREFIXES = {"analysis": "AN", "analysisrequest": "SYN", "batch": "SYN-B", "analysisservice": "SVC"}


def _analysis(number: int) -> Record:
    return {
        "parent_id": identifier("analysisrequest", (number + 3) // 4),
        "Keyword": ("viability", "vcn", "car_pos", "endotoxin")[number % 4],
        "Result": ("96.9", "2.4", "31", "<0.5")[number % 4],
        "DetectionLimitOperand": "<" if number % 4 == 3 else "",
        "Unit": ("%", "{copies}/{cell}", "%", "EU/mL")[number % 4],
        "Analyst": f"u{number % 5}",
        "ResultCaptureDate": text(BEGINNING + timedelta(minutes=number)),
        "review_state": "verified",
        "Method": {"uid": "m1", "url": "http://synthetic.example/m1"},
        "Remarks": "",
    }


def _sample(number: int) -> Record:
    return {
        "BatchID": identifier("batch", (number + 9) // 10),
        "DateSampled": text(BEGINNING + timedelta(minutes=number)),
        "SampleTypeTitle": "cell suspension",
        "PatientFullName": "SYNTHETIC Nobody",
        "getClientTitle": "SYNTHETIC Nobody",
        "MedicalRecordNumber": {"value": "SYNTHETIC-MRN"},
        "ContactFullName": "SYNTHETIC Nobody",
        "review_state": "published",
    }


def _batch(number: int) -> Record:
    return {"BatchID": identifier("batch", number), "review_state": "open"}


def _service(number: int) -> Record:
    return {"Keyword": f"syn{number}", "Unit": "%", "review_state": "active"}


OWN: dict[str, Callable[[int], Record]] = {
    "analysis": _analysis,
    "analysisrequest": _sample,
    "batch": _batch,
    "analysisservice": _service,
}
