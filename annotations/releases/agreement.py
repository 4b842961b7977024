"""How far experts agree on the nights of a release, as the datasheet tells it."""

from collections.abc import Collection
from typing import Any

from annotations.models import Scoring
from annotations.models.scoring import FINISHED
from annotations.queries.agreement.coded import read_coded
from annotations.queries.agreement.intervals import about_intervals, bootstrap_of
from annotations.queries.agreement.measures import codes_of, place_measures, stage_measures
from annotations.queries.agreement.sheet import PEOPLE, Sheet, sheet_of
from annotations.releases.selection import blind_rating_studies


def expert_agreement(recording_ids: Collection[int]) -> dict[str, Any]:
    """Return agreement of people who scored these nights unaided, without a name.

    The last finished pass of each counts, all epochs of it: a filter that asks for agreement
    would otherwise prove itself. A scoring under a rating study that is still blind is left out,
    for what it says of a night would tell it from the other sources.
    """
    found = Scoring.objects.filter(
        recording_id__in=recording_ids, scorer__kind__in=PEOPLE, state__in=FINISHED
    )
    last = {
        (scoring.recording_id, scoring.scorer_id): scoring.pk
        for scoring in found.order_by("pass_number")
    }
    hidden = set(
        Scoring.objects.filter(
            pk__in=last.values(), rated_in__rating_study__in=blind_rating_studies()
        ).values_list("pk", flat=True)
    )
    sheet = sheet_of(Scoring.objects.filter(pk__in=set(last.values()) - hidden))
    unaided = sheet.only([column for column in sheet.columns if not column.helped])
    return {**_measures(unaided), "hidden_scorings": len(hidden)}


def _measures(sheet: Sheet) -> dict[str, Any]:
    for night in sheet.nights:  # read one by one, so that memory holds the rows of one night
        sheet.read.update(read_coded(list(night.scorings.values())))
    nights = codes_of(sheet)
    bootstrap = bootstrap_of(sheet.subjects)
    return {
        "recordings": len(nights),
        "scorers": len({key for night in sheet.nights for key in night.scorings}),
        "places": place_measures(nights, bootstrap) if nights else {},
        "stages": stage_measures(nights, bootstrap) if nights else [],
        "intervals": about_intervals(sheet.subjects),
    }
