"""MASS-EX tables: exact cells, and a second form that no spreadsheet executes."""

import csv
import io

from annotations.downloads import Table, spreadsheet_safe, write_csv
from annotations.exchange.massex_tables import ExportRow, coarse_table, epochs_table, fine_table


def row(epoch, stage="N2", number=None, rationale="", rules=("N2.1",)):
    return ExportRow(
        number=epoch if number is None and stage else number,
        epoch=epoch,
        onset_s=12.3 + 30 * epoch,
        stage=stage,
        source_text=stage or "?",
        rationale=rationale,
        rules=rules,
    )


def written(table):
    file = io.StringIO(newline="")
    write_csv(file, table)
    return file.getvalue()


def test_a_fine_row_has_the_published_columns_and_id():
    text = written(
        fine_table("01-03-0006", [row(3, "W", rationale="Alpha.", rules=("W.1", "W.2"))])
    )
    assert text == (
        "custom_id,Subject,N,Stage,reasoning_text,applicable_rules\n"
        '01-03-0006#3_W,01-03-0006,3,W,Alpha.,"W.1, W.2"\n'
    )


def test_a_coarse_row_has_no_rationale_and_may_cite_no_rule():
    text = written(coarse_table("S1", [row(0, rationale="not here", rules=())]))
    assert text == "custom_id,Subject,N,Stage,applicable_rules\nS1#0_N2,S1,0,N2,\n"


def test_an_unscored_epoch_is_only_in_the_sidecar_and_without_an_n():
    rows = [row(0), row(1, stage=None), row(2, number=1)]
    assert [cells[0] for cells in coarse_table("S1", rows).rows] == ["S1#0_N2", "S1#1_N2"]
    assert epochs_table("S1", rows).rows == [
        ("S1", 0, 0, "12.3", "N2"),
        ("S1", "", 1, "42.3", "?"),
        ("S1", 1, 2, "72.3", "N2"),
    ]


def test_any_text_survives_writing_and_reading():
    texts = [
        "a, b",
        'say "x"',
        "two\nlines",
        "old\rmac",
        "both\r\n",
        "=1+1",
        " lead",
        "γ 頭 \u2028",
        "",
    ]
    text = written(fine_table("S", [row(n, rationale=t) for n, t in enumerate(texts)]))
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert [cells[4] for cells in read[1:]] == texts


def test_formulas_are_escaped_for_spreadsheets_and_only_there():
    formulas = ["=1", "+1", "-1", "@x", "\tx", "\rx", "\n=1", "\uff1d1", "\uff201"]
    starts = [*formulas, "plain", "a=b", "\u05e9\u05dc\u05d5\u05dd", "\u202e=1"]
    table = Table(("text",), [(text,) for text in starts])
    safe = [cells[0] for cells in spreadsheet_safe(table).rows]
    assert safe == [f"'{text}" for text in formulas] + starts[len(formulas) :]
    assert [cells[0] for cells in table.rows] == starts
