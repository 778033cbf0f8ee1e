"""The parent's side of the sandbox: fork a warm child per file, wait, and judge its end."""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import select
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing import forkserver
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Literal

from cytolake_contracts import Recognition
from cytolake_ingest_gateway.converter.sandbox import child
from cytolake_ingest_gateway.converter.sandbox.child import Parse, Request
from cytolake_ingest_gateway.converter.sandbox.confine import Confinement, Limits
from cytolake_ingest_gateway.converter.sandbox.sample import SAMPLE
from cytolake_runtime import Retryable

PRELOAD = "cytolake_ingest_gateway.converter.sandbox.warm"
log = logging.getLogger(__name__)
_SERVERS = 3
_DYING_SECONDS = 5.0
NOTHING_TOLD = Recognition()

# multiprocessing reads a child's exit code from a pipe, once, in whichever thread asks first
# (also in a `start` elsewhere): two that ask at the same time lose it.
_PROCESSES = threading.Lock()

# What a parser's process gets to see of our environment: nothing that is secret. The hash
# seed is fixed because parsers iterate over sets: the same file gives the same document.
_KEPT = ("PATH", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "PYTHONPATH", "SSL_CERT_FILE")
_SET = {"PYTHONHASHSEED": "0", "LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1", "TZ": "UTC"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a child ended; `document` is canonical JSON, only with `parsed`."""

    outcome: Literal["parsed", "rejected", "memory", "timeout", "crashed"]
    vendor: str | None = None
    code: str | None = None
    message: str | None = None
    document: bytes = b"null"
    attachment: bytes = b""
    recognition: Recognition = NOTHING_TOLD
    confinement: Confinement = Confinement(landlock_abi=0, seccomp=False)


class Sandbox:
    """Parses files in children of one warm fork server; safe to call from several threads."""

    def __init__(self, limits: Limits | None = None, *, parse: Parse | None = None) -> None:
        """Prepare; nothing is started. `parse` replaces allotropy in tests."""
        self._limits = limits or Limits()
        self._parse = parse or child.parse_with_allotropy
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([PRELOAD])

    def warm_up(self) -> Ended:
        """Start the fork server (seconds: it imports every parser) and parse its sample."""
        return self.run(SAMPLE)

    def run(self, request: Request) -> Ended:
        """Parse one file. A child that vanished for no reason of its own gets one more try.

        Raises Retryable while no fork server can be had: that is no fault of the file.
        """
        for _ in range(2):
            ended = self._tried(request)
            if ended is not None:
                return ended
        return Ended(outcome="crashed", message="the parser's process was killed twice")

    def _tried(self, request: Request) -> Ended | None:
        for _ in range(_SERVERS):
            try:
                return self._run(request)
            except (EOFError, OSError) as error:
                log.warning("the fork server is gone, a new one is started: %s", error)
                _await_end(_server_pid())
        raise Retryable("the parsers' fork server cannot be started")

    def _run(self, request: Request) -> Ended | None:
        receiving, sending = self._context.Pipe(duplex=False)
        process = self._context.Process(
            target=child.main,
            args=(sending, request, self._parse, self._limits),
            name="cytolake-parser",
            daemon=True,
        )
        with _PROCESSES:
            _ensure_server()
            process.start()
        sending.close()
        try:
            return _judged(process, receiving, self._limits)
        finally:
            _end(process)
            receiving.close()


def _judged(process: Any, receiving: Connection, limits: Limits) -> Ended | None:  # noqa: ANN401
    deadline = time.monotonic() + limits.wall_seconds
    ready = wait([receiving, process.sentinel], timeout=limits.wall_seconds)
    if not ready:
        return Ended(outcome="timeout")
    if receiving in ready:
        with suppress(EOFError, OSError, ValueError, RecursionError, KeyError, TypeError):
            return _answer(receiving, limits)
    return _death(_exit_code(process, max(deadline - time.monotonic(), 0.0) + 1.0))


def _answer(receiving: Connection, limits: Limits) -> Ended:
    header = json.loads(receiving.recv_bytes(limits.answer_bytes))
    document = receiving.recv_bytes(limits.answer_bytes)
    attachment = receiving.recv_bytes(limits.attachment_bytes)
    return Ended(
        outcome=header["outcome"],
        vendor=header["vendor"],
        code=header["code"],
        message=header["message"],
        document=document,
        attachment=attachment,
        recognition=Recognition.model_validate(header["recognition"] or {}),
        confinement=Confinement(**header["confinement"]),
    )


def _death(exit_code: int | None) -> Ended | None:
    """Return what an exit without an answer means; None when nobody of us ended it."""
    if exit_code in {-signal.SIGXCPU, -signal.SIGALRM}:
        return Ended(outcome="timeout")
    if exit_code in {-signal.SIGKILL, 255, None}:  # 255: the fork server died with it
        return None
    if exit_code is not None and exit_code < 0:
        return Ended(outcome="crashed", message=f"by signal {signal.Signals(-exit_code).name}")
    return Ended(outcome="crashed", message=f"with exit code {exit_code}")


def _exit_code(process: Any, timeout_seconds: float) -> int | None:  # noqa: ANN401
    wait([process.sentinel], timeout=timeout_seconds)
    with _PROCESSES:
        process.join(0)
        code: int | None = process.exitcode
    return code


def _end(process: Any) -> None:  # noqa: ANN401 - multiprocessing's context types are not public
    """End the child's whole group; the fork server reaps it, nobody waits for that."""
    with _PROCESSES:
        if process.exitcode is None:
            for kill in (partial(os.killpg, process.pid), partial(os.kill, process.pid)):
                with suppress(ProcessLookupError, PermissionError):
                    kill(signal.SIGKILL)
                    break


def _ensure_server() -> None:
    """Have a fork server that was started in a clean environment."""
    if not _is_alive(_server_pid()):
        with _clean_environment():
            forkserver.ensure_running()


def _server_pid() -> int | None:
    pid: int | None = getattr(forkserver._forkserver, "_forkserver_pid", None)  # noqa: SLF001
    return pid


def _await_end(pid: int | None) -> None:
    """Wait until a dying process is dead: before that, no new one is started in its place."""
    if pid is None or not hasattr(os, "pidfd_open"):
        return
    with suppress(ProcessLookupError):
        descriptor = os.pidfd_open(pid)
        try:
            select.select([descriptor], [], [], _DYING_SECONDS)
        finally:
            os.close(descriptor)


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
