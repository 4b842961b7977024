"""Texts of a file that a person declared to be a stage, or no stage.

A text that no list knows may hold the name of a person, so only its digest is ever kept.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from psg.errors import PsgError
from psg.stagefiles.words import folded, without_channel
from psg.stages import Stage

# So much of a text is named where it is not understood, and compared with what is declared.
LONGEST_NAMED = 40
_DIGEST = re.compile(r"#[0-9a-f]{16}")


def digest_of(text: str) -> str:
    """Return the digest of a text, however it is spelled; that of a digest is itself."""
    text = text.strip()
    if _DIGEST.fullmatch(text):
        return text
    words = folded(without_channel(text)[:LONGEST_NAMED])
    return f"#{hashlib.sha256(words.encode()).hexdigest()[:16]}"


def meaning_of(said: str) -> str:
    """Read what a person writes, ``SP=R``, into the digest of the text and its stage.

    Raises
    ------
    PsgError
        When there is no stage behind the equals sign.
    """
    text, _, stage = said.rpartition("=")
    if not text.strip() or stage.strip().upper() not in Stage.__members__:
        raise PsgError(
            "The meaning of a text is no stage",
            where=f"“{said[:LONGEST_NAMED]}”",
            advice=f"Write it as “SP=R”, with one of {', '.join(Stage.__members__)}.",
        )
    return f"{digest_of(text)}={stage.strip().upper()}"


def declared_texts(unscored: Iterable[str], meanings: Iterable[str]) -> dict[str, Stage | None]:
    """Return what declared texts mean, by their digests."""
    said: dict[str, Stage | None] = {digest_of(text): None for text in unscored}
    for meaning in meanings:
        digest, _, stage = meaning_of(meaning).rpartition("=")
        said[digest] = Stage[stage]
    return said
