"""How far experts agree on the nights of a release, as the datasheet tells it."""

import hashlib
import zlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from importlib.metadata import version as version_of
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from annotations.agreement.measures import (
    IntervalMethod,
    bootstrap_of,
    codes_of,
    place_measures,
    stage_measures,
)
from annotations.agreement.sheet import PEOPLE, Sheet, read_coded, sheet_of
from annotations.releases.composition import Composition
from annotations.releases.nights import NightEntry
from annotations.releases.planning import ReleasePlan
from annotations.releases.ratings import rating_summary
from annotations.scoring.models import FINISHED, Scoring
from annotations.visibility import blind_rating_studies
from psg.render import RENDERER_VERSION
from studies.models import Study


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
        "places": {
            place: asdict(measures)
            for place, measures in (place_measures(nights, bootstrap) if nights else {}).items()
        },
        "stages": [asdict(m) for m in (stage_measures(nights, bootstrap) if nights else ())],
        "intervals": asdict(IntervalMethod.of(sheet.subjects)),
    }


# What is written down of a release: enough to know, and to rebuild, every byte of it.


FORMAT = "epochwise-release/1"


def make_manifest(
    *,
    study: Study,
    title: str,
    version: str,
    composition: Composition,
    plan: ReleasePlan,
    agreement: dict[str, Any],
    scorer_names: dict[int, str],
    free_text: dict[str, Any],
    frozen_at: datetime,
) -> dict[str, Any]:
    """Return the manifest as JSON can hold it; names of people are not in it."""
    asked = composition.as_json()
    asked.pop("scorer_id")
    return {
        "format": FORMAT,
        "study": study.slug,
        "study_title": study.title,
        "title": title,
        "version": version,
        "frozen_at": frozen_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "licence": study.licence,
        "data_terms": study.data_terms,
        "authors": list(asked.pop("authors")),
        "composition": asked,
        "rule_editions": sorted({entry.rule_edition for entry in plan.entries}),
        "guidelines": _guidelines(plan.scorings),
        "renderer_version": RENDERER_VERSION,
        "software": software(),
        "prompts": import_string(settings.RELEASE_PROMPTS)(study.rule_edition),
        "scorers": _scorers(plan.scorings, scorer_names),
        "subjects": plan.as_json()["subjects"],
        "counts": plan.counts,
        "carries": plan.carries,
        "agreement": agreement,
        "free_text": free_text,
        "ratings": rating_summary(plan.ratings, {e.recording: e.subject for e in plan.entries}),
        "nights": [entry.as_json() for entry in plan.entries],
    }


def software() -> dict[str, str]:
    """Return the versions of what the bytes of files depend on beside the rows."""
    return {
        "edfio": version_of("edfio"),
        "pyarrow": version_of("pyarrow"),
        "renderer": RENDERER_VERSION,
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
    }


def entries_of(manifest: dict[str, Any]) -> list[NightEntry]:
    return [NightEntry.from_json(entry) for entry in manifest["nights"]]


def _guidelines(scorings: Iterable[Scoring]) -> list[dict[str, str]]:
    texts = sorted({scoring.guideline for scoring in scorings if scoring.guideline})
    return [{"sha256": hashlib.sha256(t.encode()).hexdigest(), "text": t} for t in texts]


def _scorers(scorings: Sequence[Scoring], names: dict[int, str]) -> list[dict[str, Any]]:
    """Describe each scorer; models with the hashes of their weights and prompt."""
    scorers = {scoring.scorer_id: scoring.scorer for scoring in scorings}
    return [
        {"name": names[pk], "kind": scorer.kind, "provenance": scorer.provenance}
        for pk, scorer in sorted(scorers.items(), key=lambda item: names[item[0]])
    ]
