"""Scorings made with a suggestion at hand, over a night that can be counted by hand."""

from annotations.assistance.suggestions import lock_epoch, send_suggestions
from annotations.saving import Save
from annotations.scoring.assignments import assign
from annotations.scoring.models import EpochRevision, EpochScore, Scoring
from annotations.scoring.scores import ScoreContent, score_epoch
from annotations.scoring.scorings import close_scoring
from recordings.models import Recording
from studies.models import Mode, User
from tests.helpers.adjudications import finished_scoring

RIGHT = ["W", "W", "N1", "N2", "N2", "N3", "R", "R", "R", None]
ADVICE = ["W", "N1", "N1", "N3", "N3", "N2", "R", "R", None, "W"]
OWN = ["W", "W", "W", "N2", "N1", "N3", "N2", "N2", "R", "W"]
FINAL = ["W", "N1", "N1", "N2", "N3", "N1", "R", "N2", "R", "W"]


def write(scoring: Scoring, epoch: int, stage: str, words: str = "", **more) -> EpochRevision:
    known = EpochScore.objects.filter(scoring=scoring, epoch=epoch).first()
    return score_epoch(
        scoring=scoring,
        epoch=epoch,
        content=ScoreContent(stage, rationale=words),
        save=Save(user=scoring.scorer.user, seen_version=known.version if known else 0, **more),
    )


def given_scoring(recording: Recording, annotator: User, mode: Mode) -> Scoring:
    """Make an empty scoring with the advice of a file; another file says what is right."""
    finished_scoring(recording, "Truth", RIGHT)
    advice = finished_scoring(recording, "Advice", ADVICE)
    return assign(
        recording=recording, annotator=annotator, assigned_by=None, mode=mode, suggestion=advice
    )


def revealed_scoring(recording: Recording, annotator: User) -> Scoring:
    """Make a finished one in reveal; its first epoch was never locked, so never shown."""
    scoring = given_scoring(recording, annotator, Mode.REVEAL)
    for epoch, (own, final) in enumerate(zip(OWN, FINAL, strict=True)):
        version = write(scoring, epoch, own, "one two three four", active_ms=4000).version
        if epoch == 0:
            continue
        lock_epoch(scoring=scoring, epoch=epoch, seen_version=version)
        send_suggestions(scoring=scoring, epochs=range(epoch, epoch + 1))
        if final != own:
            write(scoring, epoch, final, "one two three five", active_ms=1000)
    return close_scoring(scoring=scoring)
