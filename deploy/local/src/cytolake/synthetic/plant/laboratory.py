"""What the laboratory found in a batch: result lines with their versions, retests, corrections."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from cytolake.synthetic.plant.catalogue import (
    DRIFT_FROM,
    DRIFT_LENGTH,
    IN_PROCESS,
    ORIGIN,
    RELEASE,
    Test,
)
from cytolake.synthetic.plant.model import Product, ResultLine, Sample, Version

P_LAB_ERROR = 0.006
P_REVIEWED_LATER = 0.2
P_CORRECTED = 0.02
NEGATIVE_TO_DATE = "negative to date"
SLOW = {"mycoplasma": 5, "rcl_rcr": 5, "sterility": 14}
"""Days until the result; others are there on the day after next."""
DRIFT_PER_BATCH = 0.022


def results_of(
    product: Product, number: int, samples: dict[str, Sample], random: Random
) -> list[ResultLine]:
    """Return every line of a batch; `samples` by where they were taken: day5, product."""
    lines: list[ResultLine] = []
    for stage, place, tests in (
        ("in_process", "day5", IN_PROCESS[product.modality]),
        ("release", "product", RELEASE[product.modality]),
    ):
        if place in samples:
            for test in tests:
                lines += _lines(test, stage, samples[place], number, random)
    return lines


def _lines(
    test: Test, stage: str, sample: Sample, number: int, random: Random
) -> Iterator[ResultLine]:
    tested = lab_time(sample.collected_at, days=SLOW.get(test.attribute, random.choice((1, 2))))
    line = ResultLine(
        result_id=f"{sample.sample_id}-{test.attribute}-{stage}-1",
        sample_id=sample.sample_id,
        attribute=test.attribute,
        stage=stage,
        unit=test.unit,
        decimals=test.decimals,
        method=test.method,
        requested_at=sample.collected_at,
        versions=(),
    )
    good = _found(test, number, random)
    if test.texts is None and not test.is_report_only and random.random() < P_LAB_ERROR:
        yield from _error_and_retest(line, _wrong(test, random), good, tested)
    else:
        yield replace(line, versions=_versions(test, good, tested, random))


def _error_and_retest(
    line: ResultLine, wrong: Version, good: Version, tested: datetime
) -> Iterator[ResultLine]:
    """An error of the laboratory: the first result is declared invalid, the sample tested again."""
    first = _verified(wrong, tested, version=1)
    invalid = replace(first, version=2, is_invalidated=True, modified_at=tested + timedelta(days=2))
    yield replace(line, versions=(first, invalid))
    again = _verified(good, tested + timedelta(days=3), version=1)
    yield replace(
        line,
        result_id=f"{line.result_id[:-1]}2",
        versions=(again,),
        retest_of=line.result_id,
        requested_at=invalid.modified_at,
    )


def _versions(test: Test, found: Version, tested: datetime, random: Random) -> tuple[Version, ...]:
    if test.attribute == "sterility":
        return tuple(_sterility(test, found, tested))
    said: list[Version] = []
    if random.random() < P_REVIEWED_LATER:
        said.append(replace(found, state="to_be_verified", tested_at=tested, modified_at=tested))
    if found.qualifier is None and found.value and random.random() < P_CORRECTED:
        # A slip of the pen, inside the limits as slips mostly are; put right days later.
        slip = replace(found, value=round(found.value * 1.03, test.decimals))
        said.append(_verified(slip, tested, version=len(said) + 1))
        corrected = _verified(found, tested, version=len(said) + 1)
        late = tested + timedelta(days=random.randint(1, 4), minutes=7)
        return (*said, replace(corrected, modified_at=late))
    return (*said, _verified(found, tested, version=len(said) + 1))


def _sterility(test: Test, found: Version, tested: datetime) -> Iterator[Version]:
    """Seven days without growth are told as such; growth shows on the third."""
    bad = test.texts is not None and found.text == test.texts[1]
    loaded = tested - timedelta(days=SLOW["sterility"])
    if bad:
        yield _verified(found, loaded + timedelta(days=3), version=1)
        return
    week = loaded + timedelta(days=7)
    yield replace(
        found, text=NEGATIVE_TO_DATE, state="provisional", tested_at=week, modified_at=week
    )
    yield _verified(found, tested, version=2)


def _verified(found: Version, tested: datetime, *, version: int) -> Version:
    reviewed = tested + timedelta(hours=3)
    return replace(
        found,
        version=version,
        state="verified",
        tested_at=tested,
        verified_at=reviewed,
        modified_at=reviewed,
    )


def _found(test: Test, number: int, random: Random) -> Version:
    is_bad = random.random() < test.p_failing
    if test.texts is not None:
        return _said(text=test.texts[1] if is_bad else test.texts[0])
    if is_bad:
        return _said(value=round(test.failing * random.uniform(0.98, 1.02), test.decimals))
    value = random.gauss(test.mean * _drift(test, number), test.sd)
    if test.below is not None and value < test.below:
        return _said(value=test.below, qualifier="<")
    return _said(value=round(_inside(value, test), test.decimals))


def _inside(value: float, test: Test) -> float:
    """Keep the tail of a good batch from failing by chance: `p_failing` alone says how often."""
    room = 0.02 * test.mean
    lowest = test.mean - 4 * test.sd if test.lower is None else test.lower + room
    highest = test.mean + 4 * test.sd if test.upper is None else test.upper - room
    return min(max(value, lowest), highest)


def _wrong(test: Test, random: Random) -> Version:
    """What a wrong dilution yields: far outside."""
    is_low = test.lower is not None and test.failing < test.lower
    factor = random.uniform(0.9, 0.95) if is_low else random.uniform(1.2, 1.4)
    return _said(value=round(test.failing * factor, test.decimals))


def _drift(test: Test, number: int) -> float:
    since = number - DRIFT_FROM
    if test.attribute != "potency_ifng" or not 0 <= since < DRIFT_LENGTH:
        return 1.0
    return 1.0 - DRIFT_PER_BATCH * since


def _said(
    *, value: float | None = None, text: str | None = None, qualifier: str | None = None
) -> Version:
    at = ORIGIN  # every use replaces it
    return Version(
        version=1,
        value=value,
        text=text,
        qualifier=qualifier,
        state="verified",
        tested_at=at,
        verified_at=None,
        modified_at=at,
    )


def lab_time(collected: datetime, *, days: int) -> datetime:
    """Return an early afternoon so many days later: the laboratory works by day."""
    day = (collected + timedelta(days=days)).date()
    return datetime(day.year, day.month, day.day, 13, collected.minute, tzinfo=collected.tzinfo)
