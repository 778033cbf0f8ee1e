"""Settings of lineage: the shared ones; the DSN is that of role `lineage`."""

from __future__ import annotations

from cytolake_runtime import ServiceSettings


class LineageSettings(ServiceSettings):
    """Read from the environment, prefix `CYTOLAKE_`."""
