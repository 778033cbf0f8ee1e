"""What a person's decision changes about a verdict: a broken rule that blocks may only warn.

Two decisions do so, for exactly the run that they opened. A *release* lets pass the rules that
the reviewer saw broken, and no others: what is broken newly holds the file back again. And a run
that replaces rows by none is let pass without rows, or the rows of the older run would stay.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from cytolake_contracts import Decision, Release, RuleFailure
from cytolake_validator.words import Judged


def after(decision: Decision | None, judged: Judged) -> Judged:
    """Return what is found against a table, with what the decision lets pass as warnings."""
    if decision is None:
        return judged
    return replace(judged, failures=tuple(_excused(judged, decision)))


def _excused(judged: Judged, decision: Decision) -> Iterable[RuleFailure]:
    release, is_emptied = decision.release, decision.replaces and judged.table.rows == 0
    counts = {rule.id for rule in judged.contract.rules if rule.kind == "row_count"}
    for failure in judged.failures:
        if failure.severity == "warn":
            yield failure
        elif release and f"{failure.dataset}.{failure.rule}" in release.rules:
            yield _released(failure, release)
        elif is_emptied and failure.rule in counts:
            words = f"{failure.message}; it has none now: {decision.what_goes()}"
            yield failure.model_copy(update={"severity": "warn", "message": words})
        else:
            yield failure


def _released(failure: RuleFailure, release: Release) -> RuleFailure:
    when = f"{release.decided_at:%Y-%m-%d}"
    words = f"{failure.message} (released by {release.actor}, {when}: {release.reason})"
    told = {"severity": "warn", "message": words, "released_by": release.actor}
    return failure.model_copy(update=told)
