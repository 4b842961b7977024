"""Parquet as others open it: by `datasets`, with its splits, and by pyarrow."""

import os
from dataclasses import replace

import pyarrow.parquet as pq
import pytest

from annotations.releases.columns import EPOCHS
from annotations.releases.formats import parquet
from annotations.releases.manifest import Manifest

pytestmark = pytest.mark.django_db


@pytest.fixture
def datasets(tmp_path, monkeypatch):
    for name, value in {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "hf")}.items():
        monkeypatch.setitem(os.environ, name, value)
    import datasets

    datasets.disable_progress_bars()
    return datasets


def event_of(row: dict) -> dict:
    return {**row, "values": {value["name"]: value["value"] for value in row["values"]}}


def test_datasets_opens_the_folder_with_its_splits_and_every_row_is_there(
    folder, scores, datasets, tmp_path
):
    opened = datasets.load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))
    assert list(opened) == ["train", "test"]
    assert set(opened["train"]["recording"]) == {"01-0001"}
    expected = scores()
    rows = [row for part in opened.values() for row in part]
    assert {(row["recording"], row["scorer"], row["epoch"]) for row in rows} == set(expected)
    for row in rows:
        score = expected[row["recording"], row["scorer"], row["epoch"]]
        assert row["stage"] == score.stage
        assert row["rules"] == score.rules
        assert (row["rationale"] or "") == score.rationale
        assert row["flags"] == score.flags
        assert [event_of(event) for event in row["evidence"]] == score.evidence
        assert row["onset_s"] == 12.5 + 30 * score.epoch


def test_a_row_group_holds_many_nights_and_every_part_the_same_columns(
    settled, frozen, unzipped, monkeypatch
):
    monkeypatch.setattr(parquet, "ROWS_A_GROUP", 20)
    for n in range(6):
        settled(f"01-000{n}")
    folder = unzipped(frozen("1.0.0"))
    file = pq.ParquetFile(folder / "data" / "all.parquet")
    groups = [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)]
    assert groups == [27, 27]
    assert file.schema_arrow.equals(parquet.SCHEMA)
    assert file.schema_arrow.names == [column.name for column in EPOCHS]
    assert file.read()["n"].to_pylist() == [*range(9)] * 6


def test_the_words_of_a_model_carry_their_grounding(settled, frozen, unzipped):
    scoring = settled("01-0001")
    scoring.scores.filter(epoch=2).update(grounding="bound")
    file = pq.ParquetFile(unzipped(frozen("1.0.0")) / "data" / "all.parquet")
    rows = {row["epoch"]: row for row in file.read().to_pylist()}
    assert rows[2]["grounding"] == "bound"
    assert rows[3]["grounding"] is None


def test_a_release_of_an_earlier_form_is_rebuilt_without_the_column(settled, frozen):
    settled("01-0001")
    manifest = Manifest.from_json(frozen("1.0.0").manifest)
    of_its_time = replace(manifest, format="epochwise-release/3")
    assert "grounding" in parquet.schema_of(manifest).names
    assert "grounding" not in parquet.schema_of(of_its_time).names


def test_a_coarse_release_has_neither_words_nor_evidence(settled, frozen, unzipped):
    settled("01-0001")
    folder = unzipped(frozen("1.0.0", track="coarse"))
    rows = pq.read_table(folder / "data" / "all.parquet").to_pylist()
    assert {(row["rationale"], len(row["evidence"]), row["track"]) for row in rows} == {
        (None, 0, "coarse")
    }
