"""Chain of identity: whether what a file says of its samples is what the LIMS says. Pure.

The LIMS decides which batch a sample is of and in which well it was put. A file that names another
batch for the sample, or another sample in the well, may hold one patient's values under another's
name. A sample that the LIMS does not know (yet) contradicts nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from cytolake_contracts import RuleFailure

RULE = "identity_as_the_lims_says"
DATASETS = frozenset({"measurement", "result"})
"""Raw datasets whose rows say what was found in a sample."""
LIMS_SOURCES = "lims/"
"""What a LIMS says itself is not held against it."""
COLUMNS = ("sample_id", "batch_id", "plate_id", "well")
EXAMPLES = 5
WELL = re.compile(r"^([A-Z]{1,2})0*([1-9]\d*)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A sample and what is said of where it belongs."""

    sample_id: str
    batch_id: str | None = None
    plate_id: str | None = None
    well: str | None = None

    @property
    def place(self) -> tuple[str, str] | None:
        """Plate and well, in one spelling; None without both."""
        if self.plate_id is None or self.well is None:
            return None
        return _plain(self.plate_id), _well(self.well)

    @property
    def can_be_checked(self) -> bool:
        """Whether it says anything that the LIMS might say otherwise."""
        return self.batch_id is not None or self.place is not None


def claims_of(table: pa.Table) -> dict[Identity, tuple[int, ...]]:
    """Return what a table says of its samples, each once, with its rows from 0."""
    columns = [
        table.column(name).to_pylist() if name in table.column_names else [None] * table.num_rows
        for name in COLUMNS
    ]
    found: dict[Identity, list[int]] = {}
    for row, values in enumerate(zip(*columns, strict=True)):
        if values[0] is not None:
            claim = Identity(**dict(zip(COLUMNS, values, strict=True)))
            if claim.can_be_checked:
                found.setdefault(claim, []).append(row)
    return {claim: tuple(rows) for claim, rows in found.items()}


def contradiction(
    claims: Mapping[Identity, tuple[int, ...]],
    known: Sequence[Identity],
    *,
    dataset: str,
    rows: int,
) -> RuleFailure | None:
    """Return the broken rule, both values named; None where the LIMS does not say otherwise."""
    told = sorted(_contradictions(claims, known))
    if not told:
        return None
    broken = {row for _, places in told for row in places}
    verb = "contradicts" if len(broken) == 1 else "contradict"
    return RuleFailure(
        rule=RULE,
        dataset=dataset,
        column="sample_id",
        severity="block",
        message=(
            "a sample must be of the batch and in the well that the LIMS says; "
            f"{len(broken)} of {rows} rows {verb} this"
        ),
        failing_rows=len(broken),
        examples=tuple(f"row {places[0] + 1}: {words}" for words, places in told[:EXAMPLES]),
    )


def _contradictions(
    claims: Mapping[Identity, tuple[int, ...]], known: Iterable[Identity]
) -> Iterator[tuple[str, tuple[int, ...]]]:
    by_sample = {one.sample_id: one for one in known}
    by_place = {one.place: one for one in by_sample.values() if one.place is not None}
    for claim, rows in claims.items():
        sample = by_sample.get(claim.sample_id)
        if claim.batch_id and sample and _plain(claim.batch_id) != _plain(sample.batch_id or ""):
            yield (
                (
                    f"sample {claim.sample_id} is of batch {claim.batch_id} in the file, "
                    f"of batch {sample.batch_id} in the LIMS"
                ),
                rows,
            )
        there = by_place.get(claim.place) if claim.place else None
        if there is not None and _plain(there.sample_id) != _plain(claim.sample_id):
            yield (
                (
                    f"well {claim.well} of plate {claim.plate_id} holds sample {claim.sample_id} "
                    f"in the file, sample {there.sample_id} in the LIMS"
                ),
                rows,
            )


def _plain(text: str) -> str:
    return text.strip().casefold()


def _well(text: str) -> str:
    """Return A4 for a04: both are written."""
    found = WELL.match(text.strip().upper())
    return f"{found[1]}{found[2]}" if found else _plain(text)


def remembered(document: bytes) -> dict[str, RuleFailure]:
    """Return by dataset what an earlier result of the same run said of identities.

    A run's word on them is given once: what the LIMS says later must not turn it round when the
    same run is told again, after its rows were let in or held back.
    """
    result = json.loads(document)
    return {
        table["dataset"]: RuleFailure(
            rule=RULE,
            dataset=table["dataset"],
            column=rule["column"],
            severity="block",
            message=rule["description"],
            failing_rows=rule["failing_rows"],
            examples=tuple(rule["examples"]),
        )
        for table in (result, *result["others"])
        for rule in table["rules"]
        if rule["rule"] == RULE
    }
