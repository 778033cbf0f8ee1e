"""Run a parser that we do not trust on bytes that we do not trust: one child per file."""
