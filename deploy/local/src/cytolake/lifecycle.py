"""The order in which a stack comes up and goes down."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from cytolake import marts, probe
from cytolake.blueprint import Blueprint, StoreKind
from cytolake.errors import StackError
from cytolake.ports import require_free
from cytolake.process import Process, Stage
from cytolake.provision import minio as provision_minio
from cytolake.provision import seaweedfs as provision_seaweedfs
from cytolake.provision.buckets import provision_buckets
from cytolake.provision.postgres import provision_postgres
from cytolake.provision.streams import provision_streams
from cytolake.readiness import Readiness
from cytolake.servers import minio, nats, postgres, seaweedfs
from cytolake.supervisor import Supervisor

Progress = Callable[[str], None]
SERVER_SECONDS, SERVICE_SECONDS, STOP_SECONDS = 60, 180, 40
POLL_SECONDS = 0.05
VIEWED = ("intake", "mart-loader")
"""Services whose tables the views over the marts read."""


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Starts by stages, each provisioned before the next needs it; stops in reverse."""

    blueprint: Blueprint
    supervisor: Supervisor
    table: Sequence[Process]

    def launch(self, progress: Progress, *, is_attached: bool) -> None:
        """Write every setting and start supervisord, with nothing under it yet."""
        progress("settings")
        require_free(self.blueprint.ports, self.blueprint.home)
        postgres.configure(self.blueprint)
        nats.configure(self.blueprint)
        store = minio if self._is_minio else seaweedfs
        store.configure(self.blueprint)
        self.supervisor.launch(self.table, is_attached=is_attached)
        deadline = time.monotonic() + SERVER_SECONDS
        while not self.supervisor.is_running():
            if time.monotonic() > deadline:
                log = self.blueprint.home.logs / "supervisord.out"
                raise StackError(f"supervisord does not start; see {log}")
            time.sleep(POLL_SECONDS)

    def start(self, progress: Progress) -> None:
        """Start what does not run, stage by stage, and prove that it works."""
        if {process.name for process in self.table} - self.supervisor.processes().keys():
            raise StackError("another version of the stack is running: run `cytolake down` first")
        progress("PostgreSQL and NATS")
        self._start(Stage.SERVERS, seconds=SERVER_SECONDS)
        provision_postgres(self.blueprint)
        password = self.blueprint.credentials.nats["provisioner"]
        _complete(provision_streams(self.blueprint.nats_url, password))
        progress(f"object store ({self.blueprint.store})")
        self._ask(Stage.KEEPERS)
        self._start(Stage.STORE, seconds=SERVER_SECONDS)
        self._provision_store()
        self._start(Stage.KEEPERS, seconds=SERVER_SECONDS)
        progress("services")
        services = self._ask(Stage.SERVICES)
        viewed = [process for process in services if process.name in VIEWED]
        self._readiness.wait(viewed, seconds=SERVICE_SECONDS)
        if viewed:
            # dbt works while the slower services warm up.
            progress("views over the marts")
            marts.build_views(self.blueprint)
        progress("every service ready")
        self._readiness.wait(services, seconds=SERVICE_SECONDS)
        progress("a test object's notification")
        _complete(probe.prove_notifications(self.blueprint))
        # One that was ready for a moment and fell over since is not ready.
        self._readiness.wait(self.table, seconds=SERVICE_SECONDS)

    def stop(self, progress: Progress) -> None:
        """Stop everything and supervisord; raise StackError when it does not end."""
        for stage in reversed(Stage):
            progress(f"stopping {stage.name.lower()}")
            self._stop(stage)
        self.supervisor.shut_down()
        deadline = time.monotonic() + STOP_SECONDS
        while self.supervisor.is_running() or self.blueprint.home.socket.exists():
            if time.monotonic() > deadline:
                raise StackError("supervisord does not end")
            time.sleep(POLL_SECONDS)

    @property
    def _is_minio(self) -> bool:
        return self.blueprint.store is StoreKind.MINIO

    @property
    def _readiness(self) -> Readiness:
        return Readiness(self.blueprint, self.supervisor)

    def _provision_store(self) -> None:
        provision_buckets(self.blueprint)
        if self._is_minio:
            provision_minio.provision_store(self.blueprint)
            provision_minio.provision_notifications(self.blueprint)
        else:
            provision_seaweedfs.provision_store(self.blueprint)

    def _ask(self, stage: Stage) -> list[Process]:
        chosen = [process for process in self.table if process.stage is stage]
        for process in chosen:
            self.supervisor.start(process.name)
        return chosen

    def _start(self, stage: Stage, *, seconds: float) -> None:
        self._readiness.wait(self._ask(stage), seconds=seconds)

    def _stop(self, stage: Stage) -> None:
        known = self.supervisor.processes().keys()
        names = {process.name for process in self.table if process.stage is stage} & known
        for name in names:
            self.supervisor.stop(name)
        deadline = time.monotonic() + STOP_SECONDS
        while self.supervisor.running() & names:
            if time.monotonic() > deadline:
                raise StackError(f"these do not stop: {self.supervisor.running() & names}")
            time.sleep(POLL_SECONDS)
        if stage is Stage.STORE and not self._is_minio:
            seaweedfs.note_clean_stop(self.blueprint)


def _complete(work: Coroutine[None, None, None]) -> None:
    """Run asynchronous work to its end, also for a caller that has an event loop of its own."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()
