"""What Airbyte says went wrong, in words that somebody who runs a LIMS understands. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

OURS = re.compile(r"(LIMS_[A-Z_]+): ([^'\"\n]+)")
"""The manifests' own sentences; Airbyte wraps them."""
SIGNS = (
    (re.compile(r"CERTIFICATE_VERIFY_FAILED|SSLError|SSL:"), "LIMS_CERTIFICATE",
     "the LIMS's TLS certificate cannot be trusted"),
    (re.compile(r"[Rr]ead timed out|ReadTimeout"), "LIMS_SILENT",
     "the LIMS took the question and did not answer in time"),
    (re.compile(r"NewConnectionError|ConnectTimeout|Connection refused|Failed to resolve"
                r"|Name or service not known|ConnectionError|Connection aborted|timed out"),
     "LIMS_UNREACHABLE", "the LIMS cannot be reached: is it running, is the address right?"),
    (re.compile(r"cursor|datetime|date-time|time data"), "LIMS_TIME",
     "the LIMS gives a time that cannot be read"),
)  # fmt: skip
HOPELESS = {"LIMS_REFUSED", "LIMS_UNREACHABLE", "LIMS_SILENT", "LIMS_CERTIFICATE"}
"""What is true of the whole LIMS: no other stream needs to find out by itself."""
LONGEST = 300


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a stream was not pulled."""

    code: str
    words: str


def trouble(message: str) -> Trouble:
    """Return what an error of Airbyte's means."""
    if found := OURS.search(message):
        return Trouble(found[1], found[2].strip())
    for sign, code, words in SIGNS:
        if sign.search(message):
            return Trouble(code, words)
    first = (message.strip().splitlines() or ["no word of why"])[0]
    return Trouble("LIMS_FAULT", f"the pull failed: {first[:LONGEST]}")


UNFINISHED = Trouble("LIMS_UNFINISHED", "the connector ended before this was read to its end")
STALLED = Trouble("LIMS_SILENT", "nothing was heard for so long that the pull was given up")
SHORT = "the LIMS counts {count}, only {rows} came: pull again, or look at what the user may see"
