"""Binary files: Parquet and FCS, mutated byte by byte, and names that promise something else."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from tests.corpus.bad.model import ANY, CYTOMETER, BadFile

SEED = 20_261_123
MUTATIONS = 50


def files() -> Iterator[BadFile]:
    """Yield them."""
    chance = random.Random(SEED)
    whole = _parquet()
    for number in range(MUTATIONS):
        name = f"SYNTHETIC-bad-{number}.parquet"
        yield BadFile(
            f"Parquet, mutation {number}", ANY, name, _mutated(whole, chance), "UNKNOWN_LAYOUT"
        )
    end = _fcs(data=(256, 99_999_999))
    yield BadFile("FCS: cut off", CYTOMETER, "SYNTHETIC-bad-cut.fcs", end, "TRUNCATED_FILE")
    future = b"FCS9.9    " + b" " * 48
    name = "SYNTHETIC-bad-future.fcs"
    yield BadFile("FCS: of the future", CYTOMETER, name, future, "UNREADABLE_BY_VENDOR")
    segments = {
        "offsets crossed": _fcs(data=(500, 256)),
        "text beyond the end": _fcs(text=(58, 99_999_999)),
        "no text": _fcs(text=(0, 0)),
        "offsets of letters": b"FCS3.1    " + b"abcdefgh" * 6 + bytes(100),
        "a header alone": b"FCS3.1    ",
        "no events": _fcs(),
    }
    for what, body in segments.items():
        name = f"SYNTHETIC-bad-{what.replace(' ', '-')}.fcs"
        yield BadFile(f"FCS: {what}", CYTOMETER, name, body, "DAMAGED_FILE")


def _parquet() -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({"synthetic": ["a", "b"], "value": [1.0, 2.0]}), out)
    return out.getvalue()


def _mutated(whole: bytes, chance: random.Random) -> bytes:
    body = bytearray(whole)
    for _ in range(chance.randint(1, 40)):
        body[chance.randrange(len(body))] = chance.randrange(256)
    return bytes(body[: chance.randint(len(body) // 2, len(body))])


def _fcs(*, text: tuple[int, int] = (58, 200), data: tuple[int, int] = (256, 260)) -> bytes:
    """Return a header with these offsets (ISAC FCS 3.1, section 3.1) and little behind it."""
    offsets = "".join(f"{value:>8}" for value in (*text, *data, 0, 0))
    words = "/$BEGINDATA/0/$ENDDATA/0/$TOT/1/$PAR/1/$MODE/L/$DATATYPE/F/$BYTEORD/1,2,3,4/"
    return f"FCS3.1    {offsets}{words:<300}".encode()
