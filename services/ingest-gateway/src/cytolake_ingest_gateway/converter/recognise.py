"""Whose file is this? Decided from the registered source and what the parsers recognise.

Never guessed: allotropy's own detection falls back to trying every parser, and reads a
foreign `a,b` table as a digital PCR export. Only a parser's own look at the file counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cytolake_contracts import ReasonCode, Recognition, SourceRef
from cytolake_contracts.layouts import Layout
from cytolake_ingest_gateway.converter.rejection import Rejection

TIE_BREAKERS: Mapping[str, bytes] = {
    "LUMINEX_XPONENT": b"xPONENT",
    "LUMINEX_INTELLIFLEX": b"INTELLIFLEX",
}
"""Vendors whose parsers recognise each other's files, by the name their software writes."""
TIE_BREAKER_BYTES = 8_192
MEMBERS: Mapping[str, frozenset[str]] = {
    "CYTIVA_UNICORN": frozenset({"Result.xml", "Chrom.1.Xml"}),
}
"""Archives whose own parser recognises only some of them, by parts that they all have."""
NOTHING_TOLD = Recognition()
FCS = "FCS"
"""Our own vendor name, of no maker: Flow Cytometry Standard files, by what they begin with."""
NOT_INSTRUMENTS = frozenset({"EXAMPLE_WEYLAND_YUTANI"})


@dataclass(frozen=True, slots=True)
class Candidates:
    """The vendors to try, and why these; the only one that parses the file wholly is it."""

    vendors: tuple[str, ...]
    recognition: Recognition = NOTHING_TOLD


def of_known_shape(vendor: str) -> Candidates:
    """Decide for a file whose shape its source has sent before: nothing is looked at anew."""
    why = f"{plain(vendor)}: files of this shape from this source were read by it before"
    return Candidates((vendor,), Recognition(matched=(why,)))


def for_registered(
    vendor: str, *, recognised_by_it: bool, recognised_by: tuple[str, ...]
) -> Candidates | Rejection:
    """Decide for a source whose vendor is known.

    `recognised_by` are the other vendors that recognise the file, asked only when its
    own does not: a parser may be stricter in recognising than in reading.
    """
    if recognised_by_it:
        why = f"{plain(vendor)}: the source's vendor, and its parser recognises the file"
        return Candidates((vendor,), Recognition(matched=(why,)))
    if not recognised_by:
        why = f"{plain(vendor)}: the source's vendor; no parser recognises the file at a glance"
        return Candidates((vendor,), Recognition(matched=(why,)))
    return Rejection(
        ReasonCode.WRONG_VENDOR,
        f"This source is registered for {plain(vendor)}, but this is a file of "
        f"{' or '.join(map(plain, recognised_by))}. Drop it into that instrument's source, "
        "or correct the source's vendor.",
        "recognise",
        Recognition(
            vendor=recognised_by[0] if len(recognised_by) == 1 else None,
            matched=tuple(f"{plain(one)}: its parser recognises the file" for one in recognised_by),
            refused=(f"{plain(vendor)}: the source's vendor; its parser does not recognise it",),
        ),
    )


def for_unregistered(
    recognised_by: tuple[str, ...], head: bytes, name: str
) -> Candidates | Rejection:
    """Decide for a source that has neither vendor nor layout."""
    named = tuple(v for v in recognised_by if TIE_BREAKERS.get(v, b"\0") in head)
    found = named or recognised_by
    if found:
        others = (one for one in recognised_by if one not in found)
        told = Recognition(
            matched=tuple(
                f"{plain(one)}: {'it is named in the file' if named else 'its parser knows it'}"
                for one in found
            ),
            runners_up=tuple(
                f"{plain(one)}: its parser knows such files too, but it is not named in this one"
                for one in others
            ),
        )
        return Candidates(found, told)
    return Rejection(
        ReasonCode.UNKNOWN_LAYOUT,
        f"No known instrument writes files like {name!r}, so it is not read: a guess could show "
        "wrong numbers. Register this source with its instrument (--vendor) or layout (--layout).",
        "recognise",
        Recognition(refused=("every vendor: no parser recognises the file",)),
    )


def read_by(vendor: str, told: Recognition, unread_by: tuple[str, ...]) -> Recognition:
    """Return how it came that this vendor's parser read the file, and no other."""
    failed = tuple(f"{plain(one)}: recognises the file, but cannot read it" for one in unread_by)
    matched = tuple(why for why in told.matched if why.startswith(f"{plain(vendor)}: "))
    return told.model_copy(
        update={
            "vendor": vendor,
            "matched": matched or told.matched,
            "runners_up": (*failed, *told.runners_up),
        }
    )


def ambiguous(vendors: tuple[str, ...], told: Recognition) -> Rejection:
    """Two parsers read the file: which one is right, a person must say."""
    return Rejection(
        ReasonCode.AMBIGUOUS_VENDOR,
        f"This file could be of {' or '.join(map(plain, vendors))}. "
        "Register this source with the instrument that wrote it (--vendor).",
        "recognise",
        told,
    )


def of_layout(layout: Layout, source: SourceRef) -> Recognition:
    """Return why a file was read by a declared layout."""
    if source.layout == layout.name:
        why = f"{layout.title}: the source is registered with this layout"
    elif layout.group is not None and source.layout == layout.group:
        why = f"{layout.title}: the source is registered with {layout.group}, and it reads these"
    else:
        why = f"{layout.title}: the header names its columns"
    return Recognition(layout=layout.name, matched=(why,))


def by_magic() -> Recognition:
    """Return how an FCS file is recognised."""
    return Recognition(vendor=FCS, matched=("FCS: the file begins as the standard says",))


def not_fcs() -> Rejection:
    """The source is registered for FCS files, and this is none."""
    return unreadable(FCS, "it does not begin with FCS2.0, FCS3.0 or FCS3.1")


def unreadable(vendor: str, why: str) -> Rejection:
    """The vendor's parser gave up."""
    return Rejection(
        ReasonCode.UNREADABLE_BY_VENDOR,
        f"This file could not be read as an export of {plain(vendor)}: {why.rstrip('.')}. "
        "Check that it is the instrument's own export, whole and unedited, and drop it again.",
        "parse",
    )


def without_values(vendor: str) -> Rejection:
    """The file is whole, and empty of measurements."""
    return Rejection(
        ReasonCode.NO_ROWS,
        f"This file is a whole export of {plain(vendor)}, but holds no values. "
        "Check that the run was finished before it was exported.",
        "flatten",
    )


def wrong_extension(vendor: str, name: str, accepted: tuple[str, ...]) -> Rejection:
    """The vendor's parser does not take files of this name."""
    return unreadable(
        vendor, f"{name!r} should end in {' or '.join(f'.{ending}' for ending in accepted)}"
    )


def unknown_vendor(vendor: str) -> Rejection:
    """The source is registered for a vendor that no parser is for."""
    return Rejection(
        ReasonCode.UNKNOWN_LAYOUT,
        f"This source is registered for {vendor!r}, for which there is no parser. "
        "Correct the source's vendor and drop the file once more.",
        "recognise",
    )


def plain(vendor: str) -> str:
    """Return a vendor's name as people write it: `BECKMAN_VI_CELL_BLU`, `Beckman Vi Cell BLU`."""
    keep = {"BLU", "XR", "MSD", "CTL", "BD", "BMG", "CDS", "NC", "QS", FCS}
    return " ".join(word if word in keep else word.capitalize() for word in vendor.split("_"))
