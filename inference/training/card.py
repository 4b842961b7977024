"""The card of a bundle, with tables of its figures, and the figures of its declaration.

A card describes how the bundle was made, its figures, and its limits. Figures are the output of
``evaluate --json``, or the texts, numbers and flags of another JSON object.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from inference.bundles.checkpoint import weight_files, weights_sha256
from inference.training.errors import TrainingError
from inference.training.evaluation.readers import MAJORITY
from inference.training.evaluation.results import (
    Agreement,
    Baseline,
    Evaluation,
    EventFigures,
    MissingReader,
    ReaderResult,
    RhythmFigures,
)
from inference.training.evaluation.table import (
    COLUMNS,
    certainty_words,
    left_out,
    reliability_rows,
    shown,
    shown_interval,
    stage_rows,
)
from inference.training.run_folder import RunRecord
from psg.agreement.coverage import narrow_words
from psg.rules.editions import get_edition

FlatFigures = dict[str, str | int | float | bool]


@dataclass(frozen=True)
class OtherFigures:
    """Figures that are not an evaluation: texts, numbers and flags by name."""

    values: FlatFigures

    @property
    def on(self) -> str:
        """The nights on which they were measured."""
        return str(self.values.get("on", "unnamed nights"))


Measured = Evaluation | OtherFigures

_CERTAINTY = ("certainty_auc", "calibration_error")
_FLAT = (
    *("on", "subjects", "epochs", "replies"),
    *(key for key, _ in COLUMNS if key != "nights"),
    *_CERTAINTY,
)
_WITH_INTERVAL = ("kappa", "rule_iou", "certainty_auc")
_COMPARED = ("kappa", "rule_iou")
_ELSEWHERE = "of_another_epoch"
_READER_TITLES = {"rules": "rules reader", "yasa": "yasa", MAJORITY: "commonest stage"}


def read_measured(path: Path) -> Measured:
    """Read the JSON object in the last line of the output of ``evaluate --json``.

    Raises
    ------
    TrainingError
        When there is none.
    """
    try:
        value = json.loads(path.read_text("utf-8").strip().splitlines()[-1])
        if "baselines" in value:
            return Evaluation.model_validate(value)
        plain = {k: v for k, v in value.items() if isinstance(v, str | int | float | bool)}
        return OtherFigures(plain)
    except (OSError, ValueError, IndexError, AttributeError, TypeError, ValidationError):
        raise TrainingError(
            "No figures can be read", where=str(path), advice="Give the output of evaluate --json."
        ) from None


def refuse_other_weights(measured: Iterable[Measured], weights_sha256: str) -> None:
    """Raise TrainingError where figures were measured of other weights."""
    for figures in measured:
        theirs = _value(figures, "weights_sha256")
        if theirs is not None and theirs != weights_sha256:
            raise TrainingError(
                "These figures were measured of other weights",
                where=f"{figures.on}, {str(theirs)[:16]}",
                advice="Evaluate this bundle, and give what that prints.",
            )


def flat_figures(figures: Measured) -> FlatFigures:
    """Return the figures for ``bundle.toml`` and the page of models.

    Of an evaluation these are the main figures, two intervals, and figures of the baselines. A
    baseline that could not read every night adds the number of its nights and the figures of the
    bundle on these nights. Of any other object, these are its texts, numbers and flags.
    """
    if isinstance(figures, OtherFigures):
        return figures.values
    flat = {key: _value(figures, key) for key in _FLAT}
    for key in _WITH_INTERVAL:
        flat[f"{key}_95"] = shown_interval(figures.interval_of(key))
    for name, reader in figures.baselines.items():
        if name != MAJORITY:
            flat |= {f"{key}_of_{name}": _value(reader, key) for key in _COMPARED}
        if isinstance(reader, ReaderResult) and (same := reader.judged_on_same_nights):
            flat[f"nights_of_{name}"] = reader.nights
            flat |= {
                f"{key}_beside_{name}": _value(same, key)
                for key in _COMPARED
                if _value(reader, key) is not None
            }
    if not figures.epochs:
        del flat["epochs"]
    return {key: value for key, value in flat.items() if value is not None and value != ""}


def _value(figures: Measured | Baseline, key: str) -> str | int | float | bool | None:
    if isinstance(figures, OtherFigures):
        return figures.values.get(key)
    value: str | int | float | bool | None = getattr(figures, key, None)
    return value


def card_section(figures: Measured) -> list[str]:
    """Return the section of an evaluation in a card, or a line for other figures."""
    if isinstance(figures, OtherFigures):
        values = ", ".join(f"{k} {v}" for k, v in figures.values.items() if k != "on")
        return [f"- {figures.on}: {values}", ""]
    return [
        f"### {figures.on[:1].upper()}{figures.on[1:]}",
        "",
        _about(figures),
        "",
        *(_reader_table(figures) if figures.epochs else []),
        *(_stage_table(figures) if figures.epochs else []),
        *_reliability(figures),
        *_event_table(figures),
        *_claims(figures),
    ]


def runs_section(runs: Sequence[tuple[str, Measured]]) -> list[str]:
    """Return the section of other runs of the same training."""
    rows = [[label, figures.on, *_cells(figures)] for label, figures in runs]
    return ["### Other runs", "", *_table(["run", "on", *_titles()], rows), ""]


def _about(result: Evaluation) -> str:
    about = result.about
    where = f", read on {about['device']} in {about['dtype']}" if "device" in about else ""
    counts = f"Subjects: {result.subjects}; replies: {result.replies:,}{where}."
    if result.epochs:
        intervals = (
            f"In brackets 95 % intervals over subjects. {narrow_words(result.subjects, 'kappa')}"
        )
        return f"{counts} {intervals.rstrip()}"
    unread = f"No stage is known. Unparsed {shown(result.unparsed)}."
    return f"{counts} {unread} Stages given: {'; '.join(_stages_given(result))}."


def _stages_given(result: Evaluation) -> list[str]:
    """Count the stages that each reader gave."""
    return [
        f"{name} {', '.join(f'{stage} {count}' for stage, count in reader.said.items())}"
        for name, reader in _titled(result)
        if isinstance(reader, ReaderResult) and reader.said
    ]


def _titled(result: Evaluation) -> list[tuple[str, Baseline]]:
    """Return all readers by their titles, the evaluated bundle first."""
    others = [(_READER_TITLES.get(name, name), its) for name, its in result.baselines.items()]
    return [(result.title, result), *others]


def _reader_table(result: Evaluation) -> list[str]:
    _, *others = result.with_same_nights.items()
    rows = [[f"**{result.title}**", *_cells(result)]]
    for name, reader in others:
        row = [reader.missing] if isinstance(reader, MissingReader) else _cells(reader)
        rows.append([_READER_TITLES.get(name, name), *row])
    notes = [f"{line}\n" for line in left_out(result)]
    return [*_table(["reader", *_titles()], rows), "", *notes]


def _stage_table(result: Evaluation) -> list[str]:
    head, rows = stage_rows(result)
    beside, elsewhere = result.transitions.beside_a_change, result.transitions.elsewhere
    return [
        *_table(head, rows),
        "",
        f"Kappa beside a change of stage {shown(beside.kappa)} ({beside.epochs} epochs),"
        f" elsewhere {shown(elsewhere.kappa)} ({elsewhere.epochs}).",
        "",
    ]


def _reliability(result: Evaluation) -> list[str]:
    """The reliability diagram as a table: the nearer its last columns are, the better."""
    if not result.certainty:
        return []
    return [certainty_words(result), "", *_table(*reliability_rows(result)), ""]


def _event_table(result: Evaluation) -> list[str]:
    """Compare events in rationales with known events, and with those of the rules reader."""
    if not result.events:
        return []
    rules = result.baselines.get("rules")
    compared = rules if isinstance(rules, Agreement) else None
    theirs = _by_kind(compared) if compared else {}
    rows = [
        [kind.replace("_", " "), *_amounts(its), *_rates(its), *_rates(theirs.get(kind))]
        for kind, its in _by_kind(result).items()
    ]
    head = ["told within 1 s", "there", "told", "precision", "recall"]
    return [
        *_table([*head, "precision of the rules reader", "its recall"], rows),
        "",
        "Alpha and movement are counted in seconds, the others in events.",
        "",
    ]


def _by_kind(agreement: Agreement) -> dict[str, EventFigures | RhythmFigures]:
    return {**agreement.events, **agreement.rhythms}


def _amounts(figures: EventFigures | RhythmFigures) -> list[str]:
    """Return the present and the claimed amount: events, or seconds of rhythms."""
    if isinstance(figures, EventFigures):
        return [str(figures.there), str(figures.told)]
    return [str(figures.there_s), str(figures.told_s)]


def _rates(figures: EventFigures | RhythmFigures | None) -> list[str]:
    """Precision and recall for the eye."""
    if figures is None:
        return [shown(None)] * 2
    return [shown(figures.precision), shown(figures.recall)]


def _claims(result: Evaluation) -> list[str]:
    if not result.claims:
        return []
    outcomes = [
        f"{name} {_outcomes(reader)}"
        for name, reader in _titled(result)
        if isinstance(reader, ReaderResult) and reader.claims
    ]
    errors = {
        "simulated nights": "simulated nights",
        "real recordings": "marks of experts and AI models in real recordings",
    }[result.verdicts_by]
    return [
        f"Claims in rationales compared with the signal: {'; '.join(outcomes)}."
        f" How often detectors err was taken from {errors}.",
        "",
    ]


def _outcomes(reader: ReaderResult) -> str:
    words = ["supported", "contradicted", "cannot_tell", "unread"]
    if _ELSEWHERE in reader.claims:  # earlier figures count it among the unread
        words.append(_ELSEWHERE)
    counts = (f"{reader.claims.get(word, 0)} {word.replace('_', ' ')}" for word in words)
    return ", ".join(counts)


def _titles() -> list[str]:
    return [title for _, title in COLUMNS]


def _cells(figures: Measured | Agreement) -> list[str]:
    """Figures with their intervals where there are some."""
    cells = []
    for key, _ in COLUMNS:
        value = shown(_value(figures, key))
        known = figures.interval_of(key) if isinstance(figures, Agreement) else (None, None)
        interval = shown_interval(known)
        cells.append(f"{value} ({interval})" if interval else value)
    return cells


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    filled = [[*row, *[""] * (len(head) - len(row))] for row in rows]
    lines = [head, ["---"] * len(head), *filled]
    return [f"| {' | '.join(line)} |" for line in lines]


MEASURED, LIMITS = "## Measured", "## Limits"


def card(
    title: str,
    *,
    description: str,
    licence: str,
    record: RunRecord,
    steps_done: int,
    checkpoint: Path,
    measured: Sequence[Measured],
    runs: Sequence[tuple[str, Measured]] = (),
    pretrained: tuple[RunRecord, int] | None = None,
    notes: str = "",
) -> str:
    """Write the card.

    Parameters
    ----------
    record, steps_done
        Of the run of phase 2; ``pretrained`` likewise of that of phase 1.
    checkpoint : Path
        The bundle's.
    measured : sequence of Measured
        Evaluations of this bundle.
    runs : sequence of (str, Measured)
        Evaluations of other runs, to compare with.
    notes : str
        Markdown of its maker.
    """
    phases = [("phase 1", *pretrained)] if pretrained else []
    phases.append(("phase 2", record, steps_done))
    size = sum(path.stat().st_size for path in weight_files(checkpoint)) / 1e6
    return "\n".join(
        [
            f"# {title}",
            "",
            description,
            "",
            "| | |",
            "|---|---|",
            *(row for phase in phases for row in _phase(*phase)),
            f"| rules | {get_edition(record.rule_edition).title} |",
            f"| images | renderer {record.renderer_version} |",
            f"| licence | {licence} |",
            f"| weights | {size:.1f} MB, SHA-256 {weights_sha256(checkpoint)} |",
            "",
            *([notes.strip(), ""] if notes.strip() else []),
            MEASURED,
            "",
            *measured_lines(measured, runs),
            LIMITS,
            "",
            "Not a medical device. Figures on simulated nights say nothing about patients: a"
            " simulated kappa is not a clinical kappa. Use it with images drawn by the renderer"
            " named above and with the prompt in this folder.",
            "",
        ]
    )


def measured_lines(
    measured: Sequence[Measured], runs: Sequence[tuple[str, Measured]] = ()
) -> list[str]:
    """What stands under “Measured”."""
    if not measured and not runs:
        return ["Nothing has been measured.", ""]
    sections = [line for figures in measured for line in card_section(figures)]
    return [*sections, *(runs_section(runs) if runs else [])]


def _phase(name: str, record: RunRecord, steps_done: int) -> list[str]:
    trained = "all weights"
    if record.lora.rank:
        trained = f"LoRA of rank {record.lora.rank}, alpha {record.lora.alpha}, merged"
    optim = {key: value for key, value in record.optim if value}
    if "steps" in optim:
        optim.pop("epochs", None)  # steps end a run before its epochs do
    settings = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in optim.items())
    return [
        f"| {name}: trained on | {record.data}; {record.samples:,} samples |",
        f"| {name}: trained | {trained}; vision tower: {record.vision} |",
        f"| {name}: settings | {settings}, seed {record.seed}; {steps_done:,} steps done |",
    ]
