"""Lines of a `results.jsonl` of the published project, written by hand."""

import json
from collections.abc import Sequence
from pathlib import Path

STAGES = "W", "N1", "N2", "N3", "R"


def published_line(
    number: int,
    stage: str,
    pred: str | None,
    *,
    subject: str = "01-03-0001",
    rules: Sequence[str] = (),
    reference_rules: Sequence[str] = (),
    **changes: object,
) -> dict[str, object]:
    """Return a line of an epoch; without `pred` its reply was not parsed."""
    body = {"reasoning_text": "Seen.", "applicable_rules": list(rules), "sleep_stage": pred}
    names = [f"MASS/SS3/images/{subject}/{n}_{stage}.png" for n in (number - 1, number, number + 1)]
    either = {*rules, *reference_rules}
    return {
        "custom_id": f"{subject}#{number}_{stage}",
        "sub_id": subject,
        "image_paths": names,
        "stage": stage,
        "label": STAGES.index(stage),
        "output": f"```json\n{json.dumps(body, indent=2)}\n```" if pred else "I cannot tell.",
        "pred": STAGES.index(pred) if pred else None,
        "pred_stage": pred,
        "reasoning_text": "Seen." if pred else None,
        "applicable_rules": list(rules),
        "gt_applicable_rules": list(reference_rules),
        "rules_iou": len({*rules} & {*reference_rules}) / len(either) if either else 1.0,
        "parse_error": None if pred else "no JSON",
        **changes,
    }


def write_results(path: Path, lines: Sequence[dict[str, object]], *, end: str = "\n") -> Path:
    path.write_text("\n".join(json.dumps(line) for line in lines) + end, "utf-8")
    return path
