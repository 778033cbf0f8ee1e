"""Which layout of a group reads a file of records: by what they say they are, or by their stream.

Nothing is guessed: a record of a type that no layout names is kept and told of. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase

from cytolake_contracts import ReasonCode
from cytolake_contracts.layouts import Layout
from cytolake_ingest_gateway.converter.headers import shown
from cytolake_ingest_gateway.converter.records import RecordsError

Texts = Callable[[str], Sequence[str]]
"""What each record of the file says in a field."""
TYPE_FIELDS = ("type", "message.type", "detail-type", "eventType", "portal_type")
"""Where records of the systems that we know say what they are: only to tell it to people."""
RESOURCE_FIELDS = ("message.resourceId", "resourceId", "data.api_url", "api_url")


def layout_among(members: Sequence[Layout], texts: Texts, folders: Sequence[str]) -> Layout:
    """Return the one layout that reads every record of the file; raise RecordsError."""
    found = [one for one in members if _reads(one, texts, folders, alone=len(members) == 1)]
    if len(found) > 1:
        both = " and ".join(one.name for one in found)
        raise _told(f"The layouts {both} all read this file: make their `when` differ.")
    if not found:
        raise _unknown(members, texts, folders)
    return found[0]


def folders_below(key: str, source: str) -> tuple[str, ...]:
    """Return the folders of a key below its source: one of them may name a stream."""
    return tuple(key.removeprefix(f"{source}/").split("/")[:-1])


def _reads(layout: Layout, texts: Texts, folders: Sequence[str], *, alone: bool) -> bool:
    when = layout.when
    if when is None or any(_is(folder, when.stream) for folder in folders):
        return True
    said = list(texts(when.field)) if when.field is not None else []
    if any(said):
        return all(_is(text, when.is_) for text in said)
    return alone and bool(when.stream)


def _is(text: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(text, pattern) for pattern in patterns)


def _unknown(members: Sequence[Layout], texts: Texts, folders: Sequence[str]) -> RecordsError:
    known = ", ".join(sorted(_known(members)))
    said = f"The source's layouts read {known}. The file is kept as it is."
    fields = [one.when.field for one in members if one.when and one.when.field]
    types = next((t for f in (*fields, *TYPE_FIELDS) if any(t := list(texts(f)))), [])
    streams = [shown(folder) for folder in folders if not folder.isdigit()]
    if not types and streams:
        return _told(f"This file is of the stream {streams[0]}, which is not read. {said}")
    if not types:
        silent = "Its records do not say of which type they are. " if fields else ""
        return _told(f"{silent}The key of this file names no stream. {said}")
    if len(set(types)) > 1:
        both = " and ".join(shown(one) if one else "none" for one in list(dict.fromkeys(types))[:3])
        return _told(
            f"The records of this file are of several types ({both}); a file holds those of one. "
            f"{said}"
        )
    return _told(
        f"This record is of the type {shown(types[0])}, which is not read. {_thin(texts)}{said}"
    )


def _thin(texts: Texts) -> str:
    """An event may only say that something changed; what it is now must be asked for."""
    named = next((text for field in RESOURCE_FIELDS for text in texts(field) if text), None)
    if named is None:
        return ""
    return (
        f"It does not hold what it tells of but names it ({shown(named)}): that is to be fetched "
        "from the LIMS and comes as a file of its own. "
    )


def _known(members: Sequence[Layout]) -> Iterator[str]:
    for one in members:
        if one.when is not None:
            yield from (*one.when.is_, *one.when.stream)


def _told(words: str) -> RecordsError:
    return RecordsError(ReasonCode.UNKNOWN_RECORD_TYPE, words, is_unknown=True)
