"""The stack as a client sees it: an inbound bucket to put into, marts to select from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import boto3
import psycopg
from botocore.config import Config

from cytolake.synthetic import SyntheticFile
from cytolake_contracts.identity import object_id

CONNECTIONS = 16
PART_BYTES = 67_108_864


def s3_client(environment: Mapping[str, str]) -> Any:  # noqa: ANN401 - boto3 has no types
    """Return an S3 client with the key that `cytolake env` prints."""
    return boto3.client(
        "s3",
        endpoint_url=environment["CYTOLAKE_S3_ENDPOINT"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        region_name=environment["AWS_DEFAULT_REGION"],
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": "path"},
            max_pool_connections=CONNECTIONS,
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


class InboundBucket:
    """Puts files as an instrument would: `<source>/<name>`, no other right needed."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._s3 = s3_client(environment)
        self._bucket = environment["CYTOLAKE_INBOUND_BUCKET"]

    def put(self, file: SyntheticFile) -> UUID:
        """Store the file; return the id that intake will derive from its version."""
        return self.put_bytes(f"{file.source.name}/{file.name}", file.body)

    def close(self) -> None:
        """Give the connections back."""
        self._s3.close()

    def put_bytes(self, key: str, body: bytes) -> UUID:
        """Store the bytes under a key; return the object's id."""
        stored = self._s3.put_object(Bucket=self._bucket, Key=key, Body=body)
        return object_id(self._bucket, key, stored.get("VersionId", "null"))

    def put_file(self, key: str, path: Path) -> UUID:
        """Store a large file part by part; return the object's id."""
        named = {"Bucket": self._bucket, "Key": key}
        upload = named | {"UploadId": self._s3.create_multipart_upload(**named)["UploadId"]}
        parts = []
        with path.open("rb") as file:
            for number, body in enumerate(iter(lambda: file.read(PART_BYTES), b""), start=1):
                sent = self._s3.upload_part(**upload, PartNumber=number, Body=body)
                parts.append({"PartNumber": number, "ETag": sent["ETag"]})
        stored = self._s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
        return object_id(self._bucket, key, stored.get("VersionId", "null"))


class ReaderMarts:
    """Reads the marts in the reader's role, one connection, nothing cached."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._connection = psycopg.connect(environment["CYTOLAKE_MARTS_DSN"], autocommit=True)

    def loaded(self, objects: Sequence[UUID]) -> set[UUID]:
        """Return those of the objects that have a row in `mart_measurement`."""
        found = self._connection.execute(
            """
            select asked.object_id from unnest(%s::text[]) as asked (object_id)
            where exists (
                select from marts.mart_measurement as measured
                where measured.object_id = asked.object_id
            )
            """,
            ([str(one) for one in objects],),
        )
        return {UUID(row[0]) for row in found}

    def history_files(self) -> int:
        """Return how many files have rows in the marts."""
        row = self._connection.execute(
            "select count(distinct object_id) from marts.mart_measurement"
        ).fetchone()
        return int(row[0]) if row else 0

    def rows_written(self) -> int:
        """Return how many row versions PostgreSQL ever wrote into the marts' tables.

        Source: pg_stat_user_tables, which lags behind a commit by up to some seconds.
        """
        row = self._connection.execute(
            """
            select coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)
            from pg_stat_user_tables where schemaname = 'marts'
            """
        ).fetchone()
        return int(row[0]) if row else 0

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()
