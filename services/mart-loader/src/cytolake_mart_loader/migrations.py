"""From the table that is there to the table that the contract says: expand, then contract. Pure.

Expanding is done at once: a column is added (null in the rows present until they are loaded anew),
a number's type widened, a demand dropped, a rule's CHECK replaced. A column that the contract no
longer has stays, null in new rows, until `drop_columns` asks for the second half. Whatever else
differs is a breaking change: it belongs to a new major version beside the old, and is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from cytolake_contracts.checks_sql import name
from cytolake_contracts.datasets import DatasetContract
from cytolake_contracts.ddl import checks
from cytolake_mart_loader.statements import MARTS
from cytolake_mart_loader.tables import MigrationError, create

Kind = Literal[
    "create", "add_column", "widen_column", "relax_column", "drop_column", "set_check", "drop_check"
]
NOT_ENFORCED = "NOT ENFORCED"
LOSSLESS = {("integer", "bigint"), ("integer", "double precision")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table as PostgreSQL has it: types by `format_type`, checks by `pg_get_constraintdef`."""

    columns: Mapping[str, str] = field(default_factory=dict)
    not_null: frozenset[str] = frozenset()
    key: tuple[str, ...] = ()
    checks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """One change of a table."""

    kind: Kind
    column: str | None
    statement: str


def steps(
    contract: DatasetContract, present: Table, wanted: Table, *, drop_columns: bool = False
) -> list[Step]:
    """Return what makes the table `present` like `wanted`, as PostgreSQL reads the contract.

    Raises MigrationError, with words, for a change that rows present could not bear.
    """
    if not present.columns:
        return [Step("create", None, create(contract))]
    _refuse_breaking(contract, present, wanted)
    return [
        *_columns(contract, present, wanted),
        *_checks(contract, present, wanted),
        *(_dropped(contract, present) if drop_columns else ()),
    ]


def _refuse_breaking(contract: DatasetContract, present: Table, wanted: Table) -> None:
    if present.key != wanted.key:
        raise _breaking(contract, f"its key is {present.key}, its contract says {wanted.key}")
    for column, kind in wanted.columns.items():
        found = present.columns.get(column, kind)
        if found != kind and (found, kind) not in LOSSLESS:
            raise _breaking(contract, f"{column} is {found}, its contract says {kind}")


def _breaking(contract: DatasetContract, what: str) -> MigrationError:
    return MigrationError(
        f"{MARTS}.{contract.name}: {what}. No rows are changed by guess: make it a new major "
        f"version beside the old ({contract.family}_v{contract.major + 1}), or migrate by hand"
    )


def _columns(contract: DatasetContract, present: Table, wanted: Table) -> Iterator[Step]:
    for column, kind in wanted.columns.items():
        if column not in present.columns:
            yield _step(contract, "add_column", column, f"ADD COLUMN {name(column)} {kind}")
        elif present.columns[column] != kind:
            how = f"ALTER COLUMN {name(column)} TYPE {kind}"
            yield _step(contract, "widen_column", column, how)
    for column in sorted(present.not_null - wanted.not_null):
        how = f"ALTER COLUMN {name(column)} DROP NOT NULL"
        yield _step(contract, "relax_column", column, how)


def _checks(contract: DatasetContract, present: Table, wanted: Table) -> Iterator[Step]:
    """Ours are never enforced; an administrator's own, that are, stay as they are."""
    constraints = checks(contract)
    ours = {rule for rule, said in present.checks.items() if said.endswith(NOT_ENFORCED)}
    for rule in sorted(ours - wanted.checks.keys()):
        yield _step(contract, "drop_check", None, f"DROP CONSTRAINT {name(rule)}")
    for rule, definition in wanted.checks.items():
        if present.checks.get(rule) != definition:
            dropped = f"DROP CONSTRAINT IF EXISTS {name(rule)}"
            yield _step(contract, "set_check", None, f"{dropped}, ADD {constraints[rule]}")


def _dropped(contract: DatasetContract, present: Table) -> Iterator[Step]:
    for column in present.columns:
        if column not in contract.column_names:
            yield _step(contract, "drop_column", column, f"DROP COLUMN {name(column)}")


def _step(contract: DatasetContract, kind: Kind, column: str | None, how: str) -> Step:
    return Step(kind, column, f"ALTER TABLE {MARTS}.{name(contract.name)} {how}")
