"""Write what a Beckman Coulter Vi-CELL BLU exports: one CSV row per counted sample."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO
from zoneinfo import ZoneInfo

from cytolake.synthetic.culture import CulturePoint

MU = "\N{GREEK SMALL LETTER MU}"
HEADER = (
    "Sample ID",
    "Cell count",
    "Viable cells",
    "Total (x10^6) cells/mL",
    "Viable (x10^6) cells/mL",
    "Viability (%)",
    f"Average diameter ({MU}m)",
    f"Average viable diameter ({MU}m)",
    "Average circularity",
    "Average viable circularity",
    "Average cells per image",
    "Average background intensity",
    "Bubble count",
    "Cluster count",
    "Images for analysis",
    "Cell type",
    f"Minimum Diameter ({MU}m)",
    f"Maximum Diameter ({MU}m)",
    "Images",
    "Cell sharpness",
    "Minimum circularity",
    "Decluster degree",
    "Aspiration cycles",
    "Viable spot brightness (%)",
    "Viable spot area (%)",
    "Mixing cycles",
    "Analysis date/time",
    "Reanalysis date/time",
    "Analysis by",
    "Reanalysis by",
    "Dilution",
    "Wash",
    "Tag",
)
CELLS_PER_MILLION = 2810  # what the 100 images of one aspirate hold at 10^6 cells/mL
IMAGES = 100


def vicell_blu(points: Sequence[CulturePoint], *, timezone: ZoneInfo) -> bytes:
    """Return the export; its times are naive and local, as the instrument writes them."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEADER)
    writer.writerows(_row(point, timezone) for point in points)
    return text.getvalue().encode()


def _row(point: CulturePoint, timezone: ZoneInfo) -> tuple[object, ...]:
    counted, viable = (round(density * CELLS_PER_MILLION) for density in (point.tcd, point.vcd))
    local = point.collected_at.astimezone(timezone)
    analysed = f"{local.month}/{local.day}/{local.year} {local.hour}:{local.minute:02d}"
    diameter = round(9.8 - 0.12 * point.day, 2)
    return (
        *(point.sample_id, counted, viable, round(point.tcd, 2), point.vcd, point.viability),
        *(diameter, round(diameter + 0.21, 2), 0.88, 0.9, round(counted / IMAGES), 134, 0, 0),
        *(IMAGES, "SYNTHETIC T cell", 6, 30, IMAGES, 7, 0.1, "Medium", 3, 50, 5, 3),
        *(analysed, "", "SYNTHETIC", "", 1, "Normal Wash", "SYNTHETIC"),
    )
