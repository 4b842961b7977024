"""How sure the labels are: agreement of experts and ratings of words, as tables."""

from collections.abc import Iterator
from typing import Any

from annotations.models.rating import DIMENSIONS
from annotations.releases.facts import counted
from annotations.releases.markdown import table
from psg.agreement import ceiling
from psg.agreement.bootstrap import FEWEST_FOR_HONEST_INTERVALS

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
Told = dict[str, float | None]


def agreement_section(found: dict[str, Any]) -> Iterator[str]:
    yield "### Agreement between experts"
    if hidden := found["hidden_scorings"]:
        yield (
            f"These numbers do without {counted(hidden, 'scoring')} of which a rating study is"
            " still blind."
        )
    if not found["recordings"]:
        yield "No night of this release has two scorings by people without help to compare."
        return
    yield (
        f"Of {found['scorers']} people who scored without help, over"
        f" {counted(found['recordings'], 'night')} that two or more of them scored;"
        " all their epochs, whichever are in the release."
        f" {_about_intervals(found['intervals']['subjects'])}"
    )
    places = found["places"]
    yield table(
        ["measure", *_PLACES.values()],
        [
            ["epochs", *(places[place]["epochs"] for place in _PLACES)],
            *(
                [words, *(_told(places[place][name]) for place in _PLACES)]
                for name, words in _MEASURES.items()
            ),
        ],
    )
    yield table(
        ["stage", "times given", "the other agrees", "Fleiss' kappa", "Gwet's AC1"],
        [
            [one["stage"], one["epochs"], *(_told(one[name]) for name in _STAGE_MEASURES)]
            for one in found["stages"]
        ],
    )
    yield f"To read them beside: {ceiling.AGREEMENT.source}; {ceiling.KAPPA.source}."


def rating_section(found: dict[str, Any]) -> Iterator[str]:
    yield "### Ratings of the words"
    if not found["count"]:
        yield "Ratings are not part of this release."
        return
    of_all = found["all"]
    yield (
        f"{counted(found['count'], 'rating')} of {counted(of_all['items'], 'rationale')} by"
        f" {counted(found['raters'], 'rater')} who did not know who or what had written them, from"
        " 1 to 5; of rating studies whose sources are shown."
        f" {of_all['cannot_judge']} said “cannot judge” and count in no mean;"
        f" {counted(found['second_looks'], 'second look')} in ratings.csv count in no number here."
        f" {_about_intervals(found['subjects'])}"
    )
    names = [name.replace("_", " ") for name in DIMENSIONS]
    yield table(
        ["scale", "1", "2", "3", "4", "5", "mean", *_RATER_MEASURES.values()],
        [
            [
                name,
                *one["counts"],
                _told(one["mean"]),
                *(_told(agreement[measure]) for measure in _RATER_MEASURES),
            ]
            for name, one, agreement in zip(
                names, of_all["dimensions"], found["agreement"], strict=True
            )
        ],
    )
    yield table(
        ["scorer", "rationales", *(f"mean of {name}" for name in names)],
        [
            [scorer, one["items"], *(_told(scale["mean"]) for scale in one["dimensions"])]
            for scorer, one in found["scorers"].items()
        ],
    )


def _about_intervals(subjects: int) -> str:
    if subjects < 2:
        return "They come from one subject, which gives no interval."
    said = "In brackets 95 % intervals from drawing subjects again, with all recordings of each."
    if subjects < FEWEST_FOR_HONEST_INTERVALS:
        said += f" {subjects} subjects are few: these intervals run narrow."
    return said


def _told(number: Told) -> str:
    if number["value"] is None:
        return "–"
    if number["low"] is None or number["high"] is None:
        return f"{number['value']:.2f}"
    return f"{number['value']:.2f} ({number['low']:.2f} to {number['high']:.2f})"
