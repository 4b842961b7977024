"""Training on releases: the prompts of its samples, and the commands to train a model on it."""

import json
from dataclasses import dataclass
from shlex import quote

from annotations.releases.manifest import Manifest
from inference.parsing.reply import RATIONALE_KEY
from inference.prompts import PUBLISHED_KEYS, Prompt, Track, fill_prompt, shipped_prompt
from psg.manifest import WPT_PROMPT, ReleasePrompt
from psg.montage import DERIVATIONS
from psg.rules.editions import RuleEdition, get_edition

WPT_LABEL = "Analyze this 30-second PSG waveform image and estimate the band power:"


def release_prompts(rule_edition: str, *, with_wpt: bool = False) -> dict[str, ReleasePrompt]:
    """Return the prompt of each track, and that of published pre-training samples."""
    edition = get_edition(rule_edition)
    prompts = {}
    for track in Track:
        keys = tuple(k for k in PUBLISHED_KEYS if track is Track.FINE or k != RATIONALE_KEY)
        prompt = Prompt(
            system=fill_prompt(shipped_prompt(track), edition=edition, derivations=DERIVATIONS),
            keys=keys,
        )
        prompts[track.value] = ReleasePrompt(
            system=prompt.system,
            labels=tuple(prompt.labels),
            keys=tuple(prompt.keys),
            fence=prompt.fence,
            sha256=prompt.sha256,
        )
    return prompts | ({WPT_PROMPT: _wpt_prompt(edition)} if with_wpt else {})


def _wpt_prompt(edition: RuleEdition) -> ReleasePrompt:
    template = shipped_prompt("wpt_published")
    system = fill_prompt(template, edition=edition, derivations=DERIVATIONS)
    prompt = Prompt(system, labels=(WPT_LABEL,), keys=())
    return ReleasePrompt(system, prompt.labels, prompt.keys, prompt.fence, prompt.sha256)


# Training on a frozen release: the configuration, and the commands in order.


TRAIN, VALIDATION, TEST = "train", "validation", "test"
NIGHTS, MODEL = "nights", "checkpoint"
MOST_OF_STEM = 56


@dataclass(frozen=True)
class TrainingRecipe:
    """How to train a model on a release; `problem` says why there is no recipe.

    `steps` are descriptions and commands. The commands expect recordings in `folder` and a
    checkpoint of the base model in `model`.
    """

    problem: str = ""
    config_name: str = ""
    config: str = ""
    steps: tuple[tuple[str, str], ...] = ()
    night_count: int = 0
    folder: str = NIGHTS
    model: str = MODEL


def release_training(*, stem: str, manifest: Manifest) -> TrainingRecipe:
    """Return the recipe for training on a release.

    Parameters
    ----------
    stem : str
        Name of its zip without the ending; files and folders are named after it.
    """
    parts = {night.part for night in manifest.nights}
    tracks = sorted({night.track for night in manifest.nights if night.part == TRAIN})
    if not tracks:
        return TrainingRecipe("This release has no training part. Create a release with a split.")
    return TrainingRecipe(
        config_name=f"{stem}.toml",
        config=_config(stem, tracks, has_validation=VALIDATION in parts),
        steps=_steps(stem, manifest, parts, "fine" if "fine" in tracks else "coarse"),
        night_count=len({night.recording for night in manifest.nights}),
    )


def _bundle_name(stem: str) -> str:
    """Return a name that bundles may have: lower case, and not too long."""
    return f"{stem.lower()[:MOST_OF_STEM]}-model"


def _config(stem: str, tracks: list[str], *, has_validation: bool) -> str:
    lines = [
        f"model = {json.dumps(MODEL)}",
        f"run = {json.dumps(f'{stem}-run')}",
        "seed = 1",
        # With validation subjects a checkpoint is chosen afterwards, out of all of them.
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
    stem: str, manifest: Manifest, parts: set[str], track: str
) -> tuple[tuple[str, str], ...]:
    """Return description and command of each step."""
    run, bundle = quote(f"{stem}-run"), quote(f"{stem}-model")
    data = f"--data {quote(stem)} --recordings {NIGHTS}"
    named = (
        f"--name {quote(_bundle_name(stem))} --title {quote(manifest.title + ' model')}"
        f" --licence {quote(manifest.licence)} --track {track}"
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
    return tuple(steps)
