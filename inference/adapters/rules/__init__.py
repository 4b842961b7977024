"""The deterministic AASM reader as a model: no weights, no images.

Its replies have the published form and are parsed like those of a language model.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from inference.adapters.protocol import JsonObject, NightToScore, RawReply, is_edge
from inference.bundles import BundleSpec
from inference.parsing.reply import RATIONALE_KEY, RULES_KEY, STAGE_KEY
from psg.rules.reader import Reading, read_night

_GROUP = 16


def load(spec: BundleSpec) -> RulesAdapter:
    """Return the adapter; the rules are part of the library."""
    return RulesAdapter()


class RulesAdapter:
    """Reads a night once, then answers for any of its epochs.

    The reader needs the whole night (alpha producer or not, usual chin tone, neighbours), so the
    readings of the current night are cached.
    """

    renderer_version = ""

    def __init__(self) -> None:
        self.about: JsonObject = {}
        self._key = ""
        self._readings: Sequence[Reading] = ()

    def replies(self, night: NightToScore, epochs: Sequence[int]) -> Iterator[list[RawReply]]:
        readings = self._read(night)
        epoch_count = night.signals.epoch_count
        for start in range(0, len(epochs), _GROUP):
            group = epochs[start : start + _GROUP]
            yield [_reply(epoch, readings[epoch], epoch_count) for epoch in group]

    def _read(self, night: NightToScore) -> Sequence[Reading]:
        if night.key != self._key:
            self._readings = read_night(night.signals)
            self._key = night.key
        return self._readings


def _reply(epoch: int, reading: Reading, epoch_count: int) -> RawReply:
    body = {
        RATIONALE_KEY: reading.rationale,
        RULES_KEY: list(reading.rules),
        STAGE_KEY: reading.stage,
    }
    text = f"```json\n{json.dumps(body, ensure_ascii=False, indent=2)}\n```"
    edge = is_edge(epoch, epoch_count)
    return RawReply(epoch=epoch, text=text, evidence=reading.evidence, edge=edge)
