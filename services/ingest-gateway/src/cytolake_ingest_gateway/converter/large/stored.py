"""A table that lies in the lake bucket already: it was too large to be carried there."""

from __future__ import annotations

from dataclasses import dataclass

from cytolake_contracts import TableRef
from cytolake_ingest_gateway.converter.tables import Parquet


@dataclass(frozen=True, slots=True)
class Stored(Parquet):
    """`body` is empty; the object is at `key` in the lake bucket."""

    key: str = ""
    sha256: str = ""

    @property
    def reference(self) -> TableRef:
        """How events name it."""
        return TableRef(
            dataset=self.dataset,
            contract_version=self.contract_version,
            parquet_key=self.key,
            parquet_sha256=self.sha256,
            rows=self.rows,
        )
