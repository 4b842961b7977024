"""The phrases every study starts from."""

from functools import cache
from pathlib import Path


@cache
def default_phrases() -> str:
    """Return them as a lead edits them: one a line, after its rule or stage."""
    return Path(__file__).with_name("defaults.txt").read_text("utf-8")
