"""Which scorings a composition means, under which names, and what speaks against it."""

import re
from collections.abc import Iterable, Sequence

from annotations.releases.composition import Composition, ReleaseSource
from annotations.scoring.models import FINISHED, Scorer, Scoring
from annotations.visibility import blind_rating_studies
from studies.models import Study


def selected_scorings(study: Study, composition: Composition) -> list[Scoring]:
    """Return the last finished pass of each chosen scorer over each chosen night, in order."""
    found = Scoring.objects.filter(recording__study=study, state__in=FINISHED)
    if composition.source is ReleaseSource.CONSENSUS:
        found = found.filter(scorer__kind=Scorer.Kind.CONSENSUS)
    elif composition.source is ReleaseSource.SCORER:
        found = found.filter(scorer_id=composition.scorer_id or 0)
    if composition.recordings:
        found = found.filter(recording__name__in=composition.recordings)
    last = {
        (scoring.recording_id, scoring.scorer_id): scoring
        for scoring in found.select_related("recording__subject", "scorer").order_by("pass_number")
    }
    return sorted(last.values(), key=_place)


def _place(scoring: Scoring) -> tuple[str, str, str, str, int]:
    recording, scorer = scoring.recording, scoring.scorer
    return recording.subject.code, recording.name, scorer.kind, scorer.label, scorer.pk


def scorer_names(scorings: Iterable[Scoring]) -> dict[int, str]:
    """Name each scorer for the outside: people by number only, others by their label."""
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
    """Return what has to be put right before anything of these scorings is released."""
    return [
        *_missing(study, composition, scorings),
        *blind_ratings(scorings),
        *([] if study.licence else ["The study names no licence yet: see its terms of release."]),
    ]


def _missing(study: Study, composition: Composition, scorings: Sequence[Scoring]) -> list[str]:
    known = set(study.recordings.values_list("name", flat=True))
    problems = [
        f"There is no recording {name} any more."
        if name in composition.recordings
        else f"The split names {name}, and there is no such recording."
        for name in sorted({*composition.recordings, *composition.given_parts} - known)
    ]
    scored = {scoring.recording.name for scoring in scorings}
    problems += [
        f"{name} has no finished scoring of those asked for."
        for name in sorted((set(composition.recordings) & known) - scored)
    ]
    if not scorings:
        problems.append("There is no finished scoring of those asked for: nothing to release.")
    return problems


def blind_ratings(scorings: Sequence[Scoring]) -> list[str]:
    """Name the rating studies whose sources a release would give away."""
    blind = blind_rating_studies().filter(arms__scorings__in=[s.pk for s in scorings])
    return [
        f"The rating study “{rating_study}” is still blind, and the release would show its"
        " sources: unblind it first."
        for rating_study in blind.distinct().order_by("pk")
    ]
