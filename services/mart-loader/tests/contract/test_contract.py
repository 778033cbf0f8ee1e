from __future__ import annotations

from typing import ClassVar

from pydantic import SecretStr

from cytolake_contracts import Event, LakeBuilt, MartLoaded
from cytolake_contracts.datasets import load_contracts
from cytolake_mart_loader.app import build_app
from cytolake_mart_loader.handlers import MartLoading
from cytolake_mart_loader.settings import MartLoaderSettings
from cytolake_mart_loader.testing import InMemoryLake, InMemoryMarts
from cytolake_runtime.service import Service
from cytolake_runtime.testing import Outbox, ServiceContract

MARTS = {name: found for name, found in load_contracts().items() if found.zone == "mart"}


class TestMartLoaderContract(ServiceContract):
    service_name = "mart-loader"
    consumed: ClassVar[tuple[type[Event], ...]] = (LakeBuilt,)
    published: ClassVar[tuple[type[Event], ...]] = (MartLoaded,)

    def build(self) -> Service:
        return build_app(MartLoaderSettings(postgres_dsn=SecretStr("host=127.0.0.1")))

    async def handle(self, event: Event) -> list[Event]:
        assert isinstance(event, LakeBuilt)
        outbox, lake = Outbox(), InMemoryLake({event.data.snapshot_id: {}})
        loading = MartLoading(lake=lake, marts=InMemoryMarts(), contracts=MARTS, publish=outbox)
        await loading.on_lake_built(event)
        return outbox.events
