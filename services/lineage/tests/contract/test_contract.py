from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from pydantic import SecretStr

from cytolake_contracts import EVENTS, Event
from cytolake_contracts.examples import invalid_examples, valid_examples
from cytolake_lineage.app import build_app
from cytolake_lineage.graph import UNREADABLE
from cytolake_lineage.handlers import Lineage
from cytolake_lineage.settings import LineageSettings
from cytolake_lineage.testing import CREATED, InMemoryAudit, message
from cytolake_runtime.service import Service
from cytolake_runtime.testing import ServiceContract


async def created(_stream: str) -> datetime:
    return CREATED


class TestLineageContract(ServiceContract):
    service_name = "lineage"
    published: ClassVar[tuple[type[Event], ...]] = ()

    def build(self) -> Service:
        return build_app(LineageSettings(postgres_dsn=SecretStr("host=127.0.0.1")))

    async def test_records_every_example_valid_or_not(self) -> None:
        """Lineage consumes raw messages and says nothing: its answer is an entry."""
        audit = InMemoryAudit()
        lineage = Lineage(audit=audit, stream_created=created, linger_seconds=0)
        valid = [b for kind in EVENTS for b in valid_examples(kind.type_name()).values()]
        invalid = [b for kind in EVENTS for b in invalid_examples(kind.type_name()).values()]
        for sequence, body in enumerate([*valid, *invalid], start=1):
            await lineage.on_message(message(sequence, body))
        types = [entry.account.type for entry in audit.entries]
        assert UNREADABLE not in types[: len(valid)]
        assert types[len(valid) :] == [UNREADABLE] * len(invalid)
