"""Watches every event: an audit trail that can show that it saw them all."""
