"""Give the servers what the services expect to find: idempotent, safe to run at any time."""
