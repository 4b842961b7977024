"""Which recording of a study a subject of a file is."""

from collections import defaultdict

from annotations.models import Scoring
from annotations.models.scoring import FINISHED, UNAIDED
from recordings.models import Recording
from studies.models import Study, User

NOT_READY = (Recording.State.INGESTING, Recording.State.FAILED)


class UnmatchedError(Exception):
    """No recording, or more than one, is meant by a subject; the text says what to do."""


class StudyNights:
    """The recordings of a study by name and by subject, and which are still scored blind."""

    def __init__(self, study: Study, user: User | None) -> None:
        self._by_name: dict[str, Recording] = {}
        self._by_code: dict[str, list[Recording]] = defaultdict(list)
        for recording in study.recordings.select_related("subject", "study"):
            self._by_name[recording.name] = recording
            self._by_code[recording.subject.code].append(recording)
        blind = Scoring.objects.filter(
            recording__study=study, scorer__user=user, state=Scoring.State.OPEN, mode__in=UNAIDED
        )
        self._blind = set(blind.values_list("recording_id", flat=True)) if user else set[int]()

    def find(self, subject: str) -> Recording | None:
        """Return the night of that name, else the only night of that subject; None without one.

        Raises
        ------
        UnmatchedError
        """
        nights = self._by_code.get(subject, [])
        recording = self._by_name.get(subject) or (nights[0] if len(nights) == 1 else None)
        if recording is None and nights:
            names = ", ".join(sorted(night.name for night in nights))
            raise UnmatchedError(
                f"{subject} has several nights here ({names}): put the name of one as Subject."
            )
        if recording and recording.state in NOT_READY:
            raise UnmatchedError(
                f"{recording} is not ready: {recording.get_state_display().lower()}."
            )
        if recording and recording.pk in self._blind:
            raise UnmatchedError(
                f"You still score {recording} blind: submit first, or leave it out."
            )
        return recording


def finished_stages(
    recording: Recording, scorer_id: int | None = None
) -> dict[str, dict[int, str]]:
    """Return the stages by epoch of the last finished scorings of a night, by scorer's label."""
    found = Scoring.objects.filter(recording=recording, state__in=FINISHED)
    found = found if scorer_id is None else found.filter(scorer_id=scorer_id)
    last = {s.scorer_id: s for s in found.select_related("scorer").order_by("pass_number")}
    return {
        scoring.scorer.label: {
            epoch: stage for epoch, stage in scoring.scores.values_list("epoch", "stage") if stage
        }
        for scoring in last.values()
    }
