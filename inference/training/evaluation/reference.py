"""A night whose answers are known, laid out epoch by epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.adapters import Night
from inference.training.data import LabelledNight
from psg.simulate import SimulatedEvent
from psg.simulate.night import events_by_kind
from psg.stages import UNSCORED_CODE, stage_codes

Events = Mapping[str, Sequence[SimulatedEvent]]


@dataclass(frozen=True)
class ReferenceNight:
    """What an expert, or the simulator, says of each epoch of a night.

    Attributes
    ----------
    subject
        Who sleeps: intervals are drawn over subjects, however many nights each has.
    night
        As readers get it: signals, and a name that no other night has.
    codes
        Stage codes, -1 where the reference gives no stage: such epochs are not judged; (n_epochs,).
    rules
        Cited rules of each epoch; None where this reference cites none in the whole night.
    events
        Every event of the night by kind, in seconds from the first epoch; None where unknown.
    """

    subject: str
    night: Night
    codes: NDArray[np.int8]
    rules: Sequence[Sequence[str]] | None
    events: Events | None

    @property
    def epoch_count(self) -> int:
        return len(self.codes)


def reference_of(labelled: LabelledNight) -> ReferenceNight:
    """Lay the labels of a night out on its epochs."""
    count = labelled.signals.epoch_count
    codes = np.full(count, UNSCORED_CODE, dtype=np.int8)
    codes[[label.epoch for label in labelled.labels]] = stage_codes(
        [label.stage for label in labelled.labels]
    )
    rules: list[Sequence[str]] = [()] * count
    for label in labelled.labels:
        rules[label.epoch] = label.rules
    return ReferenceNight(
        subject=labelled.subject,
        night=Night(labelled.recording, labelled.signals),
        codes=codes,
        rules=rules if any(rules) else None,
        events=events_by_kind(labelled.events) if labelled.events else None,
    )
