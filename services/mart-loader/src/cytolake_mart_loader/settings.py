"""Settings of the mart-loader: the shared ones, and what one DuckDB may use."""

from __future__ import annotations

from pydantic import Field

from cytolake_runtime import ServiceSettings


class MartLoaderSettings(ServiceSettings):
    """Read from the environment, prefix `CYTOLAKE_`; the DSN is that of role `mart_loader`."""

    duckdb_memory: str = Field(default="512MB", description="Memory that DuckDB may use.")
    marts_drop_columns: bool = Field(
        default=False,
        description="Drop columns that no contract has any more: the second half of a migration.",
    )
    duckdb_threads: int = Field(
        default=1, ge=1, description="Threads that DuckDB may use: more cost more than they win."
    )
