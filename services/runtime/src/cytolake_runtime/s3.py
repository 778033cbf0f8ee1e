"""S3's client, and what its answers mean, whoever asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from cytolake_runtime.errors import ObjectExistsError, ObjectMissingError, Retryable
from cytolake_runtime.settings import ServiceSettings

MISSING = {"NoSuchKey", "NoSuchVersion", "404", "NotFound", "MethodNotAllowed"}
CHUNK_BYTES = 1_048_576


def client(settings: ServiceSettings, *, connections: int) -> Any:  # noqa: ANN401
    """Return a client; nothing is sent yet."""
    return boto3.client(
        "s3",
        endpoint_url=settings.s3_endpoint,
        aws_access_key_id=settings.s3_access_key,
        aws_secret_access_key=settings.s3_secret_key.get_secret_value(),
        region_name=settings.s3_region,
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": "path"},
            connect_timeout=2,
            read_timeout=20,
            retries={"total_max_attempts": 2},
            max_pool_connections=connections,
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


def told(function: Callable[..., Any], arguments: dict[str, Any]) -> Any:  # noqa: ANN401
    """Call S3; raise what its error means: Retryable, missing, existing, or a bug of ours."""
    where = f"{arguments.get('Bucket')}/{arguments.get('Key', '')}"
    try:
        return function(**arguments)
    except ClientError as error:
        raise _meaning(error, where) from error
    except ParamValidationError:
        raise
    except (BotoCoreError, OSError) as error:
        msg = f"the object store does not answer for {where}: {error}"
        raise Retryable(msg) from error


def _meaning(error: ClientError, where: str) -> Exception:
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if code in MISSING or status in {404, 405}:
        return ObjectMissingError(where)
    if code == "PreconditionFailed":
        return ObjectExistsError(where)
    if status >= 500 or code in {"SlowDown", "RequestTimeout", "InternalError"}:  # noqa: PLR2004
        return Retryable(f"the object store is busy for {where}: {code or status}")
    return PermissionError(f"the object store refuses {where}: {error}")


def address(bucket: str, key: str, version_id: str | None) -> dict[str, str]:
    """Return how S3 names a version of an object."""
    named = {"Bucket": bucket, "Key": key}
    # "null" is S3's name for the one version of a key in a bucket without versions.
    if version_id is not None and version_id != "null":
        named["VersionId"] = version_id
    return named
