"""Ask the servers that the api needs whether they answer."""

from __future__ import annotations

import psycopg
from botocore.exceptions import ClientError

from cytolake_runtime import ObjectMissingError, Retryable
from cytolake_runtime.database import Database
from cytolake_runtime.store import ObjectStore

_FORBIDDEN = 403
_TABLES = "SELECT FROM intake.source, intake.resource_fetch, intake_secret.lims_key LIMIT 1"
"""The first and the last that intake makes."""


class Probes:
    """Real requests, not connections that happen to be open."""

    def __init__(self, database: Database, store: ObjectStore, *, bucket: str) -> None:
        self._database, self._store, self._bucket = database, store, bucket

    async def faults(self) -> dict[str, str]:
        """Return what does not answer, with why; nothing when all is well."""
        told = {"postgres": await self._postgres(), "store": await self._object_store()}
        return {name: fault for name, fault in told.items() if fault}

    async def _postgres(self) -> str | None:
        try:
            async with self._database.transaction() as connection:
                await connection.execute(_TABLES)
        except Retryable as error:
            return str(error)
        except psycopg.errors.UndefinedTable:
            return "intake has not made its tables yet"
        except psycopg.errors.InsufficientPrivilege:
            return "intake has not granted its tables yet"
        return None

    async def _object_store(self) -> str | None:
        try:
            await self._store.head(self._bucket, "ready?")
        except ObjectMissingError:
            return None
        except Retryable as error:
            return str(error)
        except PermissionError:
            return None  # refused by name, so it answers
        except ClientError as error:
            # The api's key may only put: a store that refuses the HEAD knows the key, and answers.
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            return None if status == _FORBIDDEN else str(error)
        return None
