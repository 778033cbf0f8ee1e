"""The servers of one machine: how each is configured and started."""
