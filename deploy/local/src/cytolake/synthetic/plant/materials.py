"""The lots that went into a batch: the patient's own cells, and lots that batches share."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from random import Random

from cytolake.synthetic.plant.catalogue import ORIGIN
from cytolake.synthetic.plant.model import MaterialLot, MaterialUse, Product

SHARED = {
    "car_t": (
        ("vector", "SYNTHETIC lentiviral vector", "transduce", 8, 4.0, "mL"),
        ("beads", "SYNTHETIC CD3/CD28 beads", "activate", 10, 6.0, "mL"),
        ("medium", "SYNTHETIC T cell medium", "expand", 5, 1300.0, "mL"),
        ("cytokine", "SYNTHETIC IL-7/IL-15", "expand", 12, 40.0, "ug"),
    ),
    "aav": (
        ("medium", "SYNTHETIC HEK293 medium", "expand", 3, 8000.0, "mL"),
        ("reagent", "SYNTHETIC plasmid mix", "transfect", 4, 9.0, "mg"),
    ),
}
"""Type, name, step, batches that share a lot, quantity, unit."""


def materials_of(
    batch_id: str, number: int, product: Product, random: Random
) -> Iterator[MaterialUse]:
    """Yield the lots of a batch, its own first."""
    if product.is_autologous:
        own = _lot(f"{batch_id}-APH", "apheresis", "SYNTHETIC apheresis", days=4 * number)
        yield MaterialUse(lot=own, step="select", quantity=round(random.gauss(180, 15)), unit="mL")
    for kind, name, step, shared_by, quantity, unit in SHARED[product.modality]:
        lot_number = number // shared_by
        lot_id = f"SYN-L-{product.modality.upper()}-{kind.upper()}-{lot_number:03d}"
        lot = _lot(lot_id, kind, name, days=365 + lot_number * shared_by * 2)
        used = round(quantity * random.uniform(0.95, 1.05), 1)
        yield MaterialUse(lot=lot, step=step, quantity=used, unit=unit)


def _lot(lot_id: str, kind: str, name: str, *, days: int) -> MaterialLot:
    return MaterialLot(
        lot_id=lot_id,
        material_type=kind,
        name=name,
        supplier="SYNTHETIC supplier",
        coa=f"SYNTHETIC-COA-{lot_id}",
        expires_at=ORIGIN + timedelta(days=days),
    )
