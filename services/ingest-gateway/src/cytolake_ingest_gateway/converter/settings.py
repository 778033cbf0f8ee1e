"""Settings of the converter, from its environment; prefix `CYTOLAKE_`."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from cytolake_runtime.settings import ServiceSettings


class ConverterSettings(ServiceSettings):
    """What one file may cost, and how many are parsed at once."""

    converter_workers: int = Field(default=2, ge=1, description="Files parsed at once.")
    converter_max_bytes: int = Field(
        default=200_000_000, ge=1, description="Larger files are rejected unread."
    )
    converter_memory_bytes: int = Field(
        default=1_500_000_000, ge=500_000_000, description="Address space of one parser."
    )
    converter_cpu_seconds: int = Field(default=30, ge=1, description="CPU time of one parser.")
    converter_wall_seconds: float = Field(default=60.0, gt=0, description="Time of one parser.")
    layouts_dir: Path | None = Field(
        default=None, description="Folder with a site's own layouts (`<name>.layout.yaml`)."
    )
