"""Great Expectations, and the two buckets.

Great Expectations is imported here and nowhere else: it takes seconds, before the service is ready.
It is not safe between threads (shared, it mixed up results silently): one lock, one judge.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import great_expectations as gx
import pyarrow as pa
import pyarrow.parquet as pq
from great_expectations import expectations as gxe
from great_expectations.data_context.types.base import ProgressBarsConfig

from cytolake_contracts.datasets import DatasetContract
from cytolake_runtime import ObjectMissingError, Retryable
from cytolake_runtime.store import ObjectStore
from cytolake_validator.rules import (
    FILE,
    MISSING,
    ROW,
    Broken,
    Candidate,
    Check,
    checks_of,
    in_batches,
    judged_table,
)

MAX_ROWS = 200_000
"""Files are judged together up to so many rows (a larger one alone): about 100 MB at once."""

FOUND = {"result_format": "COMPLETE", "unexpected_index_column_names": [FILE, ROW]}
ENGINE = f"great_expectations {gx.__version__}"


class JudgementError(Exception):
    """Great Expectations could not evaluate an expectation: not a verdict on the file."""


@dataclass(frozen=True, slots=True)
class Suite:
    """A contract's checks, and the same as Great Expectations' suite."""

    checks: tuple[Check, ...]
    expectations: gx.ExpectationSuite


class GreatExpectationsJudge:
    """Judge files against the suites of their contracts; built once per process."""

    def __init__(self, contracts: Mapping[str, DatasetContract]) -> None:
        """Build one suite per contract, in memory."""
        self._lock = Lock()
        context = gx.get_context(mode="ephemeral")
        context.enable_analytics(enable=False)
        context.variables.progress_bars = ProgressBarsConfig(globally=False)
        asset = context.data_sources.add_pandas("raw").add_dataframe_asset("judged")
        # `Batch.validate`, not a ValidationDefinition: that one keeps every result it ever made.
        self._rows = asset.add_batch_definition_whole_dataframe("rows")
        self._suites = {name: _suite(context, contract) for name, contract in contracts.items()}

    def judge(self, candidates: Sequence[Candidate]) -> list[Broken | Exception]:
        """Return what each file breaks, or why it could not be judged, in the order given."""
        by_contract: defaultdict[str, list[int]] = defaultdict(list)
        for place, candidate in enumerate(candidates):
            by_contract[candidate.contract.name].append(place)
        results: dict[int, Broken | Exception] = {}
        with self._lock:
            for name, places in by_contract.items():
                tables = [candidates[place].table for place in places]
                results.update(zip(places, self._judge_dataset(name, tables), strict=True))
        return [results[place] for place in range(len(candidates))]

    def _judge_dataset(self, name: str, tables: list[pa.Table]) -> list[Broken | Exception]:
        results: list[Broken | Exception] = []
        for run in in_batches([table.num_rows for table in tables], max_rows=MAX_ROWS):
            results += self._together_or_alone(name, tables[run[0] : run[-1] + 1])
        return results

    def _together_or_alone(self, name: str, tables: list[pa.Table]) -> list[Broken | Exception]:
        try:
            return list(self._judge(name, tables))
        except Exception as error:  # noqa: BLE001 - the caller of each file is told
            if len(tables) == 1:
                return [error]
            return [result for table in tables for result in self._together_or_alone(name, [table])]

    def _judge(self, name: str, tables: list[pa.Table]) -> list[Broken]:
        broken: list[dict[str, list[int]]] = [defaultdict(list) for _ in tables]
        if any(table.num_rows for table in tables):
            suite = self._suites[name]
            frame = judged_table(tables, suite.checks).to_pandas()
            batch = self._rows.get_batch(batch_parameters={"dataframe": frame})
            # First only whether: where is asked of the few that fail, at twice the price.
            for check in _failing(suite, batch):
                for file, row, rule in _found(check, batch):
                    broken[file][rule].append(row)
        return [{rule: tuple(rows) for rule, rows in rules.items()} for rules in broken]


def _suite(context: Any, contract: DatasetContract) -> Suite:  # noqa: ANN401
    checks = checks_of(contract)
    suite = gx.ExpectationSuite(contract.name, expectations=[_expectation(c) for c in checks])
    return Suite(checks, context.suites.add(suite))


def _expectation(check: Check) -> Any:  # noqa: ANN401
    return getattr(gxe, check.expectation)(column=check.column, **check.kwargs)


def _failing(suite: Suite, batch: Any) -> list[Check]:  # noqa: ANN401
    results = batch.validate(suite.expectations, result_format="BOOLEAN_ONLY").results
    verdicts = {result.expectation_config.kwargs["column"]: _passed(result) for result in results}
    return [check for check in suite.checks if not verdicts[check.column]]


def _found(check: Check, batch: Any) -> Iterable[tuple[int, int, str]]:  # noqa: ANN401
    """Yield file, row and rule of all that breaks the check, in the order of the rows."""
    result = batch.validate(_expectation(check), result_format=FOUND)
    _passed(result)
    for entry in result.result["unexpected_index_list"]:
        ids = entry[check.column].split() if check.column == MISSING else [check.column]
        for rule in ids:
            yield int(entry[FILE]), int(entry[ROW]), rule  # numpy's integers until here


def _passed(result: Any) -> bool:  # noqa: ANN401
    # An expectation that raised is reported as not met: such a thing must never be a verdict.
    if not result.success and result.exception_info.get("raised_exception", True):
        raise JudgementError(str(result.exception_info))
    return bool(result.success)


class LakeTables:
    """The raw zone in the lake bucket."""

    def __init__(self, store: ObjectStore, *, bucket: str) -> None:
        """Read from `bucket`."""
        self._store, self._bucket = store, bucket

    async def read(self, key: str, *, sha256: str) -> pa.Table:
        """Return the table; raise `Retryable` while its bytes are absent or not of `sha256`."""
        try:
            body = await self._store.get(self._bucket, key)
        except ObjectMissingError as error:
            raise Retryable(f"{self._bucket}/{key} is not there (yet)") from error
        return await asyncio.to_thread(_table, body, key, sha256)


def _table(body: bytes, key: str, sha256: str) -> pa.Table:
    if (found := hashlib.sha256(body).hexdigest()) != sha256:
        raise Retryable(f"{key} holds other bytes than announced: {found}, not {sha256}")
    return pq.read_table(io.BytesIO(body))


class EvidenceBucket:
    """Results, by key; the bucket keeps earlier versions."""

    def __init__(self, store: ObjectStore, *, bucket: str) -> None:
        """Write to `bucket`, and read what was written."""
        self._store, self._bucket = store, bucket

    async def keep(self, key: str, document: bytes) -> None:
        """Store a JSON document, replacing its earlier self."""
        await self._store.put(self._bucket, key, document, content_type="application/json")

    async def kept(self, key: str) -> bytes | None:
        """Return the document; None where there is none."""
        try:
            return await self._store.get(self._bucket, key)
        except ObjectMissingError:
            return None
