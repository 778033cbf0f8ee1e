"""The table of the stack's processes: what runs, with which rights, after what."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from cytolake.blueprint import REGION, Blueprint, StoreKind
from cytolake.process import Process, Stage
from cytolake.servers import minio, nats, postgres, seaweedfs


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One service: its module and the only identities it is given."""

    name: str
    module: str
    nats: str | None = None
    s3: str | None = None
    postgres: str | None = None


GATEWAY = "cytolake_ingest_gateway"
ROWS = (
    Row(name="api", module=f"{GATEWAY}.api", s3="api", postgres="api"),
    Row(name="intake", module=f"{GATEWAY}.intake", nats="intake", s3="intake", postgres="intake"),
    Row(name="converter", module=f"{GATEWAY}.converter", nats="converter", s3="converter"),
    Row(
        name="validator",
        module="cytolake_validator",
        nats="validator",
        s3="validator",
        postgres="validator",
    ),
    Row(
        name="transformer",
        module="cytolake_transformer",
        nats="transformer",
        s3="transformer",
        postgres="transformer",
    ),
    Row(
        name="mart-loader",
        module="cytolake_mart_loader",
        nats="mart-loader",
        s3="mart-loader",
        postgres="mart_loader",
    ),
    Row(
        name="lineage",
        module="cytolake_lineage",
        nats="lineage",
        s3="lineage",
        postgres="lineage",
    ),
    Row(
        name="checker",
        module="cytolake_validator.checker",
        nats="checker",
        s3="checker",
        postgres="checker",
    ),
)
BRIDGE = Row(name="bridge", module="cytolake.bridge", nats="bridge")
WARDEN = Row(name="warden", module="cytolake.warden", nats="provisioner")


def server_processes(blueprint: Blueprint) -> list[Process]:
    """Return PostgreSQL, NATS, the store, and what keeps them provisioned and heard."""
    store = minio if blueprint.store is StoreKind.MINIO else seaweedfs
    keepers = [WARDEN] if blueprint.store is StoreKind.MINIO else [BRIDGE, WARDEN]
    servers = [postgres.process(blueprint), nats.process(blueprint), store.process(blueprint)]
    return servers + [_service(blueprint, row, stage=Stage.KEEPERS) for row in keepers]


def service_processes(blueprint: Blueprint) -> list[Process]:
    """Return the processes of the five services."""
    return [_service(blueprint, row) for row in ROWS]


def _service(blueprint: Blueprint, row: Row, *, stage: Stage = Stage.SERVICES) -> Process:
    ready_file = blueprint.home.ready / row.name
    used = {"nats": row.nats, "store": row.s3 or row is BRIDGE, "postgres": row.postgres}
    environment = _identity(blueprint, row) | _extra(blueprint).get(row.name, {})
    return Process(
        name=row.name,
        command=(sys.executable, "-m", row.module),
        stage=stage,
        environment=environment | {"CYTOLAKE_READY_FILE": str(ready_file)},
        waits_for=tuple(server for server, is_used in used.items() if is_used),
        ready_file=ready_file,
    )


def _identity(blueprint: Blueprint, row: Row) -> dict[str, str]:
    environment: dict[str, str] = {}
    if row.nats:
        environment |= {
            "CYTOLAKE_NATS_URL": blueprint.nats_url,
            "CYTOLAKE_NATS_USER": row.nats,
            "CYTOLAKE_NATS_PASSWORD": blueprint.credentials.nats[row.nats],
        }
    if row.s3:
        environment |= {
            "CYTOLAKE_S3_ENDPOINT": blueprint.s3_endpoint,
            "CYTOLAKE_S3_REGION": REGION,
            "CYTOLAKE_S3_ACCESS_KEY": blueprint.credentials.s3[row.s3].access_key,
            "CYTOLAKE_S3_SECRET_KEY": blueprint.credentials.s3[row.s3].secret_key,
        }
    if row.postgres:
        environment["CYTOLAKE_POSTGRES_DSN"] = blueprint.dsn(row.postgres)
    if endpoint := os.environ.get("CYTOLAKE_OTLP_ENDPOINT"):
        environment["CYTOLAKE_OTLP_ENDPOINT"] = endpoint
    return environment


def _extra(blueprint: Blueprint) -> dict[str, dict[str, str]]:
    """Return what single processes need beside their identities."""
    layouts = {"CYTOLAKE_LAYOUTS_DIR": str(blueprint.home.layouts)}
    return {
        "converter": layouts,
        "api": layouts
        | {
            "CYTOLAKE_HTTP_PORT": str(blueprint.ports["api"]),
            "CYTOLAKE_OPERATOR_API_KEY_SHA256": blueprint.credentials.operator_api_key_sha256,
        },
        "transformer": {
            "CYTOLAKE_DBT_PROJECT_DIR": str(dbt_project()),
            "CYTOLAKE_DBT_TARGET_DIR": str(blueprint.home.data / "dbt-lake"),
            "CYTOLAKE_IDENTITY_SALT": blueprint.credentials.identity_salt,
        },
        "bridge": {
            "CYTOLAKE_FILER": seaweedfs.filer(blueprint),
            "CYTOLAKE_CURSOR_FILE": str(blueprint.home.data / "bridge.cursor"),
        },
    }


def dbt_project() -> Path:
    """Return the folder of the dbt project: the repository's, unless CYTOLAKE_DBT_PROJECT_DIR."""
    default = Path(__file__).resolve().parents[4] / "dbt"
    return Path(os.environ.get("CYTOLAKE_DBT_PROJECT_DIR", default))
