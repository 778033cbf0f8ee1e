"""What is fetched from elsewhere into the inbound bucket: a LIMS, files, tables (ADR 0023)."""
