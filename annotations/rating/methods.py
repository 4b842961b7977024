"""The methods and results of a rating study as paragraphs for a paper, with the numbers in."""

from collections.abc import Sequence

from annotations.rating.groups import ARM
from annotations.rating.models import DIMENSIONS, RatingStudy
from annotations.rating.numbers import (
    MIXED_MISSING,
    DifferenceRow,
    MeasureResult,
    ScoreResult,
    p_words,
)
from annotations.rating.results import Results
from psg.ratings.comparing import MOST_TO_FLIP_ALL, RANDOM_FLIPS
from psg.ratings.controls import LOW

PRINTED_AGREEMENT = (
    "icc_a1",
    "icc_ak",
    "icc_ck",
    "alpha_ordinal",
    "ac2",
    "fleiss_kappa",
    "within_one",
)
STRATA = "stage, agreement of the stage with the reference, and position beside a change of stage"


def methods_text(results: Results) -> list[str]:
    """Return the paragraphs; a missing statistic is reported with the reason."""
    paragraphs = [
        _design(results),
        _sampling(results),
        _scores(results),
        _controls(results),
        _intervals(results),
        _agreement(results),
        _steadiness(results),
        _severity(results),
        _differences(results),
    ]
    return [paragraph for paragraph in paragraphs if paragraph]


def _design(results: Results) -> str:
    facts, study = results.facts, results.rating_study
    text = (
        f"{_count(facts.items, 'rationale')} from {_count(facts.recordings, 'recording')} "
        f"of {_count(facts.subjects, 'subject')} "
        f"{_were(facts.items)} rated by {_count(facts.raters, 'rater')} for "
        f"{_listed([_dimension(name) for name in DIMENSIONS])}, each from 1 to 5 with a worded "
        "meaning for every level. Raters saw the signal, the stage, the cited rules and the "
        "rationale, and not who or what had written it; each met the items in an order of their "
        f"own, drawn from seed {study.seed}."
    )
    if facts.ratings:
        text += (
            f" {_count(facts.ratings, 'complete rating')} of first looks {_were(facts.ratings)} "
            f"available; {facts.cannot_judge} of them said “cannot judge”, carry no scores and "
            "are counted apart."
        )
    if results.controls_words:
        text += f" {results.controls_words}"
    done = sum(rater.done for rater in results.table.raters)
    total = sum(rater.total for rater in results.table.raters)
    if study.state != RatingStudy.State.CLOSED:
        text += f" Rating was still under way: {done} of {total} ratings were complete."
    elif done < total:
        text += f" {total - done} of {total} planned ratings were never completed."
    return text


def _sampling(results: Results) -> str:
    """Say how items were drawn, and what that means for the numbers."""
    design = results.rating_study.design
    drawn = (
        f"Items were drawn within strata of {STRATA}: strata took turns, and within a stratum its "
        "recordings did, so that each is there as evenly as the supply allows"
    )
    if design.get("same_epochs"):
        drawn += "; strata were those of all arms together, because every arm has the same epochs"
    if version := results.rating_study.drawing_version:
        drawn += f" (version {version} of the drawing)"
    if frame := results.population.words:
        drawn += f". They were drawn from {frame}"
        drawn += ", and the population is these epochs" if design.get("same_epochs") else ""
    missing = results.population.missing
    if not results.population.is_shown:
        return f"{drawn}. Numbers describe items as drawn; those of the population are {missing}."
    text = (
        f"{drawn}. Means of items as drawn are means of all ratings, so an item with more ratings "
        "counts more. Numbers of the population weight each item by the inverse of its inclusion "
        "probability, which follows from the design (Horvitz and Thompson 1952; ratio of Hajek "
        "1971), and count it once however many raters scored it: each rating by that weight over "
        "the number of ratings of its item. Items that nobody rated are assumed to be like the "
        "others."
    )
    return f"{text} Numbers of the population for all items are {missing}." if missing else text


def _controls(results: Results) -> str:
    if not results.controls:
        return ""
    together, share = results.notices[-1].noticed, results.controls[-1]
    contrasts = [
        f"{row.control.words} against {row.written.words} for {row.title.lower()}"
        for row in results.controls[:-1]
    ]
    return (
        f"{_count(results.table.controls, 'control item')}, rationales beside an epoch of another "
        "stage, tested whether raters read the signal; they count in no other number. Their mean "
        f"scores were {_listed(contrasts)}, items as written second. {together.controls_low} of "
        f"{together.controls} ratings of control items ({share.control.words} as a share) had a "
        f"score of {LOW} or less, and {together.written_low} of {together.written} "
        f"({share.written.words}) of items as written."
    )


def _scores(results: Results) -> str:
    if results.mixes_controls:
        return f"Mean scores: {MIXED_MISSING[0].lower()}{MIXED_MISSING[1:]}"
    means = [
        f"{cell.mean.words} for {_dimension(cell.dimension)} (median {cell.median:g}, n = {cell.n})"
        for cell in results.overall.cells
        if cell.median is not None
    ]
    if not means:
        return ""
    text = f"Mean scores of items as drawn were {_listed(means)}."
    if not results.population.missing:
        return f"{text}{_of_population(results.overall, '')}"
    arms = results.groups(ARM)
    return text + "".join(_of_population(arm, f" of {arm.group.label}") for arm in arms)


def _of_population(row: ScoreResult, whose: str) -> str:
    means = [
        f"{cell.population.words} for {_dimension(cell.dimension)}"
        for cell in row.cells
        if cell.population.value is not None
    ]
    return f" In the population{whose} they were {_listed(means)}." if means else ""


def _intervals(results: Results) -> str:
    facts = results.facts
    if facts.interval_missing:
        return facts.interval_missing
    text = (
        "Intervals are 95 % bias-corrected and accelerated bootstrap intervals (Efron 1987), "
        f"taken as far out as Student’s t (Hesterberg 2015), from {results.replicates} draws of "
        f"whole subjects, each with all of their recordings, with seed "
        f"{results.rating_study.seed}; every statistic was computed anew in each draw, and a "
        "group that comes from fewer subjects was drawn from those."
    )
    if facts.runs_narrow:
        text += f" With {facts.subjects} subjects, fewer than 20, such intervals run narrow. "
        text += facts.coverage_words
    return text


def _agreement(results: Results) -> str:
    if results.mixes_controls:
        return f"Agreement between raters: {MIXED_MISSING[0].lower()}{MIXED_MISSING[1:]}"
    if results.reliability_missing:
        return results.reliability_missing
    rows = {row.words.name: row for row in results.agreement[0].rows}
    text = (
        "Agreement between raters rests on "
        f"{_count(results.facts.shared_items, 'item')} with scores from at least two raters. "
        "Intraclass correlations are those of absolute agreement (A) and of consistency (C), "
        "from variance components of items crossed with raters by Henderson’s method 1, which "
        "drops no incomplete row; k is the harmonic mean of raters per item, "
        f"{results.facts.raters_per_item:.1f}. Krippendorff’s alpha is ordinal. Gwet’s AC2, with "
        "ordinal weights, and Fleiss’ kappa, with quadratic weights, are in the form for unequal "
        "numbers of ratings (Gwet 2014): an item with a single rating counts in how often each "
        "score is used, but not in the observed agreement. Raters are fixed: no interval resamples "
        "them, so results are about other subjects rated by these raters, not about other raters."
    )
    return f"{text} {' '.join(_of_dimensions(rows[name]) for name in PRINTED_AGREEMENT)}"


def _steadiness(results: Results) -> str:
    facts = results.facts
    if results.repeats_missing:
        return "" if results.mixes_controls else results.repeats_missing
    rows = {row.words.name: row for row in results.repeats}
    return (
        f"{_count(facts.repeats_compared, 'item')} {_were(facts.repeats_compared)} met a second "
        "time by the same rater without being told. "
        + " ".join(_of_dimensions(rows[name]) for name in ("within_one", "weighted_kappa"))
    )


def _severity(results: Results) -> str:
    if results.mixes_controls:
        return f"Severity of raters: {MIXED_MISSING[0].lower()}{MIXED_MISSING[1:]}"
    numbers = [number for row in results.raters for number in row.offsets]
    values = [number.value for number in numbers if number.value is not None]
    if not values:
        return ""
    return (
        "The severity of a rater is the least-squares effect of the rater beside that of the item, "
        f"relative to the mean rater; it ran from {min(values):+.2f} to {max(values):+.2f} points."
    )


def _differences(results: Results) -> str:
    rows = results.differences
    if not rows:
        return results.differences_missing
    differences = [f"{_difference(row)}." for row in rows]
    return (
        f"Arms were compared in pairs, matched by {_units(rows)} and freed of differences in "
        "severity between the raters of the two. P values are those of two-sided sign flips of "
        f"whole subjects (every one up to {MOST_TO_FLIP_ALL} subjects, {RANDOM_FLIPS} at "
        f"random beyond), adjusted by Holm’s method over all {len(rows)} comparisons. A difference "
        "in the population is that of the two weighted means, freed of severity in the same way. "
        f"{' '.join(differences)}"
    )


def _units(rows: Sequence[DifferenceRow]) -> str:
    return _listed(sorted({row.unit for row in rows}))


def _difference(row: DifferenceRow) -> str:
    names = f"{row.first.label} less {row.second.label}"
    about = f"{_dimension(row.dimension).capitalize()}, {names}"
    if row.difference.value is None:
        return f"{about}: {row.difference.missing}"
    text = f"{about}: {row.difference.words}, {p_words(row.p_holm)}"
    if row.population.value is None:
        return text
    return f"{text}; in the population {row.population.words}"


def _of_dimensions(row: MeasureResult) -> str:
    values = [
        f"{number.words} for {_dimension(name)}"
        for name, number in zip(DIMENSIONS, row.cells, strict=True)
    ]
    return f"{row.words.title}: {_listed(values)}."


def _dimension(name: str) -> str:
    return name.replace("_", " ")


def _listed(parts: list[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"
