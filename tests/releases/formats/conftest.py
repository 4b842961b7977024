import zipfile
from pathlib import Path

import pytest

from annotations.releases.composition import ReleaseSource
from annotations.releases.models import Release
from annotations.scoring.models import EpochScore
from tests.helpers.adjudications import finished_scoring

WORDS = ["Line one\nline two", 'He said "no"', "=SUM(A1)", "γ-Wellen, 頭頂部", "a\rb", "\u2028x\t|"]
EVENT = {
    "kind": "spindle",
    "derivation": "C4-M1",
    "start_s": 12.3,
    "end_s": 13.4,
    "values": {"frequency_hz": 13.4, "peak_to_peak_uv": 38},
    "signal": "filtered",
    "sfreq_hz": 100,
}


@pytest.fixture
def unzipped(tmp_path):
    """Unzip a frozen release: `unzipped(release)` gives its folder."""

    def unzip(release: Release) -> Path:
        folder = tmp_path / f"release-{release.version}"
        with zipfile.ZipFile(release.file.path) as archive:
            archive.extractall(folder)
        return folder

    return unzip


@pytest.fixture
def folder(settled, frozen, unzipped):
    """A release of two nights in two parts, by a consensus and by Anna, with difficult words."""
    by_anna = ["W", "N1", "R", None, "W", "N1", "R", "W"]
    finished_scoring(settled("01-0001").recording, "Anna", by_anna)
    settled("01-0002")
    for n, words in enumerate(WORDS):
        EpochScore.objects.filter(epoch=n).update(
            rationale=words, evidence=[EVENT] * (n % 3), flags=["unsure"] * (n % 2)
        )
    EpochScore.objects.filter(epoch=6, stage="N3").update(rules=["N3.1", "N2.3"], rationale="")
    parts = {"01-0001": "train", "01-0002": "test"}
    return unzipped(frozen("1.0.0", source=ReleaseSource.ALL, given_parts=parts))


@pytest.fixture
def scores():
    """Every epoch with a stage, by recording, scorer as the release names it, and epoch."""

    def read() -> dict[tuple[str, str, int], EpochScore]:
        found = EpochScore.objects.exclude(stage=None).select_related("scoring__recording")
        return {
            (score.scoring.recording.name, score.scoring.scorer.label.lower(), score.epoch): score
            for score in found.select_related("scoring__scorer", "scoring__recording")
        }

    return read
