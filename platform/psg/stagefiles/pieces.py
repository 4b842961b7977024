"""Stages in pieces that are no epochs of 30 s."""

from __future__ import annotations

import math
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


def are_ends(pairs: Sequence[tuple[float, float]]) -> bool | None:
    """Whether the second of two numbers is the end of a stage, and not its length.

    The stages follow each other by one reading alone; None where they do by both.
    """
    listed = sorted(pairs)
    nexts_s = [*(onset_s for onset_s, _ in listed[1:]), math.inf]
    rows = [(*pair, next_s + NEAR_S) for pair, next_s in zip(listed, nexts_s, strict=True)]
    as_ends = all(onset_s < second <= next_s for onset_s, second, next_s in rows)
    as_lengths = all(onset_s + second <= next_s for onset_s, second, next_s in rows)
    if as_ends and as_lengths and any(onset_s for onset_s, _ in listed):
        return None
    return as_ends and not as_lengths


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
