"""A large file's wall clock in UTC: DuckDB's arithmetic is Python's, also where clocks change."""

# ruff: noqa: DTZ001 - a wall clock's readings

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cytolake_ingest_gateway.converter.large.times import time_column
from cytolake_ingest_gateway.converter.large.wallclock import in_utc

ZONES = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"]
NEAR = datetime(2026, 3, 1)


@cache
def sql_of(zone: str) -> str:
    return in_utc("t", ZoneInfo(zone), NEAR)


def utc_of(read: datetime, zone: str) -> datetime:
    query = f"SELECT epoch_us({sql_of(zone)}) FROM (SELECT ?::TIMESTAMP AS t)"
    row = database().execute(query, [read]).fetchone()
    assert row is not None
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=row[0])


@cache
def database() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


@pytest.mark.parametrize("zone", ZONES)
@settings(deadline=None)
@given(
    minutes=st.integers(0, 3 * 365 * 24 * 60),
    around=st.sampled_from([NEAR, datetime(2026, 3, 29), datetime(2026, 10, 25)]),
)
def test_a_wall_clocks_time_is_the_instant_that_python_reads(
    zone: str, minutes: int, around: datetime
) -> None:
    read = around + timedelta(minutes=minutes)
    assert utc_of(read, zone) == read.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def test_a_repeated_hour_is_its_first_and_a_left_out_one_counts_from_before() -> None:
    assert utc_of(datetime(2026, 10, 25, 2, 30), "Europe/Berlin").hour == 0
    assert utc_of(datetime(2026, 3, 29, 2, 30), "Europe/Berlin").hour == 1


def test_a_time_far_from_the_first_is_read_all_the_same() -> None:
    assert utc_of(datetime(2001, 7, 1, 12), "Europe/Berlin") == datetime(2001, 7, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("first", "formats", "type_", "form"),
    [
        ("2026-03-01 10:00:00", (), "TIMESTAMP", None),
        ("2026-03-01T10:00:00.123+01:00", (), "VARCHAR", None),
        ("01.03.2026 10:00", (), "TIMESTAMP", "%d.%m.%Y %H:%M"),
        ("03/01/2026 10:00", ("%m/%d/%Y %H:%M",), "TIMESTAMP", "%m/%d/%Y %H:%M"),
    ],
)
def test_the_first_time_says_how_all_are_written(
    first: str, formats: tuple[str, ...], type_: str, form: str | None
) -> None:
    found = time_column("c0", first, formats, ZoneInfo("UTC"))
    assert found is not None
    assert (found.type, found.format) == (type_, form)


@pytest.mark.parametrize("first", ["", "3/4/2026 10:00", "2026-13-01", "yesterday"])
def test_a_time_that_can_be_read_in_no_or_two_ways_is_none(first: str) -> None:
    assert time_column("c0", first, (), ZoneInfo("UTC")) is None


def test_a_cell_without_its_zone_among_others_with_theirs_is_no_time() -> None:
    found = time_column("c0", "2026-03-01T10:00:00Z", (), ZoneInfo("Europe/Berlin"))
    assert found is not None
    sql = f"SELECT {found.sql} IS NULL FROM (SELECT unnest(?) AS c0)"
    cells = ["2026-03-01T10:00:00Z", "2026-03-01 10:00:00"]
    assert database().execute(sql, [cells]).fetchall() == [(False,), (True,)]
