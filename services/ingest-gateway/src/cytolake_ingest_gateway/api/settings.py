"""Settings of the api, from the environment, prefix `CYTOLAKE_`."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from cytolake_runtime import ServiceSettings


class ApiSettings(ServiceSettings):
    """What the api can be told beyond what every service is told."""

    http_host: str = "127.0.0.1"
    http_port: int = Field(default=8080, ge=0, le=65535)
    operator_api_key_sha256: str | None = Field(
        default=None,
        pattern=r"^[0-9a-f]{64}$",
        description="SHA-256, in hex, of an operator's API key: everything is allowed to it.",
    )
    upload_max_bytes: int = Field(
        default=1_073_741_824, gt=0, description="Largest file taken over HTTP."
    )
    upload_memory_bytes: int = Field(
        default=4_194_304, gt=0, description="An upload larger than this waits on disk."
    )
    webhook_max_bytes: int = Field(
        default=1_048_576, gt=0, description="Largest webhook of a LIMS."
    )
    fetch_first_delay_seconds: float = Field(
        default=5.0,
        gt=0,
        description="What a thin event points to is asked for again after so long, then after "
        "twice as long each time, up to an hour.",
    )
    layouts_dir: Path | None = Field(
        default=None, description="Folder with a site's own layouts (`<name>.layout.yaml`)."
    )
