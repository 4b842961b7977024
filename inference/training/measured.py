"""What was measured of a bundle: flat for its declaration, as tables for its card.

Both are made of the one object that ``evaluate --json`` prints.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from inference.training.errors import TrainingError
from inference.training.evaluation.readers import MAJORITY
from inference.training.evaluation.table import COLUMNS, left_out, shown, with_same_nights

Figures = Mapping[str, Any]

_FLAT = ("on", "subjects", "epochs", "replies", *(key for key, _ in COLUMNS if key != "nights"))
_WITH_INTERVAL = ("kappa", "rule_iou")
_COMPARED = ("kappa", "rule_iou")
_ELSEWHERE = "of_another_epoch"
_READERS = {"rules": "rules reader", "yasa": "yasa", MAJORITY: "commonest stage"}


def read_measured(path: Path) -> dict[str, Any]:
    """Read the object in the last line of what ``evaluate --json`` printed.

    Raises
    ------
    TrainingError
        When there is none.
    """
    try:
        value = json.loads(path.read_text("utf-8").strip().splitlines()[-1])
    except (OSError, ValueError, IndexError):
        value = None
    if not isinstance(value, dict):
        raise TrainingError(
            "No figures can be read", where=str(path), advice="Give the output of evaluate --json."
        )
    return value


def refuse_other_weights(measured: Sequence[Figures], weights_sha256: str) -> None:
    """Raise TrainingError where figures say that they were measured of other weights."""
    for found in measured:
        if found.get("weights_sha256", weights_sha256) != weights_sha256:
            raise TrainingError(
                "These figures were measured of other weights",
                where=f"{found.get('on', 'unnamed nights')}, {found['weights_sha256'][:16]}",
                advice="Evaluate this bundle, and give what that prints.",
            )


def flat_figures(found: Figures) -> dict[str, Any]:
    """The figures that stand in ``bundle.toml`` and on the page of models.

    Of an evaluation the chief ones, with two intervals and those of simpler readers of the same
    nights; of any other object its texts, numbers and flags. A reader that could not read every
    night has the number of its nights, and beside its figures stand the bundle's on these nights.
    """
    if "baselines" not in found:
        return {k: v for k, v in found.items() if isinstance(v, str | int | float | bool)}
    flat = {key: found.get(key) for key in _FLAT}
    for key in _WITH_INTERVAL:
        flat[f"{key}_95"] = _bounds(found, key)
    for name, one in found["baselines"].items():
        if name != MAJORITY:
            flat |= {f"{key}_of_{name}": one.get(key) for key in _COMPARED}
        if same := one.get("judged_on_same_nights"):
            flat[f"nights_of_{name}"] = one["nights"]
            flat |= {
                f"{key}_beside_{name}": same[key] for key in _COMPARED if one.get(key) is not None
            }
    if not found["epochs"]:
        del flat["epochs"]
    return {key: value for key, value in flat.items() if value not in (None, "")}


def card_section(found: Figures) -> list[str]:
    """An evaluation as a section of a card; of any other object its plain values in a line."""
    if "baselines" not in found:
        told = ", ".join(f"{k} {v}" for k, v in flat_figures(found).items() if k != "on")
        return [f"- {found.get('on', 'unnamed nights')}: {told}", ""]
    return [
        f"### {found['on'][:1].upper()}{found['on'][1:]}",
        "",
        _about(found),
        "",
        *(_readers(found) if found["epochs"] else []),
        *(_stages(found) if found["epochs"] else []),
        *_events(found),
        *_claims(found),
    ]


def runs_section(runs: Sequence[tuple[str, Figures]]) -> list[str]:
    """Other runs of the same training, judged on nights of their own or the same."""
    rows = [[label, found["on"], *_cells(found)] for label, found in runs]
    return ["### Other runs", "", *_table(["run", "on", *_titles()], rows), ""]


def _about(found: Figures) -> str:
    about = found.get("about", {})
    where = f", read on {about['device']} in {about['dtype']}" if "device" in about else ""
    counts = f"Subjects: {found['subjects']}; replies: {found['replies']:,}{where}."
    if found["epochs"]:
        return f"{counts} In brackets 95 % intervals over subjects."
    unread = f"No stage is known. Unparsed {shown(found['unparsed'])}."
    return f"{counts} {unread} Stages given: {'; '.join(_said(found))}."


def _said(found: Figures) -> list[str]:
    """The stages that each reader gave, counted."""
    readers = [(found["title"], found), *_named(found["baselines"])]
    given = [(name, one["said"]) for name, one in readers if one.get("said")]
    return [f"{name} {', '.join(f'{s} {n}' for s, n in said.items())}" for name, said in given]


def _named(baselines: Figures) -> list[tuple[str, Figures]]:
    return [(_READERS.get(name, name), one) for name, one in baselines.items()]


def _readers(found: Figures) -> list[str]:
    judged, *others = with_same_nights(found).items()
    rows = [[f"**{found['title']}**", *_cells(judged[1])]]
    for name, one in _named(dict(others)):
        rows.append([name, *([one["missing"]] if "missing" in one else _cells(one))])
    return [*_table(["reader", *_titles()], rows), "", *(f"{line}\n" for line in left_out(found))]


def _stages(found: Figures) -> list[str]:
    rows = [
        [stage, str(one["epochs"]), *(shown(one[key]) for key in ("precision", "recall", "f1"))]
        for stage, one in found["stages"].items()
    ]
    beside, elsewhere = (found["transitions"][k] for k in ("beside_a_change", "elsewhere"))
    return [
        *_table(["stage", "epochs", "precision", "recall", "F1"], rows),
        "",
        f"Kappa beside a change of stage {shown(beside['kappa'])} ({beside['epochs']} epochs),"
        f" elsewhere {shown(elsewhere['kappa'])} ({elsewhere['epochs']}).",
        "",
    ]


def _events(found: Figures) -> list[str]:
    """Told events beside known ones, and beside what the rules reader tells."""
    if "events" not in found:
        return []
    rules = found["baselines"].get("rules", {})
    rows = [
        [
            kind.replace("_", " "),
            *(str(one.get(key, one.get(f"{key}_s"))) for key in ("there", "told")),
            *(shown(one[key]) for key in ("precision", "recall")),
            *(shown(rules.get(part, {}).get(kind, {}).get(key)) for key in ("precision", "recall")),
        ]
        for part in ("events", "rhythms")
        for kind, one in found[part].items()
    ]
    head = ["told within 1 s", "there", "told", "precision", "recall"]
    return [
        *_table([*head, "precision of the rules reader", "its recall"], rows),
        "",
        "Alpha and movement are counted in seconds, the others in events.",
        "",
    ]


def _claims(found: Figures) -> list[str]:
    if not found.get("claims"):
        return []
    readers = [(found["title"], found), *_named(found["baselines"])]
    told = [f"{name} {_verdicts(one)}" for name, one in readers if one.get("claims")]
    return [f"What the signal says of the claims in rationales: {'; '.join(told)}.", ""]


def _verdicts(one: Figures) -> str:
    words = ["supported", "contradicted", "cannot_tell", "unread"]
    if _ELSEWHERE in one["claims"]:  # earlier figures count it among the unread
        words.append(_ELSEWHERE)
    told = (f"{one['claims'].get(word, 0)} {word.replace('_', ' ')}" for word in words)
    return ", ".join(told)


def _titles() -> list[str]:
    return [title for _, title in COLUMNS]


def _cells(one: Figures) -> list[str]:
    """Figures with their intervals where there are some."""
    told = ((shown(one.get(key)), _bounds(one, key)) for key, _ in COLUMNS)
    return [f"{value} ({bounds})" if bounds else value for value, bounds in told]


def _bounds(one: Figures, key: str) -> str:
    low, high = one.get("intervals", {}).get(key) or (None, None)
    return "" if low is None or high is None else f"{shown(low)} to {shown(high)}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    filled = [[*row, *[""] * (len(head) - len(row))] for row in rows]
    lines = [head, ["---"] * len(head), *filled]
    return [f"| {' | '.join(line)} |" for line in lines]
