"""Faults sown among the files: what goes wrong in any plant, each followed by the file mended.

A swap is a file that names another batch, or another sample in a well, than the LIMS has for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

from cytolake.synthetic.plant.drops import Drop
from cytolake.synthetic.plant.model import Batch
from cytolake.synthetic.vicell_blu import HEADER

P_CUT, P_BROKEN, P_IMPLAUSIBLE, P_SWAPPED = 0.006, 0.008, 0.006, 0.05
CUT_BYTES = 60
MENDED_AFTER = timedelta(hours=5)
VIABILITY = HEADER.index("Viability (%)")
NAMES_ITS_BATCH = ("-flow", "-qpcr", "-endotoxin")


def with_faults(
    drops: Sequence[Drop], batch: Batch, *, seed: int, told_in: str | None
) -> Iterator[Drop]:
    """Yield the files, some spoilt; `told_in` is the key by which the LIMS names the samples."""
    for drop in drops:
        random = Random(f"fault/{seed}/{drop.key}")  # noqa: S311  (a fault, not a secret)
        spoilt = _spoilt(drop, batch, random, told_in)
        if spoilt is None:
            yield drop
        else:
            yield spoilt
            stem, _, ending = drop.name.rpartition(".")
            yield replace(drop, name=f"{stem}-again.{ending}", at=drop.at + MENDED_AFTER)


def swapped(drop: Drop, batch: Batch, *, told_in: str) -> Drop | None:
    """Return the file with another identity than the LIMS has for it; None if it shows none."""
    if drop.source.name.endswith(NAMES_ITS_BATCH):
        return replace(
            drop,
            body=drop.body.replace(f",{batch.batch_id},".encode(), _another(batch)),
            ends="quarantined",
            reason_code="IDENTITY_MISMATCH",
            fault="names another batch than the LIMS has for its sample",
            after=told_in,
        )
    if drop.source.name.endswith("-gen5"):
        return replace(
            drop,
            body=_exchanged(drop.body, batch),
            ends="quarantined",
            reason_code="IDENTITY_MISMATCH",
            fault="holds two samples in each other's wells",
            after=told_in,
        )
    return None


def _spoilt(drop: Drop, batch: Batch, random: Random, told_in: str | None) -> Drop | None:
    fate = random.random()
    if drop.source.name.endswith("-vicell"):
        if fate < P_CUT:
            return _cut_short(drop)
        if fate < P_CUT + P_BROKEN:
            return _broken(drop) if _day(drop) else None
        return _implausible(drop) if fate < P_CUT + P_BROKEN + P_IMPLAUSIBLE else None
    if told_in is not None and fate < P_SWAPPED:
        return swapped(drop, batch, told_in=told_in)
    return None


def _cut_short(drop: Drop) -> Drop:
    return replace(
        drop,
        body=drop.body[:-CUT_BYTES],
        ends="rejected",
        reason_code="TRUNCATED_FILE",
        fault="cut short",
    )


def _broken(drop: Drop) -> Drop:
    rows = [line.split(b",") for line in drop.body.splitlines(keepends=True)]
    return replace(
        drop,
        body=b"".join(b",".join(row[:VIABILITY] + row[VIABILITY + 1 :]) for row in rows),
        ends="quarantined",
        reason_code="LAYOUT_CHANGED",
        fault="lost its viability column",
        after=f"{drop.source.name}/{drop.name.rpartition('-D')[0]}-D00.csv",
    )


def _day(drop: Drop) -> int:
    return int(drop.name.removesuffix(".csv").rpartition("-D")[2])


def _implausible(drop: Drop) -> Drop:
    header, *rows = [line.split(b",") for line in drop.body.splitlines(keepends=True)]
    for row in rows:
        row[VIABILITY] = f"{float(row[VIABILITY]) * 10:.1f}".encode()
    return replace(
        drop,
        body=b"".join(b",".join(row) for row in [header, *rows]),
        ends="quarantined",
        reason_code="CONTRACT_VIOLATION",
        fault="viability times ten",
    )


def _another(batch: Batch) -> bytes:
    stem, _, number = batch.batch_id.rpartition("-")
    return f",{stem}-{int(number) + 1:04d},".encode()


def _exchanged(body: bytes, batch: Batch) -> bytes:
    one, other = (
        sample.sample_id.encode() for sample in batch.samples if sample.plate_id is not None
    )
    return body.replace(one, b"\0").replace(other, one).replace(b"\0", other)
