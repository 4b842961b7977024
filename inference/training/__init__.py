"""Training of SleepVLM in two phases, on a bare machine: nothing here knows Django."""
