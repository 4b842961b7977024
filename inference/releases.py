"""What training adds to a release: the prompts of its samples, and how a model is trained on it."""

import json
from shlex import quote
from typing import Any

from inference.parsing.reply import RATIONALE_KEY
from inference.prompts import PUBLISHED_KEYS, Prompt, Track, fill_prompt, shipped_prompt
from psg.montage import DERIVATIONS
from psg.rules.editions import get_edition


def release_prompts(rule_edition: str) -> dict[str, dict[str, Any]]:
    """Return, by track, the words to the model, the shape of its reply, and their hash."""
    edition = get_edition(rule_edition)
    found = {}
    for track in Track:
        keys = tuple(k for k in PUBLISHED_KEYS if track is Track.FINE or k != RATIONALE_KEY)
        prompt = Prompt(
            system=fill_prompt(shipped_prompt(track), edition=edition, derivations=DERIVATIONS),
            keys=keys,
        )
        found[track.value] = {
            "system": prompt.system,
            "labels": list(prompt.labels),
            "keys": list(prompt.keys),
            "fence": prompt.fence,
            "sha256": prompt.sha256,
        }
    return found


# How a model is trained on one frozen release: its configuration, and the commands in order.


TRAIN, VALIDATION, TEST = "train", "validation", "test"
NIGHTS, MODEL = "nights", "checkpoint"
MOST_OF_STEM = 56


def release_training(*, stem: str, manifest: dict[str, Any]) -> dict[str, Any]:
    """Return the recipe of a release, or under ``problem`` why there is none.

    Parameters
    ----------
    stem : str
        Name of its zip without the ending; files and folders are named after it.
    """
    parts = {night["part"] for night in manifest["nights"]}
    tracks = sorted({night["track"] for night in manifest["nights"] if night["part"] == TRAIN})
    if not tracks:
        return {"problem": "It has no subjects for training: compose one with a split."}
    return {
        "problem": "",
        "config_name": f"{stem}.toml",
        "config": _config(stem, tracks, has_validation=VALIDATION in parts),
        "steps": _steps(stem, manifest, parts, "fine" if "fine" in tracks else "coarse"),
        "night_count": len({night["recording"] for night in manifest["nights"]}),
        "folder": NIGHTS,
        "model": MODEL,
    }


def _bundle_name(stem: str) -> str:
    """A name that bundles may have: lower case, and not too long."""
    return f"{stem.lower()[:MOST_OF_STEM]}-model"


def _config(stem: str, tracks: list[str], *, has_validation: bool) -> str:
    lines = [
        f"model = {json.dumps(MODEL)}",
        f"run = {json.dumps(f'{stem}-run')}",
        "seed = 1",
        # Every checkpoint is wanted where one is chosen afterwards.
        f"keep = {100 if has_validation else 1}",
        "",
        "[data]",
        'source = "release"',
        f"folder = {json.dumps(stem)}",
        f"recordings = {json.dumps(NIGHTS)}",
        f"cache = {json.dumps(f'{stem}-cache')}",
        "",
        "[sft]",
        f"tracks = {json.dumps(tracks)}",
    ]
    return "\n".join(lines) + "\n"


def _steps(
    stem: str, manifest: dict[str, Any], parts: set[str], track: str
) -> list[tuple[str, str]]:
    """What each command is for, and the command."""
    run, bundle = quote(f"{stem}-run"), quote(f"{stem}-model")
    data = f"--data {quote(stem)} --recordings {NIGHTS}"
    named = (
        f"--name {quote(_bundle_name(stem))} --title {quote(manifest['title'] + ' model')}"
        f" --licence {quote(manifest['licence'])} --track {track}"
    )
    steps = [
        ("Unpack", f"unzip {quote(f'{stem}.zip')} -d {quote(stem)}"),
        ("Train", f"python -m inference.training.train sft --config {quote(f'{stem}.toml')}"),
    ]
    if VALIDATION in parts:
        choose = f"python -m inference.training.choose --checkpoints {run} {data} --track {track}"
        steps.append(("Choose a checkpoint by validation subjects", choose))
    step = " --step STEP" if VALIDATION in parts else ""
    make = f"python -m inference.training.bundle --run {run}{step} --out {bundle} {named}"
    steps.append(("Make it a bundle", make))
    if TEST in parts:
        judge = f"python -m inference.training.evaluate --bundle {bundle} {data} --out judged"
        steps.append(("Judge it on test subjects", judge))
    steps.append(("Register it here", f"python manage.py add_bundle {bundle}"))
    return steps
