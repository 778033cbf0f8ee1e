"""MinIO: users and policies by its admin API, notifications by its bucket API."""

from __future__ import annotations

import json

from minio import MinioAdmin
from minio.credentials.providers import StaticProvider

from cytolake.blueprint import Blueprint
from cytolake.credentials import S3Key
from cytolake.provision.buckets import admin_client
from cytolake.provision.policies import INBOUND, PROBE, STATEMENTS, Statement, document
from cytolake.servers.minio import arn

NOTIFIED = {INBOUND: ("FAST", "QUEUED"), PROBE: ("PROBE",)}


def provision_store(blueprint: Blueprint) -> None:
    """Make every service's user with its policy."""
    for user, statements in STATEMENTS.items():
        add_user(blueprint, user, blueprint.credentials.s3[user], statements)


def provision_notifications(blueprint: Blueprint) -> None:
    """Let the buckets tell JetStream of every object; the streams must exist before."""
    s3 = admin_client(blueprint)
    for bucket, targets in NOTIFIED.items():
        queues = [
            {"Id": target.lower(), "QueueArn": arn(target), "Events": ["s3:ObjectCreated:*"]}
            for target in targets
        ]
        s3.put_bucket_notification_configuration(
            Bucket=bucket, NotificationConfiguration={"QueueConfigurations": queues}
        )


def add_user(blueprint: Blueprint, user: str, key: S3Key, statements: list[Statement]) -> None:
    """Add or renew one user of the running store."""
    admin = _admin(blueprint)
    admin.user_add(key.access_key, key.secret_key)
    admin.policy_add(f"cytolake-{user}", policy=json.loads(document(statements)))
    admin.policy_set(f"cytolake-{user}", user=key.access_key)


def _admin(blueprint: Blueprint) -> MinioAdmin:
    key = blueprint.credentials.s3["admin"]
    return MinioAdmin(
        endpoint=blueprint.s3_endpoint.removeprefix("http://"),
        credentials=StaticProvider(key.access_key, key.secret_key),
        secure=False,
    )
