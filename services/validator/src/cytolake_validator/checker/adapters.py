"""Results and pages as a shelf on two buckets; Great Expectations, brought in when first needed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

import pyarrow as pa

from cytolake_contracts.datasets import DatasetContract
from cytolake_contracts.evidence import PAGES
from cytolake_runtime.store import ObjectStore
from cytolake_validator.checker.checks import Judge
from cytolake_validator.rules import Broken, Candidate, broken_by_count

TYPES = {"html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8"}


class BucketShelf:
    """Port `Shelf`: results in the evidence bucket, which is locked; pages in that of documents."""

    def __init__(self, store: ObjectStore, *, evidence: str, docs: str) -> None:
        """Read and write these two buckets."""
        self._store, self._evidence, self._docs = store, evidence, docs

    async def read(self, key: str) -> bytes:
        return await self._store.get(self._bucket_of(key), key)

    async def keep(self, key: str, document: bytes) -> None:
        await self._store.put(self._evidence, key, document, content_type="application/json")

    async def put_page(self, key: str, body: bytes) -> None:
        kind = TYPES[key.rsplit(".", 1)[-1]]
        await self._store.put(self._docs, key, body, content_type=kind)

    async def names(self, prefix: str) -> tuple[list[str], list[str]]:
        return await self._store.names(self._bucket_of(prefix), prefix)

    def _bucket_of(self, key: str) -> str:
        return self._docs if key.startswith(PAGES) else self._evidence


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
