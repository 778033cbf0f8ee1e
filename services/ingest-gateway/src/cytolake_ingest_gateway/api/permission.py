"""Who may decide what: one place, pure, with the words that a denied person reads.

The database checks the same again (`intake.decide`).
"""

from __future__ import annotations

from cytolake_ingest_gateway.api.auth import Caller
from cytolake_ingest_gateway.api.decided import Denial, QuarantineCase
from cytolake_ingest_gateway.lifecycle import DECISIONS, Action, BatchAction
from cytolake_ingest_gateway.people import Role

DECIDES: dict[Action | BatchAction, frozenset[Role]] = {
    Action.REPLAY: frozenset({Role.REVIEWER, Role.OPERATOR}),
    Action.REVALIDATE: frozenset({Role.REVIEWER, Role.OPERATOR}),
    Action.RELEASE: frozenset({Role.REVIEWER}),
    Action.REFUSE: frozenset({Role.REVIEWER}),
    BatchAction.RELEASE_BATCH: frozenset({Role.REVIEWER}),
}


def denial(action: Action | BatchAction, caller: Caller) -> Denial | None:
    """Return why this caller may not decide this, whatever it is about."""
    if caller.person is None:
        words = (
            f"A decision names its person, and this key is {caller.name}: use a person's key. "
            "`cytolake person add NAME --role reviewer` makes one."
        )
        return Denial("NAMED_PERSON_NEEDED", words)
    if not DECIDES[action] & caller.roles:
        roles = " or ".join(sorted(DECIDES[action]))
        to_do = action.replace("_", " a ")
        words = f"To {to_do} needs the role {roles}; {caller.person} does not have it."
        return Denial("ROLE_NEEDED", words)
    return None


def denial_of(action: Action, caller: Caller, case: QuarantineCase) -> Denial | None:
    """Return why this caller may not decide this about this file."""
    if found := denial(action, caller):
        return found
    if case.state not in DECISIONS[action].of:
        words = f"The file is {case.state}: there is nothing to {action}."
        return Denial("NOT_WAITING", words, 409)
    if action is Action.REFUSE:
        return None
    return _release_denial(caller, case)


def _release_denial(caller: Caller, case: QuarantineCase) -> Denial | None:
    if case.dropped_by == caller.person:
        words = f"{caller.person} dropped this file: another reviewer must look at it."
        return Denial("DROPPED_BY_YOU", words)
    if case.stage == "recognise" or not case.rules:
        words = (
            "What this file is, is in doubt, so there are no rows that could be released. Correct "
            "its source or layout, then `cytolake revalidate` it; or refuse it."
        )
        return Denial("NOTHING_TO_RELEASE", words, 409)
    return None


def is_worth_recording(found: Denial) -> bool:
    """Whether the attempt says something about the person, and not just about a file's state."""
    return found.code != "NOT_WAITING"
