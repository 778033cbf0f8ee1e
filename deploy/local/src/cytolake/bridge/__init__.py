"""Carries SeaweedFS's event log onto the stream STORE, in the form MinIO's targets use."""
