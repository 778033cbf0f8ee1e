"""Whether a result passes, word for word as the definition has it. No SQL was read for this.

Pass at a limit: the inclusive flag decides; compared after rounding to the limit's decimals, while
the unrounded value is kept. A censored number decides only where it can; a text must be the one
that is accepted.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from cytolake.synthetic.plant.model import ResultLine, Specification, Version


def specification_of(
    specifications: Iterable[Specification],
    *,
    product_code: str,
    line: ResultLine,
    at: datetime,
) -> Specification | None:
    """Return the specification in force for the line at that time."""
    return next(
        (
            one
            for one in specifications
            if (one.product_code, one.attribute, one.stage)
            == (product_code, line.attribute, line.stage)
            and one.valid_from <= at
            and (one.valid_to is None or at < one.valid_to)
        ),
        None,
    )


def passes(said: Version, limits: Specification | None) -> bool | None:
    """Return whether the result passes; None where nothing decides."""
    if limits is None or limits.is_report_only:
        return None
    if limits.text_accept is not None:
        return None if said.text is None else said.text == limits.text_accept
    if said.value is None:
        return None
    above, below = _is_above(said, limits), _is_below(said, limits)
    if above is False or below is False:
        return False
    return None if above is None or below is None else True


def is_beyond_alert(said: Version, limits: Specification | None) -> bool:
    """Return whether an uncensored number lies beyond an alert limit."""
    if limits is None or said.value is None or said.qualifier:
        return False
    value, lower, upper = _rounded(said.value, limits), limits.alert_lower, limits.alert_upper
    return (lower is not None and value < lower) or (upper is not None and value > upper)


def _is_above(said: Version, limits: Specification) -> bool | None:
    if limits.lower is None:
        return True
    value = _rounded(said.value, limits)
    holds = value >= limits.lower if limits.is_lower_inclusive else value > limits.lower
    if said.qualifier == "<":  # somewhere below the number: only a number too low decides
        return None if holds else False
    return holds


def _is_below(said: Version, limits: Specification) -> bool | None:
    if limits.upper is None:
        return True
    value = _rounded(said.value, limits)
    if said.qualifier == "<":
        return True if value <= limits.upper else None
    return value <= limits.upper if limits.is_upper_inclusive else value < limits.upper


def _rounded(value: float | None, limits: Specification) -> float:
    number = Decimal(repr(value))
    if limits.decimals is None:
        return float(number)
    return float(number.quantize(Decimal(1).scaleb(-limits.decimals), rounding=ROUND_HALF_UP))
