"""The time axis of a recording: what static/js/night/axis.js draws, as plain values."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TypedDict

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from annotations.agreement.one_night import ScoredNight, majorities
from annotations.night.events import Counts
from annotations.scoring.models import Scorer, Scoring
from psg.stagefiles.facts import EventKind
from psg.stages import EPOCH_S, Stage
from recordings.models import Recording

# A character an epoch: 20 scorers of a night are 20 kB.
LETTERS = {Stage.W: "W", Stage.N1: "1", Stage.N2: "2", Stage.N3: "3", Stage.R: "R", None: "."}
EVENT_WORDS = {
    EventKind.AROUSAL: "Arousals",
    EventKind.RESPIRATORY: "Respiratory events",
    EventKind.DESATURATION: "Desaturations",
    EventKind.LIMB: "Limb movements",
    EventKind.ARTEFACT: "Artefacts",
    EventKind.OTHER: "Other events",
}
_ESCAPES = {ord(letter): f"\\u{ord(letter):04x}" for letter in "<>&'"}


class Row(TypedDict):
    """The stages of a scoring, a letter for each epoch, and the page that a click opens."""

    label: str
    note: str
    stages: str
    address: str
    shown: bool


class EventRow(TypedDict):
    """How many events of a kind each epoch has; of several scorings the largest number."""

    label: str
    counts: list[int]


@dataclass(frozen=True)
class Axis:
    """Everything over the epochs of a recording."""

    epochs: int
    start_s: float | None
    """Clock of the first epoch; None where no clock is known."""
    spectrogram: str
    signals: str
    """Address of the signals; empty for a recording without."""
    scorers: list[Row]
    differ: list[int]
    """Scorers of each epoch that are not in the majority."""
    given: list[int]
    """Scorers that gave the epoch a stage."""
    events: list[EventRow]
    lights: list[float]
    """Lights off and on, as far as they are marked, in epochs."""

    @property
    def is_empty(self) -> bool:
        return not (self.spectrogram or self.scorers)

    @property
    def as_attribute(self) -> SafeString:
        """The axis as JSON for an attribute in single quotes, which needs few escapes."""
        text = json.dumps(asdict(self), separators=(",", ":"), ensure_ascii=False)
        return mark_safe(text.translate(_ESCAPES))  # nothing is left that ends it


def axis_of(
    recording: Recording,
    nights: Sequence[ScoredNight],
    compared: Sequence[ScoredNight],
    events: Mapping[str, Counts],
    *,
    shown_first: int,
) -> Axis:
    """Lay scorings, disagreement and events of a recording on its epochs.

    Parameters
    ----------
    nights
        The scorings in their order; a consensus and the `shown_first` first others are open.
    compared
        Those whose disagreement is shown; fewer than two have none.
    """
    others = [night for night in nights if not _is_consensus(night)][:shown_first]
    epochs = majorities(compared) if len(compared) > 1 else []
    has_image = bool(recording.spectrogram_file)
    return Axis(
        epochs=recording.epoch_count,
        start_s=recording.first_epoch_clock_s,
        spectrogram=reverse("recordings:spectrogram", args=[recording.pk]) if has_image else "",
        signals=reverse("recordings:signals", args=[recording.pk]) if recording.has_signals else "",
        scorers=[_row(night, is_shown=_is_consensus(night) or night in others) for night in nights],
        differ=[epoch.given - epoch.largest for epoch in epochs],
        given=[epoch.given for epoch in epochs],
        events=_events(events),
        lights=_lights(recording),
    )


def _is_consensus(night: ScoredNight) -> bool:
    return night.scoring.scorer.kind == Scorer.Kind.CONSENSUS


def note_of(scoring: Scoring) -> str:
    """Say what a scoring is, where it is not a finished scoring by a person."""
    kind = "" if scoring.scorer.kind == Scorer.Kind.HUMAN else scoring.scorer.kind_word
    words = [kind, "open" if scoring.is_open else "", "copy" * scoring.is_copy]
    return ", ".join(filter(None, words))


def _row(night: ScoredNight, *, is_shown: bool) -> Row:
    scoring = night.scoring
    return {
        "label": night.label,
        "note": note_of(scoring),
        "stages": "".join(LETTERS[stage] for stage in night.stages),
        "address": reverse("annotations:workbench", args=[scoring.pk]),
        "shown": is_shown,
    }


def _events(events: Mapping[str, Counts]) -> list[EventRow]:
    return [
        {"label": words, "counts": events[kind.value].tolist()}
        for kind, words in EVENT_WORDS.items()
        if kind.value in events
    ]


def _lights(recording: Recording) -> list[float]:
    lights = recording.lights.after(recording.epoch0_s)
    return [mark / EPOCH_S for mark in (lights.off_s, lights.on_s) if mark is not None]
