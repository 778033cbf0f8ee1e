"""The api served on real sockets, and as a client of it sees it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

from cytolake_ingest_gateway.api.settings import ApiSettings
from tests.support.stack import Servers


@asynccontextmanager
async def serving(app: Any) -> AsyncIterator[int]:
    """Serve on a free port; give the port."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None))
    running = asyncio.create_task(server.serve())
    async with asyncio.timeout(180):
        while not server.started:  # noqa: ASYNC110 - uvicorn offers no event
            await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await running


def api_settings(servers: Servers, **settings: object) -> ApiSettings:
    """Return the api's settings on these servers."""
    return servers.settings("api", ApiSettings).model_copy(update=settings)
