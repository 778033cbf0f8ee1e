"""Contracts as they were released, and whether the versions of today say what changed since."""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

from cytolake.contract_files import CONTRACTS, read
from cytolake.errors import StackError
from cytolake_contracts.changes import faults

RELEASED = Path("contracts", "released")


def version_faults(root: Path, against: str | None) -> list[str]:
    """Return, in words, every contract whose version does not say what changed; StackError."""
    now = read(root / CONTRACTS)
    if against is None:
        return faults(read(root / RELEASED), now) if (root / RELEASED).is_dir() else []
    if Path(against).is_dir():
        return faults(read(Path(against)), now)
    with TemporaryDirectory() as folder:
        _unpack(root, against, Path(folder))
        return faults(read(Path(folder) / CONTRACTS), now)


def keep_released(root: Path) -> int:
    """Keep today's contracts as the released ones; StackError where a version says too little."""
    if unsaid := version_faults(root, None):
        raise StackError("\n".join(unsaid))
    shutil.rmtree(root / RELEASED, ignore_errors=True)
    shutil.copytree(root / CONTRACTS, root / RELEASED)
    return len(read(root / RELEASED))


def _unpack(root: Path, revision: str, folder: Path) -> None:
    archive = subprocess.run(
        ["git", "-C", str(root), "archive", revision, CONTRACTS.as_posix()],
        capture_output=True,
        check=False,
    )
    if archive.returncode:
        told = archive.stderr.decode(errors="replace").strip()
        raise StackError(f"{revision} is neither a folder nor a revision with contracts: {told}")
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as packed:
        packed.extractall(folder, filter="data")
