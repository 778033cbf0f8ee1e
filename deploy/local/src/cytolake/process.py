"""One operating-system process of the stack, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path


class Stage(IntEnum):
    """Processes start in this order, those of one stage together, and stop in reverse."""

    SERVERS = 0
    # Before the store, so that it is stopped after it: the bridge hears the store's last word.
    KEEPERS = 1
    STORE = 2
    SERVICES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """How to start one process and how to tell that it is ready.

    A process with a `ready_file` is ready once that file holds its id; the servers have
    none and are asked themselves (readiness.py).
    """

    name: str
    command: tuple[str, ...]
    stage: Stage
    environment: Mapping[str, str] = field(default_factory=dict)
    waits_for: tuple[str, ...] = ()
    stop_signal: str = "TERM"
    directory: Path | None = None
    ready_file: Path | None = None
    is_namespaced: bool = False
