"""Releases of batches, read where the stack is: what is kept of them, and what changed since."""
