"""The converter as the process it is, on the real broker and the real store."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from collections.abc import Iterator, Sequence
from uuid import UUID

import pyarrow.parquet as pq
import pytest
from nats.aio.client import Client

from cytolake.synthetic import grow
from cytolake.synthetic.files import count_file, sample_list_file
from cytolake_contracts import FileConverted, FileLanded, FileRejected, ReasonCode, read_event
from cytolake_contracts.datasets import load_contracts
from cytolake_contracts.identity import event_id, object_id, run_id, traceparent_for_run
from cytolake_ingest_gateway.converter.testing import landed
from tests.support.events import publish
from tests.support.process import ServiceProcess, handing_back, running
from tests.support.stack import Servers

pytestmark = [pytest.mark.integration, pytest.mark.slow]

POINTS = grow(7, number=70).points
COUNT, SHEET = count_file(POINTS[0]), sample_list_file(POINTS, name="samples.csv")
VICELL = "BECKMAN_VI_CELL_BLU"
Outcome = FileConverted | FileRejected


@pytest.fixture(scope="module")
def converter(
    servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServiceProcess]:
    with running(servers, "converter", tmp_path_factory.mktemp("converter")) as process:
        yield process


def dropped(
    servers: Servers, key: str, body: bytes, *, vendor: str | None = None, layout: str | None = None
) -> FileLanded:
    """Put a file into the inbound bucket; return what intake would say of it."""
    stored = servers.s3().put_object(Bucket="inbound", Key=key, Body=body)
    version = stored["VersionId"]
    identity = object_id("inbound", key, version)
    run = run_id(identity, 1)
    event = landed(body, vendor=vendor, layout=layout, timezone="Europe/Berlin")
    file = event.data.file.model_copy(update={"key": key, "version_id": version})
    return event.model_copy(
        update={
            "id": event_id(run, FileLanded.type_name()),
            "object_id": identity,
            "run_id": run,
            "subject": key,
            "traceparent": traceparent_for_run(run),
            "data": event.data.model_copy(update={"file": file}),
        }
    )


def again(event: FileLanded) -> FileLanded:
    return event.model_copy(update={"announcement": event.announcement + 1})


async def tell(servers: Servers, events: Sequence[FileLanded]) -> None:
    async with servers.nats("intake") as client:
        await publish(client, *events)


async def outcomes(
    servers: Servers, events: Sequence[FileLanded], *, each: int = 1
) -> list[list[Outcome]]:
    """Wait until each event has so many outcomes; return them in the order of the events."""
    async with servers.nats("provisioner") as client:
        return await _outcomes(client, [event.run_id for event in events], each)


async def _outcomes(client: Client, runs: Sequence[UUID | None], each: int) -> list[list[Outcome]]:
    said: dict[UUID | None, list[Outcome]] = {run: [] for run in runs}
    subscription = await client.jetstream().subscribe(
        "cytolake.*.file.*", stream="CYTOLAKE", ordered_consumer=True
    )
    while any(len(found) < each for found in said.values()):
        event = read_event((await subscription.next_msg(timeout=180)).data)
        if isinstance(event, FileConverted | FileRejected) and event.run_id in said:
            said[event.run_id].append(event)
    return [said[run] for run in runs]


def stored(servers: Servers, bucket: str, key: str) -> bytes:
    return bytes(servers.s3().get_object(Bucket=bucket, Key=key)["Body"].read())


@pytest.mark.usefixtures("converter")
async def test_files_become_tables_in_the_lake(servers: Servers) -> None:
    events = [
        dropped(servers, f"conv/1/{COUNT.name}", COUNT.body, vendor=VICELL),
        dropped(servers, "conv/2/sample list é+1.csv", SHEET.body, layout="sample_list"),
    ]
    await tell(servers, events)
    for event, (said,) in zip(events, await outcomes(servers, events), strict=True):
        assert isinstance(said, FileConverted)
        body = stored(servers, "lake", said.data.table.parquet_key)
        assert hashlib.sha256(body).hexdigest() == said.data.table.parquet_sha256
        table = pq.read_table(io.BytesIO(body))
        schema = load_contracts()[said.data.table.dataset].arrow_schema()
        assert table.schema.equals(schema)
        assert table.num_rows == said.data.table.rows
        assert set(table["object_id"].to_pylist()) == {str(event.object_id)}
        if said.data.evidence_key:
            document = json.loads(
                gzip.decompress(stored(servers, "evidence", said.data.evidence_key))
            )
            assert "cell counting aggregate document" in document


@pytest.mark.usefixtures("converter")
async def test_bad_files_end_as_reasons_and_their_neighbours_pass(servers: Servers) -> None:
    changed = dropped(servers, "conv/changed.csv", COUNT.body, vendor=VICELL)
    file = changed.data.file.model_copy(update={"content_sha256": "0" * 64})
    gone = dropped(servers, "conv/gone.csv", COUNT.body, vendor=VICELL)
    lost = gone.data.file.model_copy(update={"key": "conv/never-there.csv"})
    events = [
        dropped(servers, "conv/empty.csv", b"", vendor=VICELL),
        dropped(servers, "conv/ab.csv", b"a,b\n1,2\n"),
        changed.model_copy(update={"data": changed.data.model_copy(update={"file": file})}),
        gone.model_copy(update={"data": gone.data.model_copy(update={"file": lost})}),
        dropped(servers, "conv/neighbour.csv", COUNT.body, vendor=VICELL),
    ]
    await tell(servers, events)
    said = [found[0] for found in await outcomes(servers, events)]
    assert [one.data.reason_code for one in said if isinstance(one, FileRejected)] == [
        ReasonCode.EMPTY_FILE,
        ReasonCode.UNKNOWN_LAYOUT,
        ReasonCode.CONTENT_CHANGED,
        ReasonCode.OBJECT_MISSING,
    ]
    assert isinstance(said[-1], FileConverted)


@pytest.mark.usefixtures("converter")
async def test_the_registered_version_is_read_not_the_newest(servers: Servers) -> None:
    first = dropped(servers, "conv/overwritten.csv", COUNT.body, vendor=VICELL)
    second = count_file(POINTS[1])
    dropped(servers, "conv/overwritten.csv", second.body, vendor=VICELL)
    await tell(servers, [first])
    ((said,),) = await outcomes(servers, [first])
    assert isinstance(said, FileConverted)
    rows = pq.read_table(io.BytesIO(stored(servers, "lake", said.data.table.parquet_key)))
    assert set(rows["sample_id"].to_pylist()) == {POINTS[0].sample_id}


async def test_killed_in_a_backlog_and_told_again(
    servers: Servers, converter: ServiceProcess
) -> None:
    """Nothing is lost; another process, hash seed and clock say and write the same."""
    events = [
        dropped(servers, f"conv/backlog/{number}.csv", count_file(point).body, vendor=VICELL)
        for number, point in enumerate(POINTS[:10])
    ]
    await tell(servers, events)
    ((before,),) = await outcomes(servers, events[:1])
    converter.kill()
    await tell(servers, [again(events[0])])
    async with handing_back(servers, "converter"):
        converter.start()
    ((*_, after),) = await outcomes(servers, events[:1], each=2)
    assert (before.id, before.data) == (after.id, after.data)
    assert before.message_id != after.message_id
    found = await outcomes(servers, events)
    assert {type(said) for each in found for said in each} == {FileConverted}
    assert all(len({said.id for said in each}) == 1 for each in found)
