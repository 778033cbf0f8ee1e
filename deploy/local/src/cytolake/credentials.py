"""Passwords and keys of one stack: generated once, kept in `secrets.json`, mode 0600."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import asdict, dataclass
from typing import Self

from cytolake.home import Home

POSTGRES_ROLES = (
    "postgres",
    "seaweedfs",
    "intake",
    "api",
    "validator",
    "transformer",
    "mart_loader",
    "lineage",
    "checker",
    "dbt_marts",
    "reader",
)
NATS_USERS = (
    "system",
    "provisioner",
    "bridge",
    "store",
    "intake",
    "converter",
    "validator",
    "transformer",
    "mart-loader",
    "lineage",
    "checker",
    "operator",
)
S3_USERS = (
    "admin",
    "operator",
    "api",
    "intake",
    "converter",
    "validator",
    "transformer",
    "mart-loader",
    "lineage",
    "checker",
)


@dataclass(frozen=True, slots=True)
class S3Key:
    """An access key and its secret."""

    access_key: str
    secret_key: str

    @classmethod
    def generated(cls) -> Self:
        """Return a fresh key in the form that every S3 store accepts."""
        return cls(f"CL{secrets.token_hex(9).upper()}", secrets.token_urlsafe(30))


@dataclass(frozen=True, slots=True)
class Credentials:
    """Everything secret of one stack; `repr` shows none of it."""

    postgres: dict[str, str]
    nats: dict[str, str]
    s3: dict[str, S3Key]
    operator_api_key: str
    identity_salt: str

    def __repr__(self) -> str:
        return "Credentials(…)"

    @property
    def operator_api_key_sha256(self) -> str:
        return hashlib.sha256(self.operator_api_key.encode()).hexdigest()


def remembered_credentials(home: Home) -> Credentials:
    """Return the home's credentials, generating those it does not have yet."""
    file = home.root / "secrets.json"
    kept = json.loads(file.read_text()) if file.exists() else {}
    s3 = {name: S3Key(**key) for name, key in kept.get("s3", {}).items()}
    credentials = Credentials(
        postgres=_completed(kept.get("postgres", {}), POSTGRES_ROLES),
        nats=_completed(kept.get("nats", {}), NATS_USERS),
        s3={name: s3.get(name) or S3Key.generated() for name in S3_USERS},
        operator_api_key=kept.get("operator_api_key") or f"cyk_{secrets.token_urlsafe(32)}",
        identity_salt=kept.get("identity_salt") or secrets.token_urlsafe(30),
    )
    if asdict(credentials) != kept:
        home.write_private(file, json.dumps(asdict(credentials), indent=2) + "\n")
    return credentials


def _completed(kept: dict[str, str], names: tuple[str, ...]) -> dict[str, str]:
    return {name: kept.get(name) or secrets.token_urlsafe(30) for name in names}
