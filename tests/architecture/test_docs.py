"""The documentation tells the truth: pages, links, commands and decisions exist."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cytolake_ingest_gateway import lifecycle
from cytolake_ingest_gateway.lifecycle import State
from docs import generate
from tests.architecture.tree import ROOT, relative, texts

DECISIONS = ROOT / "docs" / "decisions"
SECTIONS = ("Context", "Decision", "Consequences", "Alternatives", "Held by")
FENCE = re.compile(r"^```(?:bash|console|shell|sh)\n(.*?)^```", re.MULTILINE | re.DOTALL)
OURS = re.compile(r"(?:^|&& |\()(?:uv run )?((?:cytolake|just|pytest)\b[^&|)\n]*)", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?://|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)")


def pages() -> dict[str, str]:
    """Every Markdown page of the repository, by its path."""
    return {name: text for name, text in texts().items() if name.endswith(".md")}


def shell_lines() -> Iterator[tuple[str, list[str]]]:
    """Yield (page, words) for each of our own commands in a shell block, `uv run` undone."""
    for name, text in pages().items():
        for block in FENCE.findall(text):
            for command in OURS.findall(block.replace("\\\n", " ")):
                yield name, shlex.split(command, comments=True)


@pytest.mark.parametrize("name", generate.PAGES)
def test_reference_page_is_as_generated(name: str) -> None:
    written = (generate.FOLDER / name).read_text(encoding="utf-8")
    expected = generate.NOTE + generate.PAGES[name]().rstrip("\n") + "\n"
    assert written == expected, "run `uv run just docs`"


def test_every_cytolake_command_in_the_docs_exists() -> None:
    known = {words: set(options(command)) for words, command in generate.commands()}
    said = [(page, words) for page, words in shell_lines() if words[0] == "cytolake"]
    assert said
    assert [f"{page}: {words}" for page, words in said if not is_command(words, known)] == []


def is_command(words: list[str], known: dict[tuple[str, ...], set[str]]) -> bool:
    """Tell whether the words begin with a command and name only options that it has."""
    found = next((k for k in known if tuple(words[: len(k)]) == k), None)
    used = {word for word in words if word.startswith("-")}
    return found is not None and used <= known[found]


def options(command: Any) -> Iterator[str]:
    yield "--help"
    for parameter in command.params:
        yield from (*parameter.opts, *parameter.secondary_opts)


def test_an_unknown_command_or_option_would_be_found() -> None:
    known: dict[tuple[str, ...], set[str]] = {("cytolake", "up"): {"--help", "--detach"}}
    assert is_command(["cytolake", "up", "--detach"], known)
    assert not is_command(["cytolake", "up", "--background"], known)
    assert not is_command(["cytolake", "ascend"], known)


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


def test_every_decision_is_explained_as_the_table_of_transitions_has_it() -> None:
    text = (ROOT / "docs" / "reference" / "states.md").read_text(encoding="utf-8")
    row = r"^\| \*\*([a-z]+)\*\* \| ((?:`[a-z]+`(?:, )?)+) \| `([a-z]+)` \|"
    rows = re.findall(row, text, re.MULTILINE)
    said = {action: (set(re.findall("[a-z]+", states)), begins) for action, states, begins in rows}
    choices = lifecycle.DECISIONS.items()
    assert said == {action: (set(one.of), one.opens.state) for action, one in choices}


def test_every_link_leads_somewhere() -> None:
    broken = {
        f"{name}: {target}"
        for name, text in pages().items()
        if not name.endswith("/template.md")
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
