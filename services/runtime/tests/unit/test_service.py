"""A service that waits to start still hears that it is to end."""

from __future__ import annotations

import asyncio
import os
import signal

from cytolake_runtime import Retryable, ServiceSettings
from cytolake_runtime.service import Service


async def test_sigterm_ends_a_service_that_waits_for_its_database() -> None:
    service, asked = Service(ServiceSettings(), name="validator"), asyncio.Event()

    async def away() -> None:
        asked.set()
        raise Retryable("PostgreSQL does not answer")

    service.on_start(away)
    running = asyncio.create_task(service.run())
    await asked.wait()
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(running, 5)
