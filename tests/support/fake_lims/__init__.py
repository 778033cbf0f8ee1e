"""A LIMS that is not there: real HTTP, made-up records, and the faults that real ones have."""

from tests.support.fake_lims.book import Book, Fault, Record
from tests.support.fake_lims.server import FakeLims, serving

__all__ = ["Book", "FakeLims", "Fault", "Record", "serving"]
