"""Accuracy of reading and judging claims, on sentences and nights with known content."""
