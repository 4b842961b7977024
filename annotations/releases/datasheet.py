"""The datasheet of a release: the questions of Gebru et al. (2021), answered in Markdown."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict

from annotations.rating.models import DIMENSIONS
from annotations.releases.card import (
    counted,
    part_rows,
    scorer_rows,
    table,
    ways_of_choosing,
)
from annotations.releases.composition import Carried
from annotations.releases.manifest import ExpertAgreement, Manifest
from annotations.releases.ratings import Estimate, RatingSummary
from psg.agreement import ceiling
from psg.agreement.bootstrap import FEWEST_FOR_HONEST_INTERVALS
from psg.agreement.coverage import Measure, coverage_words
from psg.stages import EPOCH_S, STAGES
from studies.models import Mode

_PLACES = {
    "all": "all epochs",
    "steady": "within a stage",
    "transition": "beside a change of stage",
}
_MEASURES = {
    "agreement": "agreement",
    "mean_pairwise_kappa": "Cohen's kappa, mean over pairs",
    "fleiss_kappa": "Fleiss' kappa",
    "krippendorff_alpha": "Krippendorff's alpha",
    "ac1": "Gwet's AC1",
}
_RATER_MEASURES = {
    "within_one": "within one point",
    "ac2": "Gwet's AC2, ordinal",
    "icc_a1": "ICC(A,1)",
}
_STAGE_MEASURES = ("specific_agreement", "fleiss_kappa", "ac1")


def agreement_section(agreement: ExpertAgreement, *, is_older: bool = False) -> Iterator[str]:
    """Yield the section; an `is_older` release is rebuilt in the words of its time."""
    coverage = "" if is_older else _coverage(agreement.intervals.subjects, "kappa")
    yield "### Agreement between experts"
    if hidden := agreement.hidden_scorings:
        yield (
            f"These numbers do without {counted(hidden, 'scoring')} of which a rating study is"
            " still blind."
        )
    if not agreement.recordings:
        yield "No night of this release has two scorings by people without help to compare."
        return
    yield (
        f"Of {agreement.scorers} people who scored without help, over"
        f" {counted(agreement.recordings, 'night')} that two or more of them scored;"
        " all their epochs, whichever are in the release."
        f" {_about_intervals(agreement.intervals.subjects)}{coverage}"
    )
    places = agreement.places
    yield table(
        ["measure", *_PLACES.values()],
        [
            ["epochs", *(places[place].epochs for place in _PLACES)],
            *(
                [words, *(_shown(getattr(places[place], name)) for place in _PLACES)]
                for name, words in _MEASURES.items()
            ),
        ],
    )
    yield table(
        ["stage", "times given", "the other agrees", "Fleiss' kappa", "Gwet's AC1"],
        [
            [row.stage, row.epochs, *(_shown(getattr(row, name)) for name in _STAGE_MEASURES)]
            for row in agreement.stages
        ],
    )
    yield f"To read them beside: {ceiling.AGREEMENT.source}; {ceiling.KAPPA.source}."


def rating_section(summary: RatingSummary, *, is_older: bool = False) -> Iterator[str]:
    """Yield the section; an `is_older` release is rebuilt in the words of its time."""
    yield "### Ratings of the words"
    if not summary.count:
        yield "Ratings are not part of this release."
        return
    yield (
        f"{counted(summary.count, 'rating')} of {counted(summary.all.items, 'rationale')} by"
        f" {counted(summary.raters, 'rater')} who did not know who or what had written them, from"
        " 1 to 5; of rating studies whose sources are shown."
        f" {summary.all.cannot_judge} said “cannot judge” and count in no mean;"
        f" {counted(summary.second_looks, 'second look')} in ratings.csv count in no number here."
        f" {_about_intervals(summary.subjects)}{'' if is_older else _of_drawn(summary)}"
    )
    names = [name.replace("_", " ") for name in DIMENSIONS]
    yield table(
        ["scale", "1", "2", "3", "4", "5", "mean", *_RATER_MEASURES.values()],
        [
            [
                name,
                *ratings.counts,
                _shown(ratings.mean),
                *(_shown(getattr(agreement, measure)) for measure in _RATER_MEASURES),
            ]
            for name, ratings, agreement in zip(
                names, summary.all.dimensions, summary.agreement, strict=True
            )
        ],
    )
    yield table(
        ["scorer", "rationales", *(f"mean of {name}" for name in names)],
        [
            [scorer, group.items, *(_shown(ratings.mean) for ratings in group.dimensions)]
            for scorer, group in summary.scorers.items()
        ],
    )


def _of_drawn(summary: RatingSummary) -> str:
    """Say what the means and intervals of ratings stand for."""
    return (
        f"{_coverage(summary.subjects, 'mean', 'icc_a1')} Means are of the rationales that were"
        " drawn for rating, each counting the same: strata of stage, correctness and position were"
        " drawn evenly, so rare ones count more than they occur. Control items are left out."
        " Raters are fixed: no interval draws them again."
    )


def _coverage(subjects: int, *measures: Measure) -> str:
    words = coverage_words(subjects, *measures)
    return f" {words}" if words else ""


def _about_intervals(subjects: int) -> str:
    if subjects < 2:
        return "They come from one subject, which gives no interval."
    text = "In brackets 95 % intervals from drawing subjects again, with all recordings of each."
    if subjects < FEWEST_FOR_HONEST_INTERVALS:
        text += f" {subjects} subjects are few: these intervals run narrow."
    return text


def _shown(number: Estimate) -> str:
    if number.value is None:
        return "–"
    if number.low is None or number.high is None:
        return f"{number.value:.2f}"
    return f"{number.value:.2f} ({number.low:.2f} to {number.high:.2f})"


# The sections of the datasheet. Their texts are part of the files that a rebuild has to write
# again byte for byte: another wording makes earlier releases differ.


_MODE_WORDS = {
    Mode.BLIND: "without any suggestion",
    Mode.REVEAL: "own stage first, a suggestion afterwards",
    Mode.ASSISTED: "with a suggestion in view",
    Mode.REVIEW: "correcting a copy of a finished scoring",
}


def datasheet(manifest: Manifest) -> str:
    """Return the datasheet in Markdown; every number comes from the manifest."""
    sections = [
        f"# Datasheet of {manifest.title} {manifest.version}",
        *_motivation(manifest),
        *_composition(manifest),
        *_collection(manifest),
        *_preprocessing(manifest),
        *_uses(manifest),
        *_distribution(manifest),
        *_maintenance(),
    ]
    return "\n\n".join(section.rstrip("\n") for section in sections) + "\n"


def _motivation(manifest: Manifest) -> Iterator[str]:
    yield "## Motivation"
    yield (
        "To train and to judge models that stage sleep and say why: each epoch has its stage, the"
        " scoring rules that were cited for it and, on the fine track, a rationale in words. It"
        f" comes from the study “{manifest.study_title}”."
    )
    if manifest.authors:
        yield f"Authors: {'; '.join(manifest.authors)}."


def _composition(manifest: Manifest) -> Iterator[str]:
    nights = manifest.nights
    left_out = sum(night.row_count - night.kept_count for night in nights)
    yield "## Composition"
    yield (
        f"An instance is one epoch of {EPOCH_S:g} s as one scorer scored it. Instances of a night"
        " depend on one another, and where several scorers scored it the same epoch occurs once"
        " for each."
    )
    yield table(["part", "subjects", *STAGES, "epochs"], part_rows(manifest))
    yield table(["track", "epochs"], manifest.counts.tracks.items())
    yield (
        f"In it are {', '.join(ways_of_choosing(manifest))}; of all that these scorers scored"
        f" {counted(left_out, 'epoch')} did not get in. {_split(manifest)}"
    )
    yield (
        "Subjects are known by codes, people who scored or rated by numbers; times count from the"
        " start of the recording, and no date of a night is told. " + _carried(manifest.carries)
    )
    is_older = not manifest.has_words_on_coverage
    yield from agreement_section(manifest.agreement, is_older=is_older)
    yield from rating_section(manifest.ratings, is_older=is_older)


def _split(manifest: Manifest) -> str:
    composition = manifest.composition
    if composition.given_parts:
        return "The split was given, whole subjects in one part."
    if composition.shares:
        return (
            "The split puts whole subjects into one part, stages as level as exchanging subjects"
            f" gets them, seed {composition.seed}."
        )
    return "There is no split; whoever makes one keeps the nights of a subject together."


def _carried(carries: Carried) -> str:
    kinds_in = sorted(asdict(carries).items())
    held = [kind for kind, is_in in kinds_in if is_in]
    missing = [kind for kind, is_in in kinds_in if not is_in]
    return " ".join(
        f"{what}: {', '.join(kinds)}."
        for what, kinds in (("It holds", held), ("It does not hold", missing))
        if kinds
    )


def _collection(manifest: Manifest) -> Iterator[str]:
    yield "## Collection"
    yield table(["scorer", "kind", "epochs"], scorer_rows(manifest))
    modes = Counter(night.mode for night in manifest.nights if night.mode)
    if modes:
        yield "People scored:"
        yield "\n".join(
            f"- {counted(count, 'night')} {_MODE_WORDS[Mode(mode)]} (`{mode}`)"
            for mode, count in sorted(modes.items())
        )
    yield f"Rules: {', '.join(manifest.rule_editions)}."
    if manifest.guidelines:
        yield "Scorers had a guideline of the study beside them; its text is in manifest.json."
    models = [scorer for scorer in manifest.scorers if scorer.kind == "model"]
    if models:
        yield (
            f"By models: {', '.join(model.name for model in models)}. The hashes of their"
            " weights and prompts are in manifest.json."
        )


def _preprocessing(manifest: Manifest) -> Iterator[str]:
    yield "## Preprocessing"
    yield (
        "Stages, rules and words are as their scorers left them. Epochs lie on the grid of their"
        " recording, which starts where scoring started; `N` counts the epochs kept, as MASS-EX"
        " does, so the time of an epoch follows from its onset and not from `N`. An epoch without"
        " a stage is left out and never told as wake."
    )
    yield (
        "Images, whether held or only named, are drawn from the filtered signals by renderer"
        f" {manifest.renderer_version}."
    )


def _uses(manifest: Manifest) -> Iterator[str]:
    yield "## Uses"
    yield (
        "For training and evaluating models of sleep staging, and for studying how scorers cite"
        " rules and explain themselves. Count uncertainty over subjects, never over epochs. Read"
        " any score of a model beside the agreement of experts above."
    )
    if any(scorer.kind == "model" for scorer in manifest.scorers):
        yield "What a model scored is in here too: it is no reference to judge models by."
    yield "Not for the diagnosis of a person, and not for finding out who a subject is."


def _distribution(manifest: Manifest) -> Iterator[str]:
    yield "## Distribution"
    yield (
        f"Version {manifest.version}, frozen {manifest.frozen_on}, licence:"
        f" {manifest.licence}. Cite it as CITATION.cff says; SHA256SUMS has the checksum of"
        " every file."
    )
    if manifest.data_terms:
        yield manifest.data_terms


def _maintenance() -> Iterator[str]:
    yield "## Maintenance"
    yield (
        "A version never changes. Corrections come as a new version, and a version that should"
        " not be used any more is withdrawn with a reason. The study that froze it can rebuild"
        " every file from manifest.json and rows.csv, and compare two versions row by row."
    )
