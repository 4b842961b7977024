"""Nights shared out among processes: the same figures, and a clear end where one of them dies."""

import json
import signal
from functools import partial
from multiprocessing import active_children
from pathlib import Path

import pytest

from inference.bundles import BundleError
from inference.training.errors import TrainingError
from inference.training.evaluate import main
from inference.training.evaluation.processes import evaluated_nights
from inference.training.evaluation.running import EvaluationTask, RecordingNights
from psg.rules.editions import DEFAULT_EDITION

pytestmark = pytest.mark.long
KILLS_ITSELF: RecordingNights = partial(signal.raise_signal, signal.SIGKILL)


def without_times(result: dict) -> dict:
    both = (result, *result["baselines"].values())
    for each in both:
        each.pop("epochs_per_s", None)
    return result


def test_two_processes_find_what_one_finds_and_tell_it_in_the_same_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    short = ["--simulated", "--nights", "3", "--hours", "0.1", "--cache", str(tmp_path / "nights")]
    figures, progress = [], []
    for processes in ("1", "2"):
        out = ["--out", str(tmp_path / processes), "--json", "--processes", processes]
        assert main(["--bundle", "rules", *short, "--baselines", *out]) == 0
        output = capsys.readouterr()
        figures.append(without_times(json.loads(output.out)))
        progress.append(output.err)
    assert figures[0] == figures[1]
    assert figures[0]["nights"] == 3
    assert progress[0] == progress[1]
    assert len(progress[0].splitlines()) == 3
    each, two = ((tmp_path / folder / "replies.jsonl").read_text() for folder in "12")
    assert each == two != ""
    assert (tmp_path / "2" / "report.html").stat().st_size > 0


def test_a_process_that_is_killed_ends_the_work_with_a_word_on_memory():
    task = EvaluationTask("rules", (), DEFAULT_EDITION)
    with (
        pytest.raises(TrainingError, match=r"killed by SIGKILL.*fewer --processes"),
        evaluated_nights(task, [KILLS_ITSELF] * 2, processes=2) as (_, nights),
    ):
        list(nights)
    assert active_children() == []


def test_a_bundle_that_cannot_be_loaded_is_the_same_error_in_every_process(tmp_path: Path):
    task = EvaluationTask(str(tmp_path), (), DEFAULT_EDITION)
    with (
        pytest.raises(BundleError, match="There is no bundle"),
        evaluated_nights(task, [KILLS_ITSELF] * 2, processes=2),
    ):
        pass
    assert active_children() == []
