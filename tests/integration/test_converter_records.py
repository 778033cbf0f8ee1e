"""Records through the converter as the process it is: Parquet is read by its confined child."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Iterator
from contextlib import closing

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cytolake_contracts import FileConverted, FileLanded, FileRejected, ReasonCode
from cytolake_ingest_gateway.converter.sandbox import child
from cytolake_ingest_gateway.converter.sandbox.child import Request
from cytolake_ingest_gateway.converter.sandbox.runner import Sandbox
from tests.integration.test_converter import dropped, outcomes, stored, tell
from tests.support.process import ServiceProcess, running
from tests.support.stack import Servers

pytestmark = [pytest.mark.integration, pytest.mark.slow]
AT = "2026-03-11T09:30:00+00:00"


@pytest.fixture(scope="module")
def converter(
    servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServiceProcess]:
    with running(servers, "converter", tmp_path_factory.mktemp("records")) as process:
        yield process


def parquet(rows: int = 3) -> bytes:
    names = [f"SYN-{number}" for number in range(rows)]
    out = io.BytesIO()
    columns = {"BatchID": names, "modified": [AT] * rows, "_airbyte_raw_id": names}
    pq.write_table(pa.table(columns), out, compression="zstd")
    return out.getvalue()


def of_lims(servers: Servers, key: str, body: bytes, layout: str) -> FileLanded:
    event = dropped(servers, f"lims/acme/{key}", body, layout=layout)
    source = event.data.file.source.model_copy(update={"name": "lims/acme"})
    file = event.data.file.model_copy(update={"source": source})
    return event.model_copy(update={"data": event.data.model_copy(update={"file": file})})


@pytest.mark.usefixtures("converter")
async def test_events_and_pulled_records_become_tables(servers: Servers) -> None:
    data = [{"batch_id": "SYN-1", "status": "planned", "version": 1}]
    event = json.dumps({"type": "lims.batch.made", "timestamp": AT, "data": data}).encode()
    events = [
        of_lims(servers, "2026/03/11/a.json", event, "lims_canonical"),
        of_lims(servers, "batches/2026/03/11/a.parquet", parquet(), "senaite"),
        of_lims(servers, "batches/2026/03/11/b.parquet", parquet()[:-30], "senaite"),
        of_lims(servers, "clients/2026/03/11/a.parquet", parquet(), "senaite"),
    ]
    await tell(servers, events)
    pushed, pulled, cut, clients = [said for (said,) in await outcomes(servers, events)]
    for said, rows, layout in ((pushed, 1, "lims_batch"), (pulled, 3, "senaite_batches")):
        assert isinstance(said, FileConverted)
        body = stored(servers, "lake", said.data.table.parquet_key)
        table = pq.read_table(io.BytesIO(body))
        assert (said.data.table.dataset, table.num_rows) == ("batch", rows)
        assert set(table["lims"].to_pylist()) == {"acme"}
        assert said.data.parser.name == layout
    assert isinstance(cut, FileRejected)
    assert cut.data.reason_code == ReasonCode.UNREADABLE_TEXT
    assert isinstance(clients, FileRejected)
    assert clients.data.reason_code == ReasonCode.UNKNOWN_RECORD_TYPE


@pytest.mark.timeout(300)
def test_mutated_parquet_ends_as_rows_or_a_reason() -> None:
    """100 files with some bytes changed: whatever the native reader does, it does it in a child."""
    chance, good = random.Random(7), parquet(200)
    ends = set()
    with closing(Sandbox(parse=child.parse_parquet)) as sandbox:

        def read(body: bytes) -> str:
            request = Request(body=body, name="x", vendor=None, timezone="UTC", source="lims/acme")
            return sandbox.run(request).outcome

        for _ in range(100):
            body = bytearray(good)
            for _ in range(chance.randint(1, 8)):
                body[chance.randrange(len(body))] = chance.randrange(256)
            ends.add(read(bytes(body)))
        assert {"parsed", "rejected"} <= ends
        assert ends <= {"parsed", "rejected", "crashed", "memory", "timeout"}
        assert read(good) == "parsed"
