"""The YASA stager as a baseline: stages with probabilities, no rules, no rationale."""
