"""The converter keeps the contract of every service."""

from __future__ import annotations

import hashlib
from typing import ClassVar

from cytolake_contracts import Event, FileConverted, FileLanded, FileRejected
from cytolake_ingest_gateway.converter.app import build_app
from cytolake_ingest_gateway.converter.convert import Converter
from cytolake_ingest_gateway.converter.guards import GuardLimits
from cytolake_ingest_gateway.converter.handlers import Conversion
from cytolake_ingest_gateway.converter.sandbox.child import canonical_json
from cytolake_ingest_gateway.converter.sandbox.runner import Ended
from cytolake_ingest_gateway.converter.settings import ConverterSettings
from cytolake_ingest_gateway.converter.testing import MemoryFiles, declared
from cytolake_runtime.service import Service
from cytolake_runtime.testing import Outbox, ServiceContract

SHEET = (
    b"sample_id,batch_id,step,collected_at,culture_day,volume_ml\n"
    b"S-1,B-1,expand,2026-03-21 16:56,3,250\n"
)
PARSED = Ended(
    outcome="parsed",
    vendor="BECKMAN_VI_CELL_BLU",
    document=canonical_json({"x": {"absorbance": {"value": 0.5, "unit": "mAU"}}}),
)


class TestConverter(ServiceContract):
    """Every example is handled three ways: converted, changed, gone."""

    service_name = "converter"
    consumed: ClassVar[tuple[type[Event], ...]] = (FileLanded,)
    published: ClassVar[tuple[type[Event], ...]] = (FileConverted, FileRejected)

    def build(self) -> Service:
        return build_app(ConverterSettings())

    async def handle(self, event: Event) -> list[Event]:
        assert isinstance(event, FileLanded)
        outbox, limits = Outbox(), GuardLimits()
        for told, body in ((_with_content(event, SHEET), SHEET), (event, SHEET), (event, None)):
            await Conversion(
                files=MemoryFiles(body),
                convert=Converter(run_parser=lambda _: PARSED, declared=declared(), limits=limits),
                publish=outbox,
                limits=limits,
            ).on_file_landed(told)
        assert {type(said) for said in outbox.events} == {FileConverted, FileRejected}
        return outbox.events


def _with_content(event: FileLanded, body: bytes) -> FileLanded:
    digest = hashlib.sha256(body).hexdigest()
    file = event.data.file.model_copy(update={"content_sha256": digest})
    return event.model_copy(update={"data": event.data.model_copy(update={"file": file})})
