"""Sources: who sends files, from which instrument or in which layout, in which time zone."""

from __future__ import annotations

import secrets
from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, Request, Response
from starlette.convertors import StringConvertor, register_url_convertor

from cytolake_contracts import KnownShape
from cytolake_contracts.layouts import group_names
from cytolake_ingest_gateway.api.auth import Caller, operator
from cytolake_ingest_gateway.api.openapi import documented
from cytolake_ingest_gateway.api.problems import ProblemError
from cytolake_ingest_gateway.api.source_models import (
    ApiKey,
    Name,
    NewSource,
    Source,
    SourceCheck,
    SourceDetail,
    SourceList,
    SourceSettings,
    SourceStatus,
    SourceWithKey,
    checked,
)
from cytolake_ingest_gateway.layouts import LayoutShelf

Operator = Annotated[Caller, Depends(operator)]


class Registry(Protocol):
    """The registered sources; every method raises Retryable while PostgreSQL is away."""

    async def sources(self) -> list[SourceStatus]:
        """Return all sources by name."""
        ...

    async def source(self, name: str) -> SourceStatus | None:
        """Return the source of that name."""
        ...

    async def shapes(self, name: str) -> list[KnownShape]:
        """Return the shapes of files of this source that were loaded, newest first."""
        ...

    async def add(self, wanted: Source, *, api_key: str) -> Source | None:
        """Register it with its first key; return None, changing nothing, if the name is taken."""
        ...

    async def change(self, wanted: Source) -> Source | None:
        """Set what differs; a change of its `reading` raises the revision; None: no such source."""
        ...

    async def add_key(self, source: str, *, api_key: str) -> bool:
        """Give the source a further key; False if there is no such source."""
        ...


def new_api_key() -> str:
    return f"cyk_{secrets.token_urlsafe(32)}"


class _SourceName(StringConvertor):
    """A source in a path: `vicell-1` or `lims/acme`, its slash percent-encoded or not."""

    regex = "(?:lims/)?[^/]+"


register_url_convertor("source", _SourceName())
router = APIRouter(prefix="/v1/sources", tags=["sources"], responses=documented(401, 403, 503))


def registry(request: Request) -> Registry:
    found: Registry = request.app.state.registry
    return found


Sources = Annotated[Registry, Depends(registry)]


@router.get("")
async def list_sources(sources: Sources, _: Operator) -> SourceList:
    """Return every registered source, when its last file came, and whether one is overdue."""
    return SourceList(sources=await sources.sources())


@router.post("", status_code=201, responses={200: {"model": SourceWithKey}, **documented(409, 422)})
async def register_source(
    new: NewSource, request: Request, response: Response, sources: Sources, _: Operator
) -> SourceWithKey:
    """Register a source and get its API key; the same registration again changes nothing."""
    wanted, api_key = wanted_source(new.name, new, request), new_api_key()
    added = await sources.add(wanted, api_key=api_key)
    if added is not None:
        return SourceWithKey(**added.model_dump(), api_key=api_key)
    known = await sources.source(new.name)
    if known is None or known.registration != wanted.registration:
        words = f"Source {new.name!r} is registered otherwise: {known}. PUT changes it."
        raise ProblemError(409, "SOURCE_DIFFERS", words)
    response.status_code = 200
    return SourceWithKey(**known.registration, revision=known.revision)


@router.post("/check", responses=documented(422))
async def check_source(
    new: NewSource, request: Request, sources: Sources, _: Operator
) -> SourceCheck:
    """Tell what registering this would do, and do nothing."""
    return checked(wanted_source(new.name, new, request), await sources.source(new.name))


@router.get("/{name:source}", responses=documented(404, 422))
async def show_source(name: Name, sources: Sources, _: Operator) -> SourceDetail:
    """Return one source with the shapes of file that it is known to send."""
    found = await sources.source(name)
    if found is None:
        raise unknown_source(name)
    return SourceDetail(**found.model_dump(), known_shapes=await sources.shapes(name))


@router.put("/{name:source}", responses=documented(404, 422))
async def change_source(
    name: Name, settings: SourceSettings, request: Request, sources: Sources, _: Operator
) -> Source:
    """Change a source from now on; its revision rises when its files are to be read otherwise."""
    changed = await sources.change(wanted_source(name, settings, request))
    if changed is None:
        raise unknown_source(name)
    return changed


@router.post("/{name:source}/keys", status_code=201, responses=documented(404))
async def make_key(name: Name, sources: Sources, _: Operator) -> ApiKey:
    """Make a further API key for a source."""
    api_key = new_api_key()
    if not await sources.add_key(name, api_key=api_key):
        raise unknown_source(name)
    return ApiKey(api_key=api_key)


def unknown_source(name: str, *, is_body_unread: bool = False) -> ProblemError:
    words = f"No source {name!r} is registered."
    return ProblemError(404, "UNKNOWN_SOURCE", words, is_body_unread=is_body_unread)


def wanted_source(name: str, settings: SourceSettings, request: Request) -> Source:
    """Return the source to be registered; raise ProblemError for a layout that is none."""
    shelf: LayoutShelf = request.app.state.layouts
    layouts = shelf.layouts()
    names = {*layouts, *group_names(layouts)}
    if settings.layout is not None and settings.layout not in names:
        known = ", ".join(sorted(names))
        why = shelf.faults().get(settings.layout, f"there is none of that name; known: {known}")
        raise ProblemError(422, "INVALID_REQUEST", f"{settings.layout!r} is no layout: {why}")
    return Source.wanted(name, settings, site=request.app.state.settings.site)
