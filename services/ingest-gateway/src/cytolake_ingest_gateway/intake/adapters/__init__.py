"""Intake's ledger in PostgreSQL and its view of the streams."""

from cytolake_ingest_gateway.intake.adapters.book import Book
from cytolake_ingest_gateway.intake.adapters.decisions import Decisions, Pace
from cytolake_ingest_gateway.intake.adapters.runs import Runs
from cytolake_ingest_gateway.intake.adapters.streams import Streams
from cytolake_ingest_gateway.intake.adapters.tracking import Tracking
from cytolake_ingest_gateway.intake.adapters.watermarks import Watermarks, apply_schema

__all__ = [
    "Book",
    "Decisions",
    "Pace",
    "Runs",
    "Streams",
    "Tracking",
    "Watermarks",
    "apply_schema",
]
