"""MASS-EX: tables of stages, rules and rationales, one line an annotated epoch."""
