"""The fork server that every parser's process comes from: one, warm, and without a secret."""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import forkserver
from pathlib import Path

PRELOAD = "cytolake_ingest_gateway.converter.sandbox.warm"
_DYING_SECONDS = 5.0

# multiprocessing reads a child's exit code from a pipe, once, in whichever thread asks first
# (also in a `start` elsewhere): two that ask at the same time lose it.
PROCESSES = threading.Lock()

# What a parser's process gets to see of our environment: nothing that is secret. The hash
# seed is fixed because parsers iterate over sets: the same file gives the same document.
_KEPT = ("PATH", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "PYTHONPATH", "SSL_CERT_FILE")
_SET = {"PYTHONHASHSEED": "0", "LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1", "TZ": "UTC"}


def ensure_server() -> None:
    """Have a fork server that was started in a clean environment; raises OSError, EOFError."""
    if not _is_alive(_server_pid()):
        with _clean_environment():
            forkserver.ensure_running()


def await_its_end() -> None:
    """Wait until a dying server is dead: before that, no new one is started in its place."""
    pid = _server_pid()
    if pid is None or not hasattr(os, "pidfd_open"):
        return
    with suppress(ProcessLookupError):
        descriptor = os.pidfd_open(pid)
        try:
            select.select([descriptor], [], [], _DYING_SECONDS)
        finally:
            os.close(descriptor)


def _server_pid() -> int | None:
    pid: int | None = getattr(forkserver._forkserver, "_forkserver_pid", None)  # noqa: SLF001
    return pid


def _is_alive(pid: int | None) -> bool:
    try:
        return pid is not None and ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


@contextmanager
def _clean_environment() -> Iterator[None]:
    """The fork server inherits the environment of whoever starts it: no keys, no passwords."""
    before = dict(os.environ)
    kept = {name: before[name] for name in _KEPT if name in before}
    try:
        os.environ.clear()
        os.environ.update(kept | _SET)
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
