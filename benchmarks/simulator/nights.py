"""Simulated nights as the recordings of `benchmarks.evidence` are, with their true events.

Real marks come from pieces of recordings with few channels. A detector is compared on pieces of
simulated nights of the same kind, so that figures can be put side by side.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from benchmarks.evidence.marks import Spans, inside, spans_of
from benchmarks.evidence.peers import PEERS
from benchmarks.evidence.recordings import C4, CHIN, E1, E2, F4, RealRecording, Samples
from psg.events import detect_events
from psg.montage import DERIVATIONS, Derivation
from psg.simulate import SimulatedNight
from psg.simulate.night import MASS_LABELS, known_events
from psg.stages import EPOCH_S, Stage

LEAST_K_COMPLEXES = 2
LEAST_R_EPOCHS = 10
"""Shorter stays in R are left out: a detector needs some of the recording to know it."""


@dataclass(frozen=True, eq=False)
class Recorded:
    """A recording and what is detected in it."""

    real: RealRecording

    @cached_property
    def ours(self) -> dict[str, Spans]:
        return {
            kind: spans_of([(event.start_s, event.end_s) for event in events])
            for kind, events in detect_events(self.real.night).items()
        }

    def found(self, kind: str, compared: str) -> Spans:
        return self.ours[kind] if compared == "ours" else PEERS[kind](self.real)


@dataclass(frozen=True, eq=False)
class Piece:
    """A recording, the true events of a kind in it, and the stretches that are compared."""

    recorded: Recorded
    truth: Spans
    read: Spans


@dataclass(frozen=True, eq=False)
class KnownNight:
    """A simulated night whose times count from its first epoch."""

    night: SimulatedNight

    @cached_property
    def truth(self) -> dict[str, Spans]:
        return {
            kind: spans_of([(event.start_s, event.end_s) for event in events])
            for kind, events in known_events(self.night).items()
        }

    @cached_property
    def whole(self) -> Recorded:
        return self.recorded(DERIVATIONS)

    @cached_property
    def like_marked(self) -> dict[tuple[str, str], list[Piece]]:
        """Pieces like those that people marked, by kind and recordings.

        A central derivation without R, as DREAMS; of K complexes also the epochs of N2 that hold
        two or more, as each of the five that experts marked. Rapid eye movements: two eye channels
        of stays in R.
        """
        central = self.recorded((C4,))
        k_complexes, light = self.truth["k_complex"], self.pages(Stage.N2)
        holding = [len(inside(k_complexes, page[None])) >= LEAST_K_COMPLEXES for page in light]
        not_r = self.pages(Stage.W, Stage.N1, Stage.N2, Stage.N3)
        return {
            ("spindle", "dreams"): [Piece(central, self.truth["spindle"], not_r)],
            ("k_complex", "k-complexes"): [
                Piece(central, k_complexes, light[np.array(holding, dtype=bool)])
            ],
            ("k_complex", "epochs"): [Piece(central, k_complexes, not_r)],
            ("movement", "dreams-whole"): [Piece(central, self.truth["movement"], not_r)],
            ("rem", "eyes-in-rem"): self._stays_in_r(),
        }

    @cached_property
    def like_quiet(self) -> dict[str, Piece]:
        """Pieces without any event of a kind: N3 in all derivations, W in two."""
        two, none = self.recorded((F4, C4)), spans_of([])
        deep, awake = self.pages(Stage.N3), self.undisturbed(Stage.W)
        return {
            **{kind: Piece(self.whole, none, deep) for kind in ("rem", "sem", "blink")},
            **{kind: Piece(two, none, awake) for kind in ("spindle", "k_complex", "vertex_wave")},
        }

    def recorded(
        self, derivations: tuple[Derivation, ...], first: int = 0, last: int | None = None
    ) -> Recorded:
        """Some epochs of the night, as a recording of some derivations."""
        grid, rate_hz = self.night.grid, self.night.sfreq_hz
        start = round(grid.onset_s(first) * rate_hz)
        end = round(grid.onset_s(grid.epoch_count if last is None else last) * rate_hz)
        signals = {name: self._signal_uv(name)[start:end] for name in derivations}
        return Recorded(RealRecording("simulated", signals, rate_hz))

    def pages(self, *stages: Stage) -> Spans:
        """The epochs that the reference expert scored as any of these stages."""
        return _pages([epoch for epoch, one in enumerate(self.night.stages) if one in stages])

    def undisturbed(self, *stages: Stage) -> Spans:
        """Those of them without movement or arousal."""
        pages = self.pages(*stages)
        busy = np.concatenate([self.truth["movement"], self.truth["arousal"]])
        touched = (busy[:, 0] < pages[:, 1:]) & (busy[:, 1] > pages[:, :1])
        return pages[~touched.any(axis=1)]

    def _stays_in_r(self) -> list[Piece]:
        in_r = np.array([stage is Stage.R for stage in self.night.stages], dtype=int)
        edges = np.flatnonzero(np.diff(np.concatenate([[0], in_r, [0]]))).reshape(-1, 2)
        return [
            self._stay(first, last)
            for first, last in edges.tolist()
            if last - first >= LEAST_R_EPOCHS
        ]

    def _stay(self, first: int, last: int) -> Piece:
        whole = spans_of([(0.0, EPOCH_S * (last - first))])
        truth = inside(self.truth["rem"] - EPOCH_S * first, whole)
        return Piece(self.recorded((E1, E2), first, last), truth, whole)

    def _signal_uv(self, derivation: Derivation) -> Samples:
        signals = self.night.signals_uv
        if derivation is CHIN:
            return np.asarray(signals["EMG Chin1"] - signals["EMG Chin2"])
        return np.asarray(signals[MASS_LABELS[derivation]])


def _pages(epochs: list[int]) -> Spans:
    return spans_of([(EPOCH_S * epoch, EPOCH_S * (epoch + 1)) for epoch in epochs])
