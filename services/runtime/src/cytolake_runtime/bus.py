"""The bus: typed events in, typed events out, over FastStream and JetStream.

Pull consumers, one message a request (nats-py waits out the timeout to fill a larger
one), `workers` handlers at once, acknowledged by hand after the effect.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from faststream import AckPolicy, FastStream
from faststream.nats import JStream, NatsBroker, NatsMessage, PullSub
from faststream.nats.opentelemetry import NatsTelemetryMiddleware
from faststream.security import SASLPlaintext
from faststream.specification import AsyncAPI
from nats.errors import Error as NatsError
from nats.js.errors import Error as JetStreamError
from opentelemetry.trace import TracerProvider

from cytolake_contracts import DeadLetter, Event
from cytolake_runtime import topology
from cytolake_runtime.errors import Retryable
from cytolake_runtime.messages import RawMessage
from cytolake_runtime.outcomes import Outcomes, OutcomesMiddleware
from cytolake_runtime.settings import ServiceSettings
from cytolake_runtime.telemetry import trace_of

CONTENT_TYPE = "application/cloudevents+json"
PUBLISH_TIMEOUT_SECONDS = 5.0
PULL_TIMEOUT_SECONDS = 5.0
log = logging.getLogger(__name__)


class Bus:
    """One service's connection to the broker."""

    def __init__(
        self,
        settings: ServiceSettings,
        *,
        service: str,
        tracer_provider: TracerProvider | None = None,
    ) -> None:
        """Prepare the connection; nothing is opened before `start`. No provider: no spans."""
        self.service = service
        self.denied = asyncio.Event()
        """Set when the broker refused us a right: the service must end, not go deaf."""
        self._inbox = topology.inbox_prefix(settings.nats_user or service)
        self.broker = NatsBroker(
            settings.nats_url,
            name=service,
            security=_security(settings),
            inbox_prefix=self._inbox,
            allow_reconnect=True,
            max_reconnect_attempts=-1,
            reconnect_time_wait=1,
            error_cb=self._on_error,
            middlewares=(self._outcomes, *_telemetry(tracer_provider)),
            logger=None,
            apply_types=False,
        )
        self._declare(f"dead.{service}", topology.DEAD, DeadLetter)

    def consume[E: Event](
        self,
        event: type[E],
        *,
        durable: str,
        handler: Callable[[E], Awaitable[None]],
        workers: int = 1,
    ) -> None:
        """Hand every `event` of the durable consumer to `handler`, `workers` at once."""

        async def decode(msg: NatsMessage) -> E:
            return event.from_bytes(msg.raw_message.data)

        async def on_event(body: Any) -> None:  # noqa: ANN401 - annotated just below
            await handler(body)

        on_event.__annotations__["body"] = event
        self._subscribe(
            topology.CYTOLAKE, f"cytolake.*.{event.noun_verb}", durable, workers, decode
        )(on_event)

    def consume_raw(
        self,
        *,
        stream: str,
        subject: str,
        durable: str,
        handler: Callable[[RawMessage], Awaitable[None]],
        workers: int = 1,
    ) -> None:
        """Hand every message of the durable consumer to `handler` as it lies in the stream."""

        async def decode(msg: NatsMessage) -> RawMessage:
            return RawMessage.of(msg.raw_message)

        async def on_message(body: RawMessage) -> None:
            await handler(body)

        self._subscribe(stream, subject, durable, workers, decode)(on_message)

    def _subscribe(
        self,
        stream: str,
        subject: str,
        durable: str,
        workers: int,
        decode: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        return self.broker.subscriber(
            subject,
            stream=JStream(stream, declare=False),
            durable=durable,
            pull_sub=PullSub(batch_size=1, timeout=PULL_TIMEOUT_SECONDS),
            max_workers=max(workers, 2),  # 1 would take FastStream's other, serial, class
            ack_policy=AckPolicy.MANUAL,
            # Both prefixes are needed: without this one the consumer is silently deaf.
            inbox_prefix=f"{self._inbox}.".encode(),
            decoder=decode,
            title=f"{self.service}:{subject}",
        )

    def publishes(self, *events: type[Event]) -> None:
        """Declare what this service says (for the AsyncAPI document)."""
        for event in events:
            self._declare(f"cytolake.*.{event.noun_verb}", topology.CYTOLAKE, event)

    def _declare(self, subject: str, stream: str, schema: type[Event | DeadLetter]) -> None:
        self.broker.publisher(
            subject,
            stream=JStream(stream, declare=False),
            schema=schema,
            title=f"{self.service}:{subject}:publish",
        )

    async def publish(self, event: Event) -> None:
        """Publish and wait until the broker has stored it; raise Retryable when it has not."""
        headers = {"Nats-Msg-Id": event.message_id, "content-type": CONTENT_TYPE}
        if event.traceparent is not None:
            headers["traceparent"] = event.traceparent  # the middleware names its own span instead
        with trace_of(event.traceparent):
            await self._publish(event.to_bytes(), event.nats_subject, topology.CYTOLAKE, headers)

    async def publish_dead_letter(self, letter: DeadLetter) -> None:
        """Publish on `dead.<service>`; one letter a message and consumer."""
        await self._publish(
            letter.model_dump_json().encode(),
            f"dead.{letter.service}",
            topology.DEAD,
            {"Nats-Msg-Id": f"{letter.consumer}.{letter.stream}.{letter.sequence}"},
        )

    async def _publish(
        self, body: bytes, subject: str, stream: str, headers: dict[str, str]
    ) -> None:
        try:
            await self.broker.publish(
                body, subject, headers=headers, stream=stream, timeout=PUBLISH_TIMEOUT_SECONDS
            )
        except (NatsError, JetStreamError, TimeoutError, OSError) as error:
            msg = f"the broker did not store {subject}: {error!r}"
            raise Retryable(msg) from error

    def asyncapi(self) -> dict[str, Any]:
        """Return the AsyncAPI 3 document of what this service declares."""
        document = AsyncAPI(title=self.service, version="1", schema_version="3.0.0")
        app = FastStream(self.broker, specification=document, logger=None)
        return dict(app.schema.to_specification().to_jsonable())

    def _outcomes(self, msg: Any, **kwargs: Any) -> OutcomesMiddleware:  # noqa: ANN401
        middleware = OutcomesMiddleware(msg, **kwargs)
        middleware.outcomes = Outcomes(self.service, self.publish_dead_letter)
        return middleware

    async def _on_error(self, error: Exception) -> None:
        log.warning("%s: broker: %s", self.service, error)
        if "permissions violation" in str(error).lower():
            self.denied.set()


def _telemetry(provider: TracerProvider | None) -> tuple[NatsTelemetryMiddleware, ...]:
    """Spans that nobody collects cost a third of a message's way through this process."""
    return () if provider is None else (NatsTelemetryMiddleware(tracer_provider=provider),)


def _security(settings: ServiceSettings) -> SASLPlaintext | None:
    if not settings.nats_user:
        return None
    return SASLPlaintext(settings.nats_user, settings.nats_password.get_secret_value())
