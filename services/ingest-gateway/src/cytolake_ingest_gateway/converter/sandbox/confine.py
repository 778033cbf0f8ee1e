"""Everything that holds a child: limits, Landlock, seccomp. Applied by the child to itself."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass

from cytolake_ingest_gateway.converter.sandbox import landlock, seccomp

PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one file may cost."""

    address_space_bytes: int = 1_500_000_000
    cpu_seconds: int = 30
    wall_seconds: float = 60.0
    answer_bytes: int = 64_000_000
    attachment_bytes: int = 256_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Confinement:
    """The level of confinement that the kernel agreed to."""

    landlock_abi: int
    seccomp: bool

    @property
    def is_full(self) -> bool:
        """No file but the interpreter's own, no network, no other process."""
        return self.landlock_abi >= 1 and self.seccomp

    @property
    def words(self) -> str:
        """For logs and records, e.g. `landlock 7, seccomp`."""
        parts = [f"landlock {self.landlock_abi}"] if self.landlock_abi else []
        return ", ".join([*parts, *(["seccomp"] if self.seccomp else [])]) or "limits only"


def leave_the_parent(limits: Limits, *, file_bytes: int = 0) -> None:
    """Take a process group of its own, die with the parent, keep to the limits.

    `file_bytes`: how large a file may become that it writes.
    """
    os.setsid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    renew_the_alarm(limits)
    space, cpu = limits.address_space_bytes, limits.cpu_seconds
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
    with suppress(ValueError, OSError):  # macOS knows no limit on address space
        resource.setrlimit(resource.RLIMIT_AS, (space, space))


def renew_the_alarm(limits: Limits) -> None:
    """Have a file's time begin now. The parent ends what hangs; the alarm does if it is gone."""
    signal.setitimer(signal.ITIMER_REAL, limits.wall_seconds + 2.0)


def close_in() -> Confinement:
    """Give up files, network and processes; report what the kernel agreed to."""
    abi = landlock.restrict(landlock.readable_paths())
    return Confinement(landlock_abi=abi, seccomp=seccomp.restrict())
