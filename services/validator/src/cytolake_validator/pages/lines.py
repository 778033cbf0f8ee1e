"""A result in one line, and the lines of a day: what the index is made of. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from cytolake_validator.pages.document import Result, Verdict

LINES_PER_PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Line:
    """One result; ordered as a day tells them."""

    at: datetime
    page: str
    """The page's name within its day's folder."""
    name: str
    source: str
    verdict: Verdict
    contract_version: str
    rows: int
    run_no: int
    broken: tuple[str, ...]
    """The broken rules in words, what blocks first."""


@dataclass(frozen=True, slots=True)
class SourceCount:
    """How many results of a source ended how."""

    source: str
    total: int
    kept: int
    warned: int
    broken: int


def line_of(result: Result) -> Line:
    """Return the result's line."""
    rules = [rule for table in result.tables for rule in table.broken]
    return Line(
        at=result.at,
        page=result.page_key.rsplit("/", 1)[-1],
        name=result.file.name if result.file else builds_in_words(result),
        source=result.file.source if result.file else result.builds[-1].site,
        verdict=result.verdict,
        contract_version=result.contract_version,
        rows=sum(table.rows for table in result.tables),
        run_no=result.run_no,
        broken=tuple(rule.description for rule in sorted(rules, key=lambda r: not r.blocks)),
    )


def builds_in_words(result: Result) -> str:
    """Return `build 7` or `builds 7 to 9`."""
    numbers = [build.build_no for build in result.builds]
    first, last = min(numbers), max(numbers)
    return f"build {last}" if first == last else f"builds {first} to {last}"


def counts(lines: Iterable[Line]) -> list[SourceCount]:
    """Return the figures of each source, by name."""
    found: dict[str, Counter[Verdict]] = {}
    for line in lines:
        found.setdefault(line.source, Counter())[line.verdict] += 1
    return [
        SourceCount(
            source, told.total(), told[Verdict.KEPT], told[Verdict.WARNED], told[Verdict.BROKEN]
        )
        for source, told in sorted(found.items())
    ]


def in_pages(lines: Iterable[Line]) -> list[Sequence[Line]]:
    """Return the lines in order, in portions: a full one changes only when a late line comes."""
    ordered = sorted(lines)
    return [
        ordered[start : start + LINES_PER_PAGE] for start in range(0, len(ordered), LINES_PER_PAGE)
    ]
