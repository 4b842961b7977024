"""Facts of a manifest as card and datasheet tell them."""

from typing import Any

from psg.stages import STAGES

Manifest = dict[str, Any]


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def part_rows(manifest: Manifest) -> list[list[Any]]:
    """Return part, subjects, epochs by stage, and epochs."""
    return [
        [
            part,
            manifest["subjects"].get(part, 0),
            *(found[stage.value] for stage in STAGES),
            sum(found.values()),
        ]
        for part, found in manifest["counts"]["stages"].items()
    ]


def scorer_rows(manifest: Manifest) -> list[list[Any]]:
    """Return name, kind and epochs of each scorer."""
    counts = manifest["counts"]["scorers"]
    return [[s["name"], s["kind"], counts.get(s["name"], 0)] for s in manifest["scorers"]]


def ways_of_choosing(manifest: Manifest) -> list[str]:
    """Say which epochs are in, and how they were split."""
    composition = manifest["composition"]
    lines = ["epochs with a stage"]
    if flags := composition["left_out_flags"]:
        lines.append(f"without those flagged {' or '.join(flags)}")
    if (least := composition["least_mean_rating"]) is not None:
        lines.append(f"whose rationale was rated {least:g} of 5 or more on average")
    if (percent := composition["least_agreement_percent"]) is not None:
        lines.append(f"on which at least {percent:g} % of the other experts agree")
    return lines
