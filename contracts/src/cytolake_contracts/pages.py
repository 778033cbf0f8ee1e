"""The reference pages of the datasets, in Markdown: an index, and a page for each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from cytolake_contracts.dataset_types import ZONES, DatasetContract, Rule

NOTE = "<!-- Written by `cytolake contracts build`: edit contracts/datasets. -->\n\n"
HEAD = """# Datasets

From `contracts/datasets/**/*.odcs.yaml` (Open Data Contract Standard). *Raw* datasets are one
Parquet object per file and run; *curated* ones are tables of the lake; *marts* are PostgreSQL
tables in the schema `marts`. Units are UCUM. In raw, a rule that *blocks* sends the file to
quarantine; one that *warns* travels with it. In curated tables and marts every row is kept, and
what breaks a rule is shown. [How a contract is changed](../how-to/change-a-contract.md).
"""


def dataset_pages(contracts: Iterable[DatasetContract]) -> dict[str, str]:
    """Return the pages by their names within docs/reference."""
    ordered = sorted(contracts, key=lambda c: (ZONES.index(c.zone), c.name))
    pages = {f"datasets/{contract.name}.md": _page(contract) for contract in ordered}
    return {"datasets.md": _index(ordered)} | pages


def _index(contracts: Iterable[DatasetContract]) -> str:
    rows = (
        (f"[`{c.name}`](datasets/{c.name}.md)", c.zone, c.version, c.granularity, c.owner)
        for c in contracts
    )
    table = _table(("dataset", "zone", "version", "what a row is", "owner"), rows)
    return NOTE + "\n".join([HEAD, *table]).rstrip("\n") + "\n"


def _page(contract: DatasetContract) -> str:
    return NOTE + "\n".join(_lines(contract)).rstrip("\n") + "\n"


def _lines(contract: DatasetContract) -> Iterator[str]:
    yield f"# `{contract.name}`\n"
    yield f"{contract.granularity}. {' '.join(contract.description.split())}\n"
    yield f"- zone {contract.zone}, version {contract.version} ({contract.status})"
    yield f"- owner {contract.owner}"
    if contract.freshness:
        late = contract.freshness
        yield f"- fresh while the newest `{late.column}` is no older than {late.hours} hours"
    yield f"- primary key {', '.join(f'`{name}`' for name in contract.primary_key)}"
    if contract.slice_key:
        yield f"- replaced by slices of `{contract.slice_key}`"
    yield ""
    yield from _table(
        ("column", "type", "unit", "required", "what"),
        (
            (f"`{c.name}`", c.physical_type, c.unit, "yes" if c.required else "", c.description)
            for c in contract.columns
        ),
    )
    if contract.rules:
        yield from _table(
            ("rule", "column", "severity", "limits", "what"), map(_rule, contract.rules)
        )


def _rule(rule: Rule) -> tuple[str, ...]:
    column = f"`{rule.column}`" if rule.column else ""
    return f"`{rule.id}`", column, rule.severity, _limits(rule.params), rule.description


def _limits(params: Mapping[str, object]) -> str:
    shown = ("min_value", "max_value", "strict_min", "strict_max", "pattern")
    return ", ".join(f"{key} `{params[key]}`" for key in shown if key in params)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str | None, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        cells = (" ".join((cell or "").split()).replace("|", "\\|") for cell in row)
        yield f"| {' | '.join(cells)} |"
    yield ""
