"""Make one batch after the other: what is grown, tested, decided, and given to whom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from cytolake.synthetic.plant.catalogue import AAV, CAR_T, NEW_PROCESS_FROM, STEPS
from cytolake.synthetic.plant.growth import culture, tvc
from cytolake.synthetic.plant.judging import passes, specification_of
from cytolake.synthetic.plant.laboratory import results_of
from cytolake.synthetic.plant.materials import materials_of
from cytolake.synthetic.plant.milestones import milestones_of
from cytolake.synthetic.plant.model import (
    Batch,
    Product,
    ResultLine,
    Sample,
    Specification,
    Status,
    Step,
)
from cytolake.synthetic.plant.quality import quality_events
from cytolake.synthetic.plant.schedule import start_of, steps_of

EVERY_NTH_IS_A_VECTOR = 4
P_POOR, P_CONTAMINATED = 0.02, 0.006
P_RELEASED_OOS = 0.45
"""A patient who has no other hope may get a product that is out of specification."""
P_REMADE = 0.65
REMAKE_AFTER = timedelta(days=6)
DAY_OF_THE_IN_PROCESS_TEST = 5
LOST_ON_THE_WAY = 0.93


@dataclass(slots=True, kw_only=True)
class Making:
    """What batches have in common: a seed, the limits, and who waits for a second attempt."""

    seed: int
    specifications: tuple[Specification, ...]
    waiting: list[tuple[datetime, str]] = field(default_factory=list)

    def batch(self, number: int) -> Batch:
        """Make batch `number`, to its very end."""
        random = Random(f"plant/{self.seed}/{number}")  # noqa: S311  (a plant, not a secret)
        product = AAV if number % EVERY_NTH_IS_A_VECTOR == 0 else CAR_T
        batch_id = f"SYN-P{self.seed}-{number:04d}"
        start = start_of(number, product)
        coi = self._identity(start, random) if product.is_autologous else None
        steps, samples, is_lost = _grown(batch_id, product, start, random)
        results = results_of(product, number, _places(samples, is_lost=is_lost), random)
        oos = any(self._is_oos(product, line) for line in results)
        status = _status(is_lost=is_lost, is_oos=oos, random=random)
        found = quality_events(
            batch_id, product, steps, results, specifications=self.specifications, random=random
        )
        batch = Batch(
            number=number,
            batch_id=batch_id,
            product=product,
            coi_id=coi,
            process_version="PV2" if number >= NEW_PROCESS_FROM else "PV1",
            status=status,
            planned_at=start - timedelta(days=6),
            started_at=start,
            target_release_at=start + timedelta(hours=sum(h for *_, h in STEPS[product.modality])),
            dispositioned_at=steps[-1].ended_at,
            released_oos=status == "released" and oos,
            steps=tuple(_with_cells(steps, samples)),
            milestones=(),
            samples=tuple(samples),
            results=tuple(results),
            quality=tuple(found),
            materials=tuple(materials_of(batch_id, number, product, random)),
        )
        self._remember(batch, random)
        return replace(batch, milestones=milestones_of(batch, random))

    def _identity(self, start: datetime, random: Random) -> str:
        """Return the chain of identity of a patient who waits, or that of a new one."""
        fresh = f"SYN-COI-{random.getrandbits(48):012x}"
        ready = next((one for one in self.waiting if one[0] <= start), None)
        if ready is None:
            return fresh
        self.waiting.remove(ready)
        return ready[1]

    def _remember(self, batch: Batch, random: Random) -> None:
        has_failed = batch.status in {"rejected", "terminated"}
        if has_failed and batch.coi_id and batch.dispositioned_at and random.random() < P_REMADE:
            self.waiting.append((batch.dispositioned_at + REMAKE_AFTER, batch.coi_id))

    def _is_oos(self, product: Product, line: ResultLine) -> bool:
        said = line.current
        limits = specification_of(
            self.specifications, product_code=product.product_code, line=line, at=said.tested_at
        )
        counts = limits is not None and limits.is_release and not said.is_invalidated
        return counts and passes(said, limits) is False


def _grown(
    batch_id: str, product: Product, start: datetime, random: Random
) -> tuple[list[Step], list[Sample], bool]:
    """Return steps and samples, and whether the culture was lost on the way."""
    fate = random.random()
    is_poor, is_lost = fate < P_POOR, fate < P_POOR + P_CONTAMINATED
    steps = steps_of(product, start, random)
    samples = culture(batch_id, product, start, random, is_poor=is_poor)
    if not is_lost:
        return steps, [*samples, *_product_samples(batch_id, product, steps, samples)], False
    kept = samples[: len(samples) * (3 if is_poor else 2) // 4]
    end = kept[-1].collected_at + timedelta(hours=5)
    begun = [step for step in steps if step.started_at < end]
    open_last = [*begun[:-1], replace(begun[-1], ended_at=end)]
    return open_last, kept, True


def _product_samples(
    batch_id: str, product: Product, steps: Sequence[Step], samples: Sequence[Sample]
) -> Iterator[Sample]:
    ends = {step.step: step.ended_at or step.started_at for step in steps}
    parent = samples[-1].sample_id
    if product.modality == "aav":
        harvest = Sample(
            sample_id=f"{batch_id}-H",
            batch_id=batch_id,
            step="harvest",
            collected_at=ends["harvest"],
            container="SYNTHETIC bottle",
        )
        yield harvest
        parent = harvest.sample_id
    last = "formulate" if product.modality == "car_t" else "fill"
    yield Sample(
        sample_id=f"{batch_id}-DP",
        batch_id=batch_id,
        step=last,
        collected_at=ends[last],
        parent_sample_id=parent,
        container="SYNTHETIC cryobag" if product.modality == "car_t" else "SYNTHETIC vial",
    )


def _places(samples: Sequence[Sample], *, is_lost: bool) -> dict[str, Sample]:
    """Return the samples that the laboratory gets, by what they stand for."""
    day = next((s for s in samples if s.culture_day == DAY_OF_THE_IN_PROCESS_TEST), None)
    places = {} if day is None else {"day5": day}
    return places if is_lost else places | {"product": samples[-1]}


def _status(*, is_lost: bool, is_oos: bool, random: Random) -> Status:
    if is_lost:
        return "terminated"
    if not is_oos or random.random() < P_RELEASED_OOS:
        return "released"
    return "rejected"


def _with_cells(steps: Sequence[Step], samples: Sequence[Sample]) -> Iterator[Step]:
    """Yield the steps with the viable cells that went in and came out, where they are counted."""
    counted = [sample for sample in samples if sample.vcd is not None]
    for step in steps:
        own = [tvc(sample) for sample in counted if sample.step == step.step]
        after = [
            tvc(s) for s in counted if s.collected_at > step.started_at and s.step != step.step
        ]
        if not own:
            yield step
            continue
        out = after[0] if after else round(own[-1] * LOST_ON_THE_WAY, 1)
        yield replace(step, tvc_in=own[0], tvc_out=out)
