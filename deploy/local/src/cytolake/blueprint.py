"""What one stack is made of: home, ports, secrets and store, and the addresses that follow."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum

from cytolake import binaries
from cytolake.credentials import Credentials, remembered_credentials
from cytolake.errors import StackError
from cytolake.home import Home
from cytolake.ports import Ports, remembered_ports

REGION = "us-east-1"
DATABASE = "cytolake"


class StoreKind(StrEnum):
    """The object stores that one machine can run."""

    SEAWEEDFS = "seaweedfs"
    MINIO = "minio"


@dataclass(frozen=True, slots=True)
class Blueprint:
    """Everything that the servers' and services' settings are derived from."""

    home: Home
    ports: Ports
    credentials: Credentials
    store: StoreKind

    @classmethod
    def of(cls, home: Home, *, store: StoreKind | None = None) -> Blueprint:
        """Read or make what the home remembers; raises StackError for an impossible store."""
        return cls(
            home, remembered_ports(home), remembered_credentials(home), chosen_store(home, store)
        )

    @property
    def gateway_url(self) -> str:
        return f"http://127.0.0.1:{self.ports['api']}"

    @property
    def nats_url(self) -> str:
        return f"nats://127.0.0.1:{self.ports['nats']}"

    @property
    def s3_endpoint(self) -> str:
        return f"http://127.0.0.1:{self.ports['s3']}"

    def dsn(self, role: str, *, database: str = DATABASE) -> str:
        """Return the connection string of a PostgreSQL role, password included."""
        password, port = self.credentials.postgres[role], self.ports["postgres"]
        return f"postgresql://{role}:{password}@127.0.0.1:{port}/{database}"


def chosen_store(home: Home, wanted: StoreKind | None) -> StoreKind:
    """Return the store of this home: the one its data is in, else the wanted one.

    Without a wish (argument, then CYTOLAKE_STORE) a `minio` on the PATH is used, and
    SeaweedFS from its wheel where there is none.
    """
    marker = home.root / "store"
    wish = wanted or _wish_of_environment()
    if marker.exists():
        kept = StoreKind(marker.read_text().strip())
        if wish not in {None, kept}:
            raise StackError(
                f"the files of {home.root} are in {kept}: a home keeps its store. "
                f"Take another --home for {wish}"
            )
        return kept
    chosen = wish or (StoreKind.MINIO if binaries.minio() else StoreKind.SEAWEEDFS)
    if chosen is StoreKind.MINIO and not binaries.minio():
        raise StackError("there is no `minio` on the PATH: install it, or use --store seaweedfs")
    home.write_private(marker, f"{chosen}\n")
    return chosen


def _wish_of_environment() -> StoreKind | None:
    value = os.environ.get("CYTOLAKE_STORE", "")
    if not value:
        return None
    try:
        return StoreKind(value)
    except ValueError:
        names = " or ".join(StoreKind)
        raise StackError(f"CYTOLAKE_STORE is {value!r}: it must be {names}") from None
