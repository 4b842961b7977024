"""Many nights at once: files that are received, matched to nights, examined and imported."""
