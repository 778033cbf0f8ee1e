"""Where files can be fetched from: an S3 bucket, an SFTP server, a database's tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from cytolake.errors import StackError
from cytolake_watch.folder import Seen


class ElsewhereError(StackError):
    """The other side does not answer, or refuses: the message says which."""


class Elsewhere(Protocol):
    """One place that holds files; every call raises ElsewhereError in words."""

    is_atomic: bool
    """Whether a file that is listed is whole: none is seen while it is written."""

    def listed(self) -> Iterator[Seen]:
        """Yield every file below the place: its path below it, its size, when it changed."""
        ...

    def fetch(self, path: str, target: Path) -> None:
        """Write the file's bytes to `target`."""
        ...

    def close(self) -> None:
        """Give the connection back."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How one gets in, where the address does not say; `password` is never shown."""

    password: str | None = None
    identity: Path | None = None
    known_hosts: Path | None = None
    endpoint: str | None = None
    profile: str | None = None
    tables: tuple[str, ...] = ()


def address_of(url: str) -> SplitResult:
    """Return an address in its parts; raise StackError for one that nothing can be fetched from."""
    found = urlsplit(url)
    if found.scheme in {"", "file"}:
        raise StackError(
            "a folder or a mounted share: `cytolake watch FOLDER --once` sends its files"
        )
    if found.scheme not in {"s3", "sftp", "postgresql", "postgres"}:
        raise StackError(f"{found.scheme}:// is not known: s3://, sftp:// or postgresql://")
    if found.password is not None:
        raise StackError("no password in the address, where others see it: --password-stdin")
    if not found.hostname:
        raise StackError(f"{url} names no {'bucket' if found.scheme == 's3' else 'host'}")
    return found


def elsewhere(url: str, access: Access) -> Elsewhere:
    """Return the place that an address names, connected; raise StackError in words."""
    address = address_of(url)
    path = unquote(address.path)
    # Each driver takes a while to import, and only one is needed.
    match address.scheme:
        case "s3":
            from cytolake.pulls.from_s3 import Bucket  # noqa: PLC0415

            return Bucket(address.netloc, path.lstrip("/"), access)
        case "sftp":
            from cytolake.pulls.from_sftp import SftpFolder  # noqa: PLC0415

            return SftpFolder(address, path or ".", access)
        case _:
            from cytolake.pulls.from_tables import Tables  # noqa: PLC0415

            return Tables(address, access)


def is_safe(path: str) -> bool:
    """Tell whether a path stays below the folder it is written to, whoever made it."""
    parts = path.split("/")
    return not any(part in {"", ".", ".."} or "\0" in part or "\\" in part for part in parts)
