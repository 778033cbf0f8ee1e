"""Where intake looks in every round, on the real store and by its own rights."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from cytolake_ingest_gateway.intake.adapters import Book, Watermarks, apply_schema
from cytolake_ingest_gateway.intake.notification import Sign
from cytolake_ingest_gateway.intake.reconcile import Reconciliation
from cytolake_ingest_gateway.intake.settings import IntakeSettings
from cytolake_runtime.database import Database
from cytolake_runtime.store import ObjectStore
from tests.integration.intake_site import Site
from tests.support.stack import Servers

pytestmark = pytest.mark.integration


async def long_ago() -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC)


async def test_the_pulls_of_a_lims_are_looked_for_first(servers: Servers) -> None:
    """Its streams are found, for nobody registers them."""
    settings, seen = servers.settings("intake", IntakeSettings), set[str]()
    database, store = Database(settings.dsn), ObjectStore(settings)

    async def look(sign: Sign) -> None:
        seen.add(sign.key)

    rounds = Reconciliation(
        bucket="inbound",
        store=store,
        unregistered=Book(database).unregistered,
        look=look,
        memory=Watermarks(database),
        stream_created_at=long_ago,
        stream="STORE",
        grace_seconds=-5,  # what was stored just now too
    )
    await database.open()
    try:
        await apply_schema(database)
        site = Site(servers, f"lims/it{uuid4().hex[:8]}")
        site.register_source(site.source)
        today = f"{datetime.now(UTC):%Y/%m/%d}"
        hot = {f"{today}/w.json", f"analyses/{today}/1_a.parquet", "services/all.parquet"}
        for name in (*hot, "analyses/2020/01/01/1_b.parquet"):
            site.put(name, b"SYNTHETIC")
        await rounds._hot()
    finally:
        await database.close()
        store.close()
    assert {key for key in seen if key.startswith(site.source)} == {
        f"{site.source}/{name}" for name in hot
    }
