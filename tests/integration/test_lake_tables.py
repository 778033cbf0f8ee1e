"""Runs of several tables: taken in, replaced, retracted and resumed as one. On a small lake."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cytolake_transformer.builds import Load, Part
from cytolake_transformer.lake import RowsDifferError
from tests.support.lake import SmallLake, together

pytestmark = pytest.mark.integration
KEY = "counter/both.csv"


def both(lake: SmallLake, *, run_no: int = 1) -> Load:
    counted = lake.raw.counts(KEY, [("S1", 2.0)], run_no=run_no)
    return together(counted, lake.raw.samples(KEY, [("S1", "B1", 0.0)], run_no=run_no))


def counted(lake: SmallLake, table: str) -> int:
    return int(lake.rows(f"SELECT count(*) FROM lake.{table}")[0][0])


def test_all_tables_of_a_run_are_in_the_lake_and_only_once(lake: SmallLake) -> None:
    load = both(lake)
    for _ in range(2):
        outcome = lake.building.answer([load])
        assert [built.as_built().dataset for built in outcome.built] == ["measurement"]
        assert outcome.marts["mart_cell_growth"].ids == {"B1"}
    assert counted(lake, "raw.measurement") == 2
    assert counted(lake, "raw.sample") == 1
    assert counted(lake, "raw.load") == 1
    assert lake.rows("SELECT batch_id FROM lake.marts.mart_measurement") == [("B1",), ("B1",)]


def test_a_table_that_a_newer_run_lacks_is_current_no_more(lake: SmallLake) -> None:
    lake.building.answer([both(lake)])
    newer = lake.raw.counts(KEY, [("S1", 2.5)], run_no=2)
    outcome = lake.building.answer([newer])
    assert outcome.marts["mart_cell_growth"].ids == {"B1"}
    assert counted(lake, "curated.dim_sample") == 0
    assert counted(lake, "marts.mart_cell_growth") == 0
    assert lake.rows("SELECT DISTINCT batch_id FROM lake.marts.mart_measurement") == [(None,)]


def test_a_run_of_which_one_table_is_wrong_leaves_nothing(lake: SmallLake) -> None:
    load = both(lake)
    (other,) = load.others
    wrong = replace(load, others=(Part(other.dataset, 7, other.parquet_path),))
    outcome = lake.building.answer([wrong])
    assert isinstance(outcome.failed[load.key], RowsDifferError)
    assert [counted(lake, f"raw.{name}") for name in ("measurement", "sample")] == [0, 0]
    assert counted(lake, "curated.dim_sample") == 0
    lake.building.answer([load])
    assert [counted(lake, f"raw.{name}") for name in ("measurement", "sample")] == [2, 1]


def test_what_a_crash_left_is_resumed_with_all_its_tables(lake: SmallLake) -> None:
    load = both(lake)
    lake.lake.take_in([load])
    assert lake.lake.unfinished() == (load,)
    assert lake.building.resume().built == (load,)
    assert counted(lake, "curated.dim_sample") == 1
    assert counted(lake, "curated.fct_measurement") == 2
    assert counted(lake, "raw.sample") == 1


def test_a_lake_of_an_earlier_version_gets_the_columns_that_it_lacks(lake: SmallLake) -> None:
    first = lake.raw.counts("counter/old.csv", [("S1", 2.0)])
    lake.building.answer([first])
    lake.rows("ALTER TABLE lake.raw.load DROP COLUMN others")
    lake.lake.open()
    assert first.key in lake.lake.known([first]).builds
    assert len(lake.building.answer([both(lake)]).built) == 1


def test_the_points_of_a_curve_come_and_go_with_its_file(lake: SmallLake) -> None:
    key = "nanodrop/spectrum.txt"
    with_curve = together(lake.raw.counts(key, [("S1", 2.0)]), lake.raw.curve(key, [0.1, 0.2, 0.3]))
    outcome = lake.building.answer([with_curve])
    assert outcome.marts["mart_point"].ids == {with_curve.object_id}
    plotted = "SELECT x_value, y_value FROM lake.marts.mart_point ORDER BY point_no"
    assert lake.rows(plotted) == [(0.0, 0.1), (1.0, 0.2), (2.0, 0.3)]
    without = lake.raw.counts(key, [("S1", 2.0)], seq=2)
    outcome = lake.building.answer([without])
    assert outcome.marts["mart_point"].ids == {with_curve.object_id}
    assert lake.rows(plotted) == []
