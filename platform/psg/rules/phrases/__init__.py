"""Ready-made wording for rationales, with slots that marked events fill."""

from psg.rules.phrases.defaults import default_phrases
from psg.rules.phrases.phrase import SLOTS, Phrase, PhraseError, parse_phrases, usable_phrases

__all__ = [
    "SLOTS",
    "Phrase",
    "PhraseError",
    "default_phrases",
    "parse_phrases",
    "usable_phrases",
]
