"""The generator: the same seed gives the same batch, and its truth is plausible."""

from __future__ import annotations

import csv
from datetime import datetime
from io import StringIO
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from cytolake.synthetic import (
    SOURCES,
    SyntheticFile,
    batch_files,
    count_files,
    grow,
    implausible_count_file,
    unreadable_count_file,
)
from cytolake.synthetic.gen5 import gen5

SEEDS = (1, 7, 2026)


def test_the_same_seed_gives_the_same_bytes() -> None:
    first, again = (batch_files(grow(7), seed=7) for _ in range(2))
    assert first == again


def test_another_seed_or_number_gives_another_batch() -> None:
    assert len({grow(7), grow(8), grow(7, number=2)}) == len((7, 8, 2))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_culture_grows_about_forty_fold(seed: int) -> None:
    batch = grow(seed)
    assert batch.fold_expansion == pytest.approx(40, rel=0.05)
    assert 2**batch.pdl == pytest.approx(batch.fold_expansion)
    assert all(later.tvc > earlier.tvc for earlier, later in pairwise(batch.points))


@pytest.mark.parametrize("seed", SEEDS)
def test_every_point_is_plausible(seed: int) -> None:
    for point in grow(seed).points:
        assert 0.45 <= point.vcd <= 3.1
        assert 90 <= point.viability <= 98
        assert point.tcd > point.vcd
        assert point.collected_at.tzinfo is not None


def test_every_file_says_that_it_is_synthetic() -> None:
    batch = grow(7)
    files = [
        *batch_files(batch, seed=7),
        unreadable_count_file(batch.points[0]),
        implausible_count_file(batch.points[0]),
    ]
    assert all("SYNTHETIC" in file.name for file in files)
    assert all(b"SYN-" in file.body for file in files)
    assert {file.source for file in files} == set(SOURCES)


def test_a_vicell_row_tells_the_truth_in_local_time() -> None:
    point = grow(7).points[3]
    row = next(csv.DictReader(StringIO(_file_of(point.sample_id).body.decode())))
    assert float(row["Viable (x10^6) cells/mL"]) == point.vcd
    assert float(row["Viability (%)"]) == point.viability
    local = point.collected_at.astimezone(ZoneInfo("Europe/Berlin")).replace(tzinfo=None)
    assert datetime.strptime(row["Analysis date/time"], "%m/%d/%Y %H:%M") == local  # noqa: DTZ007


def test_the_sample_list_names_every_sample_of_the_batch() -> None:
    batch = grow(7)
    listed = csv.DictReader(StringIO(batch_files(batch, seed=7)[0].body.decode()))
    assert [
        (row["sample_id"], float(row["culture_day"]), float(row["volume_ml"])) for row in listed
    ] == [(point.sample_id, point.day, point.volume_ml) for point in batch.points]


def test_counts_for_load_are_distinct_and_their_samples_listed() -> None:
    listed, *counts = count_files(25, seed=1, first_batch=100)
    assert len({count.body for count in counts}) == len({count.name for count in counts}) == 25
    assert len(listed.body.decode().splitlines()) == 1 + 25


def test_a_plate_refuses_more_samples_than_it_holds() -> None:
    with pytest.raises(ValueError, match="1 to 3 samples, not 4"):
        gen5(grow(7).points[:4], seed=7, timezone=ZoneInfo("UTC"))


def _file_of(sample_id: str) -> SyntheticFile:
    files = batch_files(grow(7), seed=7)
    return next(file for file in files if file.name == f"SYNTHETIC-vicell-{sample_id}.csv")
