"""A LIMS as registered and told: how it signs, what may be fetched from it, never a secret."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from cytolake_ingest_gateway.api.source_models import Line
from cytolake_ingest_gateway.api.webhooks.thin import BENCHLING_RESOURCES, origin

LimsName = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9._-]{0,56}[a-z0-9])?$")]
Pattern = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[!-~]+$")]
Path = Annotated[str, Field(max_length=200, pattern=r"^/[^?#\s\\]*\{id\}[^?#\s\\]*$")]
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class Settings(BaseModel):
    """What a request may say; nothing else."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class StandardScheme(Settings):
    """Standard Webhooks: `v1` (HMAC-SHA256), `v1a` (ed25519); headers `webhook-*` or `svix-*`."""

    scheme: Literal["standard"] = "standard"


class BenchlingScheme(Settings):
    """As Benchling signs: `v1bder`, ECDSA P-256 over the same content."""

    scheme: Literal["benchling"]
    jwks_url: str | None = Field(
        default=None,
        description="Where the public keys are; without it they are given as `key`.",
        examples=["https://apps.benchling.com/api/v1/apps/appdef_example/jwks"],
    )

    @field_validator("jwks_url")
    @classmethod
    def _is_safe(cls, value: str | None) -> str | None:
        return value if value is None else _address(value)


class HmacScheme(Settings):
    """HMAC-SHA256 of the body in one header."""

    scheme: Literal["hmac"]
    header: str = Field(pattern=r"^[A-Za-z0-9-]{1,64}$", examples=["X-Hub-Signature-256"])
    encoding: Literal["hex", "base64"] = "hex"
    prefix: str = Field(default="", pattern=r"^[!-~]{0,32}$", examples=["sha256="])
    is_timestamped: bool = Field(
        default=False,
        description="`t=<seconds>,v1=<signature>` over `<seconds>.<body>`; otherwise the body "
        "alone is signed, and only its content tells a replay.",
    )


Scheme = Annotated[StandardScheme | BenchlingScheme | HmacScheme, Field(discriminator="scheme")]


class FetchSettings(Settings):
    """What thin events may make us fetch."""

    base_urls: tuple[str, ...] = Field(
        min_length=1, max_length=10, examples=[["https://example.benchling.com"]]
    )
    resources: dict[Pattern, Path] = Field(
        default=BENCHLING_RESOURCES,
        description="Pattern of the event's type, and the path to ask for; the first that fits.",
    )
    authorization: Literal["bearer", "basic"] = Field(
        default="bearer", description="How the token is sent; for `basic` it is `user:password`."
    )

    @field_validator("base_urls")
    @classmethod
    def _are_safe(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_address(one) for one in value)


class LimsSettings(Settings):
    """How a LIMS signs its webhooks, and what may be fetched from it."""

    verify: Scheme = StandardScheme()
    fetch: FetchSettings | None = None


class NewLims(LimsSettings):
    """A LIMS to be registered; its webhooks become files of the source `lims/<name>`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"name": "acme", "layout": "lims_canonical", "timezone": "Europe/Berlin"},
                {
                    "name": "acme",
                    "verify": {"scheme": "hmac", "header": "X-Signature", "prefix": "sha256="},
                    "key": "the secret that the LIMS signs with",
                },
            ]
        }
    )

    name: LimsName
    key: SecretStr | None = Field(
        default=None,
        description="`whsec_…`, `whpk_…`, a JWKS, or a plain secret; without one it is generated.",
    )
    fetch_token: SecretStr | None = None
    layout: str | None = Field(default=None, description="As of any source.")
    timezone: str = "UTC"
    site: str | None = None
    owner: Line | None = None


class ChangedLims(LimsSettings):
    """What a LIMS is to be from now on; its layout and zone are changed at its source."""

    fetch_token: SecretStr | None = Field(
        default=None, description="Takes the place of the one before; without one that stays."
    )


class NewKey(Settings):
    """A further key."""

    key: SecretStr | None = Field(default=None, description="Without one a secret is generated.")


class KeyLine(BaseModel):
    """A key, without what it is."""

    key_id: UUID
    added_by: str
    added_at: datetime
    retired_at: datetime | None = None


class FetchLine(BaseModel):
    """A resource that a thin event pointed to, and how far it is."""

    url: str
    state: Literal["waiting", "stored", "refused", "given_up"]
    attempts: int
    message: str | None = None
    next_at: datetime | None = None
    key: str | None = None


class Lims(LimsSettings):
    """A registered LIMS."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    source: str = Field(description="Its files' source.", examples=["lims/acme"])
    webhook_path: str = Field(examples=["/v1/webhooks/acme"])
    added_by: str
    added_at: datetime
    last_webhook_at: datetime | None = None


class LimsDetail(Lims):
    """One LIMS with its keys and what is under way."""

    keys: list[KeyLine] = []
    stored_webhooks: int = 0
    unfinished_webhooks: int = Field(
        default=0, description="Begun and not stored: they are when their sender repeats them."
    )
    fetches: dict[str, int] = Field(default={}, description="How many are in which state.")
    troubled_fetches: list[FetchLine] = Field(
        default=[], description="Those that failed or were refused, newest first; at most 20."
    )


class LimsWithKey(Lims):
    """The answer to a registration."""

    key: str | None = Field(default=None, description="A generated secret: told this once.")


class KeyAdded(BaseModel):
    """The answer to a rotation."""

    key_id: UUID
    key: str | None = Field(default=None, description="A generated secret: told this once.")
    valid_keys: int = Field(description="How many keys are accepted now.")


class LimsList(BaseModel):
    """All LIMS, by name."""

    lims: list[Lims]


class Retired(BaseModel):
    """The answer to retiring or retrying: how many."""

    count: int


def told(settings: LimsSettings) -> dict[str, Any]:
    """Return the two parts as they are kept."""
    return settings.model_dump(mode="json", include={"verify", "fetch"})


def _address(url: str) -> str:
    found = origin(url)
    if found is None:
        raise ValueError(f"{url!r} has to be an address https://host[:port][/path] and no more")
    if found[0] != "https" and found[1] not in _LOOPBACK:
        raise ValueError(f"{url!r} has to begin with https://: what is fetched must not be altered")
    return url.rstrip("/")
