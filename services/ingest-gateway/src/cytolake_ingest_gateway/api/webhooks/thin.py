"""Thin events: what they point to, and what of it may be asked for. Pure.

Benchling names a resource by `message.resourceId` and its tenant by `baseURL`; others say `type`
and `data.id`. Which types are to be fetched, and from which addresses, an operator has said:
an event chooses among these and can name no other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import quote, urlsplit

BENCHLING_RESOURCES = {
    "v2.assayRun.*": "/api/v2/assay-runs/{id}",
    "v2.entity.*": "/api/v2/custom-entities/{id}",
    "v2.entry.*": "/api/v2/entries/{id}",
    "v2.request.*": "/api/v2/requests/{id}",
    "v2.workflowTask.*": "/api/v2/workflow-tasks/{id}",
    "v2.workflowOutput.*": "/api/v2/workflow-outputs/{id}",
}
"""Pattern of the event's type: path of the resource, as Benchling's API has them."""
_LONGEST_ID = 200


@dataclass(frozen=True, slots=True)
class Pointer:
    """A resource to fetch."""

    url: str
    resource: str
    """The end of its path: part of the name under which it is kept."""
    refusal: str | None = None
    """Why it is not fetched, in words."""


def pointer(body: bytes, base_urls: Sequence[str], resources: Mapping[str, str]) -> Pointer | None:
    """Return what the event points to; None where nothing of it is to be fetched."""
    event = _read(body)
    message = _mapping(event.get("message"))
    kind = message.get("type") or event.get("type")
    identity = message.get("resourceId") or _mapping(event.get("data")).get("id")
    path = _path(kind, resources)
    if path is None or not isinstance(identity, str | int):
        return None
    base = event.get("baseURL") or next(iter(base_urls), "")
    part = str(identity)
    filled = path.replace("{id}", quote(part, safe=""))
    url = f"{str(base).rstrip('/')}{filled}"
    resource = quote("-".join(filled.strip("/").split("/")[-2:]), safe="-_~.")
    return Pointer(url, resource[:_LONGEST_ID], _refusal(str(base), part, base_urls))


def is_allowed(url: str, base_urls: Sequence[str]) -> bool:
    """Tell whether the address lies below one of these."""
    asked = origin(url)
    if asked is None or {".", ".."} & set(urlsplit(url).path.split("/")):
        return False
    path = _folder(url)
    return any(origin(one) == asked and path.startswith(f"{_folder(one)}/") for one in base_urls)


def origin(url: str) -> tuple[str, str, int | None] | None:
    """Return scheme, host and port of an address that names nothing else; None otherwise."""
    try:
        parts = urlsplit(url)
        found = (parts.scheme, parts.hostname or "", parts.port)
    except ValueError:
        return None
    is_more = parts.username or parts.password or set(url) & set("?#\\") or not url.isascii()
    if parts.scheme not in {"http", "https"} or not parts.hostname or is_more:
        return None
    return found


def _refusal(base: str, identity: str, base_urls: Sequence[str]) -> str | None:
    if identity in {"", ".", ".."} or len(identity) > _LONGEST_ID:
        return f"The event's id {identity[:50]!r} cannot be part of an address."
    asked = origin(base)
    known = {(origin(one), _folder(one)) for one in base_urls}
    if asked is None or (asked, _folder(base)) not in known:
        return f"The event says {base[:100]!r}, and nothing may be fetched from there."
    return None


def _folder(url: str) -> str:
    return urlsplit(url).path.rstrip("/")


def _path(kind: object, resources: Mapping[str, str]) -> str | None:
    if not isinstance(kind, str):
        return None
    return next((path for one, path in resources.items() if fnmatchcase(kind, one)), None)


def _read(body: bytes) -> Mapping[str, Any]:
    try:
        return _mapping(json.loads(body))
    except (ValueError, RecursionError):
        return {}


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
