"""What no committed file may say."""

from __future__ import annotations

import re

from tests.architecture.tree import texts

HERE = "tests/architecture/test_wording.py"
MACHINE = re.compile(
    r"""(?x)
      /(?:root|home/[a-z]+)/          # somebody's machine
    | /wor[k]/
    | https?://[^\s/"']*(?:pypi|proxy|mirror|artifactory|nexus)[^\s/"']*/   # a package index
    | --(?:extra-)?index-url
    """
)
PUBLIC_PAGES = re.compile(r"https://pypi\.org/project/")


def test_no_file_names_a_machine_or_a_package_index() -> None:
    named = {
        f"{name}: {match[0]}"
        for name, text in texts().items()
        if name != HERE
        for match in MACHINE.finditer(PUBLIC_PAGES.sub("", text))
    }
    assert named == set()


def test_no_file_claims_compliance() -> None:
    """Software supports controls; procedures make a system meet a regulation."""
    claims = {
        f"{name}: {line.strip()}"
        for name, text in texts().items()
        if name != HERE
        for line in text.splitlines()
        if re.search(r"\bcompliant\b", line, re.IGNORECASE) and "never" not in line.lower()
    }
    assert claims == set()


def test_no_file_carries_a_private_key() -> None:
    marker = "-----BEGIN " + "PRIVATE KEY"
    assert [name for name, text in texts().items() if marker in text] == []
