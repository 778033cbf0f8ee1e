"""The converter: a registered file in, typed Parquet (or a reason in plain words) out."""
