"""Put notifications onto STORE, one after the other, each until it is acknowledged."""

from __future__ import annotations

import asyncio
import logging
from types import TracebackType
from typing import Self

import nats
from nats.aio.client import Client
from nats.errors import Error as NatsError

from cytolake.bridge.notification import StoredVersion
from cytolake.bridge.settings import BridgeSettings
from cytolake_runtime.topology import STORE_INBOUND, STORE_PROBE, inbox_prefix

RETRY_SECONDS = 0.25
ACK_SECONDS = 2.0
log = logging.getLogger(__name__)


class Publisher:
    """A connection that comes back by itself; `publish` returns only after the PubAck."""

    def __init__(self, settings: BridgeSettings) -> None:
        self._settings = settings
        self._client = Client()
        self.denied = asyncio.Event()

    async def __aenter__(self) -> Self:
        while True:
            try:
                await self._connect()
            except (OSError, NatsError, TimeoutError):
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._client.close()

    async def publish(self, version: StoredVersion) -> None:
        """Wait out any outage of the broker, a wiped one included."""
        subject = STORE_INBOUND if version.bucket == self._settings.inbound_bucket else STORE_PROBE
        jetstream = self._client.jetstream(timeout=ACK_SECONDS)
        headers = {"Nats-Msg-Id": version.message_id}
        while True:
            try:
                await jetstream.publish(subject, version.to_bytes(), headers=headers)
            except (OSError, NatsError, TimeoutError) as fault:
                log.warning("%s is not on the stream yet: %r", version.key, fault)
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return

    async def _connect(self) -> None:
        user = self._settings.nats_user
        self._client = await nats.connect(
            self._settings.nats_url,
            user=user,
            password=self._settings.nats_password.get_secret_value(),
            inbox_prefix=inbox_prefix(user).encode(),
            name="cytolake-bridge",
            max_reconnect_attempts=-1,
            reconnect_time_wait=RETRY_SECONDS,
            error_cb=self._on_error,
        )

    async def _on_error(self, fault: Exception) -> None:
        log.warning("broker: %s", fault)
        if "permissions violation" in str(fault).lower():
            self.denied.set()
