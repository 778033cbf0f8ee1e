"""Persons in the ledger, and whose key one is."""

from __future__ import annotations

import hashlib
from typing import Any

from psycopg.rows import dict_row

from cytolake_ingest_gateway.api.auth import Caller
from cytolake_ingest_gateway.api.people import NewPerson, Person
from cytolake_ingest_gateway.people import Role
from cytolake_runtime.database import Database

_CALLER = """
SELECT k.source, k.person, coalesce(p.roles, '{}') AS roles
FROM intake.api_key k LEFT JOIN intake.person p ON p.name = k.person
WHERE k.key_sha256 = %(key)s AND k.revoked_at IS NULL AND p.revoked_at IS NULL
"""
_ALL = "SELECT * FROM intake.person ORDER BY name"
_ADD = """
INSERT INTO intake.person (name, roles, added_by) VALUES (%(name)s, %(roles)s, %(by)s)
ON CONFLICT (name) DO NOTHING RETURNING *
"""
_KEY = """
INSERT INTO intake.api_key (key_sha256, person, label)
VALUES (%(key)s, %(name)s, 'a person''s') RETURNING person
"""
_REVOKE = """
UPDATE intake.person SET revoked_by = coalesce(revoked_by, %(by)s),
  revoked_at = coalesce(revoked_at, now())
WHERE name = %(name)s RETURNING *
"""
_REVOKE_KEYS = """
UPDATE intake.api_key SET revoked_at = coalesce(revoked_at, now())
WHERE person = %(name)s RETURNING person
"""
Row = dict[str, Any]


class PostgresPeople:
    """Ports `People` and `Keys`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def caller(self, key_sha256: str) -> Caller | None:
        (found,) = await self._rows((_CALLER, {"key": key_sha256}))
        if not found:
            return None
        roles = frozenset(map(Role, found[0]["roles"]))
        return Caller(source=found[0]["source"], person=found[0]["person"], roles=roles)

    async def people(self) -> list[Person]:
        (found,) = await self._rows((_ALL, {}))
        return [Person(**row) for row in found]

    async def add_person(self, new: NewPerson, *, by: str, api_key: str) -> Person | None:
        row = {"name": new.name, "roles": sorted(new.roles), "by": by}
        async with (
            self._database.transaction() as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            added = await (await cursor.execute(_ADD, row)).fetchone()
            if added is None:
                return None
            key = hashlib.sha256(api_key.encode()).hexdigest()
            await cursor.execute(_KEY, {"key": key, "name": new.name})
        return Person(**added)

    async def revoke(self, name: str, *, by: str) -> Person | None:
        asked = {"name": name, "by": by}
        found, _ = await self._rows((_REVOKE, asked), (_REVOKE_KEYS, asked))
        return Person(**found[0]) if found else None

    async def _rows(self, *queries: tuple[str, Row]) -> list[list[Row]]:
        """Ask one after the other in one transaction."""
        async with (
            self._database.transaction() as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            return [
                await (await cursor.execute(query.encode(), asked)).fetchall()
                for query, asked in queries
            ]
