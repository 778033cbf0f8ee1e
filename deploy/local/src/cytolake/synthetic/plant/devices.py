"""The instruments of the synthetic plant, and when they were calibrated."""

from __future__ import annotations

from datetime import timedelta

from cytolake.synthetic.plant.catalogue import ORIGIN, TIMEZONES
from cytolake.synthetic.plant.model import Calibration, Instrument

DEVICES = (
    ("VC", "BECKMAN_VI_CELL_BLU", "SYNTHETIC Vi-CELL BLU"),
    ("NC", "CHEMOMETEC_NUCLEOVIEW", "SYNTHETIC NC-200"),
    ("RD", "AGILENT_GEN5", "SYNTHETIC plate reader"),
    ("FC", "SYNTHETIC", "SYNTHETIC flow cytometer"),
    ("PCR", "SYNTHETIC", "SYNTHETIC qPCR cycler"),
    ("PTS", "SYNTHETIC", "SYNTHETIC endotoxin reader"),
    ("BTA", "SYNTHETIC", "SYNTHETIC bottle incubator"),
)
INSTRUMENTS = tuple(
    Instrument(
        device_id=f"{site}-{code}",
        vendor=vendor,
        model=model,
        serial=f"SYN{place:05}{number:08}",
        site=site,
        timezone=timezone,
    )
    for place, (site, timezone) in enumerate(TIMEZONES.items(), start=1)
    for number, (code, vendor, model) in enumerate(DEVICES, start=1)
)


def calibrations() -> tuple[Calibration, ...]:
    """Return two calibrations of each device; the second of a qPCR cycler needed adjusting."""
    return tuple(
        Calibration(
            device_id=device.device_id,
            calibrated_at=at,
            due_at=at + timedelta(days=182),
            outcome="adjusted" if device.device_id.endswith("-PCR") and half else "passed",
            certificate=f"SYNTHETIC-CAL-{device.device_id}-{half + 1}",
        )
        for place, device in enumerate(INSTRUMENTS)
        for half in (0, 1)
        for at in (ORIGIN + timedelta(days=182 * half - 150 + place),)
    )
