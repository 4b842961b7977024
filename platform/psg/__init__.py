"""Polysomnography: files, signals, images, events, rules and statistics. Knows no Django."""
