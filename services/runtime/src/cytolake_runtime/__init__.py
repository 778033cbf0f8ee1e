"""What Cytolake's services share: settings, bus, store, database, telemetry. No domain noun."""

from collections.abc import Awaitable, Callable

from cytolake_contracts import Event
from cytolake_runtime.coalesce import Coalescer
from cytolake_runtime.errors import ObjectExistsError, ObjectMissingError, Retryable
from cytolake_runtime.messages import RawMessage
from cytolake_runtime.settings import ServiceSettings

Publish = Callable[[Event], Awaitable[None]]
"""Publish one event and wait until the broker has stored it; raises Retryable."""

__all__ = [
    "Coalescer",
    "ObjectExistsError",
    "ObjectMissingError",
    "Publish",
    "RawMessage",
    "Retryable",
    "ServiceSettings",
]
