"""One service as the process it is, with the command and the rights that the stack gives it."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path

from cytolake.binaries import guarded
from cytolake.processes import service_processes
from cytolake.provision.streams import consumer_config
from cytolake_runtime.topology import DURABLES
from tests.support.stack import Servers

LOOK_SECONDS, PATIENCE_SECONDS = 0.02, 180.0
IMPATIENT_SECONDS = 1


class ServiceProcess:
    """Started, killed and started again; what it says goes to a file in `folder`."""

    def __init__(self, servers: Servers, name: str, folder: Path, **environment: str) -> None:
        """Prepare; nothing runs yet. `environment` replaces what the stack would give."""
        table = {process.name: process for process in service_processes(servers.stack.blueprint)}
        self.ready, self.log = folder / "ready", folder / "log"
        self._command = guarded(list(table[name].command), stop_signal="KILL")
        self._environment = {
            **os.environ,
            **table[name].environment,
            "CYTOLAKE_READY_FILE": str(self.ready),
            **environment,
        }

    @property
    def runs(self) -> bool:
        """Whether it has been started and not ended since."""
        return self._process.poll() is None

    def launch(self) -> None:
        """Start it without waiting for it; it ends with the thread that started it (guard.py)."""
        assert threading.current_thread() is threading.main_thread()
        self.ready.unlink(missing_ok=True)
        with self.log.open("w") as log:
            self._process = subprocess.Popen(self._command, env=self._environment, stderr=log)

    def start(self) -> None:
        """Start it; return when it is ready."""
        self.launch()
        self.wait_ready()

    def wait_ready(self) -> None:
        """Return when it is ready; fail with what it said when it ends before."""
        self._until(self.ready.exists)

    def wait_words(self, words: str) -> None:
        """Return when it has said so in its log."""
        self._until(lambda: words in self.log.read_text())

    def kill(self) -> None:
        """Kill it by -9, and see it gone."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> int:
        """End it as the supervisor does; return its exit status."""
        self._process.terminate()
        return self._process.wait()

    def _until(self, is_so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_so():
            assert self.runs, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(LOOK_SECONDS)


@contextmanager
def running(
    servers: Servers, name: str, folder: Path, **environment: str
) -> Iterator[ServiceProcess]:
    """Give a service that is ready; unless killed, it must stop as it should."""
    process = ServiceProcess(servers, name, folder, **environment)
    try:
        process.start()
        yield process
        if process.runs:
            assert process.stop() == 0, process.log.read_text()
    finally:
        process.kill()  # whatever went wrong, the tests that follow do not meet it


@asynccontextmanager
async def handing_back(servers: Servers, durable: str) -> AsyncIterator[None]:
    """Let the broker give out again, within a second, what a killed process had in hand.

    In the stack that is the durable's ack wait of 15 s. Amended, the broker looks at once at
    what is pending; what was given back stays so when the wait is amended again.
    """
    (declared,) = [one for one in DURABLES if one.name == durable]
    async with servers.nats("provisioner") as client:
        amend = client.jetstream().add_consumer
        quick = replace(declared, ack_wait_seconds=IMPATIENT_SECONDS)
        await amend(declared.stream, consumer_config(quick))
        try:
            yield
        finally:
            await amend(declared.stream, consumer_config(declared))
