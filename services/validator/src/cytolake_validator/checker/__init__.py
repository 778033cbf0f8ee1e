"""The checker: tables checked after each build and load, and data docs of every result."""
