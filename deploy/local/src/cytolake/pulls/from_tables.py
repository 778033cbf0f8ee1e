"""Tables of a PostgreSQL database, each as one CSV: the same rows, the same bytes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import SplitResult

import psycopg
from psycopg import sql

from cytolake.errors import StackError
from cytolake.pulls.elsewhere import Access, ElsewhereError
from cytolake_watch.folder import Seen

COLUMNS = """
select a.attname, coalesce(a.attnum = any (i.indkey), false)
from pg_catalog.pg_attribute as a
left join pg_catalog.pg_index as i on i.indrelid = a.attrelid and i.indisprimary
where a.attrelid = to_regclass(%s) and a.attnum > 0 and not a.attisdropped
order by a.attnum
"""


class Tables:
    """Tables or views that are read whole, in one read-only transaction each."""

    is_atomic = True

    def __init__(self, address: SplitResult, access: Access) -> None:
        """Connect; raise ElsewhereError when the database refuses."""
        if not access.tables:
            raise StackError("which table? --table SCHEMA.NAME, may be repeated")
        self._tables = access.tables
        try:
            self._db = psycopg.connect(
                address.geturl(),
                password=access.password,
                connect_timeout=10,
                application_name="cytolake pull",
                options="-c default_transaction_read_only=on -c datestyle=ISO -c timezone=UTC",
            )
        except psycopg.Error as error:
            raise ElsewhereError(f"the database refuses or is not there: {error}") from error

    def listed(self) -> Iterator[Seen]:
        """Yield one file a table. When it changed is not known: the rows themselves tell."""
        for table in self._tables:
            yield Seen(f"{table}.csv", 1, time.time_ns())

    def fetch(self, path: str, target: Path) -> None:
        """Write a table as CSV with a header, sorted, times in UTC."""
        table = path.removesuffix(".csv")
        try:
            with (
                self._db.transaction(),
                target.open("wb") as file,
                self._db.cursor().copy(self._query(table)) as rows,
            ):
                file.writelines(rows)
        except psycopg.Error as error:
            raise ElsewhereError(f"{table} cannot be read: {error}".strip()) from error

    def _query(self, table: str) -> sql.Composed:
        name = sql.Identifier(*table.split("."))
        found = self._db.execute(COLUMNS, [name.as_string(self._db)]).fetchall()
        if not found:
            raise ElsewhereError(f"there is no table {table!r}, or this user may not see it")
        keys = [column for column, is_key in found if is_key] or [column for column, _ in found]
        order = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(one)) for one in keys)
        query = sql.SQL("copy (select * from {} order by {}) to stdout (format csv, header)")
        return query.format(name, order)

    def close(self) -> None:
        """End the connection."""
        self._db.close()
