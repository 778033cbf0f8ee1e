"""The truth of every KPI, computed from the world straight by its definition (DOMAIN.md 5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from cytolake.synthetic.plant.model import World
from cytolake.synthetic.plant.truth_batches import (
    batch_success,
    deviations_per_batch,
    right_first_time,
    vein_to_vein,
)
from cytolake.synthetic.plant.truth_charts import capability, control_chart
from cytolake.synthetic.plant.truth_figures import Row
from cytolake.synthetic.plant.truth_files import file_to_result
from cytolake.synthetic.plant.truth_results import first_pass_attribute, oos_rate
from cytolake.synthetic.plant.truth_steps import growth, step_lead_time

KPIS: Mapping[str, Callable[[World], list[Row]]] = MappingProxyType(
    {
        "kpi_vein_to_vein": vein_to_vein,
        "kpi_batch_success": batch_success,
        "kpi_right_first_time": right_first_time,
        "kpi_oos_rate": oos_rate,
        "kpi_first_pass_attribute": first_pass_attribute,
        "kpi_step_lead_time": step_lead_time,
        "kpi_control_chart": control_chart,
        "kpi_capability": capability,
        "kpi_deviations_per_batch": deviations_per_batch,
        "kpi_file_to_result": file_to_result,
        "kpi_growth": growth,
    }
)
"""View -> its truth. A view that does not stand here has no truth to be held against."""


def truth(world: World) -> dict[str, list[Row]]:
    """Return the rows of every KPI."""
    return {name: rows_of(world) for name, rows_of in KPIS.items()}
