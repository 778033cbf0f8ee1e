"""Settings that every service reads from its environment, prefix `CYTOLAKE_`."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServiceSettings(BaseSettings):
    """Frozen; built in `__main__` and never at import. A service adds its own fields."""

    model_config = SettingsConfigDict(env_prefix="CYTOLAKE_", frozen=True, extra="ignore")

    site: str = Field(default="main", description="Site code: part of every event's subject.")
    nats_url: str = "nats://127.0.0.1:4222"
    nats_user: str = ""
    nats_password: SecretStr = SecretStr("")
    s3_endpoint: str = "http://127.0.0.1:9000"
    s3_access_key: str = ""
    s3_secret_key: SecretStr = SecretStr("")
    s3_region: str = "us-east-1"
    inbound_bucket: str = "inbound"
    lake_bucket: str = "lake"
    evidence_bucket: str = "evidence"
    docs_bucket: str = "docs"
    postgres_dsn: SecretStr | None = None
    ready_file: Path | None = Field(
        default=None, description="Written, with the process id, once the service is ready."
    )
    otlp_endpoint: str | None = Field(
        default=None, description="OTLP/HTTP endpoint for traces; nothing is sent without it."
    )
    log_level: str = "INFO"

    @property
    def dsn(self) -> str:
        """The PostgreSQL DSN; raises ValueError when it is not set."""
        if self.postgres_dsn is None:
            msg = "CYTOLAKE_POSTGRES_DSN is not set: this service needs PostgreSQL"
            raise ValueError(msg)
        return self.postgres_dsn.get_secret_value()
