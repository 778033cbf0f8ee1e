"""Write `contracts/events/*.schema.json` and the schema of layout files from the models.

Run as `python -m cytolake_contracts.write_schemas`.

For the author of a new event. The files are what others read; a change of one that is
released is a new version beside it, never an edit.
"""

from __future__ import annotations

import json
from pathlib import Path

from cytolake_contracts.envelope import Event
from cytolake_contracts.event_data import DeadLetter
from cytolake_contracts.events import EVENTS
from cytolake_contracts.schemas import layout_schema, schema_of

FILES = Path(__file__).parent / "_files"
FOLDER = FILES / "events"


def main() -> None:
    """Write one file per event, and one for all layouts."""
    kinds: tuple[type[Event | DeadLetter], ...] = (*EVENTS, DeadLetter)
    for kind in kinds:
        schema = schema_of(kind)
        name = schema["$id"].rsplit(":", 1)[-1]
        (FOLDER / f"{name}.schema.json").write_text(json.dumps(schema, indent=2) + "\n")
    layout = json.dumps(layout_schema(), indent=2) + "\n"
    (FILES / "layouts" / "layout.schema.json").write_text(layout)


if __name__ == "__main__":
    main()
