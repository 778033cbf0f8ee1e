"""What is measured, under one code per quantity, each with its canonical unit.

The codes are those of the quality attributes (viability, vcd, ...); what has no entry
here keeps a code made from its own name. Which of them may be in no other kind of unit, the
contracts say (`unit_fits_quantity`).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from types import MappingProxyType

CANONICAL_UNITS: MappingProxyType[str, str] = MappingProxyType(
    {
        "viability": "%",
        "vcd": "10^6 cells/mL",
        "tcd": "10^6 cells/mL",
        "dcd": "10^6 cells/mL",
        "tvc": "10^6 cells",
        "car_pos": "%",
        "cd3_pos": "%",
        "full_ratio": "%",
        "viable_cell_count": "cells",
        "total_cell_count": "cells",
        "dead_cell_count": "cells",
        "cell_diameter": "um",
        "viable_cell_diameter": "um",
        "dead_cell_diameter": "um",
        "cell_circularity": "1",
        "viable_cell_circularity": "1",
        "ph": "pH",
        "po2": "mmHg",
        "pco2": "mmHg",
        "osmolality": "mosm/kg",
        "temperature": "degC",
        "volume": "mL",
        "o2_saturation": "%",
        "co2_saturation": "%",
        "mass_concentration": "g/L",
        "molar_concentration": "mmol/L",
        "copy_number_concentration": "copies/uL",
        "absorbance": "mAU",
        "fluorescence": "RFU",
        "luminescence": "RLU",
        "ct": "1",
        "vcn": "copies/cell",
        "fold_expansion": "1",
        "pdl": "1",
        "cd4_cd8_ratio": "1",
        "dose": "10^6 cells",
        "residual_beads": "beads",
        "residual_cd19": "%",
        "killing": "%",
        "potency_ifng": "pg/mL",
        "endotoxin": "EU/mL",
        "lv_titer": "TU/mL",
        "vg_titer": "vg/mL",
        "capsid_titer": "copies/mL",
    }
)

ALIASES: MappingProxyType[str, str] = MappingProxyType(
    {
        "viability_cell_counter": "viability",
        "viable_cell_density_cell_counter": "vcd",
        "viable_cell_density": "vcd",
        "total_cell_density_cell_counter": "tcd",
        "total_cell_density": "tcd",
        "dead_cell_density_cell_counter": "dcd",
        "dead_cell_density": "dcd",
        "average_total_cell_diameter": "cell_diameter",
        "average_live_cell_diameter_cell_counter": "viable_cell_diameter",
        "average_dead_cell_diameter_cell_counter": "dead_cell_diameter",
        "average_total_cell_circularity": "cell_circularity",
        "average_viable_cell_circularity": "viable_cell_circularity",
        "oxygen_saturation": "o2_saturation",
        "carbon_dioxide_saturation": "co2_saturation",
        "number_concentration": "copy_number_concentration",
        "cycle_threshold_result_qpcr": "ct",
    }
)
"""From the code made of an ASM name to the quantity it is."""


def slug(name: str) -> str:
    """Return a code made of a name: lower-case letters, digits, underscores; never empty."""
    text = unicodedata.normalize("NFKC", name).replace("μ", "u").replace("%", " percent ")
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_") or "unnamed"


@lru_cache(maxsize=4_096)
def quantity_of(name: str, *, kind: str) -> str:
    """Return the quantity's code.

    A setting or a vendor's own field is never taken for the attribute it is named after:
    `temperature` set on a device becomes `temperature_setting`.
    """
    code = slug(name)
    if kind in {"setting", "custom"}:
        return f"{code}_{kind}" if code in CANONICAL_UNITS else code
    return ALIASES.get(code, code)
