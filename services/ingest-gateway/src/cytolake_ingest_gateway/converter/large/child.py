"""`python -m …converter.large.child REQUEST`: one COPY, from standard input to one file.

A process of its own, without the parsers that the fork server holds. It reads the request,
gives up everything but its input and its folder, runs the statement, and says in one line of
JSON what came of it. DuckDB itself is told the same: no other file, no extension, no setting.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import duckdb

from cytolake_ingest_gateway.converter.large.literals import UCUM, text
from cytolake_ingest_gateway.converter.sandbox import landlock, seccomp
from cytolake_ingest_gateway.converter.sandbox.confine import Confinement, Limits, leave_the_parent
from cytolake_ingest_gateway.converter.units import unit_of

SOURCE = "/dev/stdin"
REJECTS = (
    "SELECT line, column_idx, CAST(error_type AS VARCHAR), csv_line FROM reject_errors "
    "ORDER BY line, column_idx"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What the child is told: `statement` writes into `folder`, sizes are bytes."""

    statement: str
    folder: str
    memory_bytes: int
    address_space_bytes: int
    output_bytes: int
    threads: int
    cpu_seconds: int
    wall_seconds: float


def main(request: Path) -> None:
    """Do the work and say how it went."""
    work = Work(**json.loads(request.read_text()))
    os.environ.clear()
    limits = Limits(
        address_space_bytes=work.address_space_bytes,
        cpu_seconds=work.cpu_seconds,
        wall_seconds=work.wall_seconds,
    )
    leave_the_parent(limits, file_bytes=work.output_bytes)
    db = _database(work)
    status = _status()
    abi = landlock.restrict(landlock.readable_paths(), writable=(work.folder,))
    confinement = Confinement(landlock_abi=abi, seccomp=seccomp.restrict())
    answer = _done(db, work.statement) | {
        "is_confined": confinement.is_full,
        "peak_kib": _peak_kib(status),
    }
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
    os._exit(0)


def _database(work: Work) -> duckdb.DuckDBPyConnection:
    db = duckdb.connect(
        config={
            "threads": work.threads,
            "memory_limit": f"{work.memory_bytes}B",
            "temp_directory": "",
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
        }
    )
    db.create_function(UCUM, _ucum, ["VARCHAR"], "VARCHAR")
    for statement in (
        "SET TimeZone = 'UTC'",
        f"SET allowed_paths = [{text(SOURCE)}]",
        f"SET allowed_directories = [{text(work.folder)}]",
        "SET enable_external_access = false",
        "SET lock_configuration = true",
    ):
        db.execute(statement)
    return db


def _status() -> BinaryIO | None:
    """Open what tells of this process: later, /proc is out of reach."""
    path = Path("/proc/self/status")
    return path.open("rb") if path.exists() else None


def _peak_kib(status: BinaryIO | None) -> int:
    # Not getrusage: its greatest memory is handed down by the process that started this one.
    lines = status.read().splitlines() if status is not None else ()
    return next((int(line.split()[1]) for line in lines if line.startswith(b"VmHWM")), 0)


def _ucum(unit: str) -> str | None:
    found = unit_of(unit)
    return found.ucum if found else None


def _done(db: duckdb.DuckDBPyConnection, statement: str) -> dict[str, Any]:
    try:
        written = db.execute(statement).fetchone()
        rejects = db.execute(REJECTS).fetchall()
    except (duckdb.OutOfMemoryException, MemoryError):
        return {"outcome": "memory"}
    except (duckdb.Error, OSError) as error:
        return {"outcome": "failed", "message": str(error)[:2000]}
    return {"outcome": "read", "rows": written[0] if written else 0, "rejects": rejects}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
