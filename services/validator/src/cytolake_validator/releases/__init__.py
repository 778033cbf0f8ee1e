"""What a release of a batch holds: its rows at one snapshot, as files that anybody can check."""
