"""Parquet as others open it: by `datasets`, with its splits, and by pyarrow."""

import os

import pyarrow.parquet as pq
import pytest

from annotations.releases.columns import EPOCHS
from annotations.releases.formats import parquet

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


def test_a_coarse_release_has_neither_words_nor_evidence(settled, frozen, unzipped):
    settled("01-0001")
    folder = unzipped(frozen("1.0.0", track="coarse"))
    rows = pq.read_table(folder / "data" / "all.parquet").to_pylist()
    assert {(row["rationale"], len(row["evidence"]), row["track"]) for row in rows} == {
        (None, 0, "coarse")
    }
