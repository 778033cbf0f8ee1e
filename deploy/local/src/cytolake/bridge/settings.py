"""What the bridge is told, prefix `CYTOLAKE_`."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from cytolake_runtime.settings import ServiceSettings


class BridgeSettings(ServiceSettings):
    """The broker's settings of every service, and where the event log is read."""

    filer: str = Field(default="127.0.0.1:8888", description="HOST:PORT or HOST:PORT.GRPCPORT")
    cursor_file: Path = Field(description="Keeps the time of the last event that STORE has.")
