"""MASS-EX files that cannot be trusted are refused with a line that says where."""

import pytest

from annotations.exchange.massex_files import is_massex, read_massex, read_table
from psg.errors import StageFileError
from psg.massex import ProblemLevel
from psg.rules.editions import get_edition

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
        (HEAD + "S1#0_W,S1,0,W\0,\n", "“W�” is not a stage"),
        (HEAD + "".join(f"S1#{n}_W,S1,{n},W,\n" for n in range(20_161)), "more than a week"),
    ],
)
def test_bad_tables_are_refused(tmp_path, text, told):
    with pytest.raises(StageFileError, match=f"(?i){told}"):
        read_massex(written(tmp_path, text))


def test_another_encoding_is_refused(tmp_path):
    with pytest.raises(StageFileError, match="UTF-8"):
        read_massex(written(tmp_path, HEAD + "Mü#0_W,Mü,0,W,\n", "latin-1"))


def said(data: bytes | str) -> list[tuple[str, int | None, str]]:
    """Level, line and words of every problem of a table, read under the default edition."""
    table = read_table(data.encode() if isinstance(data, str) else data, edition=get_edition())
    return [(problem.level.value, problem.line, problem.what) for problem in table.problems]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (HEAD.replace(",", ";").encode(), "not separated by commas"),
        (HEAD.encode("utf-16"), "UTF-16"),
        (HEAD.encode() + b"S1#0_W,S1,0,W,\nS1#1_W,S\xe9,1,W,\n", "line 3"),
        (HEAD.encode() + b"," * 1_000_000 + b"\n", "1,000,001 characters"),
        (HEAD.encode() + b'S1#0_W,"' + b"x\n" * 100_000 + b'",0,W,\n', "more than 100,000"),
        (HEAD.encode() + b'S1#0_W,S1,0,W,"W.1, W', "was not cut off"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_as_a_whole(data, told):
    with pytest.raises(StageFileError, match=told):
        read_table(data)


def test_all_that_is_wrong_is_told_at_once_with_its_first_line_and_how_often():
    table = said(
        HEAD
        + "S1#0_W,S1,0,W,=1+1\nS1#1_W,S1,1,W,=1+1\nS1#2_W,S1,2,W\n"
        + "S1#0_W,S1,0,W,\nS2#4_W,S2,4,W,\nS1#5_W,S1,6,W,\nS1#7_N2,S1,7,N2,R.1"
    )
    assert table == [
        ("error", 2, "“=1+1” is not a rule of AASM, 15 operational rules"),
        ("error", 4, "The row has 4 cells, not 5"),
        ("error", 7, "custom_id does not fit Subject, N and Stage"),
        ("error", 5, "The same N occurs twice"),
        ("error", 6, "The file holds several subjects"),
        ("warning", 8, "R.1 supports R, not N2"),
        ("warning", 8, "The last line has no end"),
    ]
    table = read_table(
        (HEAD + "S1#0_W,S1,0,W,=1+1\nS1#1_W,S1,1,W,=1+1\n").encode(), edition=get_edition()
    )
    assert [problem.count for problem in table.problems] == [2]


def test_words_are_text_and_odd_ones_are_told():
    head = "custom_id,Subject,N,Stage,reasoning_text,applicable_rules\n"
    cells = ["=HYPERLINK(1)", "'-1 to 2 s", "a\x00b", "x" * 10_001, '"line\rone\ntwo"']
    rows = [f"S1#{n}_W,S1,{n},W,{cell},\n" for n, cell in enumerate(cells)]
    table = read_table((head + "".join(rows)).encode())
    assert [row.rationale for row in table.rows][-1] == "line\rone\ntwo"
    assert [(p.level, p.line) for p in table.problems] == [
        (ProblemLevel.ERROR, 4),
        (ProblemLevel.ERROR, 5),
        (ProblemLevel.WARNING, 2),
        (ProblemLevel.WARNING, 3),
    ]


def test_a_table_full_of_errors_is_told_in_a_page():
    rows = "".join(f"S1#{n}_W,S1,{n},W,X.{n}\n" for n in range(500))
    assert len(said(HEAD + rows)) == 21
