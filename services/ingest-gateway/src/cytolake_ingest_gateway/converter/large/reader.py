"""The parent's side: one DuckDB child per file, fed by its standard input, and judged."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Literal

from cytolake_ingest_gateway.converter.large.child import Work
from cytolake_ingest_gateway.converter.large.words import Reject, once_each

CHILD = "cytolake_ingest_gateway.converter.large.child"
_KEPT = ("PATH", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "PYTHONPATH")
_ENDING_SECONDS = 10.0
_PIPE_BYTES = 1_048_576
"""As large as Linux lets anybody have one: each filling is a switch between two processes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What one large file may cost."""

    memory_bytes: int = 268_435_456
    address_space_bytes: int = 4_294_967_296
    output_bytes: int = 8_000_000_000
    threads: int = 1
    wall_seconds: float = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a child ended; `rows` and `rejects` only with `read`."""

    outcome: Literal["read", "memory", "timeout", "failed"]
    rows: int = 0
    rejects: tuple[Reject, ...] = ()
    message: str = ""
    is_confined: bool = True
    peak_kib: int = 0


class Child:
    """One DuckDB at work; `write` blocks for as long as it reads slower than we write."""

    def __init__(self, process: subprocess.Popen[bytes], wall_seconds: float) -> None:
        """Take charge of a started process; it is killed when its time is over."""
        self._process = process
        self._input, self._answer = _pipes(process)
        self._is_late = False
        self._timer = threading.Timer(wall_seconds, self._late)
        self._timer.daemon = True
        self._timer.start()

    def write(self, chunk: bytes) -> None:
        """Hand on bytes; a child that reads no more has its reasons, told by `ended`."""
        with suppress(BrokenPipeError):
            self._input.write(chunk)

    def ended(self) -> Outcome:
        """Close its input, wait, and return how it ended."""
        with suppress(BrokenPipeError):
            self._input.close()
        told = self._answer.read()
        code = self._process.wait(_ENDING_SECONDS)
        return _told(told) or _died(code, is_late=self._is_late)

    def stop(self) -> None:
        """End it, whatever it does."""
        self._timer.cancel()
        with suppress(ProcessLookupError, PermissionError):
            self._process.send_signal(signal.SIGKILL)
        for stream in (self._input, self._answer):
            with suppress(OSError):
                stream.close()
        self._process.wait(_ENDING_SECONDS)

    def _late(self) -> None:
        self._is_late = True
        self._process.kill()


@contextmanager
def reading(statement: str, folder: Path, budget: Budget) -> Iterator[Child]:
    """Give a started child that runs the statement; it is gone at the end."""
    work = Work(
        statement=statement,
        folder=str(folder),
        memory_bytes=budget.memory_bytes,
        address_space_bytes=budget.address_space_bytes,
        output_bytes=budget.output_bytes,
        threads=budget.threads,
        cpu_seconds=int(budget.wall_seconds * budget.threads),
        wall_seconds=budget.wall_seconds,
    )
    request = folder / "request.json"
    request.write_text(json.dumps(asdict(work)))
    child = Child(_started([sys.executable, "-m", CHILD, str(request)], folder), work.wall_seconds)
    try:
        yield child
    finally:
        child.stop()


def _started(command: Sequence[str], folder: Path) -> subprocess.Popen[bytes]:
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment | {"LANG": "C.UTF-8", "TZ": "UTC"},
        cwd=folder,
        bufsize=0,
    )


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the child was started without pipes")
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with suppress(OSError):
            fcntl.fcntl(process.stdin, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    return process.stdin, process.stdout


def _told(line: bytes) -> Outcome | None:
    try:
        told = json.loads(line)
    except ValueError:
        return None
    rejects = once_each(Reject(*reject) for reject in told.pop("rejects", ()))
    return Outcome(rejects=rejects, **told)


def _died(code: int, *, is_late: bool) -> Outcome:
    if is_late or code in {-signal.SIGXCPU, -signal.SIGALRM}:
        return Outcome(outcome="timeout")
    return Outcome(outcome="failed", message=f"its process ended with {code}")
