"""The plant's master data: two products, their steps, attributes, limits. All made up.

Limits follow the examples of the quality attributes in the published trials (DOMAIN.md 4.2); they
are no product's specification.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from cytolake.synthetic.plant.model import Product, Specification

ORIGIN = datetime(2025, 1, 6, 7, 0, tzinfo=UTC)
BATCHES_A_WEEK = 4
NEW_PROCESS_FROM = 120
"""From this batch number on process version 2 is in use."""
DRIFT_FROM, DRIFT_LENGTH = 60, 24
"""Batches in which a CAR-T's potency slides down: a trend that nobody ordered."""
SPEC_CHANGE_AT = ORIGIN + timedelta(days=75)

CAR_T = Product(
    product_code="SYN-CART-19",
    product_version=1,
    name="SYNTHETIC CD19 CAR-T cells",
    modality="car_t",
    is_autologous=True,
    site="SYN-BERLIN",
)
AAV = Product(
    product_code="SYN-AAV-9",
    product_version=1,
    name="SYNTHETIC AAV9 vector",
    modality="aav",
    is_autologous=False,
    site="SYN-BOSTON",
)
PRODUCTS = (CAR_T, AAV)
TIMEZONES = {"SYN-BERLIN": "Europe/Berlin", "SYN-BOSTON": "America/New_York"}

STEPS: dict[str, tuple[tuple[str, str, float], ...]] = {
    "car_t": (
        ("select", "operation", 8),
        ("activate", "operation", 24),
        ("transduce", "operation", 24),
        ("expand", "unit_procedure", 184),
        ("harvest", "operation", 6),
        ("formulate", "operation", 4),
        ("cryopreserve", "operation", 8),
        ("qc", "procedure", 168),
        ("release", "procedure", 24),
    ),
    "aav": (
        ("thaw", "operation", 24),
        ("expand", "unit_procedure", 120),
        ("transfect", "operation", 72),
        ("harvest", "operation", 8),
        ("clarify", "operation", 6),
        ("purify", "unit_procedure", 16),
        ("tff", "operation", 8),
        ("fill", "operation", 8),
        ("qc", "procedure", 336),
        ("release", "procedure", 24),
    ),
}
"""Step, its level in ISA-88's procedural model, planned hours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """A test of one sample: how its values lie, and the limits that hold.

    `failing` is a value that a truly bad batch would have, `p_failing` how often that is so.
    A text test has `texts`: what it says when all is well, and when not.
    """

    attribute: str
    method: str
    unit: str | None = None
    ucum: str | None = None
    decimals: int = 1
    mean: float = 0.0
    sd: float = 0.0
    failing: float = 0.0
    p_failing: float = 0.0
    texts: tuple[str, str] | None = None
    lower: float | None = None
    upper: float | None = None
    is_lower_inclusive: bool = True
    is_upper_inclusive: bool = True
    alert_lower: float | None = None
    alert_upper: float | None = None
    limit_decimals: int = 0
    is_report_only: bool = False
    below: float | None = None
    """The limit of quantitation: smaller values are reported as `<` it."""


STERILITY = Test(
    attribute="sterility", method="SYN-SOP-30 v1", texts=("no growth", "growth"), p_failing=0.002
)
ENDOTOXIN = Test(
    attribute="endotoxin",
    method="SYN-SOP-18 v2",
    unit="EU/mL",
    ucum="{EU}/mL",
    decimals=3,
    mean=0.04,
    sd=0.12,
    failing=6.5,
    p_failing=0.002,
    upper=5,
    is_upper_inclusive=False,
    alert_upper=0.4,
    limit_decimals=1,
    below=0.05,
)
RELEASE: dict[str, tuple[Test, ...]] = {
    "car_t": (
        Test(
            attribute="viability", method="SYN-SOP-10 v4", unit="%", ucum="%", mean=90, sd=3.5,
            failing=64, p_failing=0.012, lower=70, alert_lower=80,
        ),
        Test(
            attribute="car_pos", method="SYN-SOP-11 v2", unit="%", ucum="%", mean=30, sd=5.5,
            failing=7, p_failing=0.008, lower=10, alert_lower=15,
        ),
        Test(
            attribute="cd3_pos", method="SYN-SOP-11 v2", unit="%", ucum="%", mean=95, sd=2,
            failing=72, p_failing=0.008, lower=80,
        ),
        Test(
            attribute="vcn", method="SYN-SOP-12 v3", unit="copies/cell", ucum="{copies}/{cells}",
            decimals=2, mean=2.4, sd=0.45, failing=5.6, p_failing=0.004, upper=5,
            is_upper_inclusive=False, alert_upper=4, limit_decimals=1,
        ),
        Test(
            attribute="potency_ifng", method="SYN-SOP-14 v1", unit="pg/mL", ucum="pg/mL", mean=820,
            sd=90, failing=31, p_failing=0.005, lower=50, is_lower_inclusive=False,
        ),
        Test(
            attribute="residual_beads", method="SYN-SOP-19 v1", unit="beads", ucum="{beads}",
            decimals=0, mean=18, sd=9, failing=140, p_failing=0.002, upper=100,
            is_upper_inclusive=False, below=10,
        ),
        Test(attribute="mycoplasma", method="SYN-SOP-21 v2", texts=("negative", "positive")),
        Test(attribute="rcl_rcr", method="SYN-SOP-22 v1", texts=("negative", "positive")),
        Test(
            attribute="dose", method="SYN-SOP-15 v1", unit="10^6 cells", ucum="10*6", decimals=0,
            mean=210, sd=25, is_report_only=True,
        ),
        ENDOTOXIN,
        STERILITY,
    ),
    "aav": (
        Test(
            attribute="vg_titer", method="SYN-SOP-40 v2", unit="vg/mL", ucum="{vg}/mL",
            decimals=-11, mean=2.4e13, sd=3e12, failing=7.5e12, p_failing=0.015, lower=1e13,
        ),
        Test(
            attribute="capsid_titer", method="SYN-SOP-41 v1", unit="cp/mL", ucum="{copies}/mL",
            decimals=-11, mean=3.1e13, sd=4e12, is_report_only=True,
        ),
        Test(
            attribute="full_ratio", method="SYN-SOP-42 v1", unit="%", ucum="%", mean=76, sd=5,
            failing=44, p_failing=0.01, lower=50,
        ),
        Test(
            attribute="ph", method="SYN-SOP-43 v1", unit="pH", ucum="[pH]", decimals=2, mean=7.3,
            sd=0.05, failing=7.8, p_failing=0.003, lower=7.0, upper=7.6, limit_decimals=1,
        ),
        Test(
            attribute="osmolality", method="SYN-SOP-44 v1", unit="mosm/kg", ucum="mosm/kg",
            decimals=0, mean=310, sd=12, failing=420, p_failing=0.003, lower=250, upper=400,
        ),
        Test(
            attribute="appearance", method="SYN-SOP-02 v1",
            texts=("clear, colourless", "opalescent"), p_failing=0.002,
        ),
        ENDOTOXIN,
        STERILITY,
    ),
}  # fmt: skip
IN_PROCESS: dict[str, tuple[Test, ...]] = {
    "car_t": (
        Test(
            attribute="car_pos", method="SYN-SOP-11 v2", unit="%", ucum="%", mean=24, sd=4,
            failing=3.5, p_failing=0.008, lower=5,
        ),
    ),
    "aav": (),
}  # fmt: skip


def specifications() -> tuple[Specification, ...]:
    """Return every specification, with the limit of viability that was raised on the way."""
    found = [
        _specification(product, test, stage)
        for product in PRODUCTS
        for stage, tests in (
            ("in_process", IN_PROCESS[product.modality]),
            ("release", RELEASE[product.modality]),
        )
        for test in tests
    ]
    raised = [
        replace(one, spec_version=2, lower=75.0, valid_from=SPEC_CHANGE_AT)
        for one in found
        if one.attribute == "viability"
    ]
    first = [
        replace(one, valid_to=SPEC_CHANGE_AT) if one.attribute == "viability" else one
        for one in found
    ]
    return (*first, *raised)


def _specification(product: Product, test: Test, stage: str) -> Specification:
    return Specification(
        product_code=product.product_code,
        attribute=test.attribute,
        stage=stage,
        spec_version=1,
        unit=test.ucum,
        decimals=None if test.texts else test.limit_decimals,
        valid_from=ORIGIN - timedelta(days=30),
        lower=test.lower,
        upper=test.upper,
        is_lower_inclusive=test.is_lower_inclusive,
        is_upper_inclusive=test.is_upper_inclusive,
        alert_lower=test.alert_lower,
        alert_upper=test.alert_upper,
        text_accept=test.texts[0] if test.texts else None,
        is_release=stage == "release",
        is_report_only=test.is_report_only,
    )
