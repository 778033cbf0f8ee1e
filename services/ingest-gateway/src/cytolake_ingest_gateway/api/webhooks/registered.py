"""`/v1/lims`: which LIMS may send webhooks, with which keys; an operator's.

A secret is told once, to who registers or rotates it; no other answer holds one.
"""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from cytolake_ingest_gateway.api.auth import Caller, operator
from cytolake_ingest_gateway.api.openapi import documented
from cytolake_ingest_gateway.api.problems import ProblemError
from cytolake_ingest_gateway.api.source_models import Source, SourceSettings
from cytolake_ingest_gateway.api.sources import Registry, Sources, wanted_source
from cytolake_ingest_gateway.api.webhooks.inbox import Book, unknown_lims
from cytolake_ingest_gateway.api.webhooks.keys import KeyRefusedError, generated_secret
from cytolake_ingest_gateway.api.webhooks.models import (
    BenchlingScheme,
    ChangedLims,
    HmacScheme,
    KeyAdded,
    LimsDetail,
    LimsList,
    LimsName,
    LimsSettings,
    LimsWithKey,
    NewKey,
    NewLims,
    Retired,
)
from cytolake_ingest_gateway.api.webhooks.ports import LimsBook, NewSecrets
from cytolake_ingest_gateway.api.webhooks.verifier import keys_of

Operator = Annotated[Caller, Depends(operator)]
router = APIRouter(prefix="/v1/lims", tags=["lims"], responses=documented(401, 403, 503))


@router.get("")
async def list_lims(registered: Book, _: Operator) -> LimsList:
    """Return every LIMS that may send webhooks, and when its last one came."""
    return LimsList(lims=await registered.all_lims())


@router.post("", status_code=201, responses={200: {"model": LimsWithKey}, **documented(409, 422)})
async def register_lims(
    new: NewLims,
    request: Request,
    response: Response,
    registered: Book,
    sources: Sources,
    known: Operator,
) -> LimsWithKey:
    """Register a LIMS and its source `lims/<name>`; the same registration again changes nothing.

    Without a `key` a secret is generated and told in this answer only.
    """
    source = _source(new, request)
    given = new.key.get_secret_value() if new.key else None
    key = given if _has_no_key(new) else _checked(new, given or _generated(new))
    token = new.fetch_token.get_secret_value() if new.fetch_token else None
    await _fits(source, sources)
    kept = NewSecrets(key=key, fetch_token=token)
    settings = LimsSettings(verify=new.verify, fetch=new.fetch)
    is_new = await registered.add_lims(new.name, settings, source, kept, by=known.name)
    if not is_new:
        await _same(new.name, settings, given, registered)
        response.status_code = 200
    told = await _detail(new.name, registered)
    secret = key if is_new and given is None else None
    return LimsWithKey(**told.model_dump(), key=secret)


@router.get("/{name}", responses=documented(404, 422))
async def show_lims(name: LimsName, registered: Book, _: Operator) -> LimsDetail:
    """Return one LIMS: its keys without their values, its webhooks, what is still to be fetched."""
    return await _detail(name, registered)


@router.put("/{name}", responses=documented(404, 409, 422))
async def change_lims(
    name: LimsName, changed: ChangedLims, registered: Book, known: Operator
) -> LimsDetail:
    """Change how its header is written or what may be fetched; its keys stay as they are."""
    before = await _detail(name, registered)
    is_url = [
        isinstance(one, BenchlingScheme) and bool(one.jwks_url) for one in _both(before, changed)
    ]
    if before.verify.scheme != changed.verify.scheme or is_url[0] != is_url[1]:
        words = "Its keys are for another way of signing: register it under another name."
        raise ProblemError(409, "OTHER_SCHEME", words)
    token = changed.fetch_token.get_secret_value() if changed.fetch_token else None
    settings = LimsSettings(verify=changed.verify, fetch=changed.fetch)
    await registered.change_lims(name, settings, fetch_token=token, by=known.name)
    return await _detail(name, registered)


@router.post("/{name}/keys", status_code=201, responses=documented(404, 409, 422))
async def add_key(name: LimsName, new: NewKey, registered: Book, known: Operator) -> KeyAdded:
    """Add a key; those before stay valid until they are retired."""
    settings = await _detail(name, registered)
    if _has_no_key(settings):
        words = "Its keys are those at its JWKS address, which are looked up by themselves."
        raise ProblemError(409, "KEYS_ARE_ELSEWHERE", words)
    given = new.key.get_secret_value() if new.key else None
    key = _checked(settings, given or _generated(settings))
    added = await registered.add_lims_key(name, key, by=known.name)
    return added if given else added.model_copy(update={"key": key})


@router.post("/{name}/keys/retire", responses=documented(404, 422))
async def retire_keys(name: LimsName, registered: Book, _: Operator) -> Retired:
    """End every key but the newest: what they sign is refused from now on."""
    await _detail(name, registered)
    return Retired(count=await registered.retire_older_keys(name))


@router.post("/{name}/fetches/retry", responses=documented(404, 422))
async def retry_fetches(name: LimsName, request: Request, registered: Book, _: Operator) -> Retired:
    """Fetch now what failed, was given up, or was refused and is allowed by now."""
    await _detail(name, registered)
    count = await registered.retry_fetches(name)
    request.app.state.fetch_soon()
    return Retired(count=count)


def _both(before: LimsSettings, after: LimsSettings) -> tuple[object, object]:
    return before.verify, after.verify


def _has_no_key(settings: LimsSettings) -> bool:
    return isinstance(settings.verify, BenchlingScheme) and settings.verify.jwks_url is not None


def _generated(settings: LimsSettings) -> str:
    if isinstance(settings.verify, BenchlingScheme):
        words = "Benchling's keys are its own: give `jwks_url`, or a key set as `key`."
        raise ProblemError(422, "INVALID_REQUEST", words)
    if isinstance(settings.verify, HmacScheme):
        return secrets.token_urlsafe(32)
    return generated_secret()


def _checked(settings: LimsSettings, key: str) -> str:
    try:
        keys_of(settings, "new", key)
    except KeyRefusedError as refused:
        raise ProblemError(422, "KEY_REFUSED", str(refused)) from refused
    return key


def _source(new: NewLims, request: Request) -> Source:
    if _has_no_key(new) and new.key:
        words = "A key set has one place: `jwks_url` or `key`, not both."
        raise ProblemError(422, "INVALID_REQUEST", words)
    try:
        settings = SourceSettings(
            layout=new.layout, timezone=new.timezone, site=new.site, owner=new.owner
        )
    except ValueError as error:
        raise ProblemError(422, "INVALID_REQUEST", _words(error)) from error
    return wanted_source(f"lims/{new.name}", settings, request)


def _words(error: ValueError) -> str:
    faults = error.errors() if hasattr(error, "errors") else []
    return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in faults)


async def _fits(source: Source, sources: Registry) -> None:
    known = await sources.source(source.name)
    if known is not None and known.registration != source.registration:
        words = f"Source {source.name!r} is registered otherwise: {known.registration}."
        raise ProblemError(409, "SOURCE_DIFFERS", words)


async def _same(name: str, settings: LimsSettings, given: str | None, registered: LimsBook) -> None:
    """Raise ProblemError where the LIMS is registered otherwise."""
    known = await registered.known(name)
    keys = {text for _, text in known.keys} if known else set()
    if known is not None and known.settings == settings and (given is None or given in keys):
        return
    words = f"LIMS {name!r} is registered otherwise: `lims change` and `lims rotate` change it."
    raise ProblemError(409, "LIMS_DIFFERS", words)


async def _detail(name: str, registered: LimsBook) -> LimsDetail:
    found = await registered.detail(name)
    if found is None:
        raise unknown_lims(name)
    return found
