"""The recipe of a release is what the training commands take."""

import importlib
import shlex
from pathlib import Path

import pytest

from inference.releases import TrainingRecipe, release_training
from inference.training.settings import Phase, read_settings
from tests.helpers.releases import made_up_entry, made_up_manifest


def recipe(*nights: tuple[str, str, str]) -> TrainingRecipe:
    entries = [made_up_entry(name, part=part, track=track) for name, part, track in nights]
    manifest = made_up_manifest(*entries, title="Sleep lab's nights")
    return release_training(stem="lab-1.0.0", manifest=manifest)


WHOLE = recipe(
    ("a", "train", "fine"),
    ("b", "train", "coarse"),
    ("c", "validation", "fine"),
    ("d", "test", "fine"),
)


def test_the_configuration_reads_the_unpacked_release(tmp_path: Path):
    path = tmp_path / WHOLE.config_name
    path.write_text(WHOLE.config)
    settings = read_settings(path, Phase.SFT)
    assert settings.data.source == "release"
    assert settings.data.folder == tmp_path / "lab-1.0.0"
    assert settings.data.recordings == tmp_path / "nights"
    assert settings.sft.tracks == ("coarse", "fine")
    assert (settings.model, settings.keep) == (tmp_path / "checkpoint", 100)


def test_every_step_is_there_in_order_and_quoted_for_a_shell():
    commands = [shlex.split(command) for _, command in WHOLE.steps]
    modules = [
        words[words.index("-m") + 1].rpartition(".")[2] for words in commands if "-m" in words
    ]
    assert modules == ["train", "choose", "bundle", "evaluate"]
    made = next(words for words in commands if "inference.training.bundle" in words)
    assert made[made.index("--title") + 1] == "Sleep lab's nights model"
    assert made[made.index("--licence") + 1] == "CC BY 4.0"


def test_what_the_split_does_not_have_is_not_asked_for():
    only = recipe(("a", "train", "coarse"))
    commands = " ".join(command for _, command in only.steps)
    assert "choose" not in commands
    assert "evaluate" not in commands
    assert "--step" not in commands
    assert "--track coarse" in commands
    assert recipe(("a", "", "fine")).problem


@pytest.mark.parametrize("what", ["choose", "evaluate"])
def test_the_commands_take_the_options_that_are_shown(what: str):
    command = next(c for _, c in WHOLE.steps if f"inference.training.{what}" in c)
    asked = shlex.split(command)[3:]
    module = importlib.import_module(f"inference.training.{what}")
    assert str(module.parser().parse_args(asked).data) == "lab-1.0.0"
