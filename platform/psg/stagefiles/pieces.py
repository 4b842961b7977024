"""Stages in pieces that are no epochs of 30 s."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from psg.stagefiles.entries import NEAR_S, StageEntry
from psg.stages import EPOCH_S

RK_EPOCH_S = 20.0


def are_of_20_s(durations_s: Sequence[float]) -> bool:
    """Whether stages last whole epochs of 20 s, and not all of them whole epochs of 30 s."""
    if not durations_s or not all(_is_multiple(each, RK_EPOCH_S) for each in durations_s):
        return False
    return not all(_is_multiple(each, EPOCH_S) for each in durations_s)


def _is_multiple(duration_s: float, unit_s: float) -> bool:
    count = round(duration_s / unit_s)
    return count >= 1 and abs(duration_s - count * unit_s) <= NEAR_S


def joined_pieces(entries: Sequence[StageEntry], epoch_s: float) -> tuple[StageEntry, ...]:
    """Join pieces shorter than an epoch that touch and have the same stage."""
    joined: list[StageEntry] = []
    for entry in entries:
        last = joined[-1] if joined else None
        is_piece = entry.duration_s < epoch_s - NEAR_S
        touches = last is not None and abs(last.end_s - entry.onset_s) <= NEAR_S
        if last and touches and is_piece and last.stage == entry.stage:
            joined[-1] = replace(last, duration_s=entry.end_s - last.onset_s)
        else:
            joined.append(entry)
    return tuple(joined)
