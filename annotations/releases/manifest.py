"""What is written down of a release: enough to know, and to rebuild, every byte of it."""

import hashlib
import zlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from importlib.metadata import version as version_of
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from annotations.models import Scoring
from annotations.releases.composition import Composition
from annotations.releases.nights import NightEntry
from annotations.releases.planning import Plan
from annotations.releases.rating_summary import rating_summary
from psg.render import RENDERER_VERSION
from studies.models import Study

FORMAT = "epochwise-release/1"


def make_manifest(
    *,
    study: Study,
    title: str,
    version: str,
    composition: Composition,
    plan: Plan,
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
