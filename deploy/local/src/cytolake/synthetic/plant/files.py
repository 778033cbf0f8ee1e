"""The files that the plant's instruments leave, in the layouts of their vendors."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from cytolake.synthetic.culture import CulturePoint
from cytolake.synthetic.gen5 import gen5
from cytolake.synthetic.nucleoview import nucleoview
from cytolake.synthetic.plant.drops import Drop, source_of, zone_of
from cytolake.synthetic.plant.growth import POTENCY_DAYS
from cytolake.synthetic.plant.historian import historian_csv
from cytolake.synthetic.plant.model import Batch, Sample
from cytolake.synthetic.plant.readings import readings_of
from cytolake.synthetic.plant.tables import endotoxin_report, result_table, sterility_report
from cytolake.synthetic.vicell_blu import vicell_blu

EXPORTED_AFTER = timedelta(minutes=25)
FLOW = ("car_pos", "cd3_pos")
QPCR = ("vcn", "vg_titer")


def files_of(batch: Batch) -> Iterator[Drop]:
    """Yield every file of a batch as it should be."""
    for sample in batch.samples:
        yield from _counts(batch, sample)
    yield from _potency(batch)
    for kind, attributes, stage in (
        ("flow", FLOW, "in_process"),
        ("flow", FLOW, "release"),
        ("qpcr", QPCR, "release"),
    ):
        yield from _table(batch, kind, attributes, stage)
    yield from _endotoxin(batch)
    yield from _sterility(batch)
    yield from _history(batch)


def point_of(sample: Sample) -> CulturePoint:
    """Return a counted sample as the writers of instrument files take it."""
    return CulturePoint(
        sample_id=sample.sample_id,
        batch_id=sample.batch_id,
        step=sample.step,
        day=sample.culture_day or 0,
        collected_at=sample.collected_at,
        vcd=sample.vcd or 0.0,
        viability=sample.viability or 0.0,
        volume_ml=sample.volume_ml or 0.0,
    )


def _counts(batch: Batch, sample: Sample) -> Iterator[Drop]:
    for reading in readings_of(batch.product, sample):
        source = source_of(reading.counter, batch.product.site)
        point = point_of(sample)
        body = (
            vicell_blu([point], timezone=zone_of(source))
            if reading.counter == "vicell"
            else nucleoview(point, timezone=zone_of(source))
        )
        name = f"SYNTHETIC-{reading.counter}-{sample.sample_id}.csv"
        yield Drop(at=sample.collected_at + EXPORTED_AFTER, source=source, name=name, body=body)


def _potency(batch: Batch) -> Iterator[Drop]:
    plated = [sample for sample in batch.samples if sample.plate_id]
    if len(plated) == len(POTENCY_DAYS):
        source = source_of("gen5", batch.product.site)
        body = gen5([*map(point_of, plated)], seed=batch.number, timezone=zone_of(source))
        name = f"SYNTHETIC-gen5-{batch.batch_id}.txt"
        read_at = plated[-1].collected_at + timedelta(hours=20)
        yield Drop(at=read_at, source=source, name=name, body=body)


def _table(batch: Batch, kind: str, attributes: tuple[str, ...], stage: str) -> Iterator[Drop]:
    lines = [
        line
        for line in batch.results
        if line.attribute in attributes
        and line.stage == stage
        and line.versions
        and line.retest_of is None
    ]
    if lines:
        at = max(line.current.tested_at for line in lines) + EXPORTED_AFTER
        body = result_table(batch, lines, device=kind)
        name = f"SYNTHETIC-{kind}-{stage}-{batch.batch_id}.csv"
        yield Drop(at=at, source=source_of(kind, batch.product.site), name=name, body=body)


def _endotoxin(batch: Batch) -> Iterator[Drop]:
    source = source_of("endotoxin", batch.product.site)
    for line in batch.results:
        if line.attribute == "endotoxin" and line.versions:
            body = endotoxin_report(batch, line, zone_of(source))
            name = f"SYNTHETIC-endotoxin-{line.result_id}.csv"
            at = line.current.tested_at + EXPORTED_AFTER
            yield Drop(at=at, source=source, name=name, body=body)


def _sterility(batch: Batch) -> Iterator[Drop]:
    source = source_of("sterility", batch.product.site)
    for line in batch.results:
        for said in line.versions if line.attribute == "sterility" else ():
            body = sterility_report(line, said, zone_of(source))
            name = f"SYNTHETIC-sterility-{line.result_id}-v{said.version}.csv"
            at = said.tested_at + EXPORTED_AFTER
            yield Drop(at=at, source=source, name=name, body=body)


def _history(batch: Batch) -> Iterator[Drop]:
    expand = next((one for one in batch.steps if one.step == "expand"), None)
    if expand is not None and expand.ended_at is not None:
        name = f"SYNTHETIC-historian-{batch.batch_id}.csv"
        yield Drop(
            at=expand.ended_at + EXPORTED_AFTER,
            source=source_of("historian", batch.product.site),
            name=name,
            body=historian_csv(batch, expand.started_at, expand.ended_at),
        )
