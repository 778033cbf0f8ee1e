"""Judge one converted file, every table of it by its dataset's contract, and publish the verdict.

Consumes   file.converted     contracts/events/file.converted.v1.schema.json
Publishes  file.validated     no blocking rule is broken
           file.quarantined   at least one is; carries every failure

A file that breaks its contract is a verdict, not an error: it is published and the
message acknowledged. An exception means that no verdict could be reached, and the
runtime chooses between a later retry and the dead-letter stream.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import pyarrow as pa

from cytolake_contracts import (
    FileConverted,
    FileQuarantined,
    FileQuarantinedData,
    FileValidated,
    FileValidatedData,
    ReasonCode,
    RuleFailure,
    TableRef,
)
from cytolake_contracts.datasets import DatasetContract
from cytolake_contracts.evidence import run_result_key
from cytolake_runtime import Publish
from cytolake_validator import identity
from cytolake_validator.released import after
from cytolake_validator.results import result_document
from cytolake_validator.rules import Broken, Candidate, broken_by_count, shape_difference
from cytolake_validator.shown import shown_rows
from cytolake_validator.words import Judged, failures_of, is_blocked, summary

SOURCE = "cytolake/validator"

Judge = Callable[[Candidate], Awaitable[Broken]]
"""Name the rules about rows that a file breaks, and the rows; files that wait share one batch."""


class ContractMismatchError(Exception):
    """The converter and the contracts do not agree: a bug of ours, not the file's fault."""


class RawTables(Protocol):
    """The raw zone of the lake, as much of it as this service needs."""

    async def read(self, key: str, *, sha256: str) -> pa.Table:
        """Return the table; raise `Retryable` while its bytes are absent or not of `sha256`."""
        ...


class LargeTables(Protocol):
    """Tables too large to hold."""

    def takes(self, table: TableRef) -> bool:
        """Say whether the table is too large to be held."""
        ...

    async def judged(self, table: TableRef, contract: DatasetContract) -> Judged:
        """Return what the table breaks; raise `Retryable` while its bytes are not there."""
        ...


class Lims(Protocol):
    """What the LIMS says of samples."""

    async def samples(self, claims: Collection[identity.Identity]) -> Sequence[identity.Identity]:
        """Return what is known of the claims' samples and plates; raise `Retryable` when away."""
        ...


class Evidence(Protocol):
    """Where results are kept."""

    async def keep(self, key: str, document: bytes) -> None:
        """Store a JSON document, replacing its earlier self; raise `Retryable` when away."""
        ...

    async def kept(self, key: str) -> bytes | None:
        """Return the document; None where there is none; raise `Retryable` when away."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """What the handler needs: `app.py` passes the real ones, tests pass fakes."""

    raw: RawTables
    evidence: Evidence
    contracts: Mapping[str, DatasetContract]
    judge: Judge
    publish: Publish
    engine: str
    large: LargeTables | None = None
    lims: Lims | None = None

    async def on_file_converted(self, event: FileConverted) -> None:
        """Publish exactly one verdict for this run of the file."""
        tables = (event.data.table, *event.data.others)
        is_lims = event.data.file.source.name.startswith(identity.LIMS_SOURCES)
        lims = None if is_lims else self.lims
        found = await asyncio.gather(*(self._judged(table, lims) for table in tables))
        told = await self._as_said_before(event, found)
        judged = [after(event.data.decision, one) for one in told]
        document = result_document(event, judged, engine=self.engine)
        await self.evidence.keep(result_key(event), document)
        await self.publish(verdict(event, judged))

    async def _as_said_before(
        self, event: FileConverted, found: Sequence[Judged]
    ) -> Sequence[Judged]:
        """Return what was found, with the run's first word on identities where it was given.

        Only where it may matter: a file told for the first time, without a doubt, is most of them.
        """
        if event.announcement == 1 and not any(is_doubted(one) for one in found):
            return found
        document = await self.evidence.kept(result_key(event))
        if document is None:
            return found
        said = identity.remembered(document)
        return [
            replace(
                one,
                failures=(
                    *((said[name],) if (name := one.contract.name) in said else ()),
                    *(failure for failure in one.failures if failure.rule != identity.RULE),
                ),
            )
            for one in found
        ]

    async def _judged(self, reference: TableRef, lims: Lims | None) -> Judged:
        contract = self._contract_of(reference)
        if self.large is not None and self.large.takes(reference):
            return await self.large.judged(reference, contract)
        table = await self.raw.read(reference.parquet_key, sha256=reference.parquet_sha256)
        if difference := shape_difference(contract, table, rows=reference.rows):
            raise ContractMismatchError(f"{reference.parquet_key}: {difference}")
        by_row, contradiction = await asyncio.gather(
            self.judge(Candidate(table=table, contract=contract)),
            contradiction_of(table, contract.name, lims),
        )
        broken = {**broken_by_count(contract, table), **by_row}
        failures = failures_of(contract, table, broken)
        if contradiction is not None:
            failures = (contradiction, *failures)
        return Judged(reference, contract, failures, shown_rows(contract, table, broken))

    def _contract_of(self, table: TableRef) -> DatasetContract:
        contract = self.contracts.get(table.dataset)
        if contract is None:
            known = ", ".join(sorted(self.contracts))
            raise ContractMismatchError(
                f"no contract for dataset {table.dataset!r}; known: {known}"
            )
        if contract.version != table.contract_version:
            raise ContractMismatchError(
                f"{table.parquet_key} was written for {table.dataset} {table.contract_version}, "
                f"but this validator knows {contract.version}: converter and validator differ"
            )
        return contract


async def contradiction_of(table: pa.Table, dataset: str, lims: Lims | None) -> RuleFailure | None:
    """Return how the table's identities differ from those of the LIMS."""
    if lims is None or dataset not in identity.DATASETS:
        return None
    claims = identity.claims_of(table)
    if not claims:
        return None
    known = await lims.samples(claims)
    return identity.contradiction(claims, known, dataset=dataset, rows=table.num_rows)


def is_doubted(judged: Judged) -> bool:
    """Return whether the table contradicts the LIMS."""
    return any(failure.rule == identity.RULE for failure in judged.failures)


def reason_of(judged: Sequence[Judged]) -> ReasonCode:
    """Return why the file is held: a doubtful identity goes before all else."""
    blocking = (f for one in judged for f in one.failures if f.severity == "block")
    if any(failure.rule == identity.RULE for failure in blocking):
        return ReasonCode.IDENTITY_MISMATCH
    return ReasonCode.CONTRACT_VIOLATION


def result_key(event: FileConverted) -> str:
    """Return the key of the run's result in the evidence bucket."""
    return run_result_key(event.object_id, event.run_no)


def verdict(event: FileConverted, judged: Sequence[Judged]) -> FileValidated | FileQuarantined:
    """Build the one event that a converted file leads to; same run, same id."""
    failures = tuple(failure for one in judged for failure in one.failures)
    if is_blocked(judged):
        words, decision = summary(judged), event.data.decision
        held = FileQuarantinedData(
            file=event.data.file,
            table=event.data.table,
            result_key=result_key(event),
            reason_code=reason_of(judged),
            message=decision.with_what_stays(words) if decision else words,
            failures=failures,
        )
        return FileQuarantined.following(event, source=SOURCE, data=held)
    passed = FileValidatedData(
        file=event.data.file,
        table=event.data.table,
        others=event.data.others,
        result_key=result_key(event),
        warnings=failures,
        decision=event.data.decision,
    )
    return FileValidated.following(event, source=SOURCE, data=passed)
