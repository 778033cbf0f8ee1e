"""Settings of the validator, from the environment, prefix `CYTOLAKE_`."""

from __future__ import annotations

from pydantic import Field

from cytolake_runtime import ServiceSettings


class ValidatorSettings(ServiceSettings):
    """What every service reads, and two numbers of its own."""

    validator_workers: int = Field(default=64, ge=1, description="Files in hand at once.")
    validator_batch_files: int = Field(
        default=64, ge=1, description="Files judged together at most, when they wait."
    )
    validator_linger_seconds: float = Field(
        default=4.0, ge=0, description="Waited while files come fast, to judge more together."
    )
    validator_duckdb_memory: str = Field(
        default="128MB",
        description="Memory that DuckDB may use to look for duplicates in a large table.",
    )
