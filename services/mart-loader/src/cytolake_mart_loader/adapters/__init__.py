"""What the mart-loader touches: DuckLake by DuckDB, the marts by psycopg."""
