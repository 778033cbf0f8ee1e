"""The sentences of a file's history: how it was recognised, what was not read, what was warned."""

from __future__ import annotations

from cytolake_contracts import (
    FileConverted,
    FileConvertedData,
    FileQuarantined,
    FileQuarantinedData,
    ParserRef,
    Recognition,
    TableRef,
    UnreadCells,
)
from cytolake_ingest_gateway.converter.testing import landed
from cytolake_ingest_gateway.intake import words

LANDED = landed(b"x")
TABLE = TableRef(
    dataset="measurement", contract_version="1", parquet_key="k", parquet_sha256="0" * 64, rows=2
)


def test_a_conversion_tells_why_what_is_unread_and_what_is_to_be_known() -> None:
    data = FileConvertedData(
        file=LANDED.data.file,
        table=TABLE,
        others=(TABLE.model_copy(update={"dataset": "point", "rows": 1}),),
        parser=ParserRef(name="allotropy", version="1", vendor="AGILENT_GEN5"),
        recognition=Recognition(matched=("Agilent Gen5: so",), runners_up=("Gen5 Image: no",)),
        unread=UnreadCells(count=2, examples=("B7: lot 12",)),
        warnings=("One.", "Two."),
    )
    said = words.sentence(FileConverted.following(LANDED, source="s", data=data))
    assert said == (
        "Converted by AGILENT_GEN5 1 to 2 rows of measurement and 1 row of point. "
        "Recognised: Agilent Gen5: so. Runner-up: Gen5 Image: no. "
        "2 cells are in no row (B7: lot 12). 2 warnings: One. Two."
    )


def test_a_quarantine_tells_what_was_seen_and_its_reason_stays_short() -> None:
    data = FileQuarantinedData(
        file=LANDED.data.file,
        reason_code="WRONG_VENDOR",
        message="It is of another.",
        stage="recognise",
        recognition=Recognition(matched=("Gen5: yes",), refused=("Vi-CELL: no",)),
    )
    event = FileQuarantined.following(LANDED, source="s", data=data)
    assert words.sentence(event) == "It is of another. Recognised: Gen5: yes. Refused: Vi-CELL: no."
    reason = words.reason(event)
    assert reason is not None
    assert reason.message == "It is of another."
