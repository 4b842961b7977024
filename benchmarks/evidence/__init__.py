"""How the detectors do on marks in real recordings."""
