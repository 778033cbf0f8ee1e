"""MinIO, where the machine has it: it notifies JetStream itself, fast and queued."""

from __future__ import annotations

from cytolake import binaries
from cytolake.blueprint import Blueprint
from cytolake.errors import StackError
from cytolake.process import Process, Stage
from cytolake_runtime.topology import STORE_INBOUND, STORE_PROBE

NAME = "store"
# Each event of the inbound bucket comes twice: at once, and from a queue that outlives an
# outage of the broker. Intake takes the second for what it is.
TARGETS = {"FAST": STORE_INBOUND, "QUEUED": STORE_INBOUND, "PROBE": STORE_PROBE}


def process(blueprint: Blueprint) -> Process:
    program = binaries.minio()
    if program is None:
        raise StackError("there is no `minio` on the PATH: put it there again")
    address = f"127.0.0.1:{blueprint.ports['s3']}"
    data = str(blueprint.home.data / "minio")
    return Process(
        name=NAME,
        command=(str(program), "server", data, "--address", address),
        stage=Stage.STORE,
        environment=_environment(blueprint),
        waits_for=("nats",),
    )


def configure(blueprint: Blueprint) -> None:
    (blueprint.home.data / "minio").mkdir(mode=0o700, exist_ok=True)


def arn(target: str) -> str:
    """Return the name by which a bucket's notifications choose a target."""
    return f"arn:minio:sqs::{target}:nats"


def _environment(blueprint: Blueprint) -> dict[str, str]:
    admin = blueprint.credentials.s3["admin"]
    environment = {
        "MINIO_ROOT_USER": admin.access_key,
        "MINIO_ROOT_PASSWORD": admin.secret_key,
        "MINIO_BROWSER": "off",
        "MINIO_UPDATE": "off",
        "MINIO_API_SYNC_EVENTS": "on",
        # Clients that keep a connection open would hold up every stop.
        "MINIO_SHUTDOWN_TIMEOUT": "1s",
    }
    for target, subject in TARGETS.items():
        settings = {
            "ENABLE": "on",
            "ADDRESS": f"127.0.0.1:{blueprint.ports['nats']}",
            "SUBJECT": subject,
            "JETSTREAM": "on",
            "USERNAME": "store",
            "PASSWORD": blueprint.credentials.nats["store"],
        }
        if target == "QUEUED":
            settings["QUEUE_DIR"] = str(blueprint.home.data / "minio-queue")
        for name, value in settings.items():
            environment[f"MINIO_NOTIFY_NATS_{name}_{target}"] = value
    return environment
