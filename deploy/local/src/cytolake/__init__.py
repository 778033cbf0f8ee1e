"""The CLI `cytolake` and the one-machine stack behind it."""
