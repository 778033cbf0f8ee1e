"""The transformer: the only writer of the lake (DuckLake), where dbt builds the models."""
