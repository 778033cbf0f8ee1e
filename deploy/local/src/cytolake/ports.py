"""Loopback ports: chosen once, remembered in `ports.json`, tested at each start.

CYTOLAKE_PORT_RANGE (`20000-31999`) says where a new home may choose its ports.
"""

from __future__ import annotations

import json
import os
import random
import socket

import psutil

from cytolake.errors import StackError
from cytolake.home import Home

# Below Linux's ephemeral range, so that no outgoing connection takes a port while we are down.
RANGE = range(20_000, 32_000)
UNPRIVILEGED = range(1_024, 65_536)
RANGE_VARIABLE = "CYTOLAKE_PORT_RANGE"
NAMES = (
    "api",
    "nats",
    "nats_monitor",
    "postgres",
    "s3",
    "s3_grpc",
    "weed_filer",
    "weed_filer_grpc",
    "weed_master",
    "weed_master_grpc",
    "weed_volume",
    "weed_volume_grpc",
)

Ports = dict[str, int]


def remembered_ports(home: Home) -> Ports:
    """Return the home's ports, choosing free ones for names it does not know yet."""
    file = home.root / "ports.json"
    ports: Ports = json.loads(file.read_text()) if file.exists() else {}
    missing = [name for name in NAMES if name not in ports]
    for name in missing:
        ports[name] = _free_port(taken=set(ports.values()))
    if missing:
        home.write_private(file, json.dumps(ports, indent=2, sort_keys=True) + "\n")
    return ports


def require_free(ports: Ports, home: Home) -> None:
    """Raise StackError naming the holder of the first port that is taken."""
    for name, port in ports.items():
        if not _can_bind(port):
            raise StackError(
                f"port {port} ({name}) is held by {_holder(port)}: end that program, or delete "
                f"{home.root / 'ports.json'} so that other ports are chosen"
            )


def _free_port(*, taken: set[int]) -> int:
    among = chosen_range()
    for port in random.sample(among, len(among)):
        if port not in taken and _can_bind(port):
            return port
    raise StackError(f"no free port between {among.start} and {among.stop - 1}")


def chosen_range() -> range:
    """Return where to look for ports; raises StackError when the environment says it wrongly."""
    told = os.environ.get(RANGE_VARIABLE)
    if not told:
        return RANGE
    first, _, last = told.partition("-")
    if not (first.isdecimal() and last.isdecimal() and int(first) <= int(last) in UNPRIVILEGED):
        raise StackError(f"{RANGE_VARIABLE} is {told!r}: it must be like 20000-31999")
    return range(max(int(first), UNPRIVILEGED.start), int(last) + 1)


def _can_bind(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _holder(port: int) -> str:
    for connection in psutil.net_connections("tcp"):
        listens = connection.status == psutil.CONN_LISTEN
        if listens and connection.laddr and connection.laddr.port == port and connection.pid:
            return f"process {connection.pid} ({psutil.Process(connection.pid).name()})"
    return "another user's program"
