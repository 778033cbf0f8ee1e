"""The documentation tells the truth: pages, links, commands and decisions exist."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from cytolake.cli import app
from cytolake_ingest_gateway.intake.lifecycle import State

from docs import generate
from tests.architecture.tree import ROOT, relative, texts

DECISIONS = ROOT / "docs" / "decisions"
SECTIONS = ("Context", "Decision", "Consequences", "Alternatives", "Held by")
FENCE = re.compile(r"^```(?:bash|console|shell|sh)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?://|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)")


def pages() -> dict[str, str]:
    """Every Markdown page of the repository, by its path."""
    return {name: text for name, text in texts().items() if name.endswith(".md")}


def shell_lines() -> Iterator[tuple[str, list[str]]]:
    """Yield (page, words) for each command of each shell block, `uv run` and `&&` undone."""
    for name, text in pages().items():
        for block in FENCE.findall(text):
            for line in re.split(r"\n|&&|\|", block.replace("\\\n", " ")):
                words = shlex.split(line, comments=True)
                while words[:2] == ["uv", "run"]:
                    words = words[2:]
                if words:
                    yield name, words


@pytest.mark.parametrize("name", generate.PAGES)
def test_reference_page_is_as_generated(name: str) -> None:
    written = (generate.FOLDER / name).read_text(encoding="utf-8")
    expected = generate.NOTE + generate.PAGES[name]().rstrip("\n") + "\n"
    assert written == expected, "run `uv run just docs`"


def test_every_cytolake_command_in_the_docs_parses() -> None:
    root = typer.main.get_command(app)
    said = [(page, words) for page, words in shell_lines() if words[0] == "cytolake"]
    assert said
    wrong = []
    for page, words in said:
        try:
            _parse(root, words)
        except Exception as error:  # noqa: BLE001 - whatever the parser finds wrong
            wrong.append(f"{page}: {' '.join(words)}: {error}")
    assert wrong == []


def _parse(root: object, words: list[str]) -> None:
    """Go down the groups as the parser would; raise where a word or an option is unknown."""
    command, context = root, None
    for depth, word in enumerate(words[1:], start=1):
        if not hasattr(command, "commands"):
            break
        if word.startswith("-"):
            break
        command = command.commands[word]
        last = depth
    else:
        last = len(words) - 1
    assert not hasattr(command, "commands") or words[last + 1 :], "a group, not a command"
    context = command.make_context(  # type: ignore[attr-defined]
        words[last], words[last + 1 :], resilient_parsing=True
    )
    context.close()


def test_every_recipe_in_the_docs_exists() -> None:
    recipes = set(
        re.findall(r"^([a-z0-9]+)(?: [A-Z]+)?:", (ROOT / "justfile").read_text(), re.MULTILINE)
    )
    assert len(recipes) <= 12
    said = {words[1] for _, words in shell_lines() if words[0] == "just" and len(words) > 1}
    assert {word for word in said if not word.startswith("-")} <= recipes


def test_every_marker_in_the_docs_exists() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]
    known = {marker.split(":")[0] for marker in settings["markers"]}
    lines = [words for _, words in shell_lines() if words[0] == "pytest" and "-m" in words]
    said = {word for words in lines for word in words[words.index("-m") + 1].split()}
    assert said - {"not", "and", "or"} <= known


def test_every_state_is_explained() -> None:
    text = (ROOT / "docs" / "reference" / "states.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([a-z]+)` \|", text, re.MULTILINE)) == set(State)


def test_every_link_leads_somewhere() -> None:
    broken = {
        f"{name}: {target}"
        for name, text in pages().items()
        for target in LINK.findall(text)
        if not ((ROOT / name).parent / target).exists()
    }
    assert broken == set()


def decisions() -> list[Path]:
    return sorted(DECISIONS.glob("[0-9]*.md"))


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [int(page.name[:4]) for page in decisions()] == list(range(1, len(decisions()) + 1))


def test_every_decision_is_in_the_index_under_its_title() -> None:
    index = (DECISIONS / "index.md").read_text(encoding="utf-8")
    for page in decisions():
        title = page.read_text(encoding="utf-8").splitlines()[0]
        number, words = re.fullmatch(r"# (\d{4})\. (.+)", title).groups()  # type: ignore[union-attr]
        assert f"| [{number}]({page.name}) | {words} |" in index, relative(page)


def test_every_decision_has_its_sections() -> None:
    for page in decisions():
        headings = tuple(re.findall(r"^## (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE))
        assert headings == SECTIONS, relative(page)


def test_every_page_can_be_reached_from_the_readme() -> None:
    seen, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in seen or not page.is_file() or page.suffix != ".md":
            continue
        seen.add(page)
        targets = LINK.findall(page.read_text(encoding="utf-8"))
        waiting += [(page.parent / target).resolve() for target in targets]
    everything = {page for page in (ROOT / "docs").rglob("*.md") if page.name != "template.md"}
    assert {relative(page) for page in everything - seen} == set()
