"""Sources: who sends files, from which instrument or in which layout, in which time zone."""

from __future__ import annotations

import secrets
from typing import Annotated, Protocol
from zoneinfo import available_timezones

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from cytolake_ingest_gateway.api.auth import Caller, operator
from cytolake_ingest_gateway.api.openapi import documented
from cytolake_ingest_gateway.api.problems import ProblemError
from cytolake_ingest_gateway.api.vendors import LAYOUTS, vendors

Name = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$")]
Operator = Annotated[Caller, Depends(operator)]


class SourceSettings(BaseModel):
    """How a source's files are to be read."""

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

    @field_validator("vendor")
    @classmethod
    def _is_vendor(cls, value: str | None) -> str | None:
        if value is not None and value not in vendors():
            raise ValueError(f"{value!r} is no vendor that allotropy knows")
        return value

    @field_validator("layout")
    @classmethod
    def _is_layout(cls, value: str | None) -> str | None:
        if value is not None and value not in LAYOUTS:
            raise ValueError(f"{value!r} is no layout; known: {', '.join(sorted(LAYOUTS))}")
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
                {"name": "vicell-1", "vendor": "BECKMAN_VI_CELL_BLU", "timezone": "Europe/Berlin"}
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
    revision: int = Field(description="Rises with every change; 1 as first registered.")


class SourceWithKey(Source):
    """The answer to a registration."""

    api_key: str | None = Field(
        default=None, description="For uploads of this source. Told once: only its hash is kept."
    )


class ApiKey(BaseModel):
    """A new API key."""

    api_key: str = Field(description="Told once: only its hash is kept.")


class SourceList(BaseModel):
    """All sources, by name."""

    sources: list[Source]


class Registry(Protocol):
    """The registered sources; every method raises Retryable while PostgreSQL is away."""

    async def sources(self) -> list[Source]:
        """Return all sources by name."""
        ...

    async def add(self, wanted: Source, *, api_key: str) -> Source | None:
        """Register it with its first key; return None, changing nothing, if the name is taken."""
        ...

    async def change(self, wanted: Source) -> Source | None:
        """Set what differs and raise the revision; None if there is no such source."""
        ...

    async def add_key(self, source: str, *, api_key: str) -> bool:
        """Give the source a further key; False if there is no such source."""
        ...

    async def source(self, name: str) -> Source | None:
        """Return the source of that name."""
        ...


def new_api_key() -> str:
    return f"cyk_{secrets.token_urlsafe(32)}"


router = APIRouter(prefix="/v1/sources", tags=["sources"], responses=documented(401, 403, 503))


def registry(request: Request) -> Registry:
    found: Registry = request.app.state.registry
    return found


Sources = Annotated[Registry, Depends(registry)]


@router.get("")
async def list_sources(sources: Sources, _: Operator) -> SourceList:
    """Return every registered source."""
    return SourceList(sources=await sources.sources())


@router.post("", status_code=201, responses={200: {"model": SourceWithKey}, **documented(409, 422)})
async def register_source(
    new: NewSource, request: Request, response: Response, sources: Sources, _: Operator
) -> SourceWithKey:
    """Register a source and get its API key; the same registration again changes nothing."""
    wanted, api_key = _wanted(new.name, new, request), new_api_key()
    added = await sources.add(wanted, api_key=api_key)
    if added is not None:
        return SourceWithKey(**added.model_dump(), api_key=api_key)
    known = await sources.source(new.name)
    if known is None or known.model_dump(exclude={"revision"}) != wanted.model_dump(
        exclude={"revision"}
    ):
        words = f"Source {new.name!r} is registered otherwise: {known}. PUT changes it."
        raise ProblemError(409, "SOURCE_DIFFERS", words)
    response.status_code = 200
    return SourceWithKey(**known.model_dump())


@router.put("/{name}", responses=documented(404, 422))
async def change_source(
    name: Name, settings: SourceSettings, request: Request, sources: Sources, _: Operator
) -> Source:
    """Change how a source's files are read from now on; its revision rises."""
    changed = await sources.change(_wanted(name, settings, request))
    if changed is None:
        raise unknown_source(name)
    return changed


@router.post("/{name}/keys", status_code=201, responses=documented(404))
async def make_key(name: Name, sources: Sources, _: Operator) -> ApiKey:
    """Make a further API key for a source."""
    api_key = new_api_key()
    if not await sources.add_key(name, api_key=api_key):
        raise unknown_source(name)
    return ApiKey(api_key=api_key)


def unknown_source(name: str, *, is_body_unread: bool = False) -> ProblemError:
    words = f"No source {name!r} is registered."
    return ProblemError(404, "UNKNOWN_SOURCE", words, is_body_unread=is_body_unread)


def _wanted(name: str, settings: SourceSettings, request: Request) -> Source:
    return Source(
        name=name,
        site=settings.site or request.app.state.settings.site,
        vendor=settings.vendor,
        layout=settings.layout,
        timezone=settings.timezone,
        revision=1,
    )
