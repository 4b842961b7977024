"""How the detectors do on marks of people in real recordings."""
