"""The one-machine stack as an object: what the CLI, the demo and the tests drive."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from cytolake.blueprint import Blueprint, StoreKind
from cytolake.environment import client_environment
from cytolake.errors import StackError
from cytolake.home import Home
from cytolake.process import Process
from cytolake.processes import server_processes, service_processes
from cytolake.servers import nats
from cytolake.supervisor import Supervised, Supervisor

if TYPE_CHECKING:
    from cytolake.lifecycle import Lifecycle
    from cytolake.readiness import Readiness

Progress = Callable[[str], None]
"""Told the name of each step as it begins."""
Services = Callable[[Blueprint], list[Process]]
POLL_SECONDS, STOP_SECONDS = 0.05, 40


@dataclass(frozen=True, slots=True)
class ProcessStatus:
    """One line of `cytolake status`; `since` is Unix seconds, 0 when never started."""

    name: str
    pid: int
    state: str
    since: int
    restarts: int
    waits_for: tuple[str, ...]


def silent(_step: str) -> None:
    """Take no notice of a step."""


class Stack:
    """One home's servers and services; every call reads what is really there.

    `services` says which processes run beside the servers: the product's own unless a test
    brings others.
    """

    def __init__(
        self,
        home: Path | str,
        *,
        store: StoreKind | None = None,
        services: Services = service_processes,
    ) -> None:
        self.home = Home.at(Path(home))
        self.blueprint = Blueprint.of(self.home, store=store)
        self.table = server_processes(self.blueprint) + services(self.blueprint)
        self._supervisor = Supervisor(self.home)

    # The servers' drivers take half a second to import: not for `cytolake env` or `files`.
    @cached_property
    def _readiness(self) -> Readiness:
        from cytolake.readiness import Readiness  # noqa: PLC0415

        return Readiness(self.blueprint, self._supervisor)

    @cached_property
    def _lifecycle(self) -> Lifecycle:
        from cytolake.lifecycle import Lifecycle  # noqa: PLC0415

        return Lifecycle(self.blueprint, self._supervisor, self.table)

    @classmethod
    def existing(cls, home: Path | str) -> Stack:
        """Return the stack of a home that was started before; raise StackError without one."""
        if not (Path(home).expanduser() / "ports.json").exists():
            raise StackError(f"there is no stack in {home} yet: run `cytolake up --home {home}`")
        return cls(home)

    @property
    def is_running(self) -> bool:
        return self._supervisor.is_running()

    def up(self, progress: Progress = silent, *, is_attached: bool = False) -> None:
        """Start what does not run; return when everything is ready.

        Attached, the stack ends with the calling process. Raises StackError, and stops what
        it started, when something does not become ready.
        """
        with self.home.locked():
            was_running = self.is_running
            try:
                if not was_running:
                    self._lifecycle.launch(progress, is_attached=is_attached)
                self._lifecycle.start(progress)
            except BaseException:
                if not was_running and self.is_running:
                    self._lifecycle.stop(silent)
                raise

    def down(self, progress: Progress = silent) -> None:
        """Stop services, store, servers, in this order; nothing is lost."""
        with self.home.locked():
            if self.is_running:
                self._lifecycle.stop(progress)

    def env(self) -> dict[str, str]:
        """Return what a client needs to know, by the names of environment variables."""
        return client_environment(self.blueprint)

    def processes(self) -> list[ProcessStatus]:
        """Return the state of every process; all are `stopped` when the stack is down."""
        told = self._supervisor.processes() if self.is_running else {}
        starts = self._supervisor.starts() if told else {}
        is_ready = self._readiness.is_ready
        ready = {one.name for one in self.table if is_ready(one, told.get(one.name))}
        return [
            self._status(process, told.get(process.name), starts.get(process.name, 0), ready)
            for process in self.table
        ]

    def pid(self, name: str) -> int:
        """Return a process's id; 0 when it does not run; KeyError for an unknown name."""
        return self._supervisor.processes()[name].pid

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> int:
        """Send a signal, -9 unless told otherwise; return the id of the process it went to."""
        pid = self.pid(name)
        if pid == 0:
            raise StackError(f"{name} does not run")
        os.kill(pid, number)
        return pid

    def wait_gone(self, pid: int) -> None:
        """Wait until the supervisor knows that a killed process has ended."""
        told = self._supervisor.processes
        self._until(lambda: pid not in {one.pid for one in told().values()}, f"{pid} lives on")

    def stop(self, name: str) -> None:
        """Stop one process and wait for its end."""
        self._supervisor.stop(name)
        self._until(lambda: name not in self._supervisor.running(), f"{name} does not stop")

    def start(self, name: str, *, seconds: float = 60) -> None:
        """Start one process and wait until it is ready."""
        self._supervisor.start(name)
        self.wait_ready(name, seconds=seconds)

    def wait_ready(self, *names: str, seconds: float = 60) -> None:
        """Wait until these processes, or all, are ready; raise StackError with a log's end."""
        chosen = [one for one in self.table if not names or one.name in names]
        self._readiness.wait(chosen, seconds=seconds)

    def wipe_broker(self) -> None:
        """Lose the broker's disk: streams, durables and every message in them."""
        self.stop("nats")
        shutil.rmtree(nats.store_folder(self.blueprint))
        self.start("nats")

    def _status(
        self, process: Process, told: Supervised | None, starts: int, ready: set[str]
    ) -> ProcessStatus:
        state = _state(told, is_ready=process.name in ready)
        waits = tuple(name for name in process.waits_for if name not in ready)
        return ProcessStatus(
            name=process.name,
            pid=told.pid if told else 0,
            state=state,
            since=told.since if told else 0,
            restarts=max(0, starts - 1),
            waits_for=() if state == "ready" else waits,
        )

    @staticmethod
    def _until(is_done: Callable[[], bool], fault: str) -> None:
        deadline = time.monotonic() + STOP_SECONDS
        while not is_done():
            if time.monotonic() > deadline:
                raise StackError(fault)
            time.sleep(POLL_SECONDS)


def _state(told: Supervised | None, *, is_ready: bool) -> str:
    """Return the word for people: ready, starting, restarting, stopping, stopped, failed."""
    if told is None:
        return "stopped"
    if told.state in {"STARTING", "RUNNING"}:
        return "ready" if is_ready else "starting"
    words = {"BACKOFF": "restarting", "STOPPING": "stopping", "FATAL": "failed"}
    return words.get(told.state, "stopped")
