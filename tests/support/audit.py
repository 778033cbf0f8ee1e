"""What tests ask of the audit trail."""

from __future__ import annotations

from typing import Any

import psycopg

from tests.support.stack import Servers


def ask(servers: Servers, query: str, *parameters: object, role: str = "lineage") -> list[Any]:
    with psycopg.connect(servers.dsn(role), autocommit=True) as connection:
        return connection.execute(query.encode(), parameters).fetchall()


def gaps(servers: Servers, stream: str) -> list[tuple[int, int]]:
    query = "SELECT first_missing, last_missing FROM audit.gap WHERE stream = %s"
    return sorted(ask(servers, query, stream))
