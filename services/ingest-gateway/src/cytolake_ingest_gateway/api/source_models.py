"""What is told of sources: how their files are read, who owns them, when the last one came."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from cytolake_contracts import KnownShape
from cytolake_contracts.identity import LIMS
from cytolake_ingest_gateway.api.vendors import vendors


def _no_folder(name: str) -> str:
    if f"{name}/" == LIMS:
        raise ValueError(f"{name} is the folder of all LIMS: name one, such as {LIMS}acme")
    return name


Name = Annotated[
    str,
    Field(pattern=r"^(lims/)?[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$"),
    AfterValidator(_no_folder),
]
"""The first folder of its keys; a LIMS is `lims/<name>`."""
Line = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^\S(.*\S)?$")]
Pattern = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^/\x00-\x1f]+$")]


class SourceSettings(BaseModel):
    """Who a source is, and how its files are to be read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    site: str | None = Field(
        default=None,
        pattern=r"^[a-z0-9][a-z0-9-]{0,31}$",
        description="Site code; this gateway's own by default.",
    )
    vendor: str | None = Field(
        default=None,
        description="Allotropy vendor name; without one and without a layout it is detected.",
        examples=["BECKMAN_VI_CELL_BLU"],
    )
    layout: str | None = Field(default=None, description="A declared layout of our own.")
    timezone: str = Field(
        default="UTC",
        description="IANA time zone of times in the files that name none.",
        examples=["Europe/Berlin"],
    )
    instrument: Line | None = Field(
        default=None, description="Which device, as people name it.", examples=["Vi-CELL 3, QC 2"]
    )
    owner: Line | None = Field(default=None, description="Who answers for it: a person or a team.")
    file_names: tuple[Pattern, ...] = Field(
        default=(),
        max_length=50,
        description="Patterns (`*`, `?`, `[…]`) of its files' names, case aside; a file with "
        "another name is read all the same, with a warning.",
        examples=[["*.csv"]],
    )
    freshness_hours: float | None = Field(
        default=None, gt=0, le=100_000, description="Late when no file came for so many hours."
    )

    @field_validator("vendor")
    @classmethod
    def _is_vendor(cls, value: str | None) -> str | None:
        if value is not None and value not in vendors():
            raise ValueError(f"{value!r} is no vendor that allotropy knows")
        return value

    @field_validator("timezone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError(f"{value!r} is no IANA time zone")
        return value

    @model_validator(mode="after")
    def _is_one_of_both(self) -> SourceSettings:
        if self.vendor and self.layout:
            raise ValueError("a source has a vendor or a layout, not both")
        return self


class NewSource(SourceSettings):
    """A source to be registered."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "vicell-1",
                    "vendor": "BECKMAN_VI_CELL_BLU",
                    "timezone": "Europe/Berlin",
                    "instrument": "Vi-CELL 3, QC 2",
                    "owner": "QC cell counting",
                    "file_names": ["*.csv"],
                    "freshness_hours": 72,
                }
            ]
        }
    )

    name: Name = Field(description="First part of the keys of its files.")


class Source(BaseModel):
    """A registered source."""

    name: str
    site: str
    vendor: str | None
    layout: str | None
    timezone: str
    instrument: str | None = None
    owner: str | None = None
    file_names: tuple[str, ...] = ()
    freshness_hours: float | None = None
    revision: int = Field(
        description="Rises with every change to how its files are read; 1 as first registered."
    )

    @classmethod
    def wanted(cls, name: str, settings: SourceSettings, *, site: str) -> Source:
        """Return what a registration asks for; `site` where it names none."""
        told = settings.model_dump(include=set(SourceSettings.model_fields))
        return cls(**told | {"site": settings.site or site}, name=name, revision=1)

    @property
    def registration(self) -> dict[str, Any]:
        """All that a registration sets."""
        return self.model_dump(include=set(Source.model_fields) - {"revision"})

    @property
    def reading(self) -> tuple[str | None, ...]:
        """What decides how its files are read: a change of it raises the revision."""
        return (self.site, self.vendor, self.layout, self.timezone)


class SourceStatus(Source):
    """A registered source, and whether its files come as expected."""

    last_received_at: datetime | None = Field(default=None, description="Its newest file (UTC).")
    is_late: bool = Field(
        default=False, description="No file for longer than `freshness_hours` (or none at all)."
    )


class SourceDetail(SourceStatus):
    """One source with the shapes of file that it is known to send."""

    known_shapes: list[KnownShape] = []


class SourceWithKey(Source):
    """The answer to a registration."""

    api_key: str | None = Field(
        default=None, description="For uploads of this source. Told once: only its hash is kept."
    )


class SourceCheck(BaseModel):
    """What a registration would do."""

    name: str
    outcome: Literal["new", "changed", "unchanged"]
    before: dict[str, Any] = Field(default={}, description="What would change, as it is now.")
    wanted: dict[str, Any] = Field(default={}, description="The same, as it would be.")


class ApiKey(BaseModel):
    """A new API key."""

    api_key: str = Field(description="Told once: only its hash is kept.")


class SourceList(BaseModel):
    """All sources, by name."""

    sources: list[SourceStatus]


def is_late(freshness_hours: float | None, since: datetime, *, now: datetime) -> bool:
    """Tell whether the last file (or the registration, before any) is too long ago."""
    return freshness_hours is not None and now - since > timedelta(hours=freshness_hours)


def checked(wanted: Source, known: Source | None) -> SourceCheck:
    """Return what registering it would change."""
    if known is None:
        return SourceCheck(name=wanted.name, outcome="new", wanted=wanted.registration)
    before, after = known.registration, wanted.registration
    differing = [field for field in after if before[field] != after[field]]
    return SourceCheck(
        name=wanted.name,
        outcome="changed" if differing else "unchanged",
        before={field: before[field] for field in differing},
        wanted={field: after[field] for field in differing},
    )
