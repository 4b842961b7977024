"""Nights that are as hard to read as recordings of sleep laboratories."""
