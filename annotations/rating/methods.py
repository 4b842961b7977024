"""The methods and results of a rating study as paragraphs for a paper, with the numbers in."""

from collections.abc import Sequence

from annotations.rating.models import DIMENSIONS, RatingStudy
from annotations.rating.numbers import DifferenceRow, MeasureResult, p_words
from annotations.rating.results import Results
from psg.ratings.comparing import MOST_TO_FLIP_ALL, RANDOM_FLIPS

PRINTED_AGREEMENT = ("icc_a1", "icc_ak", "icc_ck", "alpha_ordinal", "ac2", "within_one")


def methods_text(results: Results) -> list[str]:
    """Return the paragraphs; a missing statistic is reported with the reason."""
    paragraphs = [
        _design(results),
        _scores(results),
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


def _scores(results: Results) -> str:
    means = [
        f"{cell.mean.words} for {_dimension(cell.dimension)} (median {cell.median:g}, n = {cell.n})"
        for cell in results.overall.cells
        if cell.median is not None
    ]
    return f"Mean scores were {_listed(means)}." if means else ""


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
        text += f" With {facts.subjects} subjects, fewer than 20, such intervals run narrow."
    return text


def _agreement(results: Results) -> str:
    if results.facts.raters < 2 or not results.facts.shared_items:
        return results.facts.agreement_missing
    rows = {row.words.name: row for row in results.agreement[0].rows}
    text = (
        "Agreement between raters rests on "
        f"{_count(results.facts.shared_items, 'item')} with scores from at least two raters. "
        "Intraclass correlations are those of absolute agreement (A) and of consistency (C), "
        "from variance components of items crossed with raters by Henderson’s method 1, which "
        "drops no incomplete row; k is the harmonic mean of raters per item, "
        f"{results.facts.raters_per_item:.1f}. Krippendorff’s alpha is ordinal, Gwet’s AC2 has "
        "ordinal weights."
    )
    return f"{text} {' '.join(_of_dimensions(rows[name]) for name in PRINTED_AGREEMENT)}"


def _steadiness(results: Results) -> str:
    facts = results.facts
    if not facts.repeats_compared:
        return facts.repeats_missing
    rows = {row.words.name: row for row in results.repeats}
    return (
        f"{_count(facts.repeats_compared, 'item')} {_were(facts.repeats_compared)} met a second "
        "time by the same rater without being told. "
        + " ".join(_of_dimensions(rows[name]) for name in ("within_one", "weighted_kappa"))
    )


def _severity(results: Results) -> str:
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
        f"random beyond), adjusted by Holm’s method over all {len(rows)} comparisons. "
        f"{' '.join(differences)}"
    )


def _units(rows: Sequence[DifferenceRow]) -> str:
    return _listed(sorted({row.unit for row in rows}))


def _difference(row: DifferenceRow) -> str:
    names = f"{row.first.label} less {row.second.label}"
    about = f"{_dimension(row.dimension).capitalize()}, {names}"
    if row.difference.value is None:
        return f"{about}: {row.difference.missing}"
    return f"{about}: {row.difference.words}, {p_words(row.p_holm)}"


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
