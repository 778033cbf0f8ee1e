"""The mart-loader on real servers: crashes, cuts, disorder; never lost, never twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pyarrow as pa
import pytest
from pydantic import SecretStr

from cytolake_contracts import Event, MartChange
from cytolake_contracts.datasets import DatasetContract
from cytolake_mart_loader.adapters.ducklake import DuckLake
from cytolake_mart_loader.settings import MartLoaderSettings
from cytolake_runtime import Retryable
from tests.support.marts import (
    SCHEMAS,
    LakeWriter,
    Site,
    built,
    changes,
    marts_site,
    new_id,
    row,
    told,
)
from tests.support.stack import Servers

pytestmark = pytest.mark.integration


async def test_a_crash_between_commit_and_publish_leaves_nothing_twice(mart_site: Site) -> None:
    mine = new_id()
    event = built(mart_site.lake.rebuild([mine], [row("1", mine, 1.0)]), mine)

    async def crash(_event: Event) -> None:
        raise SystemExit

    async with mart_site.loader() as (loader, _):
        loader.publish = crash
        with pytest.raises(SystemExit):
            await loader.on_lake_built(event)
    before = mart_site.versions(mine)
    said = []
    for _ in range(2):  # two more processes, each told again
        async with mart_site.loader() as (loader, outbox):
            await loader.on_lake_built(event)
            said += outbox.events
    assert mart_site.versions(mine) == before
    assert [one.message_id for one in said] == [said[0].message_id] * 2
    assert [one.data for one in said] == [said[0].data] * 2
    assert said[0].data.marts == {"mart_measurement": MartChange(inserted=1)}  # type: ignore[attr-defined]
    assert said[0].data.objects == event.data.objects  # type: ignore[attr-defined]


async def test_an_older_snapshot_after_a_newer_one_rolls_nothing_back(mart_site: Site) -> None:
    mine = new_id()
    older = mart_site.lake.rebuild([mine], [row("1", mine, 1.0), row("2", mine, 2.0)])
    newer = mart_site.lake.rebuild([mine], [row("1", mine, 1.5)])
    async with mart_site.loader() as (loader, outbox):
        await loader.on_lake_built(built(newer, mine))
        await loader.on_lake_built(built(older, mine))
    assert mart_site.values(mine) == {f"{mine}-1": 1.5}
    assert changes(outbox)[1] == MartChange()


async def test_a_snapshot_that_is_not_there_is_waited_for(mart_site: Site) -> None:
    mine = new_id()
    snapshot = mart_site.lake.rebuild([mine], [row("1", mine, 1.0)])
    async with mart_site.loader() as (loader, outbox):
        with pytest.raises(Retryable, match="No snapshot"):
            await loader.on_lake_built(built(snapshot + 1000, mine))
        assert mart_site.values(mine) == {}
        await loader.on_lake_built(built(snapshot, mine))
    assert changes(outbox) == [MartChange(inserted=1)]


class CutWhileReading:
    """A lake during whose reading every session of the loader is cut."""

    def __init__(self, site: Site) -> None:
        self.site = site

    async def read(self, *args: Any, **kwargs: Any) -> AsyncIterator[pa.RecordBatch]:
        async for batch in self.site.reader.read(*args, **kwargs):
            await asyncio.to_thread(cut_sessions, self.site)
            yield batch

    async def is_as_contracted(self, contract: DatasetContract, *, snapshot_id: int) -> bool:
        return await self.site.reader.is_as_contracted(contract, snapshot_id=snapshot_id)


def cut_sessions(site: Site) -> None:
    query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s"
    assert site.ask(query, "mart_loader", role="postgres")


async def test_a_session_cut_while_loading_leaves_nothing_half_done(mart_site: Site) -> None:
    mine = new_id()
    event = built(mart_site.lake.rebuild([mine], [row("1", mine, 1.0)]), mine)
    async with mart_site.loader(CutWhileReading(mart_site)) as (loader, outbox):
        with pytest.raises(Retryable):
            await loader.on_lake_built(event)
        assert (mart_site.values(mine), outbox.events) == ({}, [])
        loader.lake = mart_site.reader
        await loader.on_lake_built(event)
    assert mart_site.values(mine) == {f"{mine}-1": 1.0}


async def test_sessions_cut_while_idle_are_not_noticed(mart_site: Site) -> None:
    first, second = new_id(), new_id()
    event = built(mart_site.lake.rebuild([first], [row("1", first, 1.0)]), first)
    async with mart_site.loader() as (loader, _):
        await loader.on_lake_built(event)
        cut_sessions(mart_site)
        event = built(mart_site.lake.rebuild([second], [row("1", second, 1.0)]), second)
        await loader.on_lake_built(event)
    assert mart_site.values(second) == {f"{second}-1": 1.0}


async def test_two_processes_at_once_take_turns(mart_site: Site) -> None:
    ids = [new_id() for _ in range(8)]
    events = [built(mart_site.lake.rebuild([one], [row("1", one, 1.0)]), one) for one in ids]
    as_loader = mart_site.servers.settings("mart-loader", MartLoaderSettings)
    dsn = SecretStr(mart_site.dsn("mart_loader"))
    second_lake = DuckLake(as_loader.model_copy(update={"postgres_dsn": dsn}))
    async with mart_site.loader() as (one, _), mart_site.loader(second_lake) as (two, _):
        await asyncio.gather(
            *(loader.on_lake_built(event) for event in events for loader in (one, two))
        )
    await second_lake.close()
    assert set(mart_site.values(*ids).values()) == {1.0}
    recorded = mart_site.ask(
        "SELECT count(*) FROM marts.applied WHERE event_id = ANY(%s)", [e.id for e in events]
    )
    assert recorded == [(8,)]


def test_a_lake_made_anew_counts_again_and_is_loaded(servers: Servers) -> None:
    """The catalog was lost and built again: its snapshots are fewer than those applied."""
    with marts_site(servers) as site:
        mine = new_id()
        for value in (1.0, 2.0, 3.0):
            before = site.lake.rebuild([mine], [row("1", mine, value)])
        asyncio.run(told(site, built(before, mine)))
        site.lake.duck.close()
        with psycopg.connect(site.dsn("postgres"), autocommit=True) as admin:
            admin.execute("DROP SCHEMA ducklake CASCADE")
            for statement in SCHEMAS:
                if "ducklake" in statement:
                    admin.execute(statement)
        asyncio.run(site.reader.close())
        asyncio.run(site.reader.warm())
        with pytest.raises(Retryable, match="no lake"):
            asyncio.run(told(site, built(1, mine)))
        data_path = f"s3://lake/ducklake/{site.database}-anew/"
        anew = LakeWriter(servers, site.dsn("transformer"), data_path)
        snapshot = anew.rebuild([mine], [row("1", mine, 4.0)])
        assert snapshot < before
        assert asyncio.run(told(site, built(snapshot, mine))) == [MartChange(updated=1)]
        anew.duck.close()
        assert site.values(mine) == {f"{mine}-1": 4.0}
