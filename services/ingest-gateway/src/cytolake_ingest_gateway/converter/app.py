"""Build the converter: the only place that constructs adapters and subscribes."""

from __future__ import annotations

import asyncio
import logging

from cytolake_contracts import (
    FileConverted,
    FileDrifted,
    FileLanded,
    FileProgressed,
    FileQuarantined,
    FileRejected,
)
from cytolake_ingest_gateway.converter.adapters import StoredFiles, StoredLargeFiles
from cytolake_ingest_gateway.converter.convert import Converter
from cytolake_ingest_gateway.converter.declared import Declared
from cytolake_ingest_gateway.converter.guards import GuardLimits
from cytolake_ingest_gateway.converter.handlers import Conversion
from cytolake_ingest_gateway.converter.large.conversion import LargeFiles
from cytolake_ingest_gateway.converter.large.reader import Budget
from cytolake_ingest_gateway.converter.large.workfolder import WorkFolder
from cytolake_ingest_gateway.converter.recorded import Recorded
from cytolake_ingest_gateway.converter.sandbox import child
from cytolake_ingest_gateway.converter.sandbox.confine import Limits
from cytolake_ingest_gateway.converter.sandbox.runner import Sandbox
from cytolake_ingest_gateway.converter.settings import ConverterSettings
from cytolake_ingest_gateway.layouts import LayoutShelf
from cytolake_runtime import Publish
from cytolake_runtime.errors import Retryable
from cytolake_runtime.large_objects import LargeObjects
from cytolake_runtime.service import Service
from cytolake_runtime.store import ObjectStore

NAME = "converter"
log = logging.getLogger(__name__)


def build_app(settings: ConverterSettings) -> Service:
    """Return the service, wired and not started."""
    service = Service(settings, name=NAME)
    store, limits = ObjectStore(settings), GuardLimits(max_bytes=settings.converter_max_bytes)
    confined, shelf = _confined(settings), LayoutShelf(settings.layouts_dir)
    sandbox, books = Sandbox(confined), Sandbox(confined, parse=child.parse_workbook)
    records = Sandbox(confined, parse=child.parse_parquet)
    recorded = Recorded(read_parquet=records.run)
    declared = Declared(shelf=shelf, read_book=books.run, recorded=recorded)
    large = large_files(settings, shelf, service.bus.publish)
    conversion = Conversion(
        files=StoredFiles(store, settings),
        convert=Converter(run_parser=sandbox.run, declared=declared, limits=limits),
        publish=service.bus.publish,
        limits=limits,
        large=large,
    )

    async def warm_up() -> None:
        await asyncio.to_thread(large.folder.clean)
        ended = await asyncio.to_thread(sandbox.warm_up)
        if ended.outcome != "parsed":
            raise Retryable(f"the parsers' own sample {ended.outcome}: {ended.message}")
        level = log.info if ended.confinement.is_full else log.warning
        level("parsers are warm, confined by %s", ended.confinement.words)

    async def close() -> None:
        for one in (sandbox, books, records):
            one.close()
        store.close()

    service.on_start(warm_up)
    service.on_stop(close)
    service.bus.consume(
        FileLanded,
        durable=NAME,
        handler=conversion.on_file_landed,
        workers=settings.converter_workers,
    )
    service.bus.publishes(FileConverted, FileRejected, FileQuarantined, FileDrifted, FileProgressed)
    return service


def large_files(settings: ConverterSettings, shelf: LayoutShelf, publish: Publish) -> LargeFiles:
    """Return what reads the files of `large` layouts."""
    return LargeFiles(
        objects=StoredLargeFiles(LargeObjects(settings), settings.lake_bucket),
        shelf=shelf,
        folder=WorkFolder(settings.converter_work_dir),
        publish=publish,
        limits=GuardLimits(max_bytes=settings.converter_large_bytes),
        budget=Budget(
            memory_bytes=settings.converter_large_memory_bytes,
            output_bytes=settings.converter_large_bytes,
            threads=settings.converter_large_threads,
            wall_seconds=settings.converter_large_wall_seconds,
        ),
    )


def _confined(settings: ConverterSettings) -> Limits:
    return Limits(
        address_space_bytes=settings.converter_memory_bytes,
        cpu_seconds=settings.converter_cpu_seconds,
        wall_seconds=settings.converter_wall_seconds,
    )
