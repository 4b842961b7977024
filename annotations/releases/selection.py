"""The scorings that a composition selects, their names outside, and what prevents a release."""

import re
from collections.abc import Iterable, Sequence

from annotations.releases.composition import Composition, ReleaseSource
from annotations.scoring.models import FINISHED, IS_ORIGINAL, Scorer, Scoring
from annotations.visibility import blind_rating_studies
from studies.models import Study


def selected_scorings(study: Study, composition: Composition) -> list[Scoring]:
    """Return the last finished pass of each chosen scorer over each chosen night, in order.

    Copies of other scorings are left out, unless their scorer is the chosen one.
    """
    scorings = Scoring.objects.filter(recording__study=study, state__in=FINISHED)
    if composition.source is ReleaseSource.CONSENSUS:
        scorings = scorings.filter(scorer__kind=Scorer.Kind.CONSENSUS)
    elif composition.source is ReleaseSource.SCORER:
        scorings = scorings.filter(scorer_id=composition.scorer_id or 0)
    else:
        scorings = scorings.filter(IS_ORIGINAL)
    if composition.recordings:
        scorings = scorings.filter(recording__name__in=composition.recordings)
    last = {
        (scoring.recording_id, scoring.scorer_id): scoring
        for scoring in scorings.select_related("recording__subject", "scorer").order_by(
            "pass_number"
        )
    }
    return sorted(last.values(), key=_place)


def copy_notes(study: Study, composition: Composition) -> list[str]:
    """Return a note if copies of other scorings are left out."""
    if composition.source in (ReleaseSource.CONSENSUS, ReleaseSource.SCORER):
        return []
    copies = Scoring.objects.copies().filter(recording__study=study, state__in=FINISHED)
    if composition.recordings:
        copies = copies.filter(recording__name__in=composition.recordings)
    count = copies.count()
    return [f"Imported copies of other scorings are left out: {count}."] if count else []


def _place(scoring: Scoring) -> tuple[str, str, str, str, int]:
    recording, scorer = scoring.recording, scoring.scorer
    return recording.subject.code, recording.name, scorer.kind, scorer.label, scorer.pk


def scorer_names(scorings: Iterable[Scoring]) -> dict[int, str]:
    """Return the name of each scorer in a release: people by number, others by their label."""
    scorers = {scoring.scorer_id: scoring.scorer for scoring in scorings}
    names: dict[int, str] = {}
    experts = 0
    for scorer in sorted(scorers.values(), key=lambda s: s.pk):
        if scorer.kind == Scorer.Kind.HUMAN:
            experts += 1
            name = f"expert-{experts}"
        elif scorer.kind == Scorer.Kind.CONSENSUS:
            name = "consensus"
        else:
            name = re.sub(r"[^a-z0-9]+", "-", scorer.label.lower()).strip("-") or scorer.kind
        names[scorer.pk] = _free(name, names.values())
    return names


def _free(name: str, taken: Iterable[str]) -> str:
    known, number, free = set(taken), 1, name
    while free in known:
        number += 1
        free = f"{name}-{number}"
    return free


def selection_problems(
    study: Study, composition: Composition, scorings: Sequence[Scoring]
) -> list[str]:
    """Return what has to be corrected before these scorings are released."""
    return [
        *_missing(study, composition, scorings),
        *blind_ratings(scorings),
        *([] if study.licence else ["The study has no licence yet. Set it in the release terms."]),
    ]


def _missing(study: Study, composition: Composition, scorings: Sequence[Scoring]) -> list[str]:
    known = set(study.recordings.values_list("name", flat=True))
    problems = [
        f"Recording {name} no longer exists."
        if name in composition.recordings
        else f"The split contains {name}, but the study has no such recording."
        for name in sorted({*composition.recordings, *composition.given_parts} - known)
    ]
    scored = {scoring.recording.name for scoring in scorings}
    problems += [
        f"{name} has no finished scoring that matches these choices."
        for name in sorted((set(composition.recordings) & known) - scored)
    ]
    if not scorings:
        problems.append(
            "No finished scoring matches these choices, so there is nothing to release."
        )
    return problems


def blind_ratings(scorings: Sequence[Scoring]) -> list[str]:
    """Return a problem for each rating study whose sources the release would reveal."""
    blind = blind_rating_studies().filter(arms__scorings__in=[s.pk for s in scorings])
    return [
        f"The rating study “{rating_study}” is still blind, and the release would show its"
        " sources. Unblind the rating study first."
        for rating_study in blind.distinct().order_by("pk")
    ]
