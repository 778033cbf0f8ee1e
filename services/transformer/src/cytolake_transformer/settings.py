"""What the transformer is told by its environment, prefix `CYTOLAKE_`."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr

from cytolake_runtime.settings import ServiceSettings


class TransformerSettings(ServiceSettings):
    """`postgres_dsn` is the DuckLake catalog's; its role owns the schema `lake_schema`."""

    lake_schema: str = Field(default="ducklake", description="Schema of the DuckLake catalog.")
    lake_prefix: str = Field(
        default="ducklake/", description="Where in the lake bucket DuckLake keeps its own files."
    )
    dbt_project_dir: Path = Field(
        default=Path("dbt"), description="The dbt project, from the working directory or absolute."
    )
    dbt_target_dir: Path | None = Field(
        default=None, description="Where dbt keeps its parsed project; `target` within it if unset."
    )
    identity_salt: SecretStr = Field(
        default=SecretStr(""),
        description=(
            "Secret with which chains of identity and operators are hashed after the raw zone; "
            "another one means to build the lake anew."
        ),
    )
    build_max_files: int = Field(default=64, ge=1, description="Most files in one build.")
    build_linger_seconds: float = Field(
        default=1.5,
        ge=0,
        description="Waited before a build while files come fast, to gather more.",
    )
    lake_keep_days: float = Field(
        default=30,
        ge=1,
        description=(
            "How long the lake can be read as it was: older snapshots expire, but for those of"
            " released batches. Events, which name snapshots, are kept for 30 days."
        ),
    )
    lake_maintenance_hours: float = Field(
        default=24, gt=0, description="Time between two rounds of maintenance of the lake."
    )
    lake_proof_hour: int = Field(
        default=2,
        ge=-1,
        le=23,
        description=(
            "Hour of the day (UTC) at which the lake is held against a build of all of it from"
            " scratch; builds wait meanwhile. -1: never, but for when the models have changed."
        ),
    )

    @property
    def lake_data_path(self) -> str:
        """Where DuckLake keeps its Parquet files; never the raw zone's own (ARCHITECTURE)."""
        return f"s3://{self.lake_bucket}/{self.lake_prefix}"
