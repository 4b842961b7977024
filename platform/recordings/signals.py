"""What recordings tells the apps above it, which it does not know."""

from django.dispatch import Signal

# Sent inside the transaction that makes a recording ready, with `recording`, and with
# `stage_entries` (the stages that came with the file, as read, or an empty list) and
# `stages_scorer` (who scored them, or "").
recording_ready = Signal()
