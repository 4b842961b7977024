"""Nights of a few epochs whose answers are written by hand."""

import json
from collections.abc import Mapping, Sequence

import numpy as np

from inference.adapters import NightToScore, RawReply
from inference.parsing import parse_reply
from inference.training.evaluation.counting import ReferenceNight
from inference.training.evaluation.readers import EpochAnswer, NightAnswers
from psg.montage import DERIVATIONS
from psg.night import ArrayNight
from psg.rules.editions import get_edition
from psg.simulate import SimulatedEvent
from psg.simulate.night import KINDS
from psg.stages import Stage, stage_codes

EDITION = get_edition()


def reference(
    stages: Sequence[Stage | None],
    *,
    rules: Sequence[Sequence[str]] | None = None,
    events: Mapping[str, Sequence[tuple[float, float]]] | None = None,
    subject: str = "S1",
) -> ReferenceNight:
    signals = ArrayNight(DERIVATIONS, np.zeros((len(stages), 6, 3000), dtype=np.float32))
    known = {
        kind: [SimulatedEvent(kind, "C4-M1", *span) for span in (events or {}).get(kind, ())]
        for kind in KINDS
    }
    return ReferenceNight(
        subject,
        NightToScore(subject, signals),
        stage_codes(stages),
        rules,
        known if events else None,
    )


def reply(stage: str, rules: Sequence[str] = (), words: str = "") -> str:
    return json.dumps(
        {"reasoning_text": words, "applicable_rules": list(rules), "sleep_stage": stage}
    )


def answers(texts: Mapping[int, str], epoch_count: int) -> NightAnswers:
    result = {
        epoch: EpochAnswer(RawReply(epoch, text), parse_reply(text, rule_ids=EDITION.rule_ids))
        for epoch, text in texts.items()
    }
    return NightAnswers(epoch_count, result, seconds=1.0)
