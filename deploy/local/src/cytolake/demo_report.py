"""What the demo shows at its end: growth by day, what went wrong and why, what to open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg.rows import dict_row
from rich.console import Console
from rich.table import Table

from cytolake.demo_view import Journey

GROWTH = """
    select culture_day, sample_id, n_counts, vcd, viability, volume_ml, tvc,
           fold_expansion, pdl, doubling_time_hours
    from marts.mart_cell_growth where batch_id = %s order by culture_day
"""
HEADINGS = {
    "culture_day": ("day", "{:.0f}"),
    "n_counts": ("counts", "{:d}"),
    "vcd": ("vcd", "{:.2f}"),
    "viability": ("viab.", "{:.1f}"),
    "volume_ml": ("volume", "{:.0f}"),
    "tvc": ("tvc", "{:.0f}"),
    "fold_expansion": ("fold", "{:.1f}"),
    "pdl": ("PDL", "{:.2f}"),
    "doubling_time_hours": ("doubling", "{:.1f}"),
}
UNITS = "vcd in 10⁶/mL, viability in %, volume in mL, tvc in 10⁶, doubling time in hours"
Rows = list[dict[str, Any]]


def growth(dsn: str, batch_id: str) -> Rows:
    """Read the batch's growth from the marts, in the reader's role."""
    with psycopg.connect(dsn, row_factory=dict_row) as connection:
        return list(connection.execute(GROWTH, (batch_id,)))


def batches(dsn: str) -> int:
    """Return how many synthetic batches the marts hold already."""
    with psycopg.connect(dsn) as connection:
        found = connection.execute(
            "select count(distinct batch_id) from marts.mart_cell_growth"
            " where batch_id like 'SYN-B%'"
        ).fetchone()
    return int(found[0]) if found else 0


def growth_table(batch_id: str, rows: Rows) -> Table:
    """Lay out the growth of a batch by day."""
    title = f"{batch_id} (SYNTHETIC): growth by day, from marts.mart_cell_growth"
    table = Table(*(heading for heading, _ in HEADINGS.values()), title=title, caption=UNITS)
    for row in rows:
        table.add_row(
            *(
                "" if row[name] is None else form.format(row[name])
                for name, (_, form) in HEADINGS.items()
            )
        )
    return table


def print_wrong(console: Console, journeys: Sequence[Journey], told: Mapping[str, Any]) -> None:
    """Say of each file that did not become rows where it is and why."""
    for journey in journeys:
        state = told[journey.object_id]
        console.print(f"[bold]{journey.drop.file.name}[/] {_fault(journey)}", highlight=False)
        console.print(f"  is [yellow]{state.state}[/], kept as {state.key}", highlight=False)
        console.print(f"  {state.reason_code}: {state.message}", markup=False, highlight=False)
        console.print(f"  its history: cytolake file {state.object_id}", highlight=False)


def _fault(journey: Journey) -> str:
    return f"(on purpose: {journey.drop.fault})" if journey.drop.fault else ""


def what_next(environment: Mapping[str, str], *, keeps_running: bool) -> dict[str, str]:
    """Return what to open or type next, by what it shows."""
    if not keeps_running:
        return {
            "start the stack again, nothing is lost": "cytolake up --detach",
            "or run the demo and leave it running": "cytolake demo --keep",
        }
    gateway = environment["CYTOLAKE_GATEWAY_URL"]
    return {
        "the HTTP interface, to try in the browser": f"{gateway}/docs",
        "the marts, in SQL": 'eval "$(cytolake env)" && psql "$CYTOLAKE_MARTS_DSN"',
        "every file and where it stands": "cytolake files",
        "a file of your own": "cytolake put FILE --source syn-vicell --wait",
        "the processes": "cytolake status",
        "stop it all, keep the data": "cytolake down",
    }
