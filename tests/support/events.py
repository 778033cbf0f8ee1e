"""Events said to the broker as a service says them."""

from __future__ import annotations

from nats.aio.client import Client

from cytolake_contracts import Event


async def publish(client: Client, *events: Event) -> None:
    """Publish each under its message id; return when the broker has stored all."""
    for event in events:
        headers = {"Nats-Msg-Id": event.message_id}
        await client.jetstream().publish(event.nats_subject, event.to_bytes(), headers=headers)
