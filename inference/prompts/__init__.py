"""A prompt as one frozen value with a hash: the same hash means the same words to the model."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from inference.parsing.reply import RATIONALE_KEY, RULES_KEY, STAGE_KEY
from psg.montage import Derivation
from psg.rules.editions import RuleEdition

PUBLISHED_LABELS = (
    "Preceding epoch N\u20111: ",
    "**Target epoch N**: ",
    "Subsequent epoch N+1: ",
)
"""The words before each image, hyphen U+2011 included, as the released checkpoint learnt them."""
PUBLISHED_KEYS = (RATIONALE_KEY, RULES_KEY, STAGE_KEY)
_FOLDER = Path(__file__).parent
_BANDS = {
    Derivation.F4: "F4-M1 (frontal EEG, yellow)",
    Derivation.C4: "C4-M1 (central EEG, green)",
    Derivation.O2: "O2-M1 (occipital EEG, red)",
    Derivation.E1: "E1-M2 (left eye, cyan)",
    Derivation.E2: "E2-M2 (right eye, magenta)",
    Derivation.CHIN: "Chin (EMG, blue)",
}
_EEG_BAND = "the full height of its band is +-50 uV"
_CHIN_BAND = "the full height of its band is +-40 uV"


class Track(StrEnum):
    """Which reply is wanted: with a rationale, or stage and rules alone."""

    FINE = "fine"
    COARSE = "coarse"


@dataclass(frozen=True)
class Prompt:
    """System text, image labels in order, and the shape of the reply."""

    system: str
    labels: tuple[str, ...] = PUBLISHED_LABELS
    keys: tuple[str, ...] = PUBLISHED_KEYS
    fence: bool = True

    @property
    def sha256(self) -> str:
        """Hash over everything the model reads as text, and nothing else."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


def stage_condition(keys: Sequence[str]) -> str:
    """Name what a probability of a stage takes as given: all that the reply holds before it."""
    before = list(keys[: keys.index(STAGE_KEY)]) if STAGE_KEY in keys else []
    return "given " + " and ".join(before) if before else "given the images alone"


def shipped_prompt(name: Track | str) -> str:
    """The template that comes with Epochwise for bundles that bring none of their own."""
    return (_FOLDER / f"{name}.md").read_text("utf-8")


def fill_prompt(template: str, *, edition: RuleEdition, derivations: Sequence[Derivation]) -> str:
    """Put the rules and the bands of the image into a template.

    A template without ``{{rules}}`` or ``{{channels}}``, such as that of a published
    checkpoint, comes out as it went in.
    """
    filled = template.replace("{{rules}}", _rule_lines(edition))
    return filled.replace("{{channels}}", _channel_lines(derivations))


def _rule_lines(edition: RuleEdition) -> str:
    lines = []
    for rule in edition.rules:
        stages = ", ".join(rule.supports)
        head = f"ends {rule.ends}; supports {stages}" if rule.ends else f"supports {stages}"
        lines.append(f"- {rule.id} ({head}): {rule.text}")
    return "\n".join(lines)


def _channel_lines(derivations: Sequence[Derivation]) -> str:
    return "\n".join(
        f"{place}. {_BANDS[name]}; {_CHIN_BAND if name is Derivation.CHIN else _EEG_BAND}"
        for place, name in enumerate(derivations, start=1)
    )
