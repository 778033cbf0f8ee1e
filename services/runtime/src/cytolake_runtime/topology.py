"""Streams, durable consumers and rights on the broker: data, used by whoever provisions.

Services declare nothing and may declare nothing. A user's rights are deny-by-default:
what is not listed here is refused. Source of the subject forms: NATS documentation,
"JetStream wire API" and "Authorization".
"""

from __future__ import annotations

from dataclasses import dataclass

STORE, CYTOLAKE, DEAD = "STORE", "CYTOLAKE", "DEAD"
STORE_INBOUND = "store.inbound"
STORE_PROBE = "store.probe"  # a start's test object: proof that notifications arrive
DAY_SECONDS = 86_400
MEGABYTE = 1_048_576
MAX_DELIVER = 10
FOREVER = -1
ADVISORIES = "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES"


@dataclass(frozen=True, slots=True)
class Stream:
    """One JetStream stream: file storage, limits retention, `discard: new`."""

    name: str
    subjects: tuple[str, ...]
    max_age_seconds: int
    max_bytes: int
    max_message_bytes: int = 8 * MEGABYTE
    duplicate_window_seconds: int = 120


@dataclass(frozen=True, slots=True)
class Durable:
    """One durable pull consumer with explicit acknowledgement."""

    stream: str
    name: str
    subject: str
    workers: int
    user: str
    max_deliver: int = MAX_DELIVER
    ack_wait_seconds: int = 15


STREAMS = (
    Stream(STORE, ("store.>",), 7 * DAY_SECONDS, 512 * MEGABYTE),
    Stream(CYTOLAKE, ("cytolake.>",), 30 * DAY_SECONDS, 1024 * MEGABYTE),
    Stream(DEAD, ("dead.>", f"{ADVISORIES}.>"), 90 * DAY_SECONDS, 512 * MEGABYTE),
)

DURABLES = (
    Durable(STORE, "intake", STORE_INBOUND, 64, "intake"),
    Durable(CYTOLAKE, "converter", "cytolake.*.file.landed", 3, "converter"),
    Durable(CYTOLAKE, "validator", "cytolake.*.file.converted", 64, "validator"),
    Durable(CYTOLAKE, "transformer", "cytolake.*.file.validated", 64, "transformer"),
    Durable(CYTOLAKE, "mart-loader", "cytolake.*.lake.built", 16, "mart-loader"),
    # The watchers keep what they saw: an outage, however long, must not end a message.
    Durable(CYTOLAKE, "tracker", "cytolake.>", 64, "intake", max_deliver=FOREVER),
    Durable(CYTOLAKE, "lineage", "cytolake.>", 64, "lineage", max_deliver=FOREVER),
    # Checks are for later: nobody waits, and however long the marts are away, they follow.
    Durable(CYTOLAKE, "checker", "cytolake.*.lake.built", 200, "checker", max_deliver=FOREVER),
    Durable(
        CYTOLAKE,
        "checker-held",
        "cytolake.*.file.quarantined",
        200,
        "checker",
        max_deliver=FOREVER,
    ),
    Durable(DEAD, "tracker-dead", ">", 8, "intake", max_deliver=FOREVER),
)

PUBLISHES = {
    "bridge": ("store.>",),
    "store": ("store.>",),
    "intake": ("cytolake.*.file.landed", "dead.>"),
    "converter": (
        "cytolake.*.file.converted",
        "cytolake.*.file.rejected",
        "cytolake.*.file.quarantined",
        "cytolake.*.file.drifted",
        "cytolake.*.file.progressed",
    ),
    "validator": ("cytolake.*.file.validated", "cytolake.*.file.quarantined"),
    "transformer": ("cytolake.*.lake.built",),
    "mart-loader": ("cytolake.*.mart.loaded",),
    "lineage": (),
    "checker": (),
    "operator": ("cytolake.>", "store.>"),
}

READS = {
    "intake": (
        "$JS.API.STREAM.INFO.STORE",
        "$JS.API.STREAM.INFO.CYTOLAKE",
        "$JS.API.STREAM.MSG.GET.CYTOLAKE",
        "$JS.API.STREAM.MSG.GET.STORE",
        "$JS.API.CONSUMER.INFO.CYTOLAKE.*",  # what waits in a queue is not lost
    ),
    "lineage": ("$JS.API.STREAM.INFO.CYTOLAKE",),
    "operator": (
        "$JS.API.STREAM.INFO.*",
        "$JS.API.STREAM.MSG.GET.*",
        "$JS.API.CONSUMER.INFO.*.*",
    ),
}
"""Requests beyond consuming; each answers with a message, none changes anything."""


def inbox_prefix(user: str) -> str:
    """Return the prefix of the user's own reply subjects, without a dot at its end."""
    return f"_INBOX_{user}"


def permissions(user: str) -> dict[str, list[str]]:
    """Return what a user may publish and subscribe to; KeyError for an unknown user."""
    allowed = [*PUBLISHES[user], *READS.get(user, ())]
    for durable in DURABLES:
        if durable.user == user:
            allowed += _consuming(durable)
    if user not in {"bridge", "store", "operator"}:
        allowed.append(f"dead.{user}")
    # MinIO's own client cannot be given an inbox of its own.
    inbox = "_INBOX.>" if user == "store" else f"{inbox_prefix(user)}.>"
    return {"publish": sorted(set(allowed)), "subscribe": [inbox]}


def _consuming(durable: Durable) -> list[str]:
    where = f"{durable.stream}.{durable.name}"
    return [
        f"$JS.API.CONSUMER.INFO.{where}",
        f"$JS.API.CONSUMER.MSG.NEXT.{where}",
        f"$JS.ACK.{where}.>",
    ]
