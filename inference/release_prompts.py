"""The prompts that samples for fine-tuning are released with."""

from typing import Any

from inference.parsing.reply import RATIONALE_KEY
from inference.prompts import PUBLISHED_KEYS, Prompt, Track, fill_prompt, shipped_prompt
from psg.montage import DERIVATIONS
from psg.rules.editions import get_edition


def release_prompts(rule_edition: str) -> dict[str, dict[str, Any]]:
    """Return, by track, the words to the model, the shape of its reply, and their hash."""
    edition = get_edition(rule_edition)
    found = {}
    for track in Track:
        keys = tuple(k for k in PUBLISHED_KEYS if track is Track.FINE or k != RATIONALE_KEY)
        prompt = Prompt(
            system=fill_prompt(shipped_prompt(track), edition=edition, derivations=DERIVATIONS),
            keys=keys,
        )
        found[track.value] = {
            "system": prompt.system,
            "labels": list(prompt.labels),
            "keys": list(prompt.keys),
            "fence": prompt.fence,
            "sha256": prompt.sha256,
        }
    return found
