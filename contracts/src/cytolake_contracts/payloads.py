"""The parts that events are made of: files, tables, parsers, failures, builds."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from cytolake_contracts.envelope import Payload

Sha256 = Field(pattern=r"^[0-9a-f]{64}$")


class KnownShape(Payload):
    """A shape of file that a source has sent before, and what it was read as."""

    fingerprint: str = Field(description="SHA-256 of the header's shape, in hex.")
    vendor: str | None = None
    layout: str | None = None
    columns: tuple[str, ...] = Field(default=(), description="The names in that header.")


class SourceRef(Payload):
    """The registered source that a file came from, as it was when the run was opened."""

    name: str
    site: str
    vendor: str | None = Field(default=None, description="Allotropy vendor name.")
    layout: str | None = Field(default=None, description="Declared layout of our own.")
    timezone: str = Field(description="IANA time zone of naive times in its files.")
    instrument: str | None = Field(default=None, description="Which device, as people name it.")
    file_names: tuple[str, ...] = Field(
        default=(), description="Patterns (`*`, `?`) that its files' names are expected to match."
    )
    known_shapes: tuple[KnownShape, ...] = Field(
        default=(),
        description="Shapes of its files that were loaded before; in file.landed only.",
    )


class FileRef(Payload):
    """One version of one key in the inbound bucket."""

    bucket: str
    key: str
    version_id: str
    etag: str
    object_seq: int = Field(ge=1, description="Its number among the versions of its key.")
    content_sha256: str = Sha256
    size_bytes: int = Field(ge=0)
    content_type: str | None = None
    last_modified: datetime
    received_at: datetime
    source: SourceRef

    @property
    def name(self) -> str:
        """The file's own name: some parsers need it."""
        return self.key.rsplit("/", 1)[-1]


class TableRef(Payload):
    """One Parquet object in the raw zone and the contract it claims to keep."""

    dataset: str
    contract_version: str
    parquet_key: str
    parquet_sha256: str = Sha256
    rows: int = Field(ge=0)


class KeptObject(Payload):
    """A Parquet object of a run that is kept as it is in the lake bucket: in no table."""

    what: str = Field(description="E.g. `flow_event`.")
    key: str
    sha256: str = Sha256
    rows: int = Field(ge=0)
    columns: tuple[str, ...]


class ParserRef(Payload):
    """What turned the bytes into rows."""

    name: str
    version: str
    vendor: str | None = None


class Recognition(Payload):
    """How a file was recognised: what matched, what else did, what was refused, and why."""

    vendor: str | None = None
    layout: str | None = None
    fingerprint: str | None = Field(default=None, description="Of the header's shape.")
    matched: tuple[str, ...] = Field(default=(), description="What matched, in words.")
    runners_up: tuple[str, ...] = ()
    refused: tuple[str, ...] = Field(default=(), description="What was refused, each with why.")
    columns: tuple[str, ...] = Field(default=(), description="The names in the header's shape.")


class UnreadCells(Payload):
    """Cells of the source that no row holds."""

    count: int = Field(ge=0)
    examples: tuple[str, ...] = Field(default=(), description="Where and what, e.g. `B7: lot 12`.")


class Release(Payload):
    """Blocking rules that a reviewer released for a file: broken by it, they only warn."""

    actor: str
    reason: str
    decided_at: datetime
    rules: tuple[str, ...] = Field(
        min_length=1, description="Those that the reviewer saw broken, as `<dataset>.<rule>`."
    )


class Decision(Payload):
    """What a person decided about an object: it opened this run."""

    action: Literal["replay", "revalidate", "release", "refuse"]
    actor: str
    reason: str
    decided_at: datetime
    release: Release | None = Field(
        default=None, description="The release that stands: this one, or one replayed after it."
    )
    replaces: int | None = Field(
        default=None, ge=1, description="The run whose rows stand until this one's do."
    )
    replaces_datasets: tuple[str, ...] = Field(
        default=(), description="The datasets of that run's rows, the main one first."
    )

    replaces_rows: int | None = Field(
        default=None, ge=0, description="How many rows of that run there are."
    )

    def with_what_stays(self, message: str) -> str:
        """Return why a run brings no rows, and which rows therefore stay in the marts."""
        if self.replaces is None:
            return message
        if self.replaces_rows == 0:
            return f"{message} (Run {self.replaces}, loaded before, left no rows in the marts.)"
        return f"{message} (The rows of run {self.replaces}, loaded before, stay in the marts.)"

    def what_goes(self) -> str:
        """Return what a run without rows takes away."""
        if self.replaces_rows == 0:
            return f"run {self.replaces} had none either"
        return f"the rows of run {self.replaces} are taken away"


class RuleFailure(Payload):
    """One rule of a dataset contract that a file breaks."""

    rule: str
    dataset: str | None = Field(default=None, description="Whose rule it is.")
    column: str | None = None
    severity: Literal["block", "warn"]
    message: str = Field(description="In words a scientist understands.")
    failing_rows: int = Field(ge=0)
    examples: tuple[str, ...] = ()
    released_by: str | None = Field(
        default=None, description="Who let it pass: it blocks, and only warns here."
    )


class BuiltObject(Payload):
    """One run that a build covers."""

    object_id: UUID
    run_id: UUID
    run_no: int = Field(ge=1)
    announcement: int = Field(ge=1)
    dataset: str
    rows: int = Field(ge=0)
    site: str
    traceparent: str | None = None


class SliceSet(Payload):
    """The slices of one mart that a build rebuilt: replace exactly these."""

    key: str = Field(description="The mart's slice column.")
    ids: tuple[str, ...] = ()
    all: bool = Field(default=False, description="True after a full refresh: the whole mart.")


class MartChange(Payload):
    """Rows that the merge of one mart wrote."""

    inserted: int = Field(default=0, ge=0)
    updated: int = Field(default=0, ge=0)
    deleted: int = Field(default=0, ge=0)
