"""Layouts for people: a draft from sample files, and a layout tried on files."""
