"""A table made some slices at a time is the table made at once: by a build, and anew from raw."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cytolake_transformer.builds import Load
from tests.support.lake import CONTRACTS, RawZone, SmallLake, local_lake

DAYS, PER_DAY = 3, 250_000
"""More rows than a portion holds, in days that are portions of their own."""
FIRST_US = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp()) * 1_000_000
DAY_US = 86_400_000_000
SCHEMA = CONTRACTS["process_reading"].arrow_schema()
pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallLake]:
    with local_lake(tmp_path_factory.mktemp("portions")) as made:
        yield made


def readings(raw: RawZone) -> Load:
    """Return a run of a synthetic bioreactor's file: a quarter of a second between readings."""
    one = raw.run("process_reading", "reactor/1.csv", [{"row_no": 1}])
    number = np.arange(DAYS * PER_DAY)
    day, within = number // PER_DAY, number % PER_DAY
    same = {
        "object_id": one.object_id,
        "run_id": one.run_id,
        "run_no": 1,
        "batch_id": "SYNTHETIC-PR-1",
        "unit_operation": "SYNTHETIC-BR-1",
        "tag": "pH.PV",
    }
    made = {
        "row_no": number + 1,
        "measured_at": FIRST_US + day * DAY_US + within * 250_000,
        "value_num": (within % 97).astype(float),
    }
    columns = [
        pa.array(made[f.name]).cast(f.type)
        if f.name in made
        else pa.repeat(pa.scalar(same.get(f.name), f.type), len(number))
        for f in SCHEMA
    ]
    pq.write_table(pa.table(columns, schema=SCHEMA), one.parquet_path)
    return replace(one, rows=len(number))


def minutes(lake: SmallLake) -> list[tuple[Any, ...]]:
    return lake.rows(
        "SELECT batch_day, minute_start, n, mean_value, last_value"
        " FROM lake.marts.mart_process_minute ORDER BY minute_start"
    )


def expected() -> list[tuple[int, float]]:
    """Return count and last value of every minute: 240 readings, fewer in a day's last."""
    ends = [*range(240, PER_DAY, 240), PER_DAY]
    starts = [0, *ends[:-1]]
    return [
        (end - start, float((end - 1) % 97)) for start, end in zip(starts, ends, strict=True)
    ] * DAYS


def test_portions_add_up_to_the_whole(lake: SmallLake) -> None:
    load = readings(lake.raw)
    lake.building.answer([load])
    made = minutes(lake)
    assert [(n, last) for *_, n, _, last in made] == expected()
    files = lake.rows(
        "SELECT count(*) FROM ducklake_list_files('lake', 'mart_process_minute', schema => 'marts')"
    )
    assert files == [(DAYS,)], "one file a portion"
    lake.models.rebuild()
    assert minutes(lake) == made
