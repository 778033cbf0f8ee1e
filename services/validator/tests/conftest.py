"""Warnings are errors here too, but for those that Great Expectations itself raises."""

from __future__ import annotations

import pytest

RAISED_BY_GREAT_EXPECTATIONS = (
    "ignore:module 'sre_(constants|parse)' is deprecated:DeprecationWarning",
)


def pytest_configure(config: pytest.Config) -> None:
    for line in RAISED_BY_GREAT_EXPECTATIONS:
        config.addinivalue_line("filterwarnings", line)
