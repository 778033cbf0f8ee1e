"""Replaces the rebuilt slices in the PostgreSQL marts, one transaction a load."""
