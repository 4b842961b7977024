"""MASS-EX files that cannot be trusted are refused with a line that says where."""

import pytest

from annotations.imports.massex import is_massex, read_epochs, read_massex
from psg.errors import StageFileError

HEAD = "custom_id,Subject,N,Stage,applicable_rules\n"


def written(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "S1.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_rows_come_back_with_their_rules_apart(tmp_path):
    path = written(tmp_path, "\ufeff" + HEAD + 'S1#0_W,S1,0,W,"W.1, W.2"\nS1#1_N1,S1,1,N1,\n')
    assert is_massex(path)
    rows = read_massex(path)
    assert [(row.number, row.stage, row.rules) for row in rows] == [
        (0, "W", ("W.1", "W.2")),
        (1, "N1", ()),
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "columns"),
        ("custom_id,N\n", "columns"),
        (HEAD + "S1#0_W,S1,0,N2,\n", "custom_id does not fit"),
        (HEAD + "S1#0_S2,S1,0,S2,\n", "not a stage"),
        (HEAD + "S1#x_W,S1,x,W,\n", "not a count"),
        (HEAD + "S1#-1_W,S1,-1,W,\n", "not a count"),
        (HEAD + "S1#0_W,S1,0,W\n", "4 cells, not 5"),
        (HEAD + "S1#0_W,S1,0,W,\nS1#0_N1,S1,0,N1,\n", "twice"),
        (HEAD + '"S1#0_W,S1,0,W,\n', "not a readable csv"),
        (HEAD + "S1#0_W,S1,0,W," + "," * 100_000 + "\n", "cells, not 5"),
    ],
)
def test_bad_tables_are_refused(tmp_path, text, told):
    with pytest.raises(StageFileError, match=f"(?i){told}"):
        read_massex(written(tmp_path, text))


def test_another_encoding_is_refused(tmp_path):
    with pytest.raises(StageFileError, match="UTF-8"):
        read_massex(written(tmp_path, HEAD + "Mü#0_W,Mü,0,W,\n", "latin-1"))


def test_the_sidecar_maps_n_to_the_grid_and_skips_what_was_left_out(tmp_path):
    path = written(
        tmp_path,
        "Subject,N,epoch,onset_s,original_stage\nS1,,0,12.3,?\nS1,0,1,42.3,Sleep stage 2\n",
    )
    places = read_epochs(path)
    assert list(places) == [("S1", 0)]
    assert places["S1", 0].epoch == 1
    assert places["S1", 0].source_text == "Sleep stage 2"
