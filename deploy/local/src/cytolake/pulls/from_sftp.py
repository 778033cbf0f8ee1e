"""Files of an SFTP server. Its host key must be known: an unknown one is refused, never learned."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import SplitResult

import paramiko

from cytolake.pulls.elsewhere import Access, ElsewhereError
from cytolake_watch.folder import Seen

TIMEOUT_SECONDS = 20
DEEPEST = 32


class SftpFolder:
    """A folder of the server."""

    is_atomic = False

    def __init__(self, address: SplitResult, path: str, access: Access) -> None:
        """Connect; raise ElsewhereError when the server refuses or is not the one known."""
        self._root, host = path.rstrip("/") or "/", str(address.hostname)
        self._ssh = paramiko.SSHClient()
        self._ssh.set_missing_host_key_policy(paramiko.RejectPolicy())
        try:
            self._ssh.load_system_host_keys(str(access.known_hosts) if access.known_hosts else None)
            self._ssh.connect(
                host,
                port=address.port or 22,
                username=address.username,
                password=access.password,
                key_filename=str(access.identity) if access.identity else None,
                look_for_keys=access.password is None and access.identity is None,
                allow_agent=access.password is None and access.identity is None,
                timeout=TIMEOUT_SECONDS,
                banner_timeout=TIMEOUT_SECONDS,
                auth_timeout=TIMEOUT_SECONDS,
            )
            self._sftp = self._ssh.open_sftp()
            self._sftp.get_channel().settimeout(TIMEOUT_SECONDS * 3)
        except (paramiko.SSHException, OSError, EOFError) as error:
            self._ssh.close()
            raise ElsewhereError(_words(error, host)) from error

    def listed(self) -> Iterator[Seen]:
        """Yield its files, folders of folders too; links are not followed."""
        try:
            yield from self._below("", 0)
        except (paramiko.SSHException, OSError, EOFError) as error:
            raise ElsewhereError(f"the folder {self._root} cannot be listed: {error}") from error

    def _below(self, path: str, depth: int) -> Iterator[Seen]:
        for one in sorted(self._sftp.listdir_attr(f"{self._root}/{path}"), key=_name):
            here, mode = f"{path}{one.filename}", one.st_mode or 0
            if stat.S_ISDIR(mode) and depth < DEEPEST:
                yield from self._below(f"{here}/", depth + 1)
            elif stat.S_ISREG(mode) and one.st_size:
                yield Seen(here, one.st_size, (one.st_mtime or 0) * 1_000_000_000)

    def fetch(self, path: str, target: Path) -> None:
        """Download a file; its size is compared at the end."""
        try:
            self._sftp.get(f"{self._root}/{path}", str(target))
        except (paramiko.SSHException, OSError, EOFError) as error:
            raise ElsewhereError(f"{path} cannot be read: {error}") from error

    def close(self) -> None:
        """Say good-bye."""
        self._ssh.close()


def _name(one: paramiko.SFTPAttributes) -> str:
    return str(one.filename)


def _words(error: Exception, host: str) -> str:
    if isinstance(error, paramiko.BadHostKeyException):
        return f"{host} is not the server that is known by this name: its host key has changed"
    if "not found in known_hosts" in str(error):
        return f"the host key of {host} is not known: ask its owner for it, put it into known_hosts"
    if isinstance(error, paramiko.AuthenticationException):
        return f"{host} refuses this user: check name, password or key"
    return f"{host} cannot be reached by SFTP: {error}"
