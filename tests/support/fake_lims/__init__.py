"""A LIMS that is not there: real HTTP, made-up records, and the faults that real ones have."""

from tests.support.fake_lims.book import Book, Fault, Record, Spell
from tests.support.fake_lims.server import PASSWORD, TOKEN, USER, FakeLims, serving

__all__ = [
    "PASSWORD",
    "TOKEN",
    "USER",
    "Book",
    "FakeLims",
    "Fault",
    "Record",
    "Spell",
    "serving",
]
