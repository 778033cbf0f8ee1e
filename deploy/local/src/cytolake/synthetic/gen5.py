"""Write what Agilent Gen5 exports for one plate: an IFN-gamma ELISA as a potency assay.

Columns 1 to 3 hold the standard curve in triplicate, the others the samples in halving
dilutions down the rows; the last row is blank.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from zoneinfo import ZoneInfo

from cytolake.synthetic.culture import CulturePoint

ROWS = "ABCDEFGH"
REPLICATES = 3
STANDARDS_PG_ML = (1000.0, 500.0, 250.0, 125.0, 62.5, 31.25, 15.625)
SLOPE, INTERCEPT = 0.0031, 0.05
WAVELENGTH = 450
LABEL = f"{WAVELENGTH}nmAbsRead:{WAVELENGTH}"
SAMPLES_PER_PLATE = 3


def gen5(points: Sequence[CulturePoint], *, seed: int, timezone: ZoneInfo) -> bytes:
    """Return one plate of at most three samples, told apart by Gen5's own well ids."""
    if not 0 < len(points) <= SAMPLES_PER_PLATE:
        message = f"a plate holds 1 to {SAMPLES_PER_PLATE} samples, not {len(points)}"
        raise ValueError(message)
    random = Random(seed)  # noqa: S311  (pipetting error, not a secret)
    layout, results = ["Layout"], ["Results"]
    columns = range(1, REPLICATES * (1 + len(points)) + 1)
    for section in (layout, results):
        section.append("\t" + "\t".join(str(column) for column in columns))
    for index, row in enumerate(ROWS):
        wells = [_well(points, index, column) for column in columns]
        layout += _lines(row, [(well[0], "Well ID") for well in wells], [well[1] for well in wells])
        results += _read(row, [well[2] for well in wells], random)
    return _document(points[-1], layout, results, timezone)


def _well(points: Sequence[CulturePoint], row: int, column: int) -> tuple[str, str, float]:
    """Return well id, concentration or dilution as printed, and true pg/mL in the well."""
    group = (column - 1) // REPLICATES
    if group == 0:
        if row == len(STANDARDS_PG_ML):
            return "BLK", "", 0.0
        return f"STD{row + 1}", f"{STANDARDS_PG_ML[row]:g}", STANDARDS_PG_ML[row]
    point = points[group - 1]
    share = 0.5**row
    return point.sample_id, f"{share:g}", ifn_gamma(point) * share


def ifn_gamma(point: CulturePoint) -> float:
    """Return the true IFN-gamma of a sample, pg/mL: more as the culture matures."""
    return 300.0 + 55.0 * point.day


def _lines(row: str, ids: list[tuple[str, str]], amounts: list[str]) -> list[str]:
    return [
        "\t".join([row, *(name for name, _ in ids), "Well ID"]),
        "\t".join(["", *amounts, "Conc/Dil"]),
    ]


def _read(row: str, amounts: list[float], random: Random) -> list[str]:
    absorbances = [
        (INTERCEPT + SLOPE * amount) * (1 + random.uniform(-0.02, 0.02)) for amount in amounts
    ]
    measured = [f"{(value - INTERCEPT) / SLOPE:.3f}" for value in absorbances]
    return [
        "\t".join([row, *(f"{value:.3f}" for value in absorbances), LABEL]),
        "\t".join(["", *measured, "[Concentration]"]),
    ]


def _document(
    point: CulturePoint, layout: list[str], results: list[str], timezone: ZoneInfo
) -> bytes:
    local = point.collected_at.astimezone(timezone)
    hour, half = local.hour % 12 or 12, "AM" if local.hour < 12 else "PM"  # noqa: PLR2004
    lines = [
        *("", "", "", "Software Version\t3.12.08", "", "", ""),
        "Experiment File Path:\tC:\\SYNTHETIC\\ifn_gamma.xpt",
        "Protocol File Path:\tC:\\SYNTHETIC\\ifn_gamma.prt",
        *("", "", "", f"Plate Number\t{point.batch_id}-P1"),
        f"Date\t{local.month}/{local.day}/{local.year}",
        f"Time\t{hour}:{local.minute:02d}:{local.second:02d} {half}",
        *("Reader Type:\tSYNTHETIC", "Reader Serial Number:\tSYN0000000002"),
        *("Reading Type\tManual", "", "Procedure Details", ""),
        *("Plate Type\t96 WELL PLATE (Use plate lid)", "Eject plate on completion"),
        *(f"Read\t{WAVELENGTH}nmAbsRead", "\tAbsorbance Endpoint", "\tFull Plate"),
        f"\tWavelengths:  {WAVELENGTH}",
        "\tRead Speed: Normal,  Delay: 100 msec,  Measurements/Data Point: 8",
        *("", *layout, "", *results, ""),
    ]
    return "".join(f"{line}\n" for line in lines).encode()
