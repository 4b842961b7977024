"""Releases: what goes in, what is written down of it, and the files made of it."""
