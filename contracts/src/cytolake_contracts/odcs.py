"""Open Data Contract Standard -> DatasetContract: which parts of the standard we use, and how.

The team is the owner; `latency` among the `slaProperties` is how fresh its rows are to be, by the
column that it names as `element`. Rules: see `odcs_rules`.
Definitions: Open Data Contract Standard 3.2.0, https://bitol-io.github.io/open-data-contract-standard
"""

from __future__ import annotations

import re
from typing import cast

from open_data_contract_standard.model import (
    CustomProperty,
    OpenDataContractStandard,
    SchemaProperty,
    ServiceLevelAgreementProperty,
)

from cytolake_contracts.dataset_types import (
    PHYSICAL_TYPES,
    ZONES,
    Column,
    DatasetContract,
    Freshness,
    Zone,
)
from cytolake_contracts.odcs_rules import ContractError, rules_of
from cytolake_contracts.yaml_text import read_yaml

HOURS = {"h": 1, "d": 24}
LONGEST_NAME = 63
SEMANTIC = re.compile(r"\d+\.\d+\.\d+")


def read_contract(text: str) -> DatasetContract:
    """Read one contract; raise ContractError or pydantic's ValidationError when it is none."""
    odcs = OpenDataContractStandard(**read_yaml(text))
    if not odcs.schema_ or len(odcs.schema_) != 1:
        raise ContractError(f"{odcs.id}: a contract describes exactly one dataset")
    table, properties = odcs.schema_[0], odcs.schema_[0].properties or []
    keys = sorted((p for p in properties if p.primaryKey), key=lambda p: p.primaryKeyPosition or 0)
    primary_key = tuple(str(p.name) for p in keys)
    contract = DatasetContract(
        name=str(table.name),
        family=str(odcs.name),
        version=str(odcs.version),
        status=str(odcs.status),
        zone=cast("Zone", _custom(odcs.customProperties, "zone")),
        owner=str(getattr(odcs.team, "name", None) or ""),
        freshness=_freshness(odcs.slaProperties or [], str(table.name)),
        made_as=str(table.physicalType),
        granularity=str(table.dataGranularityDescription),
        description=str(table.description),
        slice_key=_custom(odcs.customProperties, "sliceKey"),
        columns=tuple(_column(p) for p in properties),
        rules=rules_of(table, primary_key),
        primary_key=primary_key,
    )
    for fault in _faults(contract):
        raise ContractError(f"{contract.name}: {fault}")
    return contract


def _faults(contract: DatasetContract) -> list[str]:
    names, ids = set(contract.column_names), [rule.id for rule in contract.rules]
    used = {condition.column for rule in contract.rules for condition in rule.where}
    used |= {contract.freshness.column} if contract.freshness else set()
    types = {column.physical_type for column in contract.columns} - PHYSICAL_TYPES.keys()
    named = ["", *(rule.id for rule in contract.rules if rule.kind != "unique")]
    measures = {c.name for c in contract.columns if c.physical_type not in ("text", "boolean")}
    bounded = {rule.column for rule in contract.rules if rule.kind == "range"} - measures
    fits = SEMANTIC.fullmatch(contract.version) is not None
    faults = {
        f"a rule's id stands twice in {ids}": len(ids) != len(set(ids)),
        f"a rule's id is longer than a name in PostgreSQL may be: {max(named, key=len)}": (
            len(max(named, key=len)) > LONGEST_NAME
        ),
        f"rules or freshness name unknown columns {used - names}": not used <= names,
        f"zone must be {', '.join(ZONES[:-1])} or {ZONES[-1]}": contract.zone not in ZONES,
        "a contract names the team that owns it": not contract.owner,
        f"only numbers and times lie between bounds, not {bounded}": bool(bounded),
        f"no such types here: {types}": bool(types),
        "its dataGranularityDescription begins with `one row per`": not (
            contract.granularity.startswith("one row per ")
        ),
        f"version {contract.version} is not of the form 1.2.3": not fits,
        f"of version {contract.version} its table is to be named {_table_name(contract)}": (
            fits and contract.name != _table_name(contract)
        ),
    }
    return [words for words, wrong in faults.items() if wrong]


def _table_name(contract: DatasetContract) -> str:
    """A later major version lies beside the first, in a table of its own."""
    major = contract.version.split(".", maxsplit=1)[0]
    return contract.family if major in {"0", "1"} else f"{contract.family}_v{major}"


def _freshness(found: list[ServiceLevelAgreementProperty], table: str) -> Freshness | None:
    for sla in found:
        if sla.property == "latency":
            if sla.unit not in HOURS or not isinstance(sla.value, int | float):
                raise ContractError(f"{table}: a latency is a number of h or d")
            column = str(sla.element).removeprefix(f"{table}.")
            return Freshness(column=column, hours=int(sla.value * HOURS[sla.unit]))
    return None


def _custom(properties: list[CustomProperty] | None, name: str) -> str | None:
    return next((str(p.value) for p in properties or [] if p.property == name), None)


def _column(prop: SchemaProperty) -> Column:
    return Column(
        name=str(prop.name),
        logical_type=str(prop.logicalType),
        physical_type=str(prop.physicalType),
        required=bool(prop.required),
        unique=bool(prop.unique),
        primary_key=bool(prop.primaryKey),
        description=str(prop.description),
        unit=_custom(prop.customProperties, "unit"),
    )
