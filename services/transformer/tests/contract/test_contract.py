from __future__ import annotations

from pydantic import SecretStr

from cytolake_contracts import Event, FileValidated, LakeBuilt
from cytolake_runtime.service import Service
from cytolake_runtime.testing import Outbox, ServiceContract
from cytolake_transformer.app import build_app
from cytolake_transformer.handlers import Building, Transformation
from cytolake_transformer.settings import TransformerSettings
from cytolake_transformer.testing import MemoryLake, MemoryModels


class TestTransformer(ServiceContract):
    service_name = "transformer"
    consumed = (FileValidated,)
    published = (LakeBuilt,)

    def build(self) -> Service:
        return build_app(TransformerSettings(postgres_dsn=SecretStr("host=127.0.0.1")))

    async def handle(self, event: Event) -> list[Event]:
        assert isinstance(event, FileValidated)
        outbox, lake = Outbox(), MemoryLake()
        transformation = Transformation(
            building=Building(lake=lake, models=MemoryModels(lake)),
            publish=outbox,
            marts=frozenset({"mart_measurement"}),
            lake_bucket="lake",
        )
        assert await transformation.on_files_validated([event]) == [None]
        return outbox.events
