"""Great Expectations, and the two buckets.

Great Expectations is imported with this module: it takes seconds, before the service is ready.
It is not safe between threads (shared, it mixed up results silently): one lock, one judge.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from threading import Lock
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cytolake_contracts.datasets import DatasetContract
from cytolake_runtime import ObjectMissingError, Retryable
from cytolake_runtime.store import ObjectStore
from cytolake_validator.gx_import import ProgressBarsConfig, gx, gxe
from cytolake_validator.judged import broken_rows
from cytolake_validator.rules import Broken, Candidate, Check, checks_of, in_batches

MAX_ROWS = 200_000
"""Files are judged together up to so many rows (a larger one alone): about 100 MB at once."""

VALUES_AT_ONCE = 50_000
"""Of a large table so many different values are judged at once: bounded memory."""

PLACE = "_place"
FOUND = {"result_format": "COMPLETE", "unexpected_index_column_names": [PLACE]}
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
        counts = [table.num_rows for table in tables]
        if any(counts):
            suite, starts = self._suites[name], [0, *accumulate(counts)]
            whole = pa.concat_tables(tables)
            file = pa.concat_arrays([pa.repeat(number, n) for number, n in enumerate(counts)])
            for rule, rows in broken_rows(whole, file, suite.checks, Asked(suite, self._rows)):
                for row in rows:
                    number = bisect_right(starts, row) - 1
                    broken[number][rule].append(row - starts[number])
        return [{rule: tuple(rows) for rule, rows in rules.items()} for rules in broken]


def _suite(context: Any, contract: DatasetContract) -> Suite:  # noqa: ANN401
    checks = checks_of(contract)
    suite = gx.ExpectationSuite(contract.name, expectations=[_expectation(c) for c in checks])
    return Suite(checks, context.suites.add(suite))


def _expectation(check: Check) -> Any:  # noqa: ANN401
    return getattr(gxe, check.expectation)(column=check.column, **check.kwargs)


@dataclass(frozen=True, slots=True)
class Asked:
    """Port `Engine`: values are laid side by side in a table, one column a check."""

    suite: Suite
    rows: Any

    def failing(self, columns: Mapping[str, pa.Array]) -> list[Check]:
        """Return the checks that a value in their column breaks."""
        broken: set[str] = set()
        for _, part in self._parts(columns, whole=any(c.needs_all for c in self.suite.checks)):
            results = part.validate(self.suite.expectations, result_format="BOOLEAN_ONLY").results
            broken |= {r.expectation_config.kwargs["column"] for r in results if not _passed(r)}
        return [check for check in self.suite.checks if check.column in broken]

    def places(self, check: Check, values: pa.Array) -> list[int]:
        """Return the places of the values that break a check, from first to last."""
        found: list[int] = []
        for start, part in self._parts({check.column: values}, whole=check.needs_all):
            result = part.validate(_expectation(check), result_format=FOUND)
            _passed(result)
            # numpy's integers until here
            found += [start + int(entry[PLACE]) for entry in result.result["unexpected_index_list"]]
        return found

    def _parts(self, columns: Mapping[str, pa.Array], *, whole: bool) -> Iterable[tuple[int, Any]]:
        longest = max(map(len, columns.values()))
        step = longest if whole else VALUES_AT_ONCE
        for start in range(0, longest, step or 1):
            parts = {name: values.slice(start, step) for name, values in columns.items()}
            rows = max(map(len, parts.values()))
            padded = {
                name: pa.concat_arrays([part, pa.nulls(rows - len(part), part.type)])
                for name, part in parts.items()
            }
            frame = pa.table({PLACE: pa.array(range(rows)), **padded}).to_pandas()
            yield start, self.rows.get_batch(batch_parameters={"dataframe": frame})


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
