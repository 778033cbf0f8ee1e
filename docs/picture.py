"""Draw `docs/images/demo.svg` from a real run of the demo: `uv run python docs/picture.py`."""

from __future__ import annotations

import io
import re
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from cytolake.demo import Shown, show
from cytolake.demo_report import growth_table, print_wrong
from cytolake.demo_view import LineView, LiveView
from cytolake.stack import Stack

PICTURE = Path(__file__).parent / "images" / "demo.svg"
SEED = 7
FONTS_FROM_ELSEWHERE = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)


def drawn(shown: Shown) -> str:
    """Return what the demo shows at its end, as SVG."""
    console = Console(record=True, width=132, file=io.StringIO(), force_terminal=True)
    console.print("$ uv run cytolake demo", style="bold", highlight=False)
    view = LiveView(console)
    view.watching(shown.journeys)
    console.print(view.table())
    print_wrong(console, shown.wrong, shown.told)
    console.print(growth_table(shown.batch_id, shown.growth))
    picture = console.export_svg(title="cytolake demo: a synthetic batch on its way")
    return FONTS_FROM_ELSEWHERE.sub("", picture)


def main() -> None:
    """Run the demo on a throw-away home and draw what it showed."""
    with tempfile.TemporaryDirectory(prefix="cytolake-picture-") as home:
        stack = Stack(Path(home))
        try:
            shown = show(stack, LineView(lambda line: print(line, file=sys.stderr)), seed=SEED)
        finally:
            stack.down()
    PICTURE.write_text(drawn(shown), encoding="utf-8")


if __name__ == "__main__":
    main()
