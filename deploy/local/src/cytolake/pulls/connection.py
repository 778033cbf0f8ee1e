"""How a LIMS is reached: one folder in the home, mode 0700, its files 0600."""

from __future__ import annotations

import fcntl
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cytolake.errors import StackError
from cytolake.home import Home
from cytolake.pulls.manifests import COUNT

NAME = re.compile(r"[a-z0-9]([a-z0-9._-]{0,56}[a-z0-9])?")
WORK = ("pull-", "run-")
"""Folders that live as long as a pull: records on their way, the connector's own files."""


@dataclass(frozen=True, slots=True)
class Connection:
    """One LIMS as it was connected; `repr` does not show the folder's secrets."""

    home: Home
    name: str

    @classmethod
    def existing(cls, home: Home, name: str) -> Connection:
        """Return it; raise StackError when the LIMS was never connected."""
        connection = cls.named(home, name)
        if not connection.file("catalog.json").exists():
            known = ", ".join(connected(home)) or "none yet"
            raise StackError(
                f"LIMS {name} is not connected (connected: {known}): "
                f"run `cytolake lims connect {name} …`"
            )
        return connection

    @classmethod
    def named(cls, home: Home, name: str) -> Connection:
        """Return the place of a LIMS; raise StackError for an impossible name."""
        if not NAME.fullmatch(name):
            raise StackError(f"{name!r} is no name of a LIMS: lower-case letters, digits, . _ -")
        return cls(home, name)

    @property
    def folder(self) -> Path:
        return self.home.root / "lims" / self.name

    @property
    def source(self) -> str:
        """The source that its files belong to."""
        return f"lims/{self.name}"

    @property
    def manifest(self) -> Path:
        """The manifest as it was when the LIMS was connected: what was checked is what runs."""
        return self.file("manifest.yaml")

    def file(self, name: str) -> Path:
        return self.folder / name

    def read(self, name: str) -> Any:  # noqa: ANN401 - what JSON holds
        """Return one of its JSON files."""
        return json.loads(self.file(name).read_text(encoding="utf-8"))

    def write(self, name: str, value: object) -> None:
        """Replace one of its JSON files whole."""
        self.prepare()
        self.home.write_private(self.file(name), json.dumps(value, indent=2) + "\n")

    def prepare(self) -> None:
        """Make its folder."""
        for folder in (self.folder.parent, self.folder):
            folder.mkdir(mode=0o700, exist_ok=True)

    def streams(self) -> list[dict[str, Any]]:
        """Return its streams as the manifest was found to have them."""
        found: list[dict[str, Any]] = self.read("catalog.json")
        return found

    def stream_names(self) -> list[str]:
        """Return the names of its streams, without those that only count."""
        return [one["name"] for one in self.streams() if not one["name"].endswith(COUNT)]

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold it for one pull; raise StackError while another pull runs.

        What one that was killed has left is thrown away: a copy of the configuration is in it.
        """
        self.prepare()
        with held(self.file("lock"), f"another pull of {self.name} is running; wait for it"):
            for folder in self.folder.iterdir():
                if folder.name.startswith(WORK):
                    shutil.rmtree(folder)
            yield


@contextmanager
def held(lock: Path, otherwise: str) -> Iterator[None]:
    """Hold a lock file; raise StackError with these words while somebody else holds it."""
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StackError(otherwise) from None
        yield


def connected(home: Home) -> list[str]:
    """Return the names of all LIMS that are connected."""
    found = (home.root / "lims").glob("*/catalog.json")
    return sorted(file.parent.name for file in found)
