"""YAML by libyaml: every process reads the contracts at its start, in a twelfth of the time."""

from __future__ import annotations

from typing import Any

import yaml

# The wheels of PyYAML have it; one built without libyaml does the same, slower.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(text: str) -> Any:  # noqa: ANN401 - whatever the text says
    """Return what a YAML text of our own holds, in plain types; raise yaml.YAMLError.

    Not for a stranger's: libyaml goes as deep as the text is nested, until the process crashes.
    """
    return yaml.load(text, Loader=_LOADER)  # noqa: S506 - either loader is a safe one
