"""The samples of both phases: which images are shown and which reply is taught.

A sample only names the epochs of its images. The images are drawn later, when a batch needs them.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from inference.adapters.protocol import window_epochs
from inference.parsing.reply import RATIONALE_KEY, RULES_KEY, STAGE_KEY
from inference.prompts import PUBLISHED_KEYS, Prompt, Track, fill_prompt, shipped_prompt
from inference.training.data.nights import EpochLabel, LabelledNight, TrainingData
from inference.training.errors import TrainingError
from inference.training.event_questions import NightEvents, event_question
from inference.training.settings import Phase, Settings, SftSettings, WptSettings
from psg.features import BANDS_HZ, SECONDS_PER_EPOCH, second_features
from psg.montage import DERIVATIONS, Derivation
from psg.night import NightSignals
from psg.rules.editions import get_edition

HYPHEN = "\u2011"
"""The published pre-training replies have this hyphen in their keys, not the ASCII ``-``."""


@dataclass(frozen=True)
class Sample:
    """Images of a night and the reply to them.

    Parameters
    ----------
    night : int
        Index into the nights of the run.
    images : tuple of int
        Epochs whose images are shown, in their order.
    prompt : Prompt
    reply : str
        Empty in pre-training, whose replies are computed anew each time.
    """

    night: int
    images: tuple[int, ...]
    prompt: Prompt
    reply: str = ""


class PhaseSamples:
    """The samples of a phase over some nights."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self._samples = samples

    def __len__(self) -> int:
        return len(self._samples)

    @property
    def first_image(self) -> tuple[int, int]:
        """Night and epoch of the first image that is shown."""
        first = self._samples[0]
        return first.night, first.images[0]

    def shown(self, indices: Sequence[int], *, draw: str) -> list[Sample]:
        """Return some samples with their replies.

        Parameters
        ----------
        draw : str
            Seed of the random choices of this call; fine-tuning makes none.
        """
        return [self._samples[index] for index in indices]

    def spread(self, count: int) -> Self:
        """Return ``count`` samples, evenly spread over all."""
        few = self._samples[:: max(len(self) // max(count, 1), 1)][:count]
        return self._with(few)

    def _with(self, samples: Sequence[Sample]) -> Self:
        return type(self)(samples)

    def sha256(self, base_sha256: str) -> str:
        """Return a hash of all samples and of the weights that a run starts from."""
        digest = hashlib.sha256(base_sha256.encode())
        for sample in self._samples:
            content = [sample.night, sample.images, sample.prompt.sha256, sample.reply]
            digest.update(json.dumps(content).encode())
        return digest.hexdigest()


class SecondsSamples(PhaseSamples):
    """Samples of pre-training: seconds are drawn and their reply is measured at each use."""

    def __init__(
        self, samples: Sequence[Sample], nights: Sequence[LabelledNight], settings: WptSettings
    ) -> None:
        super().__init__(samples)
        self._nights = nights
        self._settings = settings
        self._events: dict[int, NightEvents] = {}

    def shown(self, indices: Sequence[int], *, draw: str) -> list[Sample]:
        return [
            self._question(sample, random.Random(f"{draw} {index}"))
            for index, sample in zip(indices, super().shown(indices, draw=draw), strict=True)
        ]

    def _question(self, sample: Sample, rng: random.Random) -> Sample:
        if self._settings.events and rng.random() < self._settings.events:
            events = self._events_of(sample.night).seconds_of(sample.images[0])
            label, reply = event_question(events, rng)
            return replace(sample, prompt=replace(sample.prompt, labels=(label,)), reply=reply)
        return wpt_question(sample, self._nights[sample.night].signals, self._settings, rng)

    def _events_of(self, night: int) -> NightEvents:
        if night not in self._events:
            self._events[night] = NightEvents(self._nights[night])
        return self._events[night]

    def _with(self, samples: Sequence[Sample]) -> Self:
        return type(self)(samples, self._nights, self._settings)


def phase_samples(
    nights: Sequence[LabelledNight],
    prompts: Mapping[str, PromptMaker],
    settings: Settings,
    *,
    seed: int,
) -> PhaseSamples:
    """Return the samples of the configured phase.

    Parameters
    ----------
    prompts : mapping of str to PromptMaker
        As ``phase_prompts`` gives them.
    seed : int
        Seed of the choice of epochs that are taught without their rationale.
    """
    if settings.phase is Phase.WPT:
        return SecondsSamples(wpt_samples(nights, prompts["wpt"]), nights, settings.wpt)
    tracks = {track: prompts[track] for track in Track}
    return PhaseSamples(sft_samples(nights, tracks, settings.sft, seed=seed) if nights else [])


def phase_prompts(data: TrainingData, settings: Settings) -> dict[str, PromptMaker]:
    """Return the prompts of the configured phase: ``wpt``, or those of both tracks."""
    if settings.phase is Phase.WPT:
        return {"wpt": _wpt_prompt(data, settings)}
    return {track.value: _track_prompt(track, data, settings) for track in Track}


def sft_samples(
    nights: Sequence[LabelledNight],
    prompts: Mapping[Track, PromptMaker],
    settings: SftSettings,
    *,
    seed: int,
) -> list[Sample]:
    """Return three-image windows with fine and coarse replies.

    Epochs without rules, and epochs of a fine night without a rationale, are left out, as in the
    published runs.

    Raises
    ------
    TrainingError
        When a configured track has no sample.
    """
    rng = random.Random(seed)
    by_track: dict[Track, list[Sample]] = {track: [] for track in settings.tracks}
    for index, night in enumerate(nights):
        for label in night.labels:
            track = _track_of(label, night.track, rng.random() < settings.coarse_share)
            if track in by_track:
                prompt = prompts[track].of(night.signals.derivations)
                window = window_epochs(label.epoch, night.signals.epoch_count)
                by_track[track].append(Sample(index, window, prompt, reply_text(label, prompt)))
    for track, samples in by_track.items():
        if not samples and not (track is Track.COARSE and by_track.get(Track.FINE)):
            others = [str(other) for other, its in by_track.items() if its]
            raise TrainingError(
                f"No epoch has what the {track} track teaches",
                where="rules and a rationale" if track is Track.FINE else "rules",
                advice=f"Set tracks = {json.dumps(others)} under [sft]."
                if others
                else "Release scorings whose epochs cite rules.",
            )
    return [sample for samples in by_track.values() for sample in samples]


def _track_of(label: EpochLabel, track: Track, wanted_coarse: bool) -> Track | None:
    if not label.rules or (track is Track.FINE and not label.rationale):
        return None
    return Track.COARSE if wanted_coarse else track


def reply_text(label: EpochLabel, prompt: Prompt) -> str:
    """Return the reply in the form of releases: keys in the order of the prompt, fenced."""
    values = {
        RATIONALE_KEY: label.rationale,
        RULES_KEY: list(label.rules),
        STAGE_KEY: label.stage,
    }
    body = json.dumps({key: values[key] for key in prompt.keys}, ensure_ascii=False, indent=2)
    return f"```json\n{body}\n```" if prompt.fence else body


def wpt_samples(nights: Sequence[LabelledNight], prompt: PromptMaker) -> list[Sample]:
    """Return a sample for each epoch of each recording, labelled or not."""
    seen = set()
    samples = []
    for index, night in enumerate(nights):
        if (night.subject, night.recording) in seen:
            continue  # the same recording by another scorer
        seen.add((night.subject, night.recording))
        its_prompt = prompt.of(night.signals.derivations)
        samples += [
            Sample(index, (epoch,), its_prompt) for epoch in range(night.signals.epoch_count)
        ]
    return samples


def wpt_question(
    sample: Sample, signals: NightSignals, settings: WptSettings, rng: random.Random
) -> Sample:
    """Draw the seconds, and write the reply from the features measured in them."""
    seconds = list(range(SECONDS_PER_EPOCH))
    if settings.seconds:
        seconds = sorted(rng.sample(seconds, settings.seconds))
    named = ", ".join(str(second) for second in seconds)
    label = f"Seconds {named}: " if settings.seconds else ""
    prompt = Prompt(sample.prompt.system, (label,), sample.prompt.keys, sample.prompt.fence)
    epoch_uv = signals.read_uv(sample.images[0], 1)
    reply = wpt_reply(epoch_uv, signals.derivations, seconds, decimals=settings.decimals)
    return Sample(sample.night, sample.images, prompt, reply)


def wpt_reply(
    epoch_uv: np.ndarray,
    derivations: Sequence[Derivation],
    seconds: Sequence[int],
    *,
    decimals: int,
) -> str:
    """Return the features of some seconds as JSON, by derivation and feature.

    Parameters
    ----------
    epoch_uv
        (1, n_derivations, 3000) in uV at 100 Hz, as the image is drawn from it.
    """
    features = second_features(epoch_uv, derivations)
    features_of: dict[str, dict[str, list[float]]] = {}
    for row, derivation in enumerate(derivations):
        its: dict[str, list[float]] = {}
        if derivation is not Derivation.CHIN:
            for place, band in enumerate(BANDS_HZ):
                its[band] = _rounded(features.band_power_db[0, row, seconds, place], decimals)
        its["MAV"] = _rounded(features.mav_uv[0, row, seconds], decimals)
        features_of[derivation.replace("-", HYPHEN)] = its
    return json.dumps(features_of, ensure_ascii=False)


def _rounded(values: np.ndarray, decimals: int) -> list[float]:
    # + 0.0 so that a small negative number is not written as -0.0
    return [round(float(v), decimals) + 0.0 if decimals else round(float(v)) for v in values]


class PromptMaker:
    """Makes the prompt of a kind of sample for nights with different derivations."""

    def __init__(self, template: str, edition_id: str, like: Prompt) -> None:
        self.template = template
        self._edition = get_edition(edition_id)
        self.like = like
        self._made: dict[tuple[Derivation, ...], Prompt] = {}

    def of(self, derivations: tuple[Derivation, ...]) -> Prompt:
        if derivations not in self._made:
            system = fill_prompt(self.template, edition=self._edition, derivations=derivations)
            like = self.like
            self._made[derivations] = Prompt(system, like.labels, like.keys, like.fence)
        return self._made[derivations]


def _wpt_prompt(data: TrainingData, settings: Settings) -> PromptMaker:
    """Return the prompt of pre-training: a single image and its answer."""
    path = settings.prompts.wpt
    template = path.read_text("utf-8") if path else shipped_prompt("wpt")
    return PromptMaker(template, data.rule_edition, Prompt("", ("",), (), False))


def _track_prompt(track: Track, data: TrainingData, settings: Settings) -> PromptMaker:
    """Return the prompt of a track: as configured, else as released, else as shipped."""
    keys = tuple(key for key in PUBLISHED_KEYS if track is Track.FINE or key != RATIONALE_KEY)
    like, template = Prompt("", keys=keys), shipped_prompt(track)
    released = data.prompts.get(track)
    if released:
        like = Prompt("", released.labels, released.keys, released.fence)
        edition = get_edition(data.rule_edition)
        filled = fill_prompt(template, edition=edition, derivations=DERIVATIONS)
        # A released prompt names six derivations. Where it equals the filled template, the
        # template is used, which fits nights with fewer derivations as well.
        template = template if filled == released.template else released.template
    configured = {Track.FINE: settings.prompts.fine, Track.COARSE: settings.prompts.coarse}
    if path := configured[track]:
        template = path.read_text("utf-8")
    return PromptMaker(template, data.rule_edition, like)
