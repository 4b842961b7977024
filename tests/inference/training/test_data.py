"""Labelled nights from releases, MASS-EX tables and the simulator."""

import csv
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from inference.bundles.reading import Grid
from inference.prompts import Track
from inference.training.data.loading import data_in, load_data
from inference.training.data.nights import EpochLabel, LabelledNight, TrainingData, checked_data
from inference.training.errors import TrainingError
from inference.training.settings import DataSettings
from psg.claims import read_claims
from psg.edf import EdfFile
from psg.filters import filter_joined
from psg.ingest import inspect_night
from psg.montage import DERIVATIONS, Derivation
from psg.night import ArrayNight
from psg.signalstore import SignalStoreWriter, StoredChannel, to_counts
from psg.simulate import SimulatedNight, simulate_night, write_mass_files
from psg.stages import Stage

SCALE_UV = 0.01


def write_store(path: Path, epochs_uv: np.ndarray, epoch0_s: float) -> None:
    channels = [StoredChannel(name, 100.0, 3000, SCALE_UV) for name in DERIVATIONS]
    with SignalStoreWriter(
        path, channels=channels, epoch_count=len(epochs_uv), epoch0_s=epoch0_s
    ) as writer:
        writer.append([to_counts(epochs_uv[:, row], SCALE_UV) for row in range(len(DERIVATIONS))])


def of_release(folder: Path, recordings: Path, **more: object) -> DataSettings:
    return DataSettings(source="release", folder=folder, recordings=recordings, **more)


@pytest.fixture
def release(settled, frozen, tmp_path: Path) -> Path:
    """A release of two subjects, unpacked, one for training and one for validation."""
    settled("01-0001")
    settled("01-0002")
    made = frozen("1.0.0", given_parts={"01-0001": "train", "01-0002": "validation"})
    with zipfile.ZipFile(made.file) as archive:
        archive.extractall(tmp_path / "release")
    return next((tmp_path / "release").rglob("manifest.json")).parent


@pytest.fixture
def recordings(tmp_path: Path, noise_epochs: np.ndarray) -> Path:
    folder = tmp_path / "recordings"
    folder.mkdir()
    for name in ("01-0001", "01-0002"):
        write_store(folder / f"{name}.epw", noise_epochs[:10], 12.5)
    return folder


def test_a_release_and_its_recordings_become_labelled_nights(release: Path, recordings: Path):
    data = load_data(of_release(release, recordings))
    first, second = data.nights
    assert (first.subject, first.part, first.track) == ("01-0001", "train", Track.FINE)
    assert second.part == "validation"
    assert [label.epoch for label in first.labels] == [0, 1, 2, 3, 5, 6, 7, 8, 9]
    assert first.labels[4] == EpochLabel(5, Stage.N3, ("N3.1",), "Seen, 5.")
    assert first.signals.read_uv(9, 1).shape == (1, 6, 3000)
    assert data.prompts[Track.COARSE].keys == ("applicable_rules", "sleep_stage")


def test_what_is_missing_or_does_not_fit_is_named(release: Path, recordings: Path):
    (recordings / "01-0002.epw").rename(recordings / "other.epw")
    with pytest.raises(TrainingError, match="no recording of 01-0002"):
        load_data(of_release(release, recordings))
    (recordings / "other.epw").rename(recordings / "01-0002.epw")
    write_store(recordings / "01-0001.epw", np.zeros((4, 6, 3000)), 12.5)
    with pytest.raises(TrainingError, match="beyond the night: epoch 5 of 4"):
        load_data(of_release(release, recordings))
    write_store(recordings / "01-0001.epw", np.zeros((10, 6, 3000)), 2.0)
    with pytest.raises(TrainingError, match="start at 2 s, those of the labels at"):
        load_data(of_release(release, recordings))


def test_an_empty_release_and_a_folder_that_is_none_are_errors(release: Path, recordings: Path):
    manifest = json.loads((release / "manifest.json").read_text())
    (release / "manifest.json").write_text(json.dumps({**manifest, "nights": []}))
    with pytest.raises(TrainingError, match="has no night"):
        load_data(of_release(release, recordings))
    with pytest.raises(TrainingError, match="Unpack the release there"):
        load_data(of_release(recordings, recordings))
    with pytest.raises(TrainingError, match="folder of recordings is not there"):
        load_data(DataSettings(source="massex", folder=release, recordings=release / "nowhere"))


def test_a_manifest_with_a_missing_or_wrong_field_is_refused(release: Path, recordings: Path):
    manifest = json.loads((release / "manifest.json").read_text())
    short = {name: value for name, value in manifest.items() if name != "licence"}
    for broken in ({**manifest, "nights": [{"name": "x"}]}, {**manifest, "title": 3}, short, []):
        (release / "manifest.json").write_text(json.dumps(broken))
        with pytest.raises(TrainingError, match="not that of a release"):
            load_data(of_release(release, recordings))
    (release / "manifest.json").write_text("{")
    with pytest.raises(TrainingError, match="not valid JSON"):
        load_data(of_release(release, recordings))


def test_a_subject_in_two_parts_is_an_error(noise_epochs: np.ndarray, release, recordings):
    named = {"train": ("01-0001",), "test": ("01-0001", "01-0002")}
    with pytest.raises(TrainingError, match="Subject 01-0001 is in test and train"):
        load_data(of_release(release, recordings, subjects=named))
    drawn = load_data(of_release(release, recordings, shares={"train": 1, "test": 1}))
    assert {night.part for night in drawn.nights} == {"train", "test"}


def night_of(noise_epochs: np.ndarray, labels: list[EpochLabel]) -> LabelledNight:
    signals = ArrayNight(DERIVATIONS, noise_epochs[:3])
    return LabelledNight("S1", "S1", "expert", "train", Track.FINE, signals, labels)


def test_data_without_labels_or_with_an_epoch_twice_is_refused(noise_epochs: np.ndarray):
    with pytest.raises(TrainingError, match="no labelled epoch"):
        checked_data(TrainingData([night_of(noise_epochs, [])], "aasm-operational-15"))
    twice = night_of(noise_epochs, [EpochLabel(1, Stage.W), EpochLabel(1, Stage.R)])
    with pytest.raises(TrainingError, match="labelled twice"):
        checked_data(TrainingData([twice], "aasm-operational-15"))


@pytest.fixture(scope="module")
def short_night() -> SimulatedNight:
    return simulate_night(hours=0.1, seed=5, subject="01-03-0006")


def write_table(folder: Path, night: SimulatedNight) -> None:
    (folder / "coarse").mkdir(parents=True)
    with (folder / "coarse" / f"{night.subject}.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["custom_id", "Subject", "N", "Stage", "applicable_rules"])
        for number, stage in enumerate(night.stages):
            writer.writerow([f"{night.subject}#{number}_{stage}", night.subject, number, stage, ""])


def test_massex_tables_find_their_places_by_the_stage_file_beside_the_edf(
    short_night: SimulatedNight, tmp_path: Path
):
    write_mass_files(short_night, tmp_path / "mass")
    write_table(tmp_path / "labels", short_night)
    settings = DataSettings(
        source="massex",
        folder=tmp_path / "labels",
        recordings=tmp_path / "mass",
        cache=tmp_path / "kept",
    )
    night = load_data(settings).nights[0]
    assert [label.stage for label in night.labels] == short_night.stages
    assert night.signals.epoch_count == short_night.grid.epoch_count
    stored = sorted((tmp_path / "kept").iterdir())
    load_data(settings)
    assert sorted((tmp_path / "kept").iterdir()) == stored  # prepared once
    (tmp_path / "mass" / "01-03-0006 Base.edf").unlink()
    with pytest.raises(TrainingError, match="not known where N lies"):
        load_data(settings)
    declared = settings.model_copy(
        update={"n_is_epoch": True, "epoch0_s": short_night.grid.epoch0_s}
    )
    assert load_data(declared).nights[0].labels == night.labels


def test_on_the_published_grid_labelled_epochs_are_joined_and_numbered_anew(
    short_night: SimulatedNight, tmp_path: Path
):
    write_mass_files(short_night, tmp_path / "mass")
    write_table(tmp_path / "labels", short_night)
    table = tmp_path / "labels" / "coarse" / "01-03-0006.csv"
    rows = table.read_text().splitlines(keepends=True)
    table.write_text("".join([rows[0], *rows[3:7], *rows[9:]]))
    settings = DataSettings(
        source="massex",
        folder=tmp_path / "labels",
        recordings=tmp_path / "mass",
        grid=Grid.PUBLISHED,
    )
    data = load_data(settings)
    (night,) = data.nights
    labelled = [2, 3, 4, 5, *range(8, len(short_night.stages))]
    assert "on the published grid" in data.about
    assert [label.epoch for label in night.labels] == list(range(len(labelled)))
    assert [label.stage for label in night.labels] == [short_night.stages[n] for n in labelled]
    assert night.signals.epoch_count == len(labelled)
    edf = EdfFile.open(tmp_path / "mass" / "01-03-0006 PSG.edf")
    starts_s = [short_night.grid.onset_s(epoch) for epoch in labelled]
    facts = inspect_night(edf)
    place = facts.sources[Derivation.C4].positive
    c4_uv = edf.read_uv(place)
    expected = filter_joined(c4_uv, short_night.sfreq_hz, Derivation.C4, starts_s)
    read = night.signals.read_uv(0, len(labelled))[:, night.signals.derivations.index("C4-M1")]
    assert np.allclose(read, expected, atol=0.02)
    staged = data_in(tmp_path / "mass", recordings=tmp_path / "mass", grid=Grid.PUBLISHED)
    assert staged.nights[0].signals.epoch_count == len(short_night.stages)
    (tmp_path / "mass" / "01-03-0006 PSG.edf").unlink()
    write_store(
        tmp_path / "mass" / "01-03-0006.epw",
        np.zeros((short_night.grid.epoch_count, 6, 3000)),
        short_night.grid.epoch0_s,
    )
    declared = {"n_is_epoch": True, "epoch0_s": short_night.grid.epoch0_s}
    with pytest.raises(TrainingError, match="its signals are filtered"):
        load_data(settings.model_copy(update=declared))
    with pytest.raises(TrainingError, match="Simulated nights have no published grid"):
        load_data(DataSettings(source="simulated", train=1, hours=0.1, grid=Grid.PUBLISHED))


@pytest.mark.parametrize(
    ("table", "places", "refusal"),
    [
        ("S1#0_W,S1,0,N2,\n", "S1,0,0,0.0,\n", "custom_id does not fit .*S1.csv, line 2"),
        ("S1#0_S4,S1,0,S4,\n", "S1,0,0,0.0,\n", "“S4” is not a stage .*S1.csv, line 2"),
        ("S1#0_W,S1,0,W\n", "S1,0,0,0.0,\n", "has 4 cells, not 5 .*S1.csv, line 2"),
        ("S1#0_W,S1,0,W,\n", "S1,0,0,soon,\n", "not a number of seconds .*epochs.csv, line 2"),
        ("S1#0_W,S1,0,W,\n", "S1,0,-1,0.0,\n", "“-1” is not a count .*epochs.csv, line 2"),
    ],
)
def test_a_table_that_is_not_massex_is_refused_with_file_and_line(
    table: str, places: str, refusal: str, tmp_path: Path
):
    (tmp_path / "coarse").mkdir()
    head = "custom_id,Subject,N,Stage,applicable_rules\n"
    (tmp_path / "coarse" / "S1.csv").write_text(head + table)
    (tmp_path / "epochs.csv").write_text("Subject,N,epoch,onset_s,original_stage\n" + places)
    with pytest.raises(TrainingError, match=refusal):
        load_data(DataSettings(source="massex", folder=tmp_path, recordings=tmp_path))


def test_simulated_nights_are_kept_as_they_were_made_and_never_shared_between_parts(tmp_path: Path):
    settings = DataSettings(source="simulated", train=1, test=1, hours=0.1, cache=tmp_path)
    made = load_data(settings)
    assert [night.part for night in made.nights] == ["train", "test"]
    again = load_data(settings)
    for first, second in zip(made.nights, again.nights, strict=True):
        assert list(first.labels) == list(second.labels)
        assert list(first.events) == list(second.events)
    fresh = settings.model_copy(update={"cache": None})
    whole = load_data(fresh).nights[0].signals.read_uv(0, 12)
    assert np.allclose(again.nights[0].signals.read_uv(0, 12), whole, atol=0.1)


def test_every_second_night_is_clinical_where_difficulties_are_mixed(tmp_path: Path):
    settings = DataSettings(
        source="simulated", train=2, hours=0.1, difficulty="mixed", cache=tmp_path
    )
    mixed = load_data(settings)
    plain = load_data(settings.model_copy(update={"difficulty": "plain"}))
    assert "(mixed)" in mixed.about
    pairs = list(zip(mixed.nights, plain.nights, strict=True))
    assert [one.recording == other.recording for one, other in pairs] == [True, False]
    same = [np.array_equal(a.signals.read_uv(0, 12), b.signals.read_uv(0, 12)) for a, b in pairs]
    assert same == [True, False]


@pytest.mark.parametrize("difficulty", ["plain", "clinical"])
def test_words_of_simulated_nights_state_claims_that_can_be_read(difficulty: str):
    settings = DataSettings(source="simulated", train=1, hours=0.3)
    night = load_data(settings.model_copy(update={"difficulty": difficulty})).nights[0]
    for label in night.labels:
        read = read_claims(label.rationale)
        assert read.claims
        assert all("epoch before" in unread.text for unread in read.unread)
