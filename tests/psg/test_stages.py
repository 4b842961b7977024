"""Stage names and codes."""

import pytest

from psg.errors import UnknownStageTextError
from psg.stages import (
    STAGES,
    Stage,
    parse_stage_text,
    stage_codes,
    stages_for_browser,
    stages_from_codes,
)


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        ("Sleep stage W", Stage.W),
        ("Sleep stage 1", Stage.N1),
        ("sleep  stage 2", Stage.N2),
        ("Sleep stage 3", Stage.N3),
        ("Sleep stage 4", Stage.N3),
        ("Sleep stage N3", Stage.N3),
        ("Sleep stage R", Stage.R),
        ("Sleep stage ?", None),
        ("REM", Stage.R),
        ("Wake", Stage.W),
    ],
)
def test_names_of_both_manuals_are_read(text: str, stage: Stage | None):
    assert parse_stage_text(text) == stage


@pytest.mark.parametrize("text", ["Sleep stage M", "Movement time", "", "N5", "5"])
def test_a_name_that_is_no_stage_is_never_guessed(text: str):
    with pytest.raises(UnknownStageTextError):
        parse_stage_text(text)


def test_unscored_is_never_a_stage():
    codes = stage_codes([*STAGES, None])
    assert codes.tolist() == [0, 1, 2, 3, 4, -1]
    assert stages_from_codes(codes) == [*STAGES, None]
    with pytest.raises(UnknownStageTextError):
        stages_from_codes([5])


def test_the_browser_gets_every_stage_once_in_both_orders():
    stages = stages_for_browser()
    assert [stage["id"] for stage in stages["stages"]] == ["W", "N1", "N2", "N3", "R"]
    assert [stage["label"] for stage in stages["stages"]] == ["Wake", "N1", "N2", "N3", "REM"]
    assert stages["hypnogram_rows"] == ["W", "R", "N1", "N2", "N3"]
