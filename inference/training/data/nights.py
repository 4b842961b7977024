"""Labelled nights, the input of training and evaluation, the same for all sources.

>>> data = load_data(DataSettings(source="simulated", train=2, validation=1, hours=1.0))
>>> [night.part for night in data.nights]
['train', 'train', 'validation']
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from inference.prompts import Track
from inference.training.errors import TrainingError
from psg.epochs import EpochGrid
from psg.night import NightSignals
from psg.simulate.canvas import SimulatedEvent
from psg.splits import leaks
from psg.stages import Stage

TRAIN, VALIDATION, TEST = PARTS = ("train", "validation", "test")


@dataclass(frozen=True)
class EpochLabel:
    """The label of an epoch by an expert.

    ``epoch`` is the index on the recording's grid; ``rationale`` is empty on the coarse track.
    """

    epoch: int
    stage: Stage
    rules: tuple[str, ...] = ()
    rationale: str = ""


@dataclass(frozen=True)
class LabelledNight:
    """A night with the labels of a scorer.

    Parameters
    ----------
    subject : str
        The person. All nights of a subject are in the same part.
    recording : str
        Name of the night; a subject may have several.
    scorer : str
        Who made the labels. A recording may come once for each scorer.
    part : str
        ``train``, ``validation`` or ``test``.
    track : Track
        Fine where labels have rationales.
    signals : NightSignals
        The night at 100 Hz; samples are read when they are needed.
    labels : sequence of EpochLabel
        In order of epochs; epochs without a stage have no label.
    events : sequence of SimulatedEvent
        Events of a simulated night, in seconds from the start of its first epoch. Empty for a
        real night, whose events are not known.
    is_simulated : bool
        Whether the simulator made it; claims in any other night are judged as in real recordings.
    """

    subject: str
    recording: str
    scorer: str
    part: str
    track: Track
    signals: NightSignals
    labels: Sequence[EpochLabel]
    events: Sequence[SimulatedEvent] = ()
    is_simulated: bool = False

    @property
    def grid(self) -> EpochGrid:
        """The grid of epochs, which starts at 0 s."""
        return EpochGrid(epoch0_s=0.0, epoch_count=self.signals.epoch_count)


@dataclass(frozen=True)
class TrackPrompt:
    """The prompt with which the data of a track was released."""

    template: str
    labels: tuple[str, ...]
    keys: tuple[str, ...]
    fence: bool


@dataclass(frozen=True)
class TrainingData:
    """Nights in parts, checked: no subject is in two parts, no label outside its night."""

    nights: Sequence[LabelledNight]
    rule_edition: str
    prompts: dict[Track, TrackPrompt] = field(default_factory=dict)
    about: str = ""
    """Origin of the data, for the model card."""

    def part(self, name: str) -> list[LabelledNight]:
        """Return the nights of a part."""
        return [night for night in self.nights if night.part == name]


def checked_data(data: TrainingData) -> TrainingData:
    """Return the data after checking it.

    Raises
    ------
    TrainingError
        When there is no night, a subject is in two parts, or labels and nights do not fit.
    """
    if not data.nights:
        raise TrainingError("The data has no night", advice="Is the release empty?")
    _refuse_leaks(data.nights)
    for night in data.nights:
        _check_labels(night)
    if not any(night.labels for night in data.nights):
        raise TrainingError("The data has no labelled epoch", advice="Is the release empty?")
    return data


def _refuse_leaks(nights: Sequence[LabelledNight]) -> None:
    leaking = leaks((night.subject, night.part) for night in nights)
    if leaking:
        subject, parts = next(iter(leaking.items()))
        raise TrainingError(
            f"Subject {subject} is in {' and '.join(parts)}",
            where=f"{len(leaking)} subject(s) in several parts",
            advice="Give all nights of a subject to the same part, or test figures are too high.",
        )


def _check_labels(night: LabelledNight) -> None:
    count = night.signals.epoch_count
    beyond = [label.epoch for label in night.labels if not 0 <= label.epoch < count]
    if beyond:
        raise TrainingError(
            f"Labels go beyond the night: epoch {beyond[0]} of {count}",
            where=night.recording,
            advice="Is it the recording of another night, or cut short?",
        )
    twice = [epoch for epoch, n in Counter(label.epoch for label in night.labels).items() if n > 1]
    if twice:
        raise TrainingError("An epoch is labelled twice", where=f"{night.recording}, {twice[0]}")
