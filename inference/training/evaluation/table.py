"""The figures as a table of plain text."""

from __future__ import annotations

from inference.training.evaluation.results import (
    Agreement,
    AsPublished,
    Baseline,
    Evaluation,
    Interval,
    MissingReader,
    ReaderResult,
    ResultsEvaluation,
)
from psg.agreement.coverage import narrow_words

COLUMNS = (
    ("nights", "nights"),
    ("kappa", "kappa"),
    ("accuracy", "accuracy"),
    ("macro_f1", "macro F1"),
    ("rule_iou", "rule IoU"),
    ("event_precision", "event prec."),
    ("event_recall", "event rec."),
    ("unparsed", "unparsed"),
)
_LEAST_WIDTH = 22


def printed(result: Evaluation) -> str:
    """Return a line for each reader, the evaluated bundle first, its intervals and stages."""
    rows = result.with_same_nights
    width = max(_LEAST_WIDTH, *(len(name) + 2 for name in rows))
    lines = [
        f"{result.title}, version {result.version}",
        f"on {result.on}: {result.subjects} subjects, {result.epochs} epochs",
        "",
        " " * width + "".join(f"{title:>12}" for _, title in COLUMNS),
        *(_row(name, reader, width) for name, reader in rows.items()),
        *left_out(result),
        *(["", *published_lines(result.as_published, result)] if result.as_published else []),
        "",
        *_intervals(result),
        "",
        *_stages(result, width),
        *_certainty(result),
    ]
    return "\n".join(lines)


_PUBLISHED = (
    ("accuracy", "accuracy", "accuracy_with_unparsed"),
    ("macro F1", "macro_f1", "macro_f1_with_unparsed"),
    ("kappa", "kappa", "kappa_with_unparsed"),
    ("rule IoU", "rule_iou", "rule_iou_with_unparsed"),
)


def published_lines(published: AsPublished, ours: Agreement) -> list[str]:
    """Return the published figures beside ours, which leave unread replies out or count them."""
    heads = ("as published", "ours", "with unread")
    lines = [" " * _LEAST_WIDTH + "".join(f"{head:>14}" for head in heads)]
    for title, name, with_unread in _PUBLISHED:
        figures = (
            getattr(published, name),
            getattr(ours, name, None),
            getattr(ours, with_unread, None),
        )
        lines.append(f"{title:{_LEAST_WIDTH}}" + "".join(f"{shown(its):>14}" for its in figures))
    lines.append(
        f"As published: {published.epochs} epochs; left out: {published.unparsed} unread replies,"
        f" {published.edges} first and last epochs; {published.pairs_empty} epochs without any rule"
        " count as an overlap of 1."
    )
    return lines


def printed_results(result: ResultsEvaluation) -> str:
    """Return the figures of a file of predictions as text."""
    its = result.differences
    return "\n".join(
        [
            f"{result.on}: {result.subjects} subjects, {result.epochs} epochs",
            "",
            *published_lines(result.as_published, result),
            f"Replies read only by the file: {its.read_only_there}, only here:"
            f" {its.read_only_here}; lines with another rules_iou than their rules have:"
            f" {its.other_rule_iou}.",
        ]
    )


def left_out(result: Evaluation) -> list[str]:
    """Return a sentence for each baseline that could not read every night, with the reasons."""
    lines = []
    for name, reader in result.baselines.items():
        if not isinstance(reader, ReaderResult | MissingReader):
            continue
        nights_by_why: dict[str, list[str]] = {}
        for night in reader.left_out:
            nights_by_why.setdefault(night.why, []).append(night.night)
        if nights_by_why:
            reasons = "; ".join(f"{', '.join(its)} ({why})" for why, its in nights_by_why.items())
            lines.append(
                f"{name} read {reader.nights} of {result.nights} nights. Left out: {reasons}."
            )
    return lines


def shown(value: object) -> str:
    """Format a figure; a dash where it is undefined."""
    if value is None:
        return "–"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def shown_interval(interval: Interval) -> str:
    """Format an interval; empty where it is undefined."""
    low, high = interval
    return "" if low is None or high is None else f"{shown(low)} to {shown(high)}"


def cells(reader: Baseline) -> list[str]:
    """The figures of a reader in the order of the columns."""
    return [shown(getattr(reader, key, None)) for key, _ in COLUMNS]


def _row(name: str, reader: Baseline, width: int) -> str:
    if isinstance(reader, MissingReader):
        return f"{name:{width}}{reader.missing}"
    return f"{name:{width}}" + "".join(f"{cell:>12}" for cell in cells(reader))


def _intervals(result: Evaluation) -> list[str]:
    bounds = [(title, shown_interval(result.interval_of(key))) for key, title in COLUMNS]
    given = [f"{title} {interval}" for title, interval in bounds if interval]
    if not given:
        return []
    warning = narrow_words(result.subjects, "kappa")
    return [f"95 % intervals over subjects: {', '.join(given)}", *([warning] if warning else [])]


def stage_rows(result: Evaluation) -> tuple[list[str], list[list[str]]]:
    """Return the head and the rows of the stages, with unread replies left out and as wrong.

    Evaluations of earlier versions lack the latter.
    """
    head = ["stage", "epochs", "precision", "recall", "F1"]
    rows = [
        [stage, *map(shown, (its.epochs, its.precision, its.recall, its.f1))]
        for stage, its in result.stages.items()
    ]
    if not result.stages_with_unparsed:
        return head, rows
    others = [[shown(i.recall), shown(i.f1)] for i in result.stages_with_unparsed.values()]
    head += ["recall, unread as wrong", "F1, unread as wrong"]
    return head, [row + other for row, other in zip(rows, others, strict=True)]


def _stages(result: Evaluation, width: int) -> list[str]:
    head, rows = stage_rows(result)
    titles = [title.removesuffix(", unread as wrong") for title in head[1:]]
    lines = [
        f"{name:{width}}" + "".join(f"{cell:>12}" for cell in cells)
        for name, *cells in [[head[0], *titles], *rows]
    ]
    if result.stages_with_unparsed:
        lines.append("The last two columns count unread replies as wrong.")
    return lines


def certainty_words(figures: Agreement) -> str:
    """Say what the probabilities of given stages are worth; empty without probabilities."""
    certainty = figures.certainty
    if certainty is None:
        return ""
    area, error = (
        f"{shown(value)}{f' ({interval})' if interval else ''}"
        for key in ("certainty_auc", "calibration_error")
        for value, interval in [(getattr(figures, key), shown_interval(figures.interval_of(key)))]
    )
    return (
        f"Probabilities of the given stages, in {certainty.epochs} epochs: they tell right from"
        f" wrong stages with an AUC of {area}; expected calibration error {error}; mean"
        f" {shown(certainty.mean_probability)}. The most probable stages have a kappa of"
        f" {shown(certainty.kappa_of_most_probable)}."
    )


def reliability_rows(figures: Agreement) -> tuple[list[str], list[list[str]]]:
    """Return the head and the rows of the reliability diagram, without empty bins."""
    bins = figures.certainty.bins if figures.certainty else ()
    head = ["probability", "epochs", "mean probability", "share right"]
    rows = [
        [f"{its.low:g} to {its.high:g}", *map(shown, (its.epochs, its.mean_probability, its.right))]
        for its in bins
        if its.epochs
    ]
    return head, rows


def _certainty(result: Evaluation) -> list[str]:
    if not result.certainty:
        return []
    head, rows = reliability_rows(result)
    return [
        "",
        certainty_words(result),
        *("".join(f"{c:>18}" for c in row) for row in [head, *rows]),
    ]
