"""Settings of the checker, from the environment, prefix `CYTOLAKE_`."""

from __future__ import annotations

from pydantic import Field

from cytolake_runtime import ServiceSettings


class CheckerSettings(ServiceSettings):
    """What every service reads, and how much of the machine checks may take."""

    checker_niceness: int = Field(
        default=19, ge=0, le=19, description="How far the process stands behind the others."
    )
    checker_rest_seconds: float = Field(
        default=6.0, ge=0, description="Shortest rest between two rounds of checks."
    )
    checker_busy_share: float = Field(
        default=0.03,
        gt=0,
        le=1,
        description="Share of one processor that rounds may take while builds go on coming.",
    )
    checker_longest_rest_seconds: float = Field(
        default=60.0, ge=0, description="Longest rest, however much the last round took."
    )
    checker_max_rows: int = Field(
        default=50_000, ge=1, description="Rows of a table looked at in one round."
    )
    checker_releases_seconds: float = Field(
        default=30.0, gt=0, description="Longest time between two looks for releases to export."
    )
    duckdb_memory: str = Field(default="256MB", description="Memory that DuckDB may use.")
