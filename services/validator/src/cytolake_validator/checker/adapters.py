"""The evidence bucket as a shelf, and Great Expectations, brought in when it is first needed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

import pyarrow as pa

from cytolake_contracts.datasets import DatasetContract
from cytolake_runtime.store import ObjectStore
from cytolake_validator.checker.checks import Judge
from cytolake_validator.rules import Broken, Candidate, broken_by_count

TYPES = {"html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8"}


class EvidenceShelf:
    """Port `Shelf` on the evidence bucket; it keeps earlier versions."""

    def __init__(self, store: ObjectStore, *, bucket: str) -> None:
        """Read and write `bucket`."""
        self._store, self._bucket = store, bucket

    async def read(self, key: str) -> bytes:
        return await self._store.get(self._bucket, key)

    async def keep(self, key: str, document: bytes) -> None:
        await self._store.put(self._bucket, key, document, content_type="application/json")

    async def put_page(self, key: str, body: bytes) -> None:
        kind = TYPES[key.rsplit(".", 1)[-1]]
        await self._store.put(self._bucket, key, body, content_type=kind)

    async def names(self, prefix: str) -> tuple[list[str], list[str]]:
        return await self._store.names(self._bucket, prefix)


class LateJudge:
    """Port `Judging`: Great Expectations takes seconds and 200 MB, so not before it is needed."""

    engine = "great_expectations"

    def __init__(self, contracts: Mapping[str, DatasetContract]) -> None:
        """Keep the contracts to judge by."""
        self._contracts = contracts
        self._judge: Judge | None = None

    @property
    def is_ready(self) -> bool:
        return self._judge is not None

    async def ready(self) -> Judge:
        if self._judge is None:
            self._judge = await asyncio.to_thread(self._load)
        return self._judge

    def _load(self) -> Judge:
        logging.getLogger("great_expectations").setLevel(logging.WARNING)  # it tells of its insides
        from cytolake_validator.adapters import ENGINE, GreatExpectationsJudge  # noqa: PLC0415

        self.engine = ENGINE
        great_expectations = GreatExpectationsJudge(self._contracts)

        def judge(table: pa.Table, contract: DatasetContract) -> Broken:
            (told,) = great_expectations.judge([Candidate(table=table, contract=contract)])
            if isinstance(told, Exception):
                raise told
            return {**broken_by_count(contract, table), **told}

        return judge
