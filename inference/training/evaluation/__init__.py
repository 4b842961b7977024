"""Judge a bundle on nights whose answers are known, beside simpler readers of the same nights."""
