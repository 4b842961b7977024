"""The window of an epoch: itself and its two neighbours."""

from __future__ import annotations


def window_epochs(epoch: int, epoch_count: int) -> tuple[int, int, int]:
    """Indices of the three images shown for ``epoch``.

    At the edges of a night the edge epoch stands in for the missing neighbour. The published
    runs leave those two epochs out; here they are scored, and marked as edge epochs.
    """
    if not 0 <= epoch < epoch_count:
        raise IndexError(f"epoch {epoch} of {epoch_count}")
    return max(epoch - 1, 0), epoch, min(epoch + 1, epoch_count - 1)


def is_edge(epoch: int, epoch_count: int) -> bool:
    """True where a neighbour is missing."""
    return epoch in {0, epoch_count - 1}
