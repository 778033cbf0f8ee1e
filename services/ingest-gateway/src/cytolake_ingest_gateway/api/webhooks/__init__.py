"""Webhooks of LIMS: who they are, what they signed, and the fetch of what they only point to."""
