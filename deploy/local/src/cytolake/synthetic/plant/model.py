"""What truly happened in the synthetic plant: frozen facts, before anybody wrote them down.

Times are UTC. Numbers are those that an instrument or a laboratory reports, already rounded as
they are printed: a truth that nobody could have read would be of no use to compare with.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Modality = Literal["car_t", "aav"]
Kind = Literal["deviation", "oos", "oot", "capa"]
Severity = Literal["minor", "major", "critical"]
Status = Literal["in_process", "completed", "released", "rejected", "terminated"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A product as it is registered, and the site that makes it."""

    product_code: str
    product_version: int
    name: str
    modality: Modality
    is_autologous: bool
    site: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Specification:
    """The limits of one attribute at one stage. `unit` is UCUM."""

    product_code: str
    attribute: str
    stage: str
    spec_version: int
    unit: str | None
    decimals: int | None
    valid_from: datetime
    valid_to: datetime | None = None
    lower: float | None = None
    upper: float | None = None
    is_lower_inclusive: bool = True
    is_upper_inclusive: bool = True
    alert_lower: float | None = None
    alert_upper: float | None = None
    text_accept: str | None = None
    is_release: bool = True
    is_report_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a batch; `ended_at` is None while it runs."""

    step: str
    seq: int
    isa88_level: str
    planned_start_at: datetime
    planned_end_at: datetime
    planned_hours: float
    started_at: datetime
    ended_at: datetime | None
    operator: str
    repeat_of_step: bool
    tvc_in: float | None
    tvc_out: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One sample. Densities in 10^6 cells/mL, viability in percent, of cultures only."""

    sample_id: str
    batch_id: str
    step: str
    collected_at: datetime
    culture_day: int | None = None
    volume_ml: float | None = None
    parent_sample_id: str | None = None
    container: str | None = None
    plate_id: str | None = None
    well: str | None = None
    vcd: float | None = None
    viability: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What a result line said from `modified_at` on."""

    version: int
    value: float | None
    text: str | None
    qualifier: str | None
    state: str
    tested_at: datetime
    verified_at: datetime | None
    modified_at: datetime
    is_invalidated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultLine:
    """One attribute tested once on one sample: its versions, oldest first."""

    result_id: str
    sample_id: str
    attribute: str
    stage: str
    unit: str | None
    decimals: int
    method: str
    requested_at: datetime
    versions: tuple[Version, ...]
    retest_of: str | None = None

    @property
    def current(self) -> Version:
        """The version that counts."""
        return self.versions[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityEvent:
    """A deviation, OOS, OOT or CAPA."""

    event_id: str
    kind: Kind
    severity: Severity
    step: str | None
    cause: str
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialLot:
    """A lot of material, shared by batches unless it is a patient's own."""

    lot_id: str
    material_type: str
    name: str
    supplier: str
    coa: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialUse:
    """How much of a lot went into a step."""

    lot: MaterialLot
    step: str
    quantity: float
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """A device of the plant."""

    device_id: str
    vendor: str
    model: str
    serial: str
    site: str
    timezone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """One calibration of a device."""

    device_id: str
    calibrated_at: datetime
    due_at: datetime
    outcome: Literal["passed", "failed", "adjusted"]
    certificate: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """An ISA-88 batch and all that happened to it."""

    number: int
    batch_id: str
    product: Product
    coi_id: str | None
    process_version: str
    status: Status
    planned_at: datetime
    started_at: datetime
    target_release_at: datetime
    dispositioned_at: datetime | None
    released_oos: bool
    steps: tuple[Step, ...]
    milestones: tuple[tuple[str, datetime], ...]
    samples: tuple[Sample, ...]
    results: tuple[ResultLine, ...]
    quality: tuple[QualityEvent, ...]
    materials: tuple[MaterialUse, ...]

    def at(self, milestone: str) -> datetime | None:
        """When the milestone was reached; None when it was not."""
        return dict(self.milestones).get(milestone)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The whole plant up to its horizon, after which nothing has happened yet."""

    seed: int
    horizon: datetime
    products: tuple[Product, ...]
    specifications: tuple[Specification, ...]
    instruments: tuple[Instrument, ...]
    calibrations: tuple[Calibration, ...]
    batches: tuple[Batch, ...]
