"""The manifest of a release: everything that its files are made from, besides the rows."""

import hashlib
import json
import zlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.metadata import version as version_of

from django.conf import settings
from django.utils.module_loading import import_string

from annotations.adjudication.reading import provenance_of_consensus
from annotations.agreement.coded import read_coded
from annotations.agreement.measures import (
    IntervalMethod,
    PlaceMeasures,
    SheetSums,
    StageMeasures,
    bootstrap_of,
    codes_of,
    place_measures,
    stage_measures,
)
from annotations.agreement.sheet import PEOPLE, Sheet, sheet_of
from annotations.releases.composition import Carried, Composition
from annotations.releases.findings import FreeTextSearch
from annotations.releases.planning import Counts, ReleasePlan, subjects_by_part
from annotations.releases.ratings import RatingSummary, rating_summary
from annotations.scoring.models import FINISHED, Scoring
from annotations.visibility import blind_rating_studies
from psg.manifest import PublishedManifest
from psg.render import RENDERER_VERSION
from psg.typed_json import JsonObject, as_json, from_json
from studies.models import Study

FORMAT = "epochwise-release/4"
# A rebuild writes the bytes of its form: the first had no marks of scorings in its EDF+ files, the
# second none of the words of the third on coverage and on items as drawn, the third no column that
# says which words are bound to measurements.
FORMATS_READ = (
    "epochwise-release/1",
    "epochwise-release/2",
    "epochwise-release/3",
    FORMAT,
)
# The composition of a manifest has neither: the id means nothing elsewhere, and authors stand
# beside it.
_NOT_IN_COMPOSITION = ("scorer_id", "authors")


@dataclass(frozen=True)
class ExpertAgreement:
    """Agreement of people who scored the nights of a release without help."""

    recordings: int
    scorers: int
    places: dict[str, PlaceMeasures]
    stages: tuple[StageMeasures, ...]
    intervals: IntervalMethod
    hidden_scorings: int


@dataclass(frozen=True)
class Guideline:
    """A guideline that scorers had, as text."""

    sha256: str
    text: str


@dataclass(frozen=True)
class ReleasedScorer:
    """A scorer under the name it has outside; models with the hashes of weights and prompt."""

    name: str
    kind: str
    provenance: JsonObject


@dataclass(frozen=True)
class SettledNight:
    """How the epochs of the consensus of a recording were settled, before any filter."""

    recording: str
    scorer: str
    unanimous: int
    by_rule: int
    by_hand: int
    rules: tuple[str, ...]


@dataclass(frozen=True)
class ErasedNight:
    """A scoring of a night that was erased after freezing: its rows are in no file any more."""

    on: str
    recording: str
    scorer: str
    rows: int
    rows_sha256: str

    @property
    def sentence(self) -> str:
        return f"Erased on {self.on}: {self.rows} rows of {self.recording} by {self.scorer}."


@dataclass(frozen=True)
class Manifest(PublishedManifest):
    """Everything that the files of a release are made from, besides the rows of `nights`.

    Agreement and ratings are figures of the day of freezing; they include nights erased since.
    """

    format: str
    study_title: str
    frozen_at: str
    data_terms: str
    authors: tuple[str, ...]
    composition: Composition
    guidelines: tuple[Guideline, ...]
    renderer_version: str
    software: dict[str, str]
    scorers: tuple[ReleasedScorer, ...]
    subjects: dict[str, int]
    counts: Counts
    carries: Carried
    agreement: ExpertAgreement
    free_text: FreeTextSearch
    ratings: RatingSummary
    erased: tuple[ErasedNight, ...] = ()
    settled: tuple[SettledNight, ...] = ()

    @property
    def has_marks(self) -> bool:
        """Whether EDF+ files of this release carry the marks of their scorings."""
        return self.format != FORMATS_READ[0]

    @property
    def has_words_on_coverage(self) -> bool:
        """Whether the datasheet says how well intervals cover, and whom ratings stand for."""
        return self.format not in FORMATS_READ[:2]

    @property
    def has_grounding(self) -> bool:
        """Whether its tables say how far words were compared with measurements."""
        return self.format not in FORMATS_READ[:3]

    @property
    def frozen_on(self) -> str:
        """The date, as YYYY-MM-DD."""
        return self.frozen_at[:10]

    def as_json(self) -> JsonObject:
        data: dict[str, JsonObject] = as_json(self)
        for name in _NOT_IN_COMPOSITION:
            del data["composition"][name]
        if not self.composition.with_published:  # releases without it keep their bytes
            del data["composition"]["with_published"]
        if not self.erased:  # releases without erasures keep their bytes
            del data["erased"]
        if not self.settled:  # and so do releases without an adjudicated consensus
            del data["settled"]
        return {**data}

    @classmethod
    def from_json(cls, data: object) -> "Manifest":
        """Read a stored manifest.

        Raises
        ------
        TypeError, ValueError
            When it is not a manifest of this format.
        """
        return from_json(cls, data)

    def text(self) -> str:
        """Return the manifest as it is written; keys are sorted, since databases keep no order."""
        return json.dumps(self.as_json(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"

    def in_order(self) -> "Manifest":
        """Return the same manifest with sorted keys, as every file of the release lists them."""
        return Manifest.from_json(json.loads(self.text()))


def make_manifest(
    *,
    study: Study,
    title: str,
    version: str,
    composition: Composition,
    plan: ReleasePlan,
    agreement: ExpertAgreement,
    scorer_names: dict[int, str],
    free_text: FreeTextSearch,
    frozen_at: datetime,
) -> Manifest:
    """Return the manifest of a planned release; no name of a person is in it."""
    return Manifest(
        format=FORMAT,
        study=study.slug,
        study_title=study.title,
        title=title,
        version=version,
        frozen_at=frozen_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        licence=study.licence,
        data_terms=study.data_terms,
        authors=composition.authors,
        composition=replace(composition, scorer_id=None, authors=()),
        rule_editions=tuple(sorted({entry.rule_edition for entry in plan.entries})),
        guidelines=_guidelines(plan.scorings),
        renderer_version=RENDERER_VERSION,
        software=software(),
        prompts=import_string(settings.RELEASE_PROMPTS)(
            study.rule_edition, with_wpt=composition.with_published
        ),
        scorers=_scorers(plan.scorings, scorer_names),
        subjects=subjects_by_part(plan.entries),
        counts=plan.counts,
        carries=plan.carries,
        agreement=agreement,
        free_text=free_text,
        ratings=rating_summary(plan.ratings, {e.recording: e.subject for e in plan.entries}),
        nights=tuple(plan.entries),
        settled=settled_nights(plan),
    )


def settled_nights(plan: ReleasePlan) -> tuple[SettledNight, ...]:
    """Return how the consensus of each recording of a release was settled."""
    made = provenance_of_consensus(scoring.pk for scoring in plan.scorings)
    return tuple(
        SettledNight(
            recording=entry.recording,
            scorer=entry.scorer,
            unanimous=provenance.unanimous,
            by_rule=provenance.by_rule,
            by_hand=provenance.by_hand,
            rules=tuple(provenance.rules),
        )
        for scoring, entry in zip(plan.scorings, plan.entries, strict=True)
        if (provenance := made.get(scoring.pk))
    )


def expert_agreement(recording_ids: Collection[int]) -> ExpertAgreement:
    """Return the agreement of people who scored these nights without help; without names.

    The last finished scoring of each person counts, with all its epochs: a filter of the release
    by agreement would otherwise confirm itself. A scoring in a rating study that is still blind
    is excluded, because its figures could reveal which source it is.
    """
    finished = Scoring.objects.originals().filter(
        recording_id__in=recording_ids, scorer__kind__in=PEOPLE, state__in=FINISHED
    )
    last = {
        (scoring.recording_id, scoring.scorer_id): scoring.pk
        for scoring in finished.order_by("pass_number")
    }
    hidden = set(
        Scoring.objects.filter(
            pk__in=last.values(), rated_in__rating_study__in=blind_rating_studies()
        ).values_list("pk", flat=True)
    )
    sheet = sheet_of(Scoring.objects.filter(pk__in=set(last.values()) - hidden))
    unaided = sheet.only([column for column in sheet.columns if not column.helped])
    return _agreement_of(unaided, hidden_scorings=len(hidden))


def _agreement_of(sheet: Sheet, *, hidden_scorings: int) -> ExpertAgreement:
    for night in sheet.nights:  # read night by night, so that memory holds the rows of a night
        sheet.read.update(read_coded(list(night.scorings.values())))
    nights = codes_of(sheet)
    sums = SheetSums.of(nights) if nights else None
    bootstrap = bootstrap_of(sheet.subjects)
    return ExpertAgreement(
        recordings=len(nights),
        scorers=len({key for night in sheet.nights for key in night.scorings}),
        places=place_measures(sums, bootstrap) if sums else {},
        stages=stage_measures(sums, bootstrap) if sums else (),
        intervals=IntervalMethod.of(sheet.subjects),
        hidden_scorings=hidden_scorings,
    )


def software() -> dict[str, str]:
    """Return the versions of what the bytes of files depend on, besides the rows."""
    return {
        "edfio": version_of("edfio"),
        "pyarrow": version_of("pyarrow"),
        "renderer": RENDERER_VERSION,
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
    }


def _guidelines(scorings: Iterable[Scoring]) -> tuple[Guideline, ...]:
    texts = sorted({scoring.guideline for scoring in scorings if scoring.guideline})
    return tuple(Guideline(hashlib.sha256(t.encode()).hexdigest(), t) for t in texts)


def _scorers(scorings: Sequence[Scoring], names: dict[int, str]) -> tuple[ReleasedScorer, ...]:
    scorers = {scoring.scorer_id: scoring.scorer for scoring in scorings}
    return tuple(
        ReleasedScorer(names[pk], str(scorer.kind), scorer.provenance)
        for pk, scorer in sorted(scorers.items(), key=lambda item: names[item[0]])
    )
