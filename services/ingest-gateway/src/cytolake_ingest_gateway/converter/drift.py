"""A file whose shape is not the one that its source sent before: what is new, what is gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cytolake_contracts import KnownShape, SourceRef
from cytolake_ingest_gateway.converter.shapes import Shape

MANY_SHAPES = 8
"""As many as intake tells of: a source with so many writes other headers by its nature (names of
analytes, of wells), and another one more is no news."""
MIN_ALIKE = 0.5
MOST_SHOWN = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """`before` is the fingerprint of the most similar known shape, `alike` from 0 to 1."""

    before: str
    now: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    alike: float
    reader: str
    """The vendor or layout that its files were read by."""

    @property
    def difference(self) -> str:
        """What changed, in words."""
        parts = [f"new: {_listed(self.added)}"] if self.added else []
        parts += [f"gone: {_listed(self.removed)}"] if self.removed else []
        return "; ".join(parts) or "the same names in another order or another kind of file"

    @property
    def proposal(self) -> str:
        """What a contract or a layout would have to say to take the new shape in."""
        steps = [f"+ {name}" for name in self.added] + [f"- {name}" for name in self.removed]
        return "\n".join(
            [f"{self.reader}: header as of {self.now[:12]}", *(steps or ["reordered"])]
        )


def known_shapes(source: SourceRef) -> tuple[KnownShape, ...]:
    """Return the shapes that were read as the source is registered today."""
    return tuple(
        shape
        for shape in source.known_shapes
        if source.vendor in {None, shape.vendor} and source.layout in {None, shape.layout}
    )


def same_shape(shape: Shape | None, known: Sequence[KnownShape]) -> KnownShape | None:
    """Return the known shape that this is."""
    found = shape.fingerprint if shape else None
    return next((one for one in known if one.fingerprint == found), None)


def drift_from(known: Sequence[KnownShape], shape: Shape | None) -> Drift | None:
    """Return how the shape differs from the most similar known one; None where it does not."""
    if shape is None or not known or same_shape(shape, known):
        return None
    now = set(shape.columns)
    nearest = max(known, key=lambda one: _alike(now, set(one.columns)))
    before = set(nearest.columns)
    return Drift(
        before=nearest.fingerprint,
        now=shape.fingerprint,
        added=tuple(name for name in shape.columns if name not in before),
        removed=tuple(name for name in nearest.columns if name not in now),
        alike=_alike(now, before),
        reader=nearest.vendor or nearest.layout or "header",
    )


def _alike(one: set[str], other: set[str]) -> float:
    return len(one & other) / max(len(one | other), 1)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:MOST_SHOWN])
    return f"{shown} and {len(names) - MOST_SHOWN} more" if len(names) > MOST_SHOWN else shown
