"""Twenty synthetic batches through the running stack: each figure is the plant's own truth."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from cytolake.synthetic.plant import World, build, timeline
from cytolake.synthetic.plant.catalogue import PRODUCTS
from cytolake.synthetic.plant.truth import KPIS
from cytolake.synthetic.plant.truth_batches import deviations_per_batch
from tests.e2e.site import Site
from tests.e2e.test_commands import told

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(900)]

OURS = [product.product_code for product in PRODUCTS]
KEYS = ("product_code", "attribute", "stage", "process_version", "month", "step", "batch_id")
PER_BATCH = {"kpi_growth": "culture_day", "kpi_control_chart": "point_no"}


BATCHES, SEED = "20", "7"


@pytest.fixture(scope="module")
def world(site: Site) -> World:
    """Stream the plant once, by the command of the how-to; every file ends as it was meant to."""
    streamed = told(site, "plant", "--batches", BATCHES, "--seed", SEED)
    made = build(int(SEED), int(BATCHES))
    assert streamed["unlike_meant"] == []
    assert streamed["files"] == len(timeline(made)) == sum(streamed["states"].values())
    assert streamed["states"]["quarantined"] >= 2  # the swaps among them
    return made


def shown(site: Site, kpi: str) -> list[dict[str, Any]]:
    whole = " and step is null" if kpi == "kpi_right_first_time" else ""
    return site.select(f"select * from marts.{kpi} where product_code = any(%s){whole}", OURS)


def key(row: dict[str, Any], kpi: str) -> tuple[str, ...]:
    names = [*KEYS, PER_BATCH.get(kpi, "month")]
    return tuple("" if row.get(name) is None else f"{plain(row[name])}" for name in names)


@pytest.mark.parametrize("kpi", sorted(KPIS.keys() - {"kpi_file_to_result"}))
def test_the_figure_is_the_truth(site: Site, world: World, kpi: str) -> None:
    now = datetime.now(UTC)
    truth = (
        deviations_per_batch(world, now=now)
        if kpi == "kpi_deviations_per_batch"
        else KPIS[kpi](world)
    )
    columns = set(truth[0])
    rows = [{name: row[name] for name in columns & row.keys()} for row in shown(site, kpi)]
    assert all(row.keys() == columns for row in rows), columns - rows[0].keys()
    expected = {key(row, kpi): {name: near(value) for name, value in row.items()} for row in truth}
    found = {key(row, kpi): {name: plain(value) for name, value in row.items()} for row in rows}
    assert found == expected


def plain(value: Any) -> Any:
    """Return what the database gave as the truth has it."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        value = float(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def near(value: object) -> object:
    return pytest.approx(value, rel=1e-9, abs=1e-12) if isinstance(value, float) else value
