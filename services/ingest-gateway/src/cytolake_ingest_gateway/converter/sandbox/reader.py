"""The parent's handle on one child: hand it a file, wait, and judge its answer or its end."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any, Literal

from cytolake_contracts import Recognition
from cytolake_ingest_gateway.converter.sandbox import child, forks
from cytolake_ingest_gateway.converter.sandbox.child import Parse, Request
from cytolake_ingest_gateway.converter.sandbox.confine import Confinement, Limits

NOTHING_TOLD = Recognition()
_ENDING_SECONDS = 1.0
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload([forks.PRELOAD])


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What became of a file; `document` is canonical JSON, only with `parsed`."""

    outcome: Literal["parsed", "rejected", "memory", "timeout", "crashed"]
    vendor: str | None = None
    code: str | None = None
    message: str | None = None
    document: bytes = b"null"
    attachment: bytes = b""
    recognition: Recognition = NOTHING_TOLD
    confinement: Confinement = Confinement(landlock_abi=0, seccomp=False)


class Reader:
    """One child of the fork server, for one file after the other."""

    def __init__(self, parse: Parse, limits: Limits) -> None:
        """Start it; raises OSError or EOFError when there is no fork server to start it from."""
        self.files = 0
        self.idle_since = time.monotonic()
        self._limits = limits
        self._ours, theirs = _CONTEXT.Pipe()
        self._process: Any = _CONTEXT.Process(
            target=child.main, args=(theirs, parse, limits), name="cytolake-parser", daemon=True
        )
        try:
            with forks.PROCESSES:
                forks.ensure_server()
                self._process.start()
        except BaseException:
            self._ours.close()
            raise
        finally:
            theirs.close()

    def read(self, request: Request) -> Ended | None:
        """Have it read a file; None when it vanished and nobody of us ended it.

        Only if it parsed or rejected the file is it of further use.
        """
        self.files += 1
        is_late = threading.Event()
        # Whatever it does or does not do with its end of the pipe, it does no longer than this.
        watch = threading.Timer(self._limits.wall_seconds, self._expire, (is_late,))
        watch.start()
        try:
            ended = self._told(request)
        finally:
            watch.cancel()
        self.idle_since = time.monotonic()
        return Ended(outcome="timeout") if ended is None and is_late.is_set() else ended

    def end(self) -> None:
        """End its whole group; the fork server reaps it, nobody waits for that."""
        with forks.PROCESSES:
            if self._process.exitcode is None:
                for kill in (os.killpg, os.kill):
                    with suppress(ProcessLookupError, PermissionError):
                        kill(self._process.pid, signal.SIGKILL)
                        break

    def close(self) -> None:
        """End it and let go of it."""
        self.end()
        self._ours.close()

    def _expire(self, is_late: threading.Event) -> None:
        is_late.set()
        self.end()

    def _told(self, request: Request) -> Ended | None:
        with suppress(EOFError, OSError, ValueError, RecursionError, KeyError, TypeError):
            self._ours.send(request)
            if self._ours in wait([self._ours, self._process.sentinel]):
                return _answer(self._ours, self._limits)
        return _death(self._exit_code())

    def _exit_code(self) -> int | None:
        wait([self._process.sentinel], timeout=_ENDING_SECONDS)
        with forks.PROCESSES:
            self._process.join(0)
            code: int | None = self._process.exitcode
        return code


def _answer(answers: Connection, limits: Limits) -> Ended:
    header = json.loads(answers.recv_bytes(limits.answer_bytes))
    document = answers.recv_bytes(limits.answer_bytes)
    attachment = answers.recv_bytes(limits.attachment_bytes)
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
