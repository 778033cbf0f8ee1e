"""The bridge's life: follow the log, publish, remember; begin again when the log breaks off."""

from __future__ import annotations

import asyncio
import logging
import signal
import time

from cytolake.bridge.cursor import Cursor
from cytolake.bridge.notification import stored_version
from cytolake.bridge.publisher import Publisher
from cytolake.bridge.settings import BridgeSettings
from cytolake.bridge.tail import events
from cytolake_runtime.ready import announce_ready, configure_logging, withdraw_ready

RESTART_SECONDS = 0.25
log = logging.getLogger(__name__)


async def run(settings: BridgeSettings) -> None:
    """Run until SIGTERM; raise PermissionError when the broker denies the right to publish."""
    configure_logging(settings.log_level)
    withdraw_ready(settings.ready_file)
    ending = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ending.set)
    async with Publisher(settings) as publisher:
        announce_ready(settings.ready_file)
        work = asyncio.create_task(_follow(settings, publisher))
        ends = [asyncio.create_task(event.wait()) for event in (ending, publisher.denied)]
        await asyncio.wait([work, *ends], return_when=asyncio.FIRST_COMPLETED)
        for task in (work, *ends):
            task.cancel()
        await asyncio.gather(work, return_exceptions=True)
    withdraw_ready(settings.ready_file)
    if publisher.denied.is_set():
        raise PermissionError("the broker refuses the bridge's right to publish")
    if not work.cancelled():
        work.result()


async def _follow(settings: BridgeSettings, publisher: Publisher) -> None:
    cursor = Cursor(settings.cursor_file)
    while True:
        since = cursor.seconds_ago(now_ns=time.time_ns())
        async for event in events(settings.filer, since_seconds=since):
            if version := stored_version(event):
                await publisher.publish(version)
                cursor.advance(version.stored_at_ns)
                log.info("%s %s %s", version.bucket, version.key, version.version_id)
        await asyncio.sleep(RESTART_SECONDS)
