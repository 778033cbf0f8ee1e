"""LIMS, their keys and webhooks in PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from cytolake_ingest_gateway.api.adapters.registry import source_added
from cytolake_ingest_gateway.api.source_models import Source
from cytolake_ingest_gateway.api.webhooks.models import (
    FetchLine,
    KeyAdded,
    KeyLine,
    Lims,
    LimsDetail,
    LimsSettings,
    told,
)
from cytolake_ingest_gateway.api.webhooks.ports import Claim, Held, Known, NewSecrets
from cytolake_ingest_gateway.api.webhooks.thin import Pointer
from cytolake_runtime.database import Connection, Database

_VALID = "lims = l.name AND purpose = 'verify' AND retired_at IS NULL"
_KNOWN = f"""
SELECT l.name, l.verify, l.fetching AS fetch, coalesce((
  SELECT jsonb_agg(jsonb_build_array(key_id, value) ORDER BY added_at DESC)
  FROM intake_secret.lims_key WHERE {_VALID}), '[]') AS keys
FROM intake.lims l WHERE name = %(name)s
"""  # noqa: S608 - a condition of ours
_ALL = """
SELECT l.*, l.fetching AS fetch, 'lims/' || name AS source, '/v1/webhooks/' || name AS webhook_path,
  (SELECT max(claimed_at) FROM intake.webhook w WHERE w.lims = l.name) AS last_webhook_at
FROM intake.lims l WHERE %(name)s::text IS NULL OR name = %(name)s ORDER BY name
"""
_KEYS = """
SELECT key_id, added_by, added_at, retired_at FROM intake_secret.lims_key
WHERE lims = %(name)s AND purpose = 'verify' ORDER BY added_at DESC
"""
_WEBHOOKS = """
SELECT count(stored_at) AS stored, count(*) - count(stored_at) AS unfinished
FROM intake.webhook WHERE lims = %(name)s
"""
_FETCHES = (
    "SELECT state, count(*) AS n FROM intake.resource_fetch WHERE lims = %(name)s GROUP BY state"
)
_TROUBLED = """
SELECT url, state, attempts, message, next_at, key FROM intake.resource_fetch
WHERE lims = %(name)s AND state <> 'stored' AND message IS NOT NULL
ORDER BY fetch_id DESC LIMIT 20
"""
_ADD = """
INSERT INTO intake.lims (name, verify, fetching, added_by)
VALUES (%(name)s, %(verify)s, %(fetch)s, %(by)s) ON CONFLICT (name) DO NOTHING RETURNING name
"""
_ADD_KEY = """
INSERT INTO intake_secret.lims_key (lims, purpose, value, added_by)
VALUES (%(name)s, %(purpose)s, %(value)s, %(by)s) RETURNING key_id
"""
_CHANGE = """
UPDATE intake.lims SET verify = %(verify)s, fetching = %(fetch)s, updated_at = now()
WHERE name = %(name)s RETURNING name
"""
_RETIRE = """
UPDATE intake_secret.lims_key k SET retired_at = now()
WHERE lims = %(name)s AND purpose = %(purpose)s AND retired_at IS NULL AND EXISTS (
  SELECT FROM intake_secret.lims_key n WHERE n.lims = k.lims AND n.purpose = k.purpose
    AND n.retired_at IS NULL AND n.added_at > k.added_at)
RETURNING key_id
"""
_COUNT = f"SELECT count(*) AS n FROM intake_secret.lims_key, intake.lims l WHERE l.name = %(name)s AND {_VALID}"  # noqa: S608, E501
_RETRY = """
UPDATE intake.resource_fetch SET state = 'waiting', next_at = now(), attempts = 0
WHERE lims = %(name)s AND state <> 'stored' AND message IS NOT NULL
RETURNING fetch_id
"""
_CLAIM = """
INSERT INTO intake.webhook (lims, webhook_id, key, content_sha256, key_id, sent_at)
VALUES (%(lims)s, %(webhook_id)s, %(key)s, %(content_sha256)s, %(key_id)s, %(sent_at)s)
ON CONFLICT (lims, webhook_id) DO NOTHING
"""
_HOLD = """
SELECT * FROM intake.webhook WHERE lims = %(lims)s AND webhook_id = %(webhook_id)s FOR UPDATE
"""
_TAKE_OVER = """
UPDATE intake.webhook SET key = %(key)s, content_sha256 = %(content_sha256)s
WHERE lims = %(lims)s AND webhook_id = %(webhook_id)s
"""
_STORED = """
UPDATE intake.webhook SET stored_at = now(), object_id = %(object_id)s
WHERE lims = %(lims)s AND webhook_id = %(webhook_id)s
"""
_FETCH = """
INSERT INTO intake.resource_fetch (lims, webhook_id, url, resource, state, message)
VALUES (%(lims)s, %(webhook_id)s, %(url)s, %(resource)s, %(state)s, %(message)s)
ON CONFLICT (lims, webhook_id) DO NOTHING
"""
Row = dict[str, Any]


class PostgresLims:
    """Ports `LimsBook` and `Deliveries`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def known(self, name: str) -> Known | None:
        (found,) = await self._ask((_KNOWN, {"name": name}))
        if not found:
            return None
        keys = tuple((key_id, text) for key_id, text in found[0].pop("keys"))
        return Known(name, LimsSettings(verify=found[0]["verify"], fetch=found[0]["fetch"]), keys)

    async def all_lims(self) -> list[Lims]:
        (found,) = await self._ask((_ALL, {"name": None}))
        return [Lims(**row) for row in found]

    async def detail(self, name: str) -> LimsDetail | None:
        asked = {"name": name}
        queries = (_ALL, _KEYS, _WEBHOOKS, _FETCHES, _TROUBLED)
        found, keys, webhooks, fetches, troubled = await self._ask(*((q, asked) for q in queries))
        if not found:
            return None
        return LimsDetail(
            **found[0],
            keys=[KeyLine(**row) for row in keys],
            stored_webhooks=webhooks[0]["stored"],
            unfinished_webhooks=webhooks[0]["unfinished"],
            fetches={row["state"]: row["n"] for row in fetches},
            troubled_fetches=[FetchLine(**row) for row in troubled],
        )

    async def add_lims(
        self, name: str, settings: LimsSettings, source: Source, secrets: NewSecrets, *, by: str
    ) -> bool:
        async with self._database.transaction() as connection:
            asked = _kept(name, settings) | {"by": by}
            if not await _rows(connection, _ADD, asked):
                return False
            await source_added(connection, source)
            for purpose, value in (("verify", secrets.key), ("fetch", secrets.fetch_token)):
                if value is not None:
                    await _rows(connection, _ADD_KEY, _key(name, purpose, value, by))
        return True

    async def change_lims(
        self, name: str, settings: LimsSettings, *, fetch_token: str | None, by: str
    ) -> bool:
        async with self._database.transaction() as connection:
            changed = await _rows(connection, _CHANGE, _kept(name, settings))
            if changed and fetch_token is not None:
                await _rows(connection, _ADD_KEY, _key(name, "fetch", fetch_token, by))
                await _rows(connection, _RETIRE, {"name": name, "purpose": "fetch"})
        return bool(changed)

    async def add_lims_key(self, name: str, key: str, *, by: str) -> KeyAdded:
        added, valid = await self._ask(
            (_ADD_KEY, _key(name, "verify", key, by)), (_COUNT, {"name": name})
        )
        return KeyAdded(key_id=added[0]["key_id"], valid_keys=valid[0]["n"])

    async def retire_older_keys(self, name: str) -> int:
        (ended,) = await self._ask((_RETIRE, {"name": name, "purpose": "verify"}))
        return len(ended)

    async def retry_fetches(self, name: str) -> int:
        (found,) = await self._ask((_RETRY, {"name": name}))
        return len(found)

    @asynccontextmanager
    async def held(self, claim: Claim) -> AsyncIterator[Held]:
        row = {field: getattr(claim, field) for field in Claim.__slots__}
        async with self._database.transaction() as connection:
            await connection.execute(_CLAIM, row)
        async with self._database.transaction() as connection:
            (found,) = await _rows(connection, _HOLD, row)
            yield _HeldRow(connection, found)

    async def _ask(self, *queries: tuple[str, Row]) -> list[list[Row]]:
        """Ask one after the other in one transaction."""
        async with self._database.transaction() as connection:
            return [await _rows(connection, query, asked) for query, asked in queries]


class _HeldRow:
    """Port `Held`: lives as long as the transaction that locked the row."""

    def __init__(self, connection: Connection, row: Row) -> None:
        self._connection, self._row = connection, row

    @property
    def key(self) -> str:
        return str(self._row["key"])

    @property
    def content_sha256(self) -> str:
        return str(self._row["content_sha256"])

    @property
    def is_stored(self) -> bool:
        return self._row["stored_at"] is not None

    @property
    def object_id(self) -> UUID | None:
        found: UUID | None = self._row["object_id"]
        return found

    async def take_over(self, key: str, content_sha256: str) -> None:
        self._row |= {"key": key, "content_sha256": content_sha256}
        await self._connection.execute(_TAKE_OVER, self._row)

    async def mark_stored(self, object_id: UUID | None, pointer: Pointer | None) -> None:
        row = self._row | {"object_id": object_id}
        await self._connection.execute(_STORED, row)
        if pointer is not None:
            state = "refused" if pointer.refusal else "waiting"
            asked = row | {"url": pointer.url, "resource": pointer.resource}
            await self._connection.execute(
                _FETCH, asked | {"state": state, "message": pointer.refusal}
            )


def _kept(name: str, settings: LimsSettings) -> Row:
    parts = told(settings)
    fetch = parts["fetch"]
    return {
        "name": name,
        "verify": Jsonb(parts["verify"]),
        "fetch": None if fetch is None else Jsonb(fetch),
    }


def _key(name: str, purpose: str, value: str, by: str) -> Row:
    return {"name": name, "purpose": purpose, "value": value, "by": by}


async def _rows(connection: Connection, query: str, asked: Row) -> list[Row]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query.encode(), asked)
        return await cursor.fetchall()
