"""Airbyte's own connector in a process of its own, spoken to by Airbyte's protocol.

`source-declarative-manifest` of airbyte-cdk runs the same manifest format by the same code as
Airbyte's platform does. It gets its files by path, writes a message a line, and nothing else.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue
from tempfile import TemporaryDirectory
from threading import Thread
from typing import IO, Any

from cytolake.binaries import guarded
from cytolake.pulls.connection import Connection

Message = dict[str, Any]
PROGRAM = "from airbyte_cdk.cli.source_declarative_manifest import run; run()"
PASSED_ON = ("PATH", "LANG", "TZ", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy",
             "https_proxy", "no_proxy", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")  # fmt: skip
QUIET = {"DO_NOT_TRACK": "1", "AIRBYTE_ENABLE_UNSAFE_CODE": "false", "PYTHONUNBUFFERED": "1"}
"""No telemetry, and no Python from a manifest."""
STALL_SECONDS, STOP_SECONDS, WAITING_LINES = 600.0, 5.0, 1000


class StalledError(Exception):
    """Nothing came for longer than any retry takes."""


@dataclass(frozen=True, slots=True)
class Connector:
    """A manifest with its configuration, ready to be asked."""

    connection: Connection
    config: dict[str, Any]
    stall_seconds: float = STALL_SECONDS

    @contextmanager
    def told(self, verb: str, **files: object) -> Iterator[Iterator[Message]]:
        """Start `verb` with JSON files as its options; yield what it says; end it at the end.

        The iterator raises StalledError. The configuration lies in a file of the home, mode 0600,
        for as long as the process lives.
        """
        self.connection.prepare()
        with TemporaryDirectory(dir=self.connection.folder, prefix="run-") as folder:
            words = ["--manifest-path", str(self.connection.manifest)]
            for name, value in {"config": self.config, **files}.items():
                file = self.connection.home.write_private(
                    Path(folder) / f"{name}.json", json.dumps(value)
                )
                words += [f"--{name}", str(file)]
            process = _started([verb, *words], folder)
            try:
                yield _messages(process, self.stall_seconds)
            finally:
                _ended(process)


def _started(words: list[str], folder: str) -> subprocess.Popen[str]:
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return subprocess.Popen(
        guarded([sys.executable, "-c", PROGRAM, *words], stop_signal="KILL"),
        env=environment | QUIET | {"HOME": folder, "TMPDIR": folder},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,  # Ctrl-C is ours to pass on
    )


def _ended(process: subprocess.Popen[str]) -> None:
    """End the process and whatever it started."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            break
        os.killpg(process.pid, number)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            continue
    if process.stdout:
        process.stdout.close()


def _messages(process: subprocess.Popen[str], stall_seconds: float) -> Iterator[Message]:
    """Yield its messages; a line that is none (a library's own print) is left out."""
    lines: Queue[str | None] = Queue(WAITING_LINES)
    if process.stdout is not None:
        Thread(target=_read, args=(process.stdout, lines), daemon=True).start()
    while True:
        try:
            line = lines.get(timeout=stall_seconds)
        except Empty:
            raise StalledError(f"nothing was heard for {stall_seconds:.0f} s") from None
        if line is None:
            return
        try:
            message = json.loads(line)
        except ValueError:
            continue
        if isinstance(message, dict):
            yield message


def _read(stream: IO[str], lines: Queue[str | None]) -> None:
    try:
        for line in stream:
            lines.put(line)
    except ValueError:  # closed under us: the pull was stopped
        pass
    finally:
        lines.put(None)
