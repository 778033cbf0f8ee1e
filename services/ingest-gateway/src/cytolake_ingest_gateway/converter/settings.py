"""Settings of the converter, from its environment; prefix `CYTOLAKE_`."""

from __future__ import annotations

from pathlib import Path
from tempfile import gettempdir

from pydantic import Field

from cytolake_runtime.settings import ServiceSettings


class ConverterSettings(ServiceSettings):
    """What one file may cost, and how many are parsed at once."""

    converter_workers: int = Field(default=3, ge=1, description="Files parsed at once.")
    converter_max_bytes: int = Field(
        default=200_000_000, ge=1, description="Larger files are rejected unread."
    )
    converter_memory_bytes: int = Field(
        default=1_500_000_000, ge=500_000_000, description="Address space of one parser."
    )
    converter_cpu_seconds: int = Field(default=30, ge=1, description="CPU time of one parser.")
    converter_wall_seconds: float = Field(default=60.0, gt=0, description="Time of one parser.")
    converter_large_bytes: int = Field(
        default=8_000_000_000, ge=1, description="Larger files of a `large` layout are rejected."
    )
    converter_large_memory_bytes: int = Field(
        default=268_435_456,
        ge=67_108_864,
        description="Memory of the DuckDB that reads a large file; its process has 150 MB more.",
    )
    converter_large_threads: int = Field(
        default=1, ge=1, description="Threads that read a large file."
    )
    converter_large_wall_seconds: float = Field(
        default=3600.0, gt=0, description="Time of one large file."
    )
    converter_work_dir: Path = Field(
        default_factory=lambda: Path(gettempdir()) / "cytolake-converter",
        description="Where the Parquet of a large file grows until it is stored.",
    )
    layouts_dir: Path | None = Field(
        default=None, description="Folder with a site's own layouts (`<name>.layout.yaml`)."
    )
