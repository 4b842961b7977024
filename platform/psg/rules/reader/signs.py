"""The traits of a night and the signs of each epoch, from its measures.

Counts and seconds that the AASM manual gives are used as they are (15 s of alpha, 6 s of slow
waves, first half of the epoch). Where the manual says only "present", a second event is required
before a stage changes on it, since a detector, unlike an eye, errs now and then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from psg.events import (
    DetectedEvent,
    alpha,
    arousal,
    blink,
    chin_tone,
    k_complex,
    movement,
    rapid_eye_movement,
    slow_eye_movement,
    slow_wave,
    spindle,
    theta,
    vertex_wave,
)
from psg.events.chin_tone import ChinTone
from psg.events.measures import HALF_S, EpochMeasures
from psg.montage import Derivation

LEAST_ALPHA_EPOCHS = 2
"""Epochs with alpha in more than half that make a sleeper an alpha producer."""


BESIDE_NON_REM = "beside non-REM"
"""The chin tells only where its tone is below that of non-REM sleep (`chin_in_sleep`)."""


@dataclass(frozen=True)
class NightTraits:
    """Facts about the night that decide how its epochs are read."""

    makes_alpha: bool
    alpha_hz: float | None
    chin: str
    missing: tuple[Derivation, ...]
    with_ecg: tuple[Derivation, ...] = ()
    without_mastoid: bool = False
    """Either F4 or O2 looks as with another reference than a mastoid (`psg.events.quality`)."""
    frontal_is_small: bool = False
    """Slow waves and K complexes are searched in C4 although F4 is there (`psg.events.frontal`)."""
    faulty: tuple[Derivation, ...] = ()
    """Derivations with a fault in the epoch that is being described."""

    @property
    def unread(self) -> tuple[Derivation, ...]:
        return (*self.missing, *self.faulty)

    @property
    def frontal(self) -> Derivation:
        """Where slow waves and K complexes were searched, as `psg.events.frontal` does."""
        is_central = Derivation.F4 in self.missing or self.frontal_is_small
        return Derivation.C4 if is_central else Derivation.F4

    @property
    def has_chin_tone(self) -> bool:
        return self.chin in ("informative", BESIDE_NON_REM)


def traits_of(
    epochs: Sequence[EpochMeasures], tone: ChinTone | None, present: Sequence[Derivation]
) -> NightTraits:
    with_alpha = [epoch for epoch in epochs if epoch.seconds(alpha.KIND) > HALF_S]
    rhythm_hz = [
        event.frequency_hz
        for epoch in with_alpha
        for event in epoch.of(alpha.KIND)
        if event.frequency_hz is not None
    ]
    return NightTraits(
        makes_alpha=len(with_alpha) >= LEAST_ALPHA_EPOCHS,
        alpha_hz=float(np.median(rhythm_hz)) if rhythm_hz else None,
        chin=_chin(tone),
        missing=tuple(derivation for derivation in Derivation if derivation not in present),
    )


def _chin(tone: ChinTone | None) -> str:
    if tone is None:
        return "missing"
    return "informative" if tone.informative else "uninformative"


N3_SECONDS = 6.0
LEAST_BLINKS = 3
LEAST_WAKING_MOVEMENTS = 2
LEAST_REMS_TO_ENTER_R = 2
LEAST_EPOCHS_LIKE_R = 6
"""Three minutes with low tone, in which N2 would show a spindle or K complex."""
LEAST_THETA_S = 6.0
AROUSAL_REACH_S = 1.0


@dataclass(frozen=True)
class Signs:
    """An epoch with the previous epoch (None at the start of the night).

    ``eeg_is_awake`` is known only where no alpha tells it (`wakefulness`), ``steep_s`` only where
    signals were measured (`deep_sleep`).
    """

    here: EpochMeasures
    before: EpochMeasures | None
    eeg_is_awake: bool | None = None
    steep_s: float | None = None

    @property
    def slow_s(self) -> float:
        """Seconds of slow waves that count for N3."""
        return self.here.seconds(slow_wave.KIND) if self.steep_s is None else self.steep_s

    @property
    def hidden(self) -> bool:
        return self.here.seconds(movement.KIND) > HALF_S

    @property
    def any_alpha(self) -> bool:
        return self.here.seconds(alpha.KIND) > 0

    @property
    def alpha_rules(self) -> bool:
        return self.here.seconds(alpha.KIND) > HALF_S

    @property
    def slow_waves_rule(self) -> bool:
        return self.slow_s >= N3_SECONDS and not self.blinking

    @property
    def blinking(self) -> bool:
        return self.here.count(blink.KIND) >= LEAST_BLINKS and not self.here.count(spindle.KIND)

    @property
    def rems(self) -> int:
        return self.here.count(rapid_eye_movement.KIND)

    @property
    def rolling_eyes(self) -> bool:
        return self.here.count(slow_eye_movement.KIND) >= 2

    @property
    def looking_around(self) -> bool:
        """Rapid eye movements while the chin is not low: waking ones."""
        if self.here.tone_is_low is not False or self.n2_signs:
            return False
        return self.rems >= LEAST_WAKING_MOVEMENTS

    @property
    def awake_by_eeg(self) -> bool:
        """The EEG alone is that of W, and the chin says nothing against it."""
        return self.eeg_is_awake is True and self.here.tone_is_low is not True

    @property
    def n2_signs(self) -> tuple[DetectedEvent, ...]:
        """Spindles and K complexes of the epoch, those tied to an arousal left out."""
        return (*self.here.of(spindle.KIND), *free_k_complexes(self.here))

    @property
    def deciding_n2_signs(self) -> tuple[DetectedEvent, ...]:
        """Those in the first half of this epoch or the last half of the previous epoch."""
        if self.before is None:
            return self.early_n2_signs
        signs_before = (*self.before.of(spindle.KIND), *free_k_complexes(self.before))
        late = tuple(event for event in signs_before if event.middle_s >= HALF_S)
        return self.early_n2_signs + late

    @property
    def early_n2_signs(self) -> tuple[DetectedEvent, ...]:
        return tuple(event for event in self.n2_signs if event.middle_s < HALF_S)

    @property
    def arousals(self) -> tuple[DetectedEvent, ...]:
        return self.here.of(arousal.KIND)

    @property
    def early_arousals(self) -> tuple[DetectedEvent, ...]:
        """Arousals of the first half count for this epoch, those of the last half for the next."""
        return tuple(event for event in self.arousals if event.start_s < HALF_S)

    @property
    def late_arousals_before(self) -> tuple[DetectedEvent, ...]:
        """Arousals in the last half of the epoch before, with no sign of N2 after them."""
        if self.before is None:
            return ()
        signs = (*self.before.of(spindle.KIND), *free_k_complexes(self.before))
        last_sign_s = max((event.start_s for event in signs), default=0.0)
        return tuple(
            event
            for event in self.before.of(arousal.KIND)
            if event.start_s >= max(HALF_S, last_sign_s)
        )

    @property
    def aroused(self) -> bool:
        return bool(self.early_arousals or self.late_arousals_before)

    @property
    def rem_arousals(self) -> tuple[DetectedEvent, ...]:
        """Early arousals with the second of raised chin tone that R asks for."""
        rises = self.here.of(chin_tone.KIND)
        return tuple(
            event for event in self.early_arousals if any(_touch(event, rise) for rise in rises)
        )

    @property
    def mixed_frequency(self) -> bool:
        """Low-amplitude mixed-frequency activity: neither alpha nor slow waves prevail."""
        slow_s = max(self.slow_s, self.here.seconds(slow_wave.KIND))
        return not self.hidden and not self.alpha_rules and slow_s < N3_SECONDS / 2

    @property
    def drowsy(self) -> bool:
        """The first signs of N1 in a sleeper without alpha."""
        return (
            self.here.seconds(theta.KIND) >= LEAST_THETA_S
            or self.here.count(vertex_wave.KIND) > 0
            or self.rolling_eyes
            or self.eeg_is_awake is False
        )


def free_k_complexes(epoch: EpochMeasures) -> tuple[DetectedEvent, ...]:
    """K complexes not tied to an arousal, which would start with them or right after."""
    return tuple(
        event
        for event in epoch.of(k_complex.KIND)
        if not any(
            event.start_s - AROUSAL_REACH_S <= other.start_s <= event.end_s + AROUSAL_REACH_S
            for other in epoch.of(arousal.KIND)
        )
    )


def _touch(first: DetectedEvent, second: DetectedEvent) -> bool:
    return first.start_s < second.end_s and second.start_s < first.end_s
