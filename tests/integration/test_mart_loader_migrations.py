"""A contract changes: the table follows, rows of before and after live on, nothing is guessed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace

import psycopg
import pytest

from cytolake_contracts.datasets import Column, DatasetContract
from cytolake_mart_loader.adapters.postgres import PostgresMarts
from cytolake_mart_loader.handlers import MartLoading
from cytolake_mart_loader.tables import MigrationError
from cytolake_runtime.database import Database
from cytolake_runtime.testing import Outbox
from tests.support.marts import MART, TABLE, Site, built, marts_site, new_id, row
from tests.support.stack import Servers

pytestmark = pytest.mark.integration

REVIEWED = Column(
    name="reviewed_by",
    logical_type="string",
    physical_type="text",
    required=False,
    unique=False,
    primary_key=False,
    description="Who reviewed the value.",
)
NEXT = replace(
    MART,
    version="1.9.0",
    columns=(*(c for c in MART.columns if c.name != "device_serial"), REVIEWED),
    rules=tuple(
        replace(rule, params={"min_value": 0, "max_value": 90})
        if rule.id == "viability_is_a_percentage"
        else rule
        for rule in MART.rules
    ),
)


@pytest.fixture
def site(servers: Servers) -> Iterator[Site]:
    with marts_site(servers) as made:
        yield made


@asynccontextmanager
async def release(
    site: Site, contract: DatasetContract, *, drop_columns: bool = False
) -> AsyncIterator[MartLoading]:
    """Give the loader as a release with this contract starts it."""
    database = Database(site.dsn("mart_loader"), max_connections=2)
    await database.open()
    try:
        marts = PostgresMarts(database, [contract])
        await marts.migrate(drop_columns=drop_columns)
        yield MartLoading(
            lake=site.reader, marts=marts, contracts={MART.name: contract}, publish=Outbox()
        )
    finally:
        await database.close()


def reviewed(site: Site, *ids: str) -> dict[str, str | None]:
    query = "SELECT object_id, reviewed_by FROM marts.mart_measurement WHERE object_id = ANY(%s)"
    return dict(site.ask(query, list(ids)))


def migrated(site: Site) -> list[tuple[str, str | None]]:
    query = """SELECT kind, column_name FROM marts.migration
    WHERE contract_version = %s ORDER BY migration_no"""
    return site.ask(query, NEXT.version)


async def test_rows_of_before_and_after_a_change_live_in_one_table(site: Site) -> None:
    before, after, last = new_id(), new_id(), new_id()
    first = site.lake.rebuild([before], [row("1", before, 1.0, device_serial="S-1")])
    async with release(site, MART) as loader:
        await loader.on_lake_built(built(first, before))

    # The new release's loader starts first: the lake does not know the new column yet.
    async with release(site, NEXT) as loader:
        second = site.lake.rebuild([after], [row("1", after, 2.0)])
        await loader.on_lake_built(built(second, after))
        assert site.values(before, after) == {f"{before}-1": 1.0, f"{after}-1": 2.0}
        assert reviewed(site, before, after) == {before: None, after: None}

        site.lake.duck.execute(f"ALTER TABLE {TABLE} ADD COLUMN reviewed_by text")
        site.lake.duck.execute(f"UPDATE {TABLE} SET reviewed_by = 'QA'")
        third = site.lake.rebuild([last], [row("1", last, 3.0)])
        await loader.on_lake_built(built(third, last))
    assert reviewed(site, before, after, last) == {before: "QA", after: "QA", last: None}
    serials = "SELECT device_serial FROM marts.mart_measurement WHERE object_id = %s"
    assert site.ask(serials, before) == [("S-1",)], "what no contract names any more stays"
    assert migrated(site) == [("add_column", "reviewed_by"), ("set_check", None)]
    behind = "SELECT kind FROM marts.migration WHERE filled_at IS NULL AND mart = %s"
    assert set(site.ask(behind, MART.name)) == {("set_check",)}, "nothing of it lacks values"


async def test_the_second_half_is_asked_for_and_done_once(site: Site) -> None:
    async with release(site, NEXT, drop_columns=True):
        pass
    async with release(site, NEXT, drop_columns=True):
        pass
    assert migrated(site) == [
        ("add_column", "reviewed_by"),
        ("set_check", None),
        ("drop_column", "device_serial"),
    ]
    with pytest.raises(psycopg.errors.UndefinedColumn):
        site.ask("SELECT device_serial FROM marts.mart_measurement")


async def test_a_row_that_breaks_a_rule_is_loaded_and_the_rule_stands_in_the_table(
    site: Site,
) -> None:
    mine = new_id()
    broken = row("1", mine, 104.2, quantity="viability", vendor=None)
    snapshot = site.lake.rebuild([mine], [broken])
    async with release(site, NEXT) as loader:
        await loader.on_lake_built(built(snapshot, mine))
    assert site.values(mine) == {f"{mine}-1": 104.2}
    definition = site.ask(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s"
        " AND conrelid = 'marts.mart_measurement'::regclass",
        "viability_is_a_percentage",
    )[0][0]
    assert "<= (90)::double precision" in definition
    assert definition.endswith("NOT ENFORCED")


async def test_a_breaking_change_stops_the_start_and_touches_nothing(site: Site) -> None:
    as_text = replace(REVIEWED, name="value_num")
    columns = tuple(as_text if c.name == "value_num" else c for c in NEXT.columns)
    rules = tuple(rule for rule in NEXT.rules if rule.column != "value_num")
    with pytest.raises(MigrationError, match="mart_measurement_v2"):
        async with release(site, replace(NEXT, columns=columns, rules=rules)):
            pass
    assert migrated(site) == []
