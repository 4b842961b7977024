"""Evaluate a bundle on nights whose answers are known, beside simpler readers of them."""
