"""What each service's tests inherit: the behaviour demanded of every consumer of events.

A service's contract test is a few lines: a subclass of `ServiceContract` with a
factory of its `Service` and one that handles an event with fakes.
"""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import unquote

import pytest

from cytolake_contracts import Event, UnreadableEventError
from cytolake_contracts.examples import invalid_examples, valid_examples
from cytolake_contracts.schemas import operations_of, violations
from cytolake_runtime.service import Service


class Outbox:
    """A `Publish` that keeps what it is given."""

    def __init__(self) -> None:
        """Start empty."""
        self.events: list[Event] = []

    async def __call__(self, event: Event) -> None:
        """Keep the event."""
        self.events.append(event)


class ServiceContract:
    """Inherit, name `Test…`, and supply the two factories."""

    service_name: ClassVar[str]
    consumed: ClassVar[tuple[type[Event], ...]] = ()
    published: ClassVar[tuple[type[Event], ...]] = ()

    def build(self) -> Service:
        """Return the service as `app.py` builds it, never started."""
        raise NotImplementedError

    async def handle(self, event: Event) -> list[Event]:
        """Handle one event with fakes; return what was published."""
        raise NotImplementedError

    async def test_accepts_every_valid_example(self) -> None:
        """Each example of what it consumes leads to at least one event."""
        for kind in self.consumed:
            for name, body in valid_examples(kind.type_name()).items():
                assert await self.handle(kind.from_bytes(body)), name

    def test_refuses_every_invalid_example(self) -> None:
        """None of the invalid examples can be read."""
        for kind in self.consumed:
            for body in invalid_examples(kind.type_name()).values():
                with pytest.raises(UnreadableEventError):
                    kind.from_bytes(body)

    async def test_emits_only_declared_valid_events(self) -> None:
        """What it says is declared, and valid by the schema file itself."""
        for said in await self._all_said():
            assert type(said) in self.published, said.type
            assert violations(said.to_bytes()) == []

    async def test_told_twice_says_the_same(self) -> None:
        """The same message twice leads to the same ids."""
        first, second = await self._all_said(), await self._all_said()
        assert [event.message_id for event in first] == [event.message_id for event in second]

    def test_asyncapi_equals_the_contract(self) -> None:
        """Addresses, actions and payloads are those of `contracts/asyncapi.yaml`."""
        assert declared_operations(self.build()) == operations_of(self.service_name)

    async def _all_said(self) -> list[Event]:
        said: list[Event] = []
        for kind in self.consumed:
            for body in valid_examples(kind.type_name()).values():
                said += await self.handle(kind.from_bytes(body))
        return said


def declared_operations(service: Service) -> set[tuple[str, str, str]]:
    """Return (action, address, payload name) of each operation FastStream lists."""
    document = service.bus.asyncapi()
    found = set()
    for operation in document["operations"].values():
        channel = document["channels"][_last(operation["channel"]["$ref"])]
        for reference in channel["messages"].values():
            message = document["components"]["messages"][_last(reference["$ref"])]
            payload = _last(str(message["payload"].get("$ref", "")))
            found.add((operation["action"], channel["address"], payload))
    return found


def _last(reference: Any) -> str:  # noqa: ANN401
    return unquote(str(reference).rsplit("/", 1)[-1])
