"""The recipe of docs/recipes/dreams.md, on the real excerpts."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command

from annotations.models import EpochScore
from psg.signalstore import SignalStore
from recordings.models import Recording
from tests.helpers.running_site import ROOT

STAGE_OF_CODE = {5: "W", 4: "R", 3: "N1", 2: "N2", 1: "N3", 0: "N3"}


@pytest.fixture
def dreams(real_data: Path, tmp_path: Path) -> Path:
    """Run the script of the recipe; two excerpts are enough."""
    source, made = tmp_path / "source", tmp_path / "dreams"
    source.mkdir()
    for name in ("excerpt1.txt", "excerpt2.txt"):
        for file in (name, f"Hypnogram_{name}"):
            (source / file).symlink_to(real_data / "dreams-spindles" / file)
    command = [sys.executable, "scripts/dreams_recordings.py", str(source), str(made)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return made


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("excerpt", "channel"), [("excerpt1", []), ("excerpt2", ["C4-M1=EEG CZ-A1"])]
)
def test_an_excerpt_comes_in_as_a_recording_with_its_scoring(
    excerpt: str, channel: list[str], dreams: Path, real_data: Path, study
):
    mapped = [part for text in channel for part in ("--channel", text)]
    at = ["--study", study.slug]
    edf = str(dreams / f"{excerpt}.edf")
    call_command("import_recording", edf, *at, "--subject", excerpt, *mapped)
    stages = [str(dreams / f"{excerpt}_stages.csv"), *at, "--recording", excerpt]
    call_command(
        "import_scoring", *stages, "--scorer", "Expert", "--codes", "dreams", "--from-20-s"
    )
    recording = Recording.objects.get()
    assert recording.derivation_names == ["C4-M1"]
    assert recording.epoch_count == 60
    text = (real_data / "dreams-spindles" / f"{excerpt}.txt").read_text()
    values_uv = np.array(text.split("\n", 1)[1].split(), dtype=float)
    with SignalStore.open(recording.raw_file.open("rb")) as store:
        name = store.header.channels[0].name
        kept = store.read_channel_uv(name, 0, 60).ravel()
    assert np.abs(kept - values_uv).max() < 0.02
    hypnogram = (real_data / "dreams-spindles" / f"Hypnogram_{excerpt}.txt").read_text()
    codes = re.findall(r"-?\d+", hypnogram.partition("]")[2])
    seconds = np.repeat([STAGE_OF_CODE[int(code)] for code in codes], 5).reshape(60, 30)
    scores = {score.epoch: score.stage for score in EpochScore.objects.all()}
    assert len(scores) == 60
    for epoch, row in enumerate(seconds):
        assert np.count_nonzero(row == scores[epoch]) >= 15
