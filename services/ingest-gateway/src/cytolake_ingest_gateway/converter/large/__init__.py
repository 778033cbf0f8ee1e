"""Files of any size by a declared layout: streamed through a DuckDB of their own, never held."""
