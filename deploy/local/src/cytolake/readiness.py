"""Wait until a process is ready, or say why it is not."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import psycopg
from botocore.exceptions import BotoCoreError, ClientError

from cytolake.blueprint import Blueprint
from cytolake.errors import StackError
from cytolake.process import Process
from cytolake.provision.buckets import admin_client
from cytolake.supervisor import Supervised, Supervisor

POLL_SECONDS = 0.1
LOG_LINES = 15


@dataclass(frozen=True, slots=True)
class Readiness:
    """Asks servers themselves, and services by the file that holds their process id."""

    blueprint: Blueprint
    supervisor: Supervisor

    def is_ready(self, process: Process, told: Supervised | None) -> bool:
        """Tell whether this very process, the supervisor's child, is ready."""
        if told is None or told.state not in {"STARTING", "RUNNING"}:
            return False
        if process.ready_file is not None:
            return _pid_in(process.ready_file) == told.pid
        return _SERVERS[process.name](self.blueprint)

    def wait(self, processes: Iterable[Process], *, seconds: float) -> None:
        """Return when all are ready; raise StackError with the log of the one that is not."""
        waiting = list(processes)
        deadline = time.monotonic() + seconds
        while waiting:
            told = self.supervisor.processes()
            waiting = [one for one in waiting if not self.is_ready(one, told.get(one.name))]
            for one in waiting:
                if told[one.name].state == "FATAL":
                    raise StackError(self._words(one, "does not start"))
            if waiting and time.monotonic() > deadline:
                raise StackError(self._words(waiting[0], f"is not ready after {seconds:.0f} s"))
            if waiting:
                time.sleep(POLL_SECONDS)

    def _words(self, process: Process, fault: str) -> str:
        log = self.blueprint.home.logs / f"{process.name}.log"
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        told = "\n".join(f"  {line}" for line in lines[-LOG_LINES:]) or "  (empty)"
        return f"{process.name} {fault}. The end of {log}:\n{told}"


def _pid_in(ready_file: Path) -> int | None:
    try:
        told = json.loads(ready_file.read_text())
    except (OSError, ValueError):
        return None
    pid = told.get("pid")
    return pid if isinstance(pid, int) else None


def _is_postgres_ready(blueprint: Blueprint) -> bool:
    """Log in and ask: an open port is not yet a database."""
    dsn = blueprint.dsn("postgres", database="postgres")
    try:
        with psycopg.connect(dsn, connect_timeout=2) as connection:
            connection.execute("select 1")
    except psycopg.OperationalError:
        return False
    return True


def _is_nats_ready(blueprint: Blueprint) -> bool:
    """Ask `/healthz`, which answers 200 once JetStream has recovered its streams."""
    url = f"http://127.0.0.1:{blueprint.ports['nats_monitor']}/healthz"
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)  # noqa: PLR2004
    except (urllib.error.URLError, OSError):
        return False


def _is_store_ready(blueprint: Blueprint) -> bool:
    """Ask as a client does, once anything answers at all: to make a client takes a while."""
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{blueprint.ports['s3']}", timeout=2).close()
    except urllib.error.HTTPError:
        pass  # it wants to know who asks
    except OSError:
        return False
    try:
        admin_client(blueprint, attempts=1).list_buckets()
    except (BotoCoreError, ClientError):
        return False
    return True


_SERVERS: dict[str, Callable[[Blueprint], bool]] = {
    "postgres": _is_postgres_ready,
    "nats": _is_nats_ready,
    "store": _is_store_ready,
}
