"""Objects of any size: read chunk by chunk, stored in parts, never held whole.

Both block for as long as they take, and call back for each piece: for threads of the caller's.
They raise as `store.ObjectStore` does.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from boto3.s3.transfer import TransferConfig

from cytolake_runtime.s3 import CHUNK_BYTES, address, client, told
from cytolake_runtime.settings import ServiceSettings

PART_BYTES = 16_777_216
_PARTS_AT_ONCE = 2


class LargeObjects:
    """One client of its own: a slow download must not keep connections from small files."""

    def __init__(self, settings: ServiceSettings) -> None:
        """Prepare the client; nothing is sent yet."""
        self._s3 = client(settings, connections=2 * _PARTS_AT_ONCE)
        self._parts = TransferConfig(
            multipart_threshold=PART_BYTES,
            multipart_chunksize=PART_BYTES,
            max_concurrency=_PARTS_AT_ONCE,
        )

    def read(
        self, bucket: str, key: str, version_id: str | None, each: Callable[[bytes], None]
    ) -> None:
        """Call back with every chunk of one version, in order."""

        def streamed(**where: str) -> None:
            for chunk in self._s3.get_object(**where)["Body"].iter_chunks(CHUNK_BYTES):
                each(chunk)

        told(streamed, address(bucket, key, version_id))

    def store(
        self, bucket: str, key: str, path: Path, *, content_type: str, each: Callable[[int], None]
    ) -> None:
        """Store a file, in parts where it is larger than one; call back with bytes sent."""

        def sent(**where: str) -> None:
            with path.open("rb") as file:
                self._s3.upload_fileobj(
                    file,
                    where["Bucket"],
                    where["Key"],
                    ExtraArgs={"ContentType": content_type},
                    Callback=each,
                    Config=self._parts,
                )

        told(sent, address(bucket, key, None))
