"""The api's process: uvicorn, ready once it really answers."""

from __future__ import annotations

import socket

import uvicorn

from cytolake_ingest_gateway.api.app import build_app
from cytolake_ingest_gateway.api.settings import ApiSettings
from cytolake_runtime.ready import announce_ready, configure_logging, withdraw_ready


class _Server(uvicorn.Server):
    """Writes the ready file after the socket listens; uvicorn's lifespan comes too early."""

    settings: ApiSettings

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            announce_ready(self.settings.ready_file)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Withdraw first: uvicorn ends by raising the signal again, and nothing runs after."""
        withdraw_ready(self.settings.ready_file)
        await super().shutdown(sockets)


def serve(settings: ApiSettings) -> None:
    """Serve until SIGTERM or SIGINT."""
    configure_logging(settings.log_level)
    withdraw_ready(settings.ready_file)
    config = uvicorn.Config(
        build_app(settings),
        host=settings.http_host,
        port=settings.http_port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=10,
        server_header=False,
    )
    server = _Server(config)
    server.settings = settings
    server.run()
