"""The life of a service: start, be ready, work, stop. The same for all of them."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any

import uvloop

from cytolake_runtime.bus import Bus
from cytolake_runtime.ready import announce_ready, configure_logging, withdraw_ready
from cytolake_runtime.retrying import until_it_passes
from cytolake_runtime.settings import ServiceSettings
from cytolake_runtime.telemetry import tracer_provider

START_RETRY_SECONDS = 0.5
Hook = Callable[[], Awaitable[None]]
log = logging.getLogger(__name__)


class Service:
    """A bus, what runs before and after it, and background work beside it."""

    def __init__(self, settings: ServiceSettings, *, name: str) -> None:
        """Prepare everything; start nothing."""
        self.settings = settings
        self.name = name
        self.tracer_provider = tracer_provider(settings, service=name)
        traced = self.tracer_provider if settings.otlp_endpoint else None
        self.bus = Bus(settings, service=name, tracer_provider=traced)
        self._starting: list[Hook] = []
        self._stopping: list[Hook] = []
        self._background: list[Callable[[], Coroutine[Any, Any, None]]] = []

    def on_start(self, hook: Hook) -> None:
        """Run before anything is consumed; a Retryable is tried again until it passes."""
        self._starting.append(hook)

    def on_stop(self, hook: Hook) -> None:
        """Run after the last message."""
        self._stopping.append(hook)

    def background(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run beside the consumers; when it raises, the service ends (and is restarted)."""
        self._background.append(work)

    async def run(self) -> None:
        """Live until SIGTERM or SIGINT; raise what ended it otherwise."""
        configure_logging(self.settings.log_level)
        withdraw_ready(self.settings.ready_file)
        ending = _ending_on_signals()
        if not await _finished(self._start(), unless=ending):
            return
        tasks = [asyncio.create_task(work()) for work in self._background]
        announce_ready(self.settings.ready_file)
        log.info("%s is ready", self.name)
        try:
            await self._work(ending, tasks)
        finally:
            await self._stop(tasks)

    async def _start(self) -> None:
        for hook in self._starting:
            await until_it_passes(hook, words="waiting to start", delay_seconds=START_RETRY_SECONDS)
        await self.bus.broker.start()

    async def _work(self, ending: asyncio.Event, tasks: list[asyncio.Task[None]]) -> None:
        watched: set[asyncio.Task[Any]] = {
            asyncio.create_task(ending.wait()),
            asyncio.create_task(self.bus.denied.wait()),
        }
        done, _ = await asyncio.wait({*watched, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        for task in watched:
            task.cancel()
        for task in done & set(tasks):
            task.result()  # raises what ended it
        if self.bus.denied.is_set():
            msg = f"{self.name}: the broker refused a right; check its user's permissions"
            raise PermissionError(msg)

    async def _stop(self, tasks: list[asyncio.Task[None]]) -> None:
        withdraw_ready(self.settings.ready_file)
        for task in tasks:
            task.cancel()
        with suppress(Exception):
            await self.bus.broker.stop()
        for hook in self._stopping:
            with suppress(Exception):
                await hook()
        self.tracer_provider.shutdown()


def serve(build: Callable[[], Service]) -> None:
    """Build the service and run it to its end: the whole of a `__main__`."""

    async def main() -> None:
        await build().run()

    asyncio.run(main(), loop_factory=uvloop.new_event_loop)


def _ending_on_signals() -> asyncio.Event:
    ending = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ending.set)
    return ending


async def _finished(work: Coroutine[Any, Any, None], *, unless: asyncio.Event) -> bool:
    """Do the work to its end, and say so; give it up when the event comes first."""
    working, watching = asyncio.create_task(work), asyncio.create_task(unless.wait())
    await asyncio.wait({working, watching}, return_when=asyncio.FIRST_COMPLETED)
    watching.cancel()
    if working.done():
        working.result()  # raises what ended it
        return True
    working.cancel()
    return False
