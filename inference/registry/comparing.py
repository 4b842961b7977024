"""Models side by side: against one reference, over the recordings that all of them pre-scored."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.urls import reverse

from annotations.agreement.caching import cached_result, key_of
from annotations.agreement.measures import Estimate
from annotations.agreement.pair import Comparison, PairReport, pair_report
from annotations.agreement.scope import scope_for
from annotations.agreement.sheet import Column, Sheet
from inference.models import ModelBundle
from psg.stages import STAGES
from studies.models import Study, User
from studies.plots import Curve, Line, Plot, Row

MOST = 6
"""Models in a table that can still be read."""


@dataclass(frozen=True)
class Compared:
    """A model with its report."""

    bundle: ModelBundle
    column: Column
    report: PairReport

    @property
    def comparison(self) -> Comparison:
        assert self.report.comparison is not None, "only models with common recordings are compared"
        return self.report.comparison


@dataclass(frozen=True)
class MeasureRow:
    """A measure of every model; `as_percent` says how its values are shown."""

    name: str
    as_percent: bool
    values: list[Estimate]


@dataclass(frozen=True)
class SideBySide:
    """What the page of a comparison shows. Without a reference or a model most is empty."""

    able: list[tuple[ModelBundle, Column]]
    """Models with finished scorings in the study."""
    references: list[Column]
    chosen: list[str]
    reference: Column | None
    recordings: int
    models: list[Compared]


def side_by_side(
    user: User, study: Study, *, keys: Sequence[str] = (), reference: str = ""
) -> SideBySide:
    """Compare models with a reference over the recordings that all of them scored.

    Parameters
    ----------
    keys
        Keys of columns of models; without any valid key, the models with most recordings.
    reference
        Key of a column; without a valid key the consensus, or else the first person.
    """
    sheet = scope_for(user, slug=study.slug).select().sheet
    bundles = {str(b.scorer_id): b for b in ModelBundle.objects.select_related("scorer")}
    able = [(bundles[c.key], c) for c in sheet.columns if c.key in bundles]
    references = [column for column in sheet.columns if column.kind != "model"]
    references.sort(key=lambda column: not column.is_consensus)
    by = next((c for c in references if c.key == reference), references[0] if references else None)
    by_nights = sorted(able, key=lambda item: -_nights(sheet, [item[1]]))
    wanted = [item for item in able if item[1].key in keys][:MOST] or by_nights[:MOST]
    empty = SideBySide(able, references, [column.key for _, column in wanted], by, 0, [])
    if by is None or not wanted:
        return empty
    common = _common(sheet, [by, *(column for _, column in wanted)])
    if not common.nights:
        return empty
    models = [Compared(b, column, _with_reference(common, column, by)) for b, column in wanted]
    return replace(empty, recordings=len(common.nights), models=models)


def _with_reference(sheet: Sheet, column: Column, by: Column) -> PairReport:
    key = key_of("pair", sheet.only([column, by]).content)
    return cached_result(key, PairReport, lambda: pair_report(sheet, column, by))


def _nights(sheet: Sheet, columns: Sequence[Column]) -> int:
    return len(_common(sheet, columns).nights)


def _common(sheet: Sheet, columns: Sequence[Column]) -> Sheet:
    """Return the recordings that all these columns scored."""
    keys = {column.key for column in columns}
    return replace(sheet, nights=[night for night in sheet.nights if keys <= night.scorings.keys()])


def measure_rows(models: Sequence[Compared]) -> list[MeasureRow]:
    """Return the measures as rows, a value for each model."""
    named = [
        ("Kappa", False, "kappa"),
        ("Accuracy %", True, "accuracy"),
        ("Macro F1", False, "macro_f1"),
        ("AC1", False, "ac1"),
        ("Kappa, no stage as wrong", False, "kappa_unparsed_wrong"),
    ]
    rows = [
        MeasureRow(name, percent, [getattr(m.comparison.measures["all"], field) for m in models])
        for name, percent, field in named
    ]
    rows.append(
        MeasureRow(
            "Kappa beside transitions",
            False,
            [model.comparison.measures["transition"].kappa for model in models],
        )
    )
    return rows + [
        MeasureRow(f"F1 of {stage}", False, [m.comparison.stages[code].f1 for m in models])
        for code, stage in enumerate(STAGES)
    ]


def kappa_plot(side: SideBySide, study: Study) -> Plot | None:
    """Return kappa of each model with its interval; None where no kappa is defined."""
    rows = [_kappa_row(model, side, study) for model in side.models]
    known = [row for row in rows if row is not None]
    if not known or side.reference is None:
        return None
    best = max(known, key=lambda row: row.value)
    title = f"{best.label} has the highest kappa, {best.value:.2f}"
    if len(known) == 1:
        title = f"Kappa of {best.label} is {best.value:.2f}"
    return Plot(
        kind="ranges",
        title=title,
        note=f"Cohen’s kappa with {side.reference.label}, and its 95 % interval over subjects",
        label="Model",
        unit="kappa",
        rows=known,
        low=min([0.0, *(row.value if row.low is None else row.low for row in known)]),
        high=1,
        lines=[Line("Experts 0.76", 0.76)],
        table="measures",
    )


def _kappa_row(model: Compared, side: SideBySide, study: Study) -> Row | None:
    kappa = model.comparison.measures["all"].kappa
    if kappa.value is None or side.reference is None:
        return None
    pair = reverse("annotations:study-pair", args=[study.slug])
    shown = f"{kappa.value:.2f}"
    if kappa.low is not None and kappa.high is not None:
        shown += f" ({kappa.low:.2f} to {kappa.high:.2f})"
    return Row(
        str(model.bundle),
        kappa.value,
        shown,
        f"{pair}?a={model.column.key}&b={side.reference.key}",
        kappa.low,
        kappa.high,
    )


def learning_plots(bundles: Sequence[ModelBundle]) -> list[tuple[str, Plot]]:
    """Return a plot for each figure that trainings of these bundles logged, and its name."""
    names = sorted({name for bundle in bundles for name in bundle.learning})
    return [(f"learning-{name}", _learning(name, bundles)) for name in names]


def _learning(name: str, bundles: Sequence[ModelBundle]) -> Plot:
    logged = [bundle for bundle in bundles if bundle.learning.get(name)]
    words = name.replace("_", " ")
    return Plot(
        kind="curves",
        title=f"{words.capitalize()} in training",
        note="By step, as the training of each model logged it",
        label="Model",
        unit=words,
        rows=[_last(str(bundle), bundle.learning[name]) for bundle in logged],
        curves=[Curve(str(bundle), bundle.learning[name]) for bundle in logged],
    )


def _last(label: str, points: Sequence[tuple[int, float]]) -> Row:
    step, value = points[-1]
    return Row(label, value, f"{value:.4g} at step {step}", "")
