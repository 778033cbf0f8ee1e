"""The home folder of one stack: where its data, settings, logs and sockets are."""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cytolake.errors import StackError

SOCKET_PATH_LIMIT = 100  # Linux allows 108 bytes; supervisor appends its pid while it binds.


@dataclass(frozen=True, slots=True)
class Home:
    """The folder given by `--home` or CYTOLAKE_HOME; nothing of a stack lies outside it."""

    root: Path

    @classmethod
    def at(cls, path: Path) -> Home:
        """Return the home at `path`, its folders made, readable by their owner only."""
        home = cls(path.expanduser().resolve())
        for folder in (
            home.root,
            home.etc,
            home.data,
            home.layouts,
            home.logs,
            home.run,
            home.ready,
        ):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return home

    @property
    def etc(self) -> Path:
        return self.root / "etc"

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def layouts(self) -> Path:
        """The site's own layouts, beside the shipped ones."""
        return self.root / "layouts"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def run(self) -> Path:
        """Sockets and ready files; under the temporary folder when the home's path is long."""
        here = self.root / "run"
        if len(str(here / "supervisor.sock")) <= SOCKET_PATH_LIMIT - len(".4194304"):
            return here
        key = hashlib.sha256(str(self.root).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"cytolake-{os.getuid()}-{key}"

    @property
    def ready(self) -> Path:
        return self.run / "ready"

    @property
    def socket(self) -> Path:
        return self.run / "supervisor.sock"

    def write_private(self, path: Path, text: str) -> Path:
        """Replace a file whole, mode 0600: a reader sees the old text or the new one."""
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        return path

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the home for one `up` or `down`; raise StackError while another holds it."""
        with (self.root / "up.lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StackError(
                    f"another cytolake command is starting or stopping {self.root}; wait for it"
                ) from None
            yield
