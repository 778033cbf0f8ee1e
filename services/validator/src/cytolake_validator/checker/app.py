"""The one place that puts the checker together."""

from __future__ import annotations

from cytolake_contracts import FileQuarantined, LakeBuilt
from cytolake_contracts.datasets import load_contracts
from cytolake_runtime.bell import Bell
from cytolake_runtime.database import Database
from cytolake_runtime.service import Service
from cytolake_runtime.store import ObjectStore
from cytolake_validator.checker.adapters import BucketShelf, LateJudge
from cytolake_validator.checker.handlers import MOST_TOGETHER, Checking
from cytolake_validator.checker.library import Library
from cytolake_validator.checker.pace import Pace
from cytolake_validator.checker.settings import CheckerSettings
from cytolake_validator.checker.tables import DuckTables
from cytolake_validator.releases.adapters import (
    BucketEvidence,
    LakeSlices,
    PostgresReleases,
)
from cytolake_validator.releases.exporting import Exporting

NAME = "checker"


def build_app(settings: CheckerSettings) -> Service:
    """Build the checker; nothing is opened yet, nor imported what takes long."""
    service = Service(settings, name=NAME)
    store = ObjectStore(settings)
    shelf = BucketShelf(store, evidence=settings.evidence_bucket, docs=settings.docs_bucket)
    contracts = {c.name: c for c in load_contracts().values() if c.zone != "raw"}
    tables = DuckTables(settings)
    pace = Pace(
        shortest=settings.checker_rest_seconds,
        longest=settings.checker_longest_rest_seconds,
        share=settings.checker_busy_share,
    )
    checking = Checking(
        shelf=shelf,
        library=Library(shelf),
        tables=tables,
        judging=LateJudge(contracts),
        contracts=contracts,
        pace=pace,
    )

    async def close() -> None:
        store.close()

    _export_releases(service, settings, store)
    service.background(pace.until_ended)
    service.on_stop(tables.close)
    service.on_stop(close)
    service.bus.consume(
        LakeBuilt, durable=NAME, handler=checking.on_lake_built, workers=MOST_TOGETHER
    )
    service.bus.consume(
        FileQuarantined,
        durable="checker-held",
        handler=checking.on_file_quarantined,
        workers=MOST_TOGETHER,
    )
    return service


def _export_releases(service: Service, settings: CheckerSettings, store: ObjectStore) -> None:
    """As soon as they are recorded."""
    database = Database(settings.dsn, max_connections=1)
    exporting = Exporting(
        ledger=PostgresReleases(database),
        slices=LakeSlices(settings),
        evidence=BucketEvidence(store, settings.evidence_bucket),
    )
    bell = Bell(settings.dsn)

    async def forever() -> None:
        while True:
            await exporting.round()
            await bell.rung(within_seconds=settings.checker_releases_seconds)

    service.on_start(database.open)
    service.background(forever)
    service.on_stop(bell.close)
    service.on_stop(database.close)
