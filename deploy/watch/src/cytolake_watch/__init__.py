"""Sends the files of a folder to Cytolake, each once; a distribution of its own."""
