"""The HTTP side of the gateway: uploads, sources, and what became of each file."""
