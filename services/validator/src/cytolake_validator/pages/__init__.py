"""Data docs: results as static pages for people. Pure: documents in, HTML out."""
