"""What lies between the stages of a list: other events, or stages that are not understood."""

from __future__ import annotations

from psg.stagefiles.cover import Cover
from psg.stagefiles.entries import NEAR_S
from psg.stagefiles.events import known_event
from psg.stagefiles.facts import EventKind
from psg.stagefiles.sorting import Named, Row, Sorted
from psg.stagefiles.words import has_stage_name

# No stage is shorter; a text over less of a hole is an event.
_SHORTEST_S = 10.0


def settle_weak(found: Sorted, named: Named, cover: Cover, epoch_s: float) -> None:
    if cover.has_any(named.row.onset_s, named.duration_s):
        found.events.append(named.row)
        return
    if _is_whole(named.duration_s, epoch_s):
        found.stages.append(named)
    else:
        # What lasts no whole epochs leaves them without a stage, as a text for no stage does.
        found.events.append(named.row)
    if not named.text and named.row.text.strip():
        found.declared[None] += 1


def settle_other(found: Sorted, row: Row, cover: Cover, epoch_s: float) -> None:
    """Tell an event from a stage that is not understood.

    A text of unknown words over time that no stage covers would leave a hole in the hypnogram; it
    may be a stage. What lies over stages is another event.
    """
    uncovered_s = (row.duration_s or 0.0) - cover.covered_s(row.onset_s, row.duration_s or 0.0)
    if uncovered_s >= _SHORTEST_S and not _is_event(row, epoch_s):
        found.add_unknown(row)
    else:
        found.events.append(row)


def _is_whole(duration_s: float, epoch_s: float) -> bool:
    """Whether a duration is a whole number of epochs."""
    count = round(duration_s / epoch_s)
    return count >= 1 and abs(duration_s - count * epoch_s) <= NEAR_S


def _is_event(row: Row, epoch_s: float) -> bool:
    """Whether a row names an event; an artefact only where it lasts as an epoch never does."""
    is_named = known_event(row.text) is not None and not has_stage_name(row.text)
    return is_surely_event(row.text) or (is_named and not _is_whole(row.duration_s or 0.0, epoch_s))


def is_surely_event(text: str) -> bool:
    known = known_event(text)
    # An artefact over a whole epoch is how some programs write that the epoch has no stage.
    return known is not None and known[0] != EventKind.ARTEFACT and not has_stage_name(text)
