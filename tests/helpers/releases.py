"""Fixtures for releases: a study of a few nights with consensus, and ways to freeze them."""

from collections.abc import Callable, Sequence

import pytest

from annotations.releases.composition import Carried, Composition
from annotations.releases.findings import FreeTextSearch
from annotations.releases.lifecycle import ask_to_freeze, create_release
from annotations.releases.manifest import FORMAT, ExpertAgreement, IntervalMethod, Manifest
from annotations.releases.models import Release
from annotations.releases.planning import Counts
from annotations.releases.ratings import RatedGroup, RatingSummary
from annotations.releases.review import mark_harmless
from annotations.releases.work import RELEASES, freeze_release
from annotations.scoring.models import EpochRevision, Scoring
from annotations.scoring.scores import ScoreContent, add_scores
from annotations.scoring.scorings import close_scoring, consensus_scorer, create_scoring
from psg.manifest import NightEntry
from recordings.models import Recording, Subject
from studies.models import Study

STAGES = ("W", "N1", "N2", "N2", None, "N3", "N3", "R", "R", "W")
RULES = {"W": "W.1", "N1": "N1.1", "N2": "N2.1", "N3": "N3.1", "R": "R.1"}


@pytest.fixture
def open_study(study: Study) -> Study:
    """A study that may release everything."""
    study.licence = "CC BY 4.0"
    study.may_release_words = True
    study.save()
    return study


@pytest.fixture
def settled(open_study: Study) -> Callable[..., Scoring]:
    """Make a night of one subject with a consensus: `settled("01-0001")`."""

    def make(name: str, stages: Sequence[str | None] = STAGES, *, subject: str = "") -> Scoring:
        recording = Recording.objects.create(
            study=open_study,
            subject=Subject.objects.get_or_create(study=open_study, code=subject or name)[0],
            name=name,
            state=Recording.State.LABELS_ONLY,
            epoch_count=len(stages),
            epoch0_s=12.5,
            duration_s=30 * len(stages) + 20,
        )
        scoring = create_scoring(recording=recording, scorer=consensus_scorer(study=open_study))
        contents = [
            (n, ScoreContent(stage=stage, rules=[RULES[stage]], rationale=f"Seen, {n}."))
            for n, stage in enumerate(stages)
            if stage
        ]
        add_scores(scoring=scoring, contents=contents, why=EpochRevision.Why.CONSENSUS)
        return close_scoring(scoring=scoring)

    return make


@pytest.fixture
def draft_release(open_study: Study) -> Callable[..., Release]:
    """Compose a draft: `draft_release(seed=3)`."""

    def make(**changes: object) -> Release:
        return create_release(
            study=open_study, title="Nights", composition=Composition(**changes), user=None
        )

    return make


@pytest.fixture
def frozen(draft_release: Callable[..., Release]) -> Callable[..., Release]:
    """Compose and freeze: `frozen("1.0.0", seed=3)`."""

    def make(version: str, **changes: object) -> Release:
        return freeze(draft_release(**changes), version)

    return make


def freeze(release: Release, version: str) -> Release:
    """Freeze a draft as the worker does, after a look at its free text."""
    findings = release.findings.values_list("pk", flat=True)
    mark_harmless(release=release, findings=findings, user=None)
    ask_to_freeze(
        release=release, version=version, seen_sha256=release.preview["sha256"], user=None
    )
    claimed = RELEASES.claim(release.pk)
    assert claimed is not None
    freeze_release(claimed)
    return Release.objects.get(pk=release.pk)


def made_up_entry(recording: str, *, part: str = "", track: str = "fine") -> NightEntry:
    """Return the entry of a night that no study has."""
    return NightEntry(
        recording=recording,
        subject=recording,
        name=recording,
        scorer="consensus",
        kind="consensus",
        pass_number=1,
        mode="",
        track=track,
        part=part,
        rule_edition="aasm-2.6",
        recording_sha256="",
        has_images=False,
        epoch0_s=0.0,
        epoch_count=1,
        lights=(None, None),
        scorer_lights=(None, None),
        row_count=1,
        kept_count=1,
        rows_sha256="",
    )


def made_up_manifest(*nights: NightEntry, title: str = "Nights") -> Manifest:
    """Return a manifest with these nights, and without any figure."""
    return Manifest(
        format=FORMAT,
        study="lab",
        study_title="Sleep lab",
        title=title,
        version="1.0.0",
        frozen_at="2026-11-30T12:00:00Z",
        licence="CC BY 4.0",
        data_terms="",
        authors=(),
        composition=Composition(),
        rule_editions=(),
        guidelines=(),
        renderer_version="",
        software={},
        prompts={},
        scorers=(),
        subjects={},
        counts=Counts(),
        carries=Carried(),
        agreement=ExpertAgreement(
            recordings=0,
            scorers=0,
            places={},
            stages=(),
            intervals=IntervalMethod(0.95, "", 0, 0, 0, 0, runs_narrow=True),
            hidden_scorings=0,
        ),
        free_text=FreeTextSearch("", 0, 0),
        ratings=RatingSummary(0, 0, 0, 0, 0, True, RatedGroup(0, 0, 0, ()), (), {}),
        nights=nights,
    )
