"""Files of another S3 bucket."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from cytolake.pulls.elsewhere import Access, ElsewhereError
from cytolake_watch.folder import Seen


class Bucket:
    """A folder of a bucket, with the keys that AWS's own tools would take."""

    is_atomic = True

    def __init__(self, bucket: str, prefix: str, access: Access) -> None:
        """Prepare the client; nothing is asked yet."""
        folder = prefix.strip("/")
        self._bucket, self._prefix = bucket, f"{folder}/" if folder else ""
        config = Config(
            connect_timeout=10,
            read_timeout=60,
            retries={"total_max_attempts": 4, "mode": "standard"},
            s3={"addressing_style": "path"} if access.endpoint else {},
        )
        self._s3 = _told(
            lambda: boto3.Session(profile_name=access.profile).client(
                "s3", endpoint_url=access.endpoint, config=config
            )
        )

    def listed(self) -> Iterator[Seen]:
        """Yield its objects; those that only stand for a folder are left out."""
        place = {"Bucket": self._bucket, "Prefix": self._prefix}
        marker: dict[str, str] = {}
        while True:
            page = _told(partial(self._s3.list_objects_v2, **place, **marker))
            for one in page.get("Contents", ()):
                if one["Size"] and not one["Key"].endswith("/"):
                    modified_ns = int(one["LastModified"].timestamp()) * 1_000_000_000
                    yield Seen(one["Key"][len(self._prefix) :], one["Size"], modified_ns)
            if not page.get("IsTruncated"):
                return
            marker = {"ContinuationToken": page["NextContinuationToken"]}

    def fetch(self, path: str, target: Path) -> None:
        """Download an object, a large one in parts side by side."""
        key = f"{self._prefix}{path}"
        _told(partial(self._s3.download_file, self._bucket, key, str(target)))

    def close(self) -> None:
        """Give the connections back."""
        self._s3.close()


def _told(call: Callable[[], Any]) -> Any:  # noqa: ANN401 - boto3 has no types
    try:
        return call()
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "?")
        raise ElsewhereError(
            f"the other bucket refuses ({code}): check its name and keys"
        ) from error
    except (BotoCoreError, OSError) as error:
        raise ElsewhereError(f"the other bucket cannot be reached: {error}") from error
