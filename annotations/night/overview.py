"""The overview of a recording: one time axis for everything, and figures over all scorers."""

from dataclasses import dataclass

from annotations.agreement.recording_scorings import Hypnogram
from annotations.night.axis import Axis, axis_of
from annotations.night.events import most_events
from annotations.night.figures import Figures, figures_of
from annotations.scoring.models import Scoring
from annotations.visibility import visible_scorings
from recordings.models import Recording
from studies.models import User

SHOWN = 2
"""Scorers whose hypnograms are open at first; the others are strips on request."""


@dataclass(frozen=True)
class Overview:
    """The first tab of a recording."""

    figures: Figures
    axis: Axis
    shown: list[Hypnogram]
    """Drawn without scripts: the consensus, and the first scorers."""
    hidden_count: int
    has_events_of_several: bool
    """Whether the counts of events are those of one scorer among several."""
    own: Scoring | None
    """The scoring that the user can continue."""


def overview_of(recording: Recording, user: User) -> Overview:
    """Gather what `user` may see of the scorings of a recording."""
    figures = figures_of(recording, user)
    found = figures.scorings
    nights = [entry.night for entry in found.hypnograms]
    first = [entry for entry in found.hypnograms if not entry.is_consensus][:SHOWN]
    shown = [entry for entry in found.hypnograms if entry.is_consensus or entry in first]
    visible = visible_scorings(user).filter(recording=recording)
    events = most_events(recording, visible)
    return Overview(
        figures=figures,
        axis=axis_of(recording, nights, found.compared, events.counts, shown_first=SHOWN),
        shown=shown,
        hidden_count=len(found.hypnograms) - len(shown),
        has_events_of_several=events.scorings > 1,
        own=visible.filter(scorer__user_id=user.pk, state=Scoring.State.OPEN).first(),
    )
