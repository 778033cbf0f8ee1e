"""The buckets: versioned and locked where originals and evidence are kept, and only there.

Pages of results follow from the evidence and are written again and again: in a locked bucket each
earlier self of an index would be kept for as long as the evidence itself.
"""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from cytolake.blueprint import REGION, Blueprint
from cytolake.credentials import S3Key
from cytolake.provision.policies import DOCS, EVIDENCE, INBOUND, LAKE, PROBE

LOCKED = (INBOUND, EVIDENCE)
# Records of cell therapy are kept for decades; a bucket's default can be raised at any time,
# never lowered for what is stored. COMPLIANCE: not even the store's admin deletes a version.
RETENTION = {"Mode": "COMPLIANCE", "Years": 10}
ALREADY_THERE = {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}


def s3_client(endpoint: str, key: S3Key, *, attempts: int = 3) -> Any:  # noqa: ANN401 (boto3 has no types)
    """Return a boto3 client for one of this stack's keys."""
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        aws_access_key_id=key.access_key,
        aws_secret_access_key=key.secret_key,
        region_name=REGION,
        config=Config(
            s3={"addressing_style": "path"},
            retries={"max_attempts": attempts, "mode": "standard"},
            connect_timeout=5,
            read_timeout=20,
        ),
    )


def admin_client(blueprint: Blueprint, *, attempts: int = 3) -> Any:  # noqa: ANN401
    """Return a client that may do everything the store allows."""
    key = blueprint.credentials.s3["admin"]
    return s3_client(blueprint.s3_endpoint, key, attempts=attempts)


def provision_buckets(blueprint: Blueprint) -> None:
    """Make what is missing; raises botocore's errors while the store is not there."""
    s3 = admin_client(blueprint, attempts=1)
    there = {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
    for bucket in (*LOCKED, LAKE, DOCS, PROBE):
        if bucket not in there:
            _create(s3, bucket, locked=bucket in LOCKED)
    for bucket in LOCKED:
        rule = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": RETENTION}}
        s3.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration=rule)
    s3.put_bucket_versioning(Bucket=PROBE, VersioningConfiguration={"Status": "Enabled"})


def _create(s3: Any, bucket: str, *, locked: bool) -> None:  # noqa: ANN401
    try:
        s3.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=locked)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ALREADY_THERE:
            raise
