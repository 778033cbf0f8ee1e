"""`cytolake bench --large`: a CSV of gigabytes beside DuckDB's bare COPY of the same file.

The file is read from disk as the converter reads it from the store (hashed, streamed into its
confined child), in rounds that alternate with the bare COPY at the same number of threads. Then it
goes through a stack of its own, for the memory of every service that it passes.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from cytolake.bench_large_stack import Peak
from cytolake.synthetic.process import PROCESS, process_csv
from cytolake_contracts import FileRef, SourceRef
from cytolake_contracts.layouts import load_layouts
from cytolake_ingest_gateway.converter.large.reader import Budget
from cytolake_ingest_gateway.converter.large.streamed import Read, Request, read_large

GIGABYTE = 1_000_000_000
CHUNK = 1_048_576
ROUNDS = 5
SMALLER = 10
"""Memory is compared with that of a file so many times smaller."""
TIMES, MIB, GROWTH = 1.25, 512, 1.1
"""What is asked for."""
BARE = """
import duckdb, sys
db = duckdb.connect(config={"threads": int(sys.argv[3])})
db.execute("SET enable_progress_bar = false")
db.execute(f"COPY (FROM read_csv('{sys.argv[1]}')) TO '{sys.argv[2]}' (FORMAT parquet)")
"""
Through = Callable[[Path, Path], Mapping[str, Peak]]
"""Sends a file of a tenth and the whole one through a stack; returns its services' memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LargeReport:
    """Medians over the rounds; memory is the reading child's greatest resident set."""

    bytes: int
    rows: int
    threads: int
    bare_copy_seconds: float
    conversion_seconds: float
    times_bare_copy: float
    peak_mib: float
    peak_mib_of_a_tenth: float
    services: dict[str, dict[str, float]]
    goals: dict[str, bool]


def measure_large(
    gigabytes: float, progress: Callable[[str], None], through: Through
) -> LargeReport:
    """Write the synthetic file, read it both ways, send it through a stack, and delete it."""
    budget = Budget()
    with TemporaryDirectory(prefix="cytolake-bench-") as folder:
        place = Path(folder)
        small = _written(place / "tenth.csv", gigabytes / SMALLER)
        tenth = _read(small, place, budget)
        progress(f"{gigabytes:g} GB, {ROUNDS} rounds")
        path = _written(place / "whole.csv", gigabytes)
        _reference(path)  # its checksum is intake's work
        bare, ours, reads = [], [], []
        for _ in range(ROUNDS):
            bare.append(_timed(lambda: _bare(path, budget.threads)))
            ours.append(_timed(lambda: reads.append(_read(path, place, budget))))
        times = median(o / b for o, b in zip(ours, bare, strict=True))
        services = through(small, path)
        read = Peak(tenth=tenth.peak_kib / 1024, whole=max(r.peak_kib for r in reads) / 1024)
        return LargeReport(
            bytes=path.stat().st_size,
            rows=reads[-1].rows,
            threads=budget.threads,
            bare_copy_seconds=round(median(bare), 2),
            conversion_seconds=round(median(ours), 2),
            times_bare_copy=round(times, 2),
            peak_mib=round(read.whole, 1),
            peak_mib_of_a_tenth=round(read.tenth, 1),
            services={name: peak.as_dict() for name, peak in services.items()},
            goals=_goals(times, [read, *services.values()]),
        )


def _goals(times: float, peaks: Sequence[Peak]) -> dict[str, bool]:
    return {
        f"at most {TIMES} x the bare COPY": times <= TIMES,
        f"no process above {MIB} MiB": all(peak.whole <= MIB for peak in peaks),
        f"memory at most {GROWTH} x that of a tenth": all(
            peak.whole <= GROWTH * peak.tenth for peak in peaks
        ),
    }


def told(report: LargeReport) -> str:
    """Return the report as JSON."""
    return json.dumps({"large": asdict(report)}, indent=2)


def _written(path: Path, gigabytes: float) -> Path:
    with path.open("wb") as file:
        for piece in process_csv(int(gigabytes * GIGABYTE)):
            file.write(piece)
    return path


def _bare(path: Path, threads: int) -> None:
    command = [sys.executable, "-c", BARE, str(path), f"{path}.parquet", str(threads)]
    subprocess.run(command, check=True)


def _read(path: Path, folder: Path, budget: Budget) -> Read:
    work = folder / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()

    def stream(each: Callable[[bytes], None]) -> None:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                each(chunk)

    read = read_large(
        Request(
            file=_reference(path),
            layout=load_layouts()[str(PROCESS.layout)],
            ids={"object_id": "bench", "run_id": "bench", "run_no": 1},
            folder=work,
            stream=stream,
            progressed=lambda _: None,
            budget=budget,
        )
    )
    if not isinstance(read, Read):
        raise TypeError(f"the synthetic file is not read: {read.message}")
    return read


@cache
def _reference(path: Path) -> FileRef:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return FileRef.model_validate(
        {
            "bucket": "inbound",
            "key": f"{PROCESS.name}/{path.name}",
            "version_id": "v1",
            "etag": "bench",
            "object_seq": 1,
            "content_sha256": digest,
            "size_bytes": path.stat().st_size,
            "last_modified": "2026-03-01T00:00:00Z",
            "received_at": "2026-03-01T00:00:00Z",
            "source": SourceRef(name=PROCESS.name, site="main", timezone=PROCESS.timezone),
        }
    )


def _timed(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
