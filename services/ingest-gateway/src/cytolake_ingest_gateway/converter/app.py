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
from cytolake_ingest_gateway.converter.adapters import StoredFiles
from cytolake_ingest_gateway.converter.convert import Converter
from cytolake_ingest_gateway.converter.declared import Declared
from cytolake_ingest_gateway.converter.guards import GuardLimits
from cytolake_ingest_gateway.converter.handlers import Conversion
from cytolake_ingest_gateway.converter.sandbox import child
from cytolake_ingest_gateway.converter.sandbox.confine import Limits
from cytolake_ingest_gateway.converter.sandbox.runner import Sandbox
from cytolake_ingest_gateway.converter.settings import ConverterSettings
from cytolake_ingest_gateway.layouts import LayoutShelf
from cytolake_runtime.errors import Retryable
from cytolake_runtime.service import Service
from cytolake_runtime.store import ObjectStore

NAME = "converter"
log = logging.getLogger(__name__)


def build_app(settings: ConverterSettings) -> Service:
    """Return the service, wired and not started."""
    service = Service(settings, name=NAME)
    store, limits = ObjectStore(settings), GuardLimits(max_bytes=settings.converter_max_bytes)
    confined = Limits(
        address_space_bytes=settings.converter_memory_bytes,
        cpu_seconds=settings.converter_cpu_seconds,
        wall_seconds=settings.converter_wall_seconds,
    )
    sandbox = Sandbox(confined)
    declared = Declared(
        shelf=LayoutShelf(settings.layouts_dir),
        read_book=Sandbox(confined, parse=child.parse_workbook).run,
    )
    conversion = Conversion(
        files=StoredFiles(store, settings),
        convert=Converter(run_parser=sandbox.run, declared=declared, limits=limits),
        publish=service.bus.publish,
        limits=limits,
    )

    async def warm_up() -> None:
        ended = await asyncio.to_thread(sandbox.warm_up)
        if ended.outcome != "parsed":
            raise Retryable(f"the parsers' own sample {ended.outcome}: {ended.message}")
        level = log.info if ended.confinement.is_full else log.warning
        level("parsers are warm, confined by %s", ended.confinement.words)

    async def close() -> None:
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
