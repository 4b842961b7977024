"""A configuration: what is left out is as published, and what is wrong is named with its place."""

from pathlib import Path

import pytest

from inference.training.errors import TrainingError
from inference.training.settings import Phase, Vision, read_settings

MODEL_AND_RUN = 'model = "m"\nrun = "runs/r"\n'


def settings_of(folder: Path, text: str, phase: Phase = Phase.SFT):
    path = folder / "run.toml"
    path.write_text(text)
    return read_settings(path, phase)


@pytest.mark.parametrize(
    ("phase", "lora", "epochs", "batch_size", "vision"),
    [
        (Phase.WPT, "", 2, 4, Vision.LORA),
        (Phase.WPT, "[lora]\nrank = 0", 2, 4, Vision.FULL),
        (Phase.SFT, "", 15, 6, Vision.FROZEN),
    ],
)
def test_what_is_left_out_is_as_the_phase_was_published(
    phase: Phase, lora: str, epochs: int, batch_size: int, vision: Vision, tmp_path: Path
):
    settings = settings_of(tmp_path, MODEL_AND_RUN + lora, phase)
    training = settings.training
    assert (training.epochs, training.batch_size, settings.vision) == (epochs, batch_size, vision)
    assert (training.learning_rate, training.warmup, settings.lora.alpha) == (1e-4, 0.03, 32)


def test_paths_are_relative_to_the_folder_of_the_file(tmp_path: Path):
    settings = settings_of(tmp_path, MODEL_AND_RUN + '[data]\nfolder = "f"\ncache = ""')
    assert (settings.model, settings.run) == (tmp_path / "m", tmp_path / "runs/r")
    assert (settings.data.folder, settings.data.recordings) == (tmp_path / "f", tmp_path)
    assert settings.data.cache is None
    assert settings_of(tmp_path, MODEL_AND_RUN).data.folder == tmp_path


def test_numbers_may_be_written_without_a_point_and_parts_as_shares_or_names(tmp_path: Path):
    parts = "[data.shares]\ntrain = 80\n[data.subjects]\ntest = ['S1']\n"
    settings = settings_of(tmp_path, MODEL_AND_RUN + parts + "[training]\nclip = 1")
    assert settings.training.clip == 1.0
    assert (settings.data.shares, settings.data.subjects) == ({"train": 80.0}, {"test": ("S1",)})


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ('run = "r"', r"“model” is missing \(run.toml\)\. Add it"),
        ("seeed = 1", r"Unknown keys: seeed \(run.toml\)\. Remove or correct"),
        ('phase = "wpt"', "Unknown keys: phase"),
        ("seed = true", r"“seed” has the wrong type \(run.toml\)\. Write a whole number"),
        ("seed = 0", "“seed” must be 1 to 2147483648"),
        ("[training]\nsteps = 2.5", r"“steps” has the wrong type \(run.toml \[training\]\)"),
        ("[training]\nlearning_rate = nan", "“learning_rate” has the wrong type"),
        ('[training]\ndtype = "float16"', "“dtype” is “float16”.*Use .*float32 or bfloat16"),
        ('[data]\nsource = "lab"', "“source” is “lab”.*Use release or massex or simulated"),
        ("[data.shares]\ntraining = 80", r"Unknown keys: training \(run.toml \[data.shares\]\)"),
        ('[sft]\ntracks = ["gold"]', "“tracks” is “gold”.*Use fine or coarse"),
        ('[prompts]\nfine = "no.md"', "The prompt “no.md” is missing"),
        ('vision = "lora"\n[lora]\nrank = 0', "needs a rank.*Set rank under"),
        ("training = 3", "“training” has the wrong type.*Write a table"),
        ("seed =", "not valid TOML"),
    ],
)
def test_what_is_wrong_is_named_with_its_place_and_what_is_allowed(
    text: str, refusal: str, tmp_path: Path
):
    before = "" if text.startswith("run") else MODEL_AND_RUN
    with pytest.raises(TrainingError, match=refusal):
        settings_of(tmp_path, before + text)


def test_everything_that_is_wrong_is_named_at_once(tmp_path: Path):
    text = 'run = "r"\n[training]\nepochs = 0\n[lora]\nrang = 4'
    with pytest.raises(TrainingError) as refusal:
        settings_of(tmp_path, text)
    for part in ("“model” is missing", "[training]: “epochs” must be", "[lora]: Unknown keys"):
        assert part in refusal.value.what
