"""The mart-loader on real servers: what a load writes, and what it leaves alone."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cytolake_contracts import MartChange
from cytolake_mart_loader.handlers import MartLoading
from cytolake_mart_loader.tables import MigrationError
from tests.support.marts import (
    Site,
    built,
    changes,
    new_id,
    row,
)

pytestmark = pytest.mark.integration


async def test_exactly_the_slices_named_are_replaced(mart_site: Site) -> None:
    mine, other = new_id(), new_id()
    first = mart_site.lake.rebuild(
        [mine, other], [row("1", mine, 1.0), row("2", mine, 2.0), row("1", other, 9.0)]
    )
    second = mart_site.lake.rebuild(
        [mine, other], [row("2", mine, 2.5), row("3", mine, 3.0), row("1", other, 9.9)]
    )
    async with mart_site.loader() as (loader, outbox):
        await loader.on_lake_built(built(first, mine, other))
        await loader.on_lake_built(built(second, mine))
    assert mart_site.values(mine) == {f"{mine}-2": 2.5, f"{mine}-3": 3.0}
    assert mart_site.values(other) == {f"{other}-1": 9.0}, "its slice was not named"
    assert changes(outbox) == [
        MartChange(inserted=3),
        MartChange(inserted=1, updated=1, deleted=1),
    ]


async def test_equal_rows_are_not_written(mart_site: Site) -> None:
    mine = new_id()
    rows = [row("1", mine, 1.0, value_text=None), row("2", mine, float("nan"), value_text="")]
    first, second = mart_site.lake.rebuild([mine], rows), mart_site.lake.rebuild([mine], rows)
    async with mart_site.loader() as (loader, outbox):
        await loader.on_lake_built(built(first, mine))
        before = mart_site.versions(mine)
        await loader.on_lake_built(built(second, mine))
    assert mart_site.versions(mine) == before
    assert changes(outbox)[1] == MartChange()


async def test_builds_that_wait_share_one_transaction_and_each_is_answered(mart_site: Site) -> None:
    ids = [new_id() for _ in range(3)]
    events = [built(mart_site.lake.rebuild([one], [row("1", one, 1.0)]), one) for one in ids]
    async with mart_site.loader() as (loader, outbox):
        await asyncio.gather(*map(loader.on_lake_built, events))
    assert len(set(mart_site.versions(*ids).values())) == 1
    assert changes(outbox) == [MartChange(inserted=1)] * 3


async def test_a_full_refresh_replaces_the_whole_mart(mart_site: Site) -> None:
    kept, gone = new_id(), new_id()
    first = mart_site.lake.rebuild([kept, gone], [row("1", kept, 1.0), row("1", gone, 2.0)])
    async with mart_site.loader() as (loader, _):
        await loader.on_lake_built(built(first, kept, gone))
        before = mart_site.versions(kept)
        second = mart_site.lake.rebuild([gone], [])
        await loader.on_lake_built(built(second, whole=True))
    assert mart_site.values(kept, gone) == {f"{kept}-1": 1.0}
    assert mart_site.versions(kept) == before
    assert mart_site.ask("SELECT count(*) FROM marts.mart_measurement") == [
        (len(mart_site.lake.rows()),)
    ]


async def test_every_value_arrives_as_it_is_in_the_lake(mart_site: Site) -> None:
    mine = new_id()
    texts = ["", None, 'a"b,\\N', "\\.", "line\nbreak\ttab\r\n", "é µ 細胞", "NULL", " "]
    numbers = [0.1 + 0.2, -0.0, 1e-300, 1.7976931348623157e308, None, float("inf"), 5e-324, 1.0]
    time = datetime(2026, 3, 29, 1, 59, 59, 999_999, tzinfo=UTC)
    rows = [
        row(str(n), mine, 0.0, measured_at=time) | {"value_text": text, "value_num": number}
        for n, (text, number) in enumerate(zip(texts, numbers, strict=True))
    ]
    snapshot = mart_site.lake.rebuild([mine], rows)
    async with mart_site.loader() as (loader, _):
        await loader.on_lake_built(built(snapshot, mine))
    found = mart_site.ask(
        "SELECT value_text, value_num, measured_at FROM marts.mart_measurement "
        "WHERE object_id = %s ORDER BY measurement_key",
        mine,
    )
    assert found == [(text, number, time) for text, number in zip(texts, numbers, strict=True)]
    assert str(found[1][1]) == "-0.0"


async def test_rows_written_stay_constant_as_history_grows(mart_site: Site) -> None:
    """Ten files, then ninety more: the next file costs the same rows before and after."""

    async def written_by_one_file(loader: MartLoading) -> int:
        mine = new_id()
        await loader.on_lake_built(
            built(mart_site.lake.rebuild([mine], [row(str(n), mine, n) for n in range(50)]), mine)
        )
        newest = mart_site.versions(mine)
        assert len(newest) == 50
        query = "SELECT count(*) FROM marts.mart_measurement WHERE xmin::text = ANY(%s)"
        return int(mart_site.ask(query, list(set(newest.values())))[0][0])

    async def history(loader: MartLoading, files: int) -> None:
        ids = [new_id() for _ in range(files)]
        rows = [row(str(n), one, n) for one in ids for n in range(50)]
        await loader.on_lake_built(built(mart_site.lake.rebuild(ids, rows), *ids))

    async with mart_site.loader() as (loader, _):
        await history(loader, 10)
        few = await written_by_one_file(loader)
        await history(loader, 90)
        many = await written_by_one_file(loader)
    assert (few, many) == (50, 50)


SLICES = ["a", "b", "c"]
CONTENT = st.dictionaries(st.sampled_from("123"), st.sampled_from([1.0, 2.0]), max_size=3)
REBUILDS = st.lists(
    st.dictionaries(st.sampled_from(SLICES), CONTENT, min_size=1), min_size=1, max_size=4
)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rebuilds=REBUILDS, data=st.data())
def test_after_any_rebuilds_told_in_any_order_the_marts_equal_the_lake(
    mart_site: Site, rebuilds: list[dict[str, dict[str, float]]], data: st.DataObject
) -> None:
    names = {name: new_id() for name in SLICES}
    events = []
    for contents in rebuilds:
        ids = [names[name] for name in contents]
        rows = [
            row(key, names[name], value)
            for name, content in contents.items()
            for key, value in content.items()
        ]
        events.append(built(mart_site.lake.rebuild(ids, rows), *ids))
    told = data.draw(st.permutations(events)) + data.draw(st.lists(st.sampled_from(events)))
    groups = [told[:2], told[2:]]  # what is gathered waits together

    async def tell() -> int:
        async with mart_site.loader() as (loader, outbox):
            for group in groups:
                await asyncio.gather(*map(loader.on_lake_built, group))
            return len(outbox.events)

    assert asyncio.run(tell()) == len(told)
    expected = {
        found["measurement_key"]: found["value_num"]
        for found in mart_site.lake.rows()
        if found["object_id"] in names.values()
    }
    assert mart_site.values(*names.values()) == expected


async def test_the_tables_widen_and_readers_may_only_read(mart_site: Site) -> None:
    site_ddl = "ALTER TABLE marts.mart_measurement DROP COLUMN vendor"
    with psycopg.connect(mart_site.dsn("mart_loader"), autocommit=True) as owner:
        owner.execute(site_ddl)
    async with mart_site.marts() as marts:
        await marts.migrate()
        await marts.migrate()
    assert mart_site.ask("SELECT vendor FROM marts.mart_measurement LIMIT 0", role="reader") == []
    with pytest.raises(psycopg.errors.Error, match=r"read-only|permission denied"):
        mart_site.ask("DELETE FROM marts.mart_measurement RETURNING 1", role="reader")
    mine = new_id()
    snapshot = mart_site.lake.rebuild([mine], [row("1", mine, 1.0, vendor="SYNTHETIC")])
    async with mart_site.loader() as (loader, _):
        await loader.on_lake_built(built(snapshot, mine))
    found = mart_site.ask("SELECT vendor FROM marts.mart_measurement WHERE object_id = %s", mine)
    assert found == [("SYNTHETIC",)]


async def test_a_table_of_another_shape_stops_the_start(mart_site: Site) -> None:
    change = "ALTER TABLE marts.mart_cell_growth ALTER COLUMN volume_ml TYPE {}"
    with psycopg.connect(mart_site.dsn("mart_loader"), autocommit=True) as owner:
        owner.execute(change.format("text").encode())
        async with mart_site.marts() as marts:
            with pytest.raises(MigrationError, match="volume_ml is text"):
                await marts.migrate()
        back = change.format("double precision USING volume_ml::double precision")
        owner.execute(back.encode())
