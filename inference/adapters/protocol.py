"""Interface of all adapters: epochs of a night in, raw replies out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from pydantic import JsonValue

from psg.night import NightSignals

JsonObject = Mapping[str, JsonValue]


class AdapterAwayError(Exception):
    """The model does not answer at present; the same epochs may be tried again later."""


@dataclass(frozen=True)
class NightToScore:
    """A night, its key in the caches of an adapter, and what is wanted of it.

    ``best_of`` is the number of replies to write for each epoch, of which one is kept; 0 takes that
    of the bundle. In a simulated night, detectors are trusted as far as simulated nights allow.
    """

    key: str
    signals: NightSignals
    is_simulated: bool = False
    best_of: int = 0


class Grounding(StrEnum):
    """How far a reply was compared with measurements; the values are stored, so they stay."""

    FREE = "free"
    FLAGGED = "flagged"
    BOUND = "bound"


@dataclass(frozen=True)
class RawReply:
    """The unchanged reply of a model for an epoch.

    Parameters
    ----------
    epoch : int
        Index on the recording's grid.
    text : str
        The reply; empty where there is an ``error`` instead.
    error : str
        Why there is no reply for this epoch.
    evidence : sequence of mapping
        Measured events behind the reply, as plain values for JSON, where the adapter measures.
    probabilities : mapping of str to float, optional
        Stage to probability, where the adapter gives them; they add up to 1.
    pixel_sha256 : tuple of str
        Hashes of the shown images, in their order; empty if no image was shown.
    edge : bool
        True where a neighbour was missing and the edge image was repeated.
    duration_s : float
        Time spent on this epoch; the time of a batch is divided evenly.
    best_of : int
        Replies that were written for this epoch, of which this one was kept.
    grounding : Grounding
        ``FLAGGED`` where measurements contradict it, ``BOUND`` where each of its statements keeps
        to what was measured.
    contradicted : tuple of str
        Its statements that measurements contradict, in its own words.
    grounding_note : str
        Why it is not bound, or not compared, although the bundle wants it.
    """

    epoch: int
    text: str
    error: str = ""
    evidence: Sequence[Mapping[str, object]] = ()
    probabilities: Mapping[str, float] | None = None
    pixel_sha256: tuple[str, ...] = ()
    edge: bool = False
    duration_s: float = 0.0
    best_of: int = 1
    grounding: Grounding = Grounding.FREE
    contradicted: tuple[str, ...] = ()
    grounding_note: str = ""


class Adapter(Protocol):
    """Loaded once in a worker and kept: loading may take minutes, calls do not."""

    renderer_version: str
    """Renderer version of the images shown to the model; empty if it sees no images."""

    @property
    def about(self) -> JsonObject:
        """Facts determined at loading, for example the device or server; stored with the run."""
        ...

    def replies(self, night: NightToScore, epochs: Sequence[int]) -> Iterator[list[RawReply]]:
        """Yield replies in small groups, each epoch once, as soon as a group is finished."""
        ...


def window_epochs(epoch: int, epoch_count: int) -> tuple[int, int, int]:
    """Indices of the three images shown for ``epoch``.

    For the first and last epoch of a night, the epoch itself replaces the missing neighbour. The
    published runs leave those two epochs out; here they are scored, and marked as edge epochs.
    """
    if not 0 <= epoch < epoch_count:
        raise IndexError(f"epoch {epoch} of {epoch_count}")
    return max(epoch - 1, 0), epoch, min(epoch + 1, epoch_count - 1)


def is_edge(epoch: int, epoch_count: int) -> bool:
    """True where a neighbour is missing."""
    return epoch in {0, epoch_count - 1}
