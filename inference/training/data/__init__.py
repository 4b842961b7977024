"""Labelled nights: what training and evaluation read, one module a source."""
