"""Labelled nights for training and evaluation; each source has its module."""
