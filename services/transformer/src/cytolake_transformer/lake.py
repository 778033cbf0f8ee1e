"""The raw zone of the lake: DuckLake's raw tables, written by this process alone."""

# ruff: noqa: S608 - names are constants, every value goes through `text` or a parameter

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields
from typing import Any

import duckdb

from cytolake_contracts.datasets import DatasetContract
from cytolake_runtime import Retryable
from cytolake_transformer import tables
from cytolake_transformer.builds import Load, Part
from cytolake_transformer.duck import Catalog, Store, connect, detach, read_as, text
from cytolake_transformer.outages import is_outage
from cytolake_transformer.touched import Known, datasets_of
from cytolake_transformer.writer import WriterLock

COLUMNS = tuple(field.name for field in fields(Load))


class RowsDifferError(Exception):
    """A run's Parquet object does not hold as many rows as was said of it."""


class DuckLake:
    """Port `Lake` on DuckLake; every call in one and the same thread."""

    def __init__(
        self,
        catalog: Catalog,
        store: Store | None,
        contracts: Iterable[DatasetContract],
        *,
        lock: WriterLock | None = None,
    ) -> None:
        """Prepare; nothing is opened yet."""
        self._catalog = catalog
        self._store = store
        self._contracts = {c.name: c for c in contracts if c.zone == "raw"}
        self._lock = lock
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._last_build = 0

    def open(self) -> None:
        """Become the writer, attach the lake, make its raw tables; raise Retryable."""
        with self.ready() as db:
            with self._transaction("the raw zone"):  # at once: a commit costs more than a table
                _each(db, tables.statements(self._contracts.values()))
                there = db.execute(tables.EXISTING).fetchall()
                _each(db, tables.expansions(self._contracts.values(), there))
            if self._catalog.path.startswith("ducklake:postgres:"):
                schema = self._catalog.schema
                _each(db, (*tables.INLINED, *tables.catalog_indexes(schema), *tables.pins(schema)))
            self._last_build = _number(db, tables.LAST_BUILD)

    def close(self) -> None:
        """Let go of the lake, and of being its writer."""
        if self._connection is not None:
            detach(self._connection)
            self._connection.close()
            self._connection = None
        if self._lock is not None:
            self._lock.release()

    def known(self, loads: Sequence[Load]) -> Known:
        if not loads:
            return Known()
        with self.ready() as db:
            keys, files = {load.key for load in loads}, _literals(load.file_key for load in loads)
            found = db.execute(
                "SELECT object_id, run_no, build_no, retracted, file_key,"
                " list_concat([dataset], [other.dataset for other in others])"
                f" FROM lake.raw.load WHERE file_key IN ({files})"
            ).fetchall()
            objects: dict[str, set[str]] = {}
            for row in found:
                for dataset in row[-1]:
                    objects.setdefault(dataset, set()).add(row[0])
            wanted = {(o, n): b for o, n, b, out, *_ in found if not out and (o, n) in keys}
            marked = _marked(db, wanted.values())
            return Known(
                builds={key: build for key, build in wanted.items() if build in marked},
                files=frozenset(row[4] for row in found),
                objects={dataset: frozenset(ids) for dataset, ids in objects.items()},
            )

    def unfinished(self) -> tuple[Load, ...]:
        with self.ready() as db:
            rows = db.execute(
                f"SELECT {', '.join(COLUMNS)} FROM lake.raw.load AS loads"
                " ANTI JOIN lake.raw.build AS builds ON loads.build_no = builds.build_no"
                " ORDER BY object_id, run_no"
            ).fetchall()
            return tuple(map(_load, rows))

    def take_in(self, loads: Sequence[Load]) -> int:
        with self._transaction(f"raw rows of {len(loads)} runs") as db:
            self._delete_raw(db, self._present(db, loads))
            read_as(db, rows=sum(part.rows for load in loads for part in load.parts))
            for dataset in datasets_of(loads):
                self._insert_raw(db, dataset, _parts(loads, dataset))
            return self._record(db, loads)

    def retract(self, loads: Sequence[Load]) -> int:
        with self._transaction(f"{len(loads)} runs retracted") as db:
            db.execute(f"DELETE FROM lake.raw.load WHERE {_these(loads)}")
            return self._record(db, loads)

    def forget(self, loads: Sequence[Load]) -> None:
        with self._transaction(f"raw rows of {len(loads)} retracted runs deleted") as db:
            for dataset in datasets_of(loads):
                db.execute(f'DELETE FROM lake.raw."{dataset}" WHERE {_these(loads)}')

    def finish(self, build_no: int) -> None:
        with self.ready() as db:
            db.execute("INSERT INTO lake.raw.build VALUES (?, now())", [build_no])

    def next_build(self) -> int:
        """Return the number of a new build; none is used twice, not even after a rollback."""
        self._last_build += 1
        return self._last_build

    def snapshot(self) -> int:
        with self.ready() as db:
            return _number(db, "SELECT id FROM lake.current_snapshot()")

    def _present(self, db: duckdb.DuckDBPyConnection, loads: Sequence[Load]) -> list[Load]:
        ids = _literals(load.object_id for load in loads)
        rows = db.execute(
            f"SELECT object_id, run_no FROM lake.raw.load WHERE object_id IN ({ids})"
        ).fetchall()
        return [load for load in loads if load.key in set(rows)]

    def _delete_raw(self, db: duckdb.DuckDBPyConnection, loads: Sequence[Load]) -> None:
        if not loads:
            return
        for table in ("load", *datasets_of(loads)):
            db.execute(f'DELETE FROM lake.raw."{table}" WHERE {_these(loads)}')

    def _insert_raw(
        self, db: duckdb.DuckDBPyConnection, dataset: str, parts: Sequence[Part]
    ) -> None:
        columns = ", ".join(f'"{name}"' for name in self._contracts[dataset].column_names)
        files = _literals(part.parquet_path for part in parts)
        expected = sum(part.rows for part in parts)
        inserted = db.execute(
            f'INSERT INTO lake.raw."{dataset}" ({columns})'
            f" SELECT {columns} FROM read_parquet([{files}])"
        ).fetchall()[0][0]
        if inserted != expected:
            raise RowsDifferError(f"{inserted} rows of {dataset} where {expected} were announced")

    def _record(self, db: duckdb.DuckDBPyConnection, loads: Sequence[Load]) -> int:
        build_no = self.next_build()
        marks = ", ".join("?" for _ in range(len(COLUMNS) + 1))
        rows = ", ".join(f"({marks})" for _ in loads)
        values = [value for load in loads for value in (build_no, *_values(load))]
        db.execute(
            f"INSERT INTO lake.raw.load (build_no, {', '.join(COLUMNS)}) VALUES {rows}", values
        )
        return build_no

    @contextmanager
    def ready(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give the connection while we are the lake's writer."""
        if self._lock is not None:
            self._lock.hold()
        with _outages():
            if self._connection is None:
                self._connection = connect(self._catalog, self._store)
            yield self._connection

    @contextmanager
    def _transaction(self, why: str) -> Iterator[duckdb.DuckDBPyConnection]:
        with self.ready() as db:
            db.execute("BEGIN")
            try:
                yield db
                db.execute(f"CALL lake.set_commit_message('transformer', {text(why)})")
                db.execute("COMMIT")
            except BaseException:
                _rollback(db)
                raise


@contextmanager
def _outages() -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        if is_outage(str(error)):
            raise Retryable(f"the lake is out of reach: {error}") from error
        raise


def _marked(db: duckdb.DuckDBPyConnection, builds: Collection[int]) -> set[int]:
    """Return those of the builds that are done."""
    if not builds:
        return set()
    numbers = ", ".join(map(str, sorted(set(builds))))
    query = f"SELECT build_no FROM lake.raw.build WHERE build_no IN ({numbers})"
    return {build for (build,) in db.execute(query).fetchall()}


def _parts(loads: Sequence[Load], dataset: str) -> list[Part]:
    return [part for load in loads for part in load.parts if part.dataset == dataset]


def _values(load: Load) -> list[Any]:
    """Return the run as a row of `raw.load`, in the order of COLUMNS."""
    told = {name: getattr(load, name) for name in COLUMNS}
    return list((told | {"others": [asdict(part) for part in load.others]}).values())


def _load(row: Sequence[Any]) -> Load:
    told = dict(zip(COLUMNS, row, strict=True))
    return Load(**(told | {"others": tuple(Part(**part) for part in told["others"] or ())}))


def _each(db: duckdb.DuckDBPyConnection, statements: Iterable[str]) -> None:
    for statement in statements:
        db.execute(statement)


def _number(db: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(db.execute(query).fetchall()[0][0])


def _rollback(db: duckdb.DuckDBPyConnection) -> None:
    try:
        db.execute("ROLLBACK")
    except duckdb.Error:
        return  # nothing was open: what failed was the commit


def _these(loads: Sequence[Load]) -> str:
    """Say which rows are the runs'; the first part alone lets DuckLake pass over data files."""
    ids = _literals(load.object_id for load in loads)
    pairs = ", ".join(f"({text(load.object_id)}, {load.run_no})" for load in loads)
    return f"object_id IN ({ids}) AND (object_id, run_no) IN ({pairs})"


def _literals(values: Iterable[Any]) -> str:
    return ", ".join(text(value) for value in values)
