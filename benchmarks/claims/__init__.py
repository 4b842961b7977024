"""How well claims are read and judged, on sentences and nights whose truth is known."""
