"""Register a source: at the gateway, and with a key for its own part of the inbound bucket."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from typing import Any

import httpx

from cytolake.blueprint import Blueprint, StoreKind
from cytolake.client import sentence_of
from cytolake.credentials import S3Key
from cytolake.errors import StackError
from cytolake.provision.policies import put_only
from cytolake_contracts.identity import LIMS


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSettings:
    """Who a source is and how its files are to be read; None leaves it to the gateway."""

    vendor: str | None = None
    layout: str | None = None
    timezone: str | None = None
    site: str | None = None
    instrument: str | None = None
    owner: str | None = None
    file_names: tuple[str, ...] | None = None
    freshness_hours: float | None = None

    def given(self) -> dict[str, Any]:
        """Return what was said."""
        said = {name: getattr(self, name) for name in SETTINGS}
        return {name: value for name, value in said.items() if value is not None}


SETTINGS = tuple(field.name for field in fields(SourceSettings))


@dataclass(frozen=True, slots=True)
class AddedSource:
    """A source as registered. Its keys are told once: None when it was there before."""

    source: dict[str, Any]
    api_key: str | None
    s3_key: S3Key | None

    def as_data(self) -> dict[str, Any]:
        """Return what `source add --json` prints."""
        key = self.s3_key
        return self.source | {
            "api_key": self.api_key,
            "s3_access_key": key.access_key if key else None,
            "s3_secret_key": key.secret_key if key else None,
        }


def add_source(blueprint: Blueprint, name: str, settings: SourceSettings) -> AddedSource:
    """Register a source, or find it registered just so; raise StackError when it is refused."""
    answer = _ask(blueprint, "POST", json={"name": name, **settings.given()})
    api_key = answer.pop("api_key", None)
    return AddedSource(answer, api_key, _make_s3_key(blueprint, name))


def list_sources(blueprint: Blueprint) -> list[dict[str, Any]]:
    """Return every registered source."""
    sources: list[dict[str, Any]] = _ask(blueprint, "GET")["sources"]
    return sources


def show_source(blueprint: Blueprint, name: str) -> dict[str, Any]:
    """Return one source with its known shapes; raise StackError when there is none."""
    return _ask(blueprint, "GET", f"/{name}")


def change_source(
    blueprint: Blueprint, name: str, settings: SourceSettings, *, cleared: Collection[str] = ()
) -> dict[str, Any]:
    """Change what is given and take away what is named; the rest stays as it is."""
    unknown = sorted(set(cleared) - set(SETTINGS))
    if unknown:
        raise StackError(
            f"{unknown[0]!r} is nothing that a source has; it has {', '.join(SETTINGS)}"
        )
    known = show_source(blueprint, name)
    given = settings.given()
    # One of the two says how files are read: the one takes the other's place.
    cleared = {*cleared, *({"layout"} if given.get("vendor") else ())}
    cleared |= {"vendor"} if given.get("layout") else set()
    kept = {field: known[field] for field in SETTINGS if field not in cleared}
    return _ask(blueprint, "PUT", f"/{name}", json=kept | given)


def check_source(blueprint: Blueprint, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return what registering this would do; raise StackError when it would be refused."""
    return _ask(blueprint, "POST", "/check", json=dict(wanted))


def register_source(blueprint: Blueprint, wanted: Mapping[str, Any], outcome: str) -> AddedSource:
    """Do what a check said: register the source, or set it to what is wanted."""
    settings = {name: value for name, value in wanted.items() if name != "name"}
    if outcome == "new":
        answer = _ask(blueprint, "POST", json=dict(wanted))
        api_key = answer.pop("api_key", None)
        return AddedSource(answer, api_key, _make_s3_key(blueprint, wanted["name"]))
    return AddedSource(_ask(blueprint, "PUT", f"/{wanted['name']}", json=settings), None, None)


def _make_s3_key(blueprint: Blueprint, name: str) -> S3Key | None:
    """Make the source's key, put below its own prefix and nothing else, if it has none yet."""
    file = blueprint.home.root / "source-keys.json"
    known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    if name in known:
        return None
    # MinIO's and S3's libraries take a third of a second to import, on every command.
    from cytolake.provision import minio, seaweedfs  # noqa: PLC0415

    key = S3Key.generated()
    store = minio if blueprint.store is StoreKind.MINIO else seaweedfs
    # No source is written in capitals, and no store takes a slash in the name of a policy.
    user = f"source-{name.replace(LIMS, 'LIMS-')}"
    store.add_user(blueprint, user, key, put_only(f"{name}/"))
    known[name] = key.access_key
    blueprint.home.write_private(file, json.dumps(known, indent=2) + "\n")
    return key


def _ask(
    blueprint: Blueprint,
    method: str,
    path: str = "",
    **arguments: Any,  # noqa: ANN401
) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {blueprint.credentials.operator_api_key}"}
    url = f"{blueprint.gateway_url}/v1/sources{path}"
    try:
        answer = httpx.request(method, url, headers=headers, timeout=30, **arguments)
    except httpx.TransportError as error:
        raise StackError(f"the gateway does not answer at {url}: run `cytolake up`") from error
    if answer.is_error:
        raise StackError(f"the gateway refused: {sentence_of(answer)}")
    told: dict[str, Any] = answer.json()
    return told
