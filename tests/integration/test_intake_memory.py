"""What intake remembers of loaded files: their shapes, and that a later version is longer."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from cytolake_contracts import (
    BuiltObject,
    Event,
    FileConverted,
    FileConvertedData,
    FileLanded,
    KnownShape,
    LakeBuilt,
    LakeBuiltData,
    MartLoaded,
    ParserRef,
    Recognition,
    TableRef,
)
from tests.integration.intake_site import Site, intake_site
from tests.support.stack import Servers

pytestmark = pytest.mark.integration
SHAPE = KnownShape(fingerprint="ab" * 32, vendor="V", columns=("Sample ID", "Viability (%)"))


@pytest.fixture
async def site(servers: Servers) -> AsyncIterator[Site]:
    async with intake_site(servers) as made:
        yield made


def story(landed: FileLanded, *, rows: int, build_no: int) -> list[Event]:
    """Return what is said of a file that becomes so many rows."""
    table = TableRef(
        dataset="measurement",
        contract_version="1.0.0",
        parquet_key=f"raw/measurement/{landed.object_id}/1.parquet",
        parquet_sha256="0" * 64,
        rows=rows,
    )
    data = FileConvertedData(
        file=landed.data.file,
        table=table,
        parser=ParserRef(name="allotropy", version="1"),
        recognition=Recognition(**SHAPE.model_dump()),
    )
    built = BuiltObject(
        object_id=landed.object_id,
        run_id=landed.run_id,
        run_no=1,
        announcement=1,
        dataset="measurement",
        rows=rows,
        site="main",
    )
    lake = LakeBuilt.of_build(
        LakeBuiltData(build_no=build_no, snapshot_id=1, objects=(built,), marts={}), site="main"
    )
    return [
        FileConverted.following(landed, source="cytolake/converter", data=data),
        lake,
        MartLoaded.following_build(lake, {}),
    ]


async def test_the_shape_of_a_loaded_file_is_told_with_the_sources_next_one(site: Site) -> None:
    first = site.put("a.csv", b"A")
    await site.until(lambda: site.state(first), "landed")
    (landed,) = await site.landed(first)
    assert landed.data.file.source.known_shapes == ()
    await site.say(*story(landed, rows=3, build_no=901))
    await site.until(lambda: site.state(first), "loaded")
    second = site.put("b.csv", b"B")
    await site.until(lambda: site.state(second), "landed")
    (landed,) = await site.landed(second)
    assert landed.data.file.source.known_shapes == (SHAPE,)


async def test_a_later_longer_version_flags_the_earlier_and_says_so_of_both(site: Site) -> None:
    versions = [site.put("a.csv", body) for body in (b"half", b"whole", b"whole, mended")]
    await site.until(lambda: [site.state(of) for of in versions], ["landed"] * 3)
    for number, (of, rows) in enumerate(zip(versions, (3, 9, 9), strict=True)):
        (landed,) = await site.landed(of)
        await site.say(*story(landed, rows=rows, build_no=911 + number))
        await site.until(lambda of=of: site.state(of), "loaded")  # type: ignore[misc]
    query = "SELECT warnings FROM intake.object WHERE object_id = %s"
    half, whole, mended = (site.ask(query, of)[0][0] for of in versions)
    assert ["9 and not 3" in words for words in half] == [True]
    assert ["3 and not 9" in words for words in whole] == [True]
    assert mended == []
