"""The command, on short simulated nights and on a folder."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from inference.adapters import NightToScore, RawReply
from inference.training.errors import TrainingError
from inference.training.evaluate import main, parser, source_of
from inference.training.evaluation import running
from inference.training.evaluation.charts import read_curves
from inference.training.evaluation.readers import Baselines, Reader, load_reader
from inference.training.evaluation.results import Evaluation
from psg.simulate import simulate_night, write_mass_files
from psg.stagefiles import read_entries
from psg.stages import STAGES

pytestmark = pytest.mark.long

SHORT = ["--simulated", "--hours", "0.2", "--baselines", "rules"]


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("logs")
    (folder / "log.jsonl").write_text('{"step": 2, "loss": 1.5}\n{"step": 1, "loss": 2}\n{"st')
    return folder


def test_the_rule_reader_is_judged_and_the_report_needs_nothing_else(
    tmp_path: Path, logs: Path, capsys: pytest.CaptureFixture[str]
):
    out = tmp_path / "out"
    options = ["--bundle", "rules", *SHORT, "--nights", "2", "--out", str(out), "--json"]
    assert main([*options, "--curves", str(logs)]) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert result == json.loads((out / "result.json").read_text())
    assert (result["bundle"], result["part"], result["unparsed"]) == ("rules", "test", 0.0)
    assert result["on"] == "2 simulated nights of 0.2 h, held-out subjects"
    assert result["kappa"] > result["baselines"]["majority"]["kappa"] == 0.0
    assert 0 < result["rule_iou"] <= 1
    assert 0 <= result["event_precision"] <= 1  # the reader states hardly an event in such nights
    assert result["claims"]["supported"] > result["claims"].get("contradicted", 0)
    assert result["verdicts_by"] == "simulated nights"
    assert sum(each["epochs"] for each in result["stages"].values()) == result["epochs"] == 48
    replies = [json.loads(line) for line in (out / "replies.jsonl").read_text().splitlines()]
    assert len(replies) == 48
    assert {each["stage"] for each in replies} <= set(STAGES)
    page = (out / "report.html").read_text()
    assert "not a clinical kappa" in page
    assert "Training: loss" in page
    assert ' src="' not in page.split("</script>", 1)[1]


class Choosy:
    """The rule reader, but that it breaks on some of the nights, in the middle of one."""

    renderer_version = ""
    about: dict[str, str] = {}

    def __init__(self, broken: Sequence[int]) -> None:
        self._adapter = load_reader("rules").adapter
        self._broken = broken
        self._seen: list[str] = []

    def replies(self, night: NightToScore, epochs: Sequence[int]) -> Iterator[list[RawReply]]:
        self._seen.append(night.key)
        for group in self._adapter.replies(night, epochs):
            yield group
            if len(self._seen) in self._broken:
                raise ValueError("At least 5 minutes\nof data are <needed>")


def with_baselines(patch: pytest.MonkeyPatch, **broken: Sequence[int]) -> None:
    spec = load_reader("rules").spec
    made = Baselines({name: Reader(spec, Choosy(which)) for name, which in broken.items()})
    patch.setattr(running, "load_baselines", lambda names, besides: made)


@pytest.mark.torch  # which comes with the card
def test_a_night_that_a_baseline_cannot_read_is_left_out_of_its_figures_and_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    with_baselines(monkeypatch, one=[2], whole=[])
    out = tmp_path / "out"
    options = ["--bundle", "rules", *SHORT, "--hours", "0.1", "--nights", "3", "--out", str(out)]
    assert main(options) == 0
    output = capsys.readouterr()
    result = json.loads((out / "result.json").read_text())
    partial, whole = result["baselines"]["one"], result["baselines"]["whole"]
    [left] = partial["left_out"]
    assert left["night"] in (out / "replies.jsonl").read_text()
    assert left["why"] == "At least 5 minutes of data are <needed>"
    assert f"one cannot read {left['night']}" in output.err
    assert (result["nights"], partial["nights"], whole["nights"]) == (3, 2, 3)
    assert (result["left_out"], whole["left_out"]) == ([], [])
    same = partial["judged_on_same_nights"]
    assert (same["nights"], same["subjects"], same["epochs"]) == (2, 2, partial["epochs"])
    for figure in ("kappa", "accuracy", "rule_iou", "event_recall", "intervals", "confusion"):
        assert same[figure] == partial[figure], "the same reader on the same nights"
    assert same["confusion"] != result["confusion"] == whole["confusion"]
    assert "judged_on_same_nights" not in whole
    from inference.training.card import card_section, flat_figures

    evaluation = Evaluation.model_validate(result)
    card = "\n".join(card_section(evaluation))
    assert "How often detectors err was taken from simulated nights." in card
    real = evaluation.model_copy(update={"verdicts_by": "real recordings"})
    assert "taken from marks of experts and AI models in real recordings." in "\n".join(
        card_section(real)
    )
    flat = flat_figures(evaluation)
    assert (flat["nights_of_one"], flat["kappa_of_one"]) == (2, partial["kappa"])
    assert flat["kappa_beside_one"] == same["kappa"]
    assert "nights_of_whole" not in flat, "of the same nights as the bundle's own"
    note = f"one read 2 of 3 nights. Left out: {left['night']} ({left['why']})."
    assert note in output.out
    page = (out / "report.html").read_text()
    assert note.replace("<", "&lt;").replace(">", "&gt;") in page
    for text in (output.out, page):
        assert "rules, same nights as one" in text


def test_a_baseline_that_can_read_no_night_says_why(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    with_baselines(monkeypatch, none=[1])
    few = [*SHORT, "--nights", "1", "--every", "8", "--out", str(tmp_path / "out")]
    assert main(["--bundle", "rules", *few]) == 0
    assert "it can read none of these nights: At least 5 minutes" in capsys.readouterr().out
    result = json.loads((tmp_path / "out" / "result.json").read_text())["baselines"]["none"]
    assert (result["nights"], len(result["left_out"])) == (0, 1)


@pytest.mark.torch
def test_a_checkpoint_is_judged_beside_the_rule_reader(
    taught_bundle: Path, tiny_bundle: Path, capsys: pytest.CaptureFixture[str]
):
    few = [*SHORT, "--nights", "1", "--every", "8", "--json"]
    assert main(["--bundle", str(taught_bundle), *few]) == 0
    always_n2 = json.loads(capsys.readouterr().out)
    assert (always_n2["epochs"], always_n2["unparsed"]) == (3, 0.0)
    assert [row[2] for row in always_n2["confusion"]] == [
        sum(row) for row in always_n2["confusion"]
    ]
    assert always_n2["baselines"]["rules"]["epochs"] == 3
    assert main(["--bundle", str(tiny_bundle), *few]) == 0
    noise = json.loads(capsys.readouterr().out)
    assert (noise["unparsed"], noise["kappa"]) == (1.0, None)
    assert sum(noise["faults"].values()) == 3


def test_what_cannot_be_judged_is_said_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["--bundle", str(tmp_path / "nothing"), *SHORT]) == 1
    assert "There is no bundle.toml" in capsys.readouterr().err
    assert main(["--bundle", "rules", "--baselines", "--data", str(tmp_path)]) == 1
    assert "There is no recording" in capsys.readouterr().err
    assert main(["--bundle", "rules"]) == 1
    assert "No nights are named" in capsys.readouterr().err


def test_learning_curves_are_put_in_order_and_none_is_an_error(logs: Path, tmp_path: Path):
    assert read_curves(logs) == {"loss": [(1, 2.0), (2, 1.5)]}
    with pytest.raises(TrainingError, match="no learning curve"):
        read_curves(tmp_path)


def labelled(rows: str, folder: Path) -> None:
    (folder / "coarse").mkdir(parents=True)
    (folder / "coarse" / "S1.csv").write_text(
        f"custom_id,Subject,N,Stage,applicable_rules\n{rows}", "utf-8"
    )


def test_nights_of_a_folder_are_judged_by_its_labels(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    night = simulate_night(hours=0.1, seed=5, subject="S1")
    write_mass_files(night, tmp_path / "nights")
    staged = [stage for stage in night.stages if stage is not None]
    rows = [f"S1#{n}_{stage},S1,{n},{stage},\n" for n, stage in enumerate(staged)]
    labelled("".join(rows), tmp_path / "labels")
    where = ["--data", str(tmp_path / "labels"), "--recordings", str(tmp_path / "nights")]
    options = ["--bundle", "rules", *where, "--baselines", "--json"]
    assert main(options) == 1
    assert "no night for test" in capsys.readouterr().err
    assert main([*options, "--part", "train"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["subjects"], result["epochs"]) == (1, len(staged))
    assert result["rule_iou"] is None, "these labels cite no rules"
    assert "event_recall" not in result, "what is in a recording is not known"
    assert result["intervals"]["accuracy"] == [None, None]


def test_recordings_with_stage_files_are_judged_by_stage_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    nights = tmp_path / "nights"
    for subject in ("S1", "S12"):  # the first name is the beginning of the second
        files = write_mass_files(simulate_night(hours=0.05, seed=5, subject=subject), nights)
    stages = read_entries(files.base)
    codes = {"W": "0", "N1": "1", "N2": "2", "N3": "3", "R": "4"}
    written = [f"{each.onset_s},{codes[each.stage]}" for each in stages if each.stage]
    (nights / "S12 second scorer.csv").write_text("\n".join(["onset_s,stage", *written]))
    options = ["--bundle", "rules", "--baselines", "--json", "--cache", str(tmp_path / "cache")]
    assert main([*options, "--data", str(nights)]) == 1
    assert "S12 second scorer.csv" in (output := capsys.readouterr().err)
    assert "--codes yasa|profusion" in output
    with_codes = parser().parse_args([*options, "--data", str(nights), "--codes", "yasa"])
    scorers = [len(make()) for make in source_of(with_codes).recordings]
    assert scorers == [1, 2], "who scored one recording stays together: readers are asked once"
    assert main([*options, "--data", str(nights), "--codes", "yasa"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["on"] == "recordings of nights: 2, stage files: 3"
    assert (result["subjects"], result["epochs"]) == (2, 3 * len(stages))
    assert result["kappa"] is not None
    assert result["rule_iou"] is None
    assert main([*options, "--recordings", str(nights)]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["epochs"], result["kappa"], result["unparsed"]) == (0, None, 0.0)
    assert sum(result["said"].values()) == result["replies"] == 2 * len(stages)
    assert result["claims"]["supported"] > 0
    strangers = tmp_path / "strangers"
    strangers.mkdir()
    (strangers / "S3.csv").write_text("onset_s,stage\n0,W\n")
    assert main([*options, "--data", str(strangers), "--recordings", str(nights)]) == 1
    assert "no labels of these recordings" in capsys.readouterr().err


@pytest.mark.real_data
def test_a_real_recording_without_stages_is_read_and_its_claims_are_checked(
    real_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    where = ["--recordings", str(real_data / "psg-ipa"), "--cache", str(tmp_path / "cache")]
    out = ["--out", str(tmp_path / "out"), "--json"]
    assert main(["--bundle", "rules", "--baselines", *out, *where]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["replies"], result["unparsed"], result["kappa"]) == (5, 0.0, None)
    assert result["claims"]["supported"] > 0
    assert result["claims"]["cannot_tell"] < result["claims"]["supported"], (
        "it states what is known"
    )
    assert result["verdicts_by"] == "real recordings"
    assert "contradicted" not in result["claims"], "the reader writes what it measured"
    assert (tmp_path / "out" / "report.html").stat().st_size > 0


@pytest.mark.long
def test_it_runs_where_django_and_plotly_are_not():
    code = (
        "import sys; sys.modules.update(django=None, plotly=None);"
        "import inference.training.choose, inference.training.evaluate;"
        "assert 'torch' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
