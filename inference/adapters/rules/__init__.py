"""The deterministic AASM reader as a model: no weights, no images."""
