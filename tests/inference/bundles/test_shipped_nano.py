"""The built-in SleepVLM-nano: complete, small, described in its card, and able to score."""

import hashlib
import json
import struct
from pathlib import Path

import pytest

from inference.bundles import BUILT_IN_SLEEPVLM, read_bundle
from inference.bundles.checkpoint import weight_files, weights_sha256
from inference.training.evaluation.counting import reference_of
from inference.training.evaluation.readers import answer_night, bundle_folder, load_reader
from psg.render import RENDERER_VERSION
from psg.rules.editions import DEFAULT_EDITION

FOLDER = bundle_folder(BUILT_IN_SLEEPVLM)
MOST_OF_A_SHARD, MOST_OF_ALL = 15_000_000, 32_000_000


def dtypes(path: Path) -> set[str]:
    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
    return {tensor["dtype"] for name, tensor in header.items() if name != "__metadata__"}


def test_every_file_is_there_as_it_was_hashed():
    lines = (FOLDER / "SHA256SUMS").read_text().splitlines()
    sums = dict(line.split("  ", 1)[::-1] for line in lines)
    files = [path for path in FOLDER.rglob("*") if path.is_file() and path.name != "SHA256SUMS"]
    assert {path.relative_to(FOLDER).as_posix() for path in files} == set(sums)
    for path in files:
        name = path.relative_to(FOLDER).as_posix()
        assert hashlib.sha256(path.read_bytes()).hexdigest() == sums[name], name


def test_weights_are_small_and_in_half_precision():
    spec = read_bundle(FOLDER)
    shards = weight_files(spec.checkpoint)
    assert set.union(*(dtypes(path) for path in shards)) == {"BF16"}
    assert max(path.stat().st_size for path in shards) <= MOST_OF_A_SHARD
    assert sum(path.stat().st_size for path in FOLDER.rglob("*")) <= MOST_OF_ALL


def test_it_was_trained_on_the_images_and_rules_of_today():
    spec = read_bundle(FOLDER)
    assert spec.name == BUILT_IN_SLEEPVLM
    assert spec.renderer_version == RENDERER_VERSION
    assert spec.edition.id == DEFAULT_EDITION


def test_the_card_tells_the_figures_of_these_very_weights():
    spec = read_bundle(FOLDER)
    card = (FOLDER / "README.md").read_text()
    assert weights_sha256(spec.checkpoint) in card
    assert "a simulated kappa is not a clinical kappa" in card
    assert any("held-out subjects" in measured["on"] for measured in spec.measured)
    for measured in spec.measured:
        title = f"\n### {measured['on'][:1].upper()}{measured['on'][1:]}\n"
        assert title in card
        section = card.partition(title)[2].partition("\n### ")[0]
        figures = {key: value for key, value in measured.items() if isinstance(value, float)}
        assert [key for key, value in figures.items() if f"{value:.3f}" not in section] == []
        bounds = [value for key, value in measured.items() if key.endswith("_95")]
        assert [text for text in bounds if text not in section] == []


@pytest.mark.torch
def test_it_reads_a_held_out_night_in_the_form_it_was_taught():
    from inference.training.data.nights import TEST
    from inference.training.data.simulated import COHORTS, simulated_night
    from psg.simulate import cohort_seeds

    night = simulated_night(cohort_seeds(COHORTS[TEST], 1)[0], part=TEST, hours=0.1)
    reader = load_reader(BUILT_IN_SLEEPVLM)
    reference = reference_of(night)
    answers = answer_night(
        reader.adapter, reference.night, [0, 5, 11], rule_ids=reader.spec.edition.rule_ids
    )
    assert answers.faults == {}
    assert sorted(answers.parsed) == [0, 5, 11]
    assert all(reply.rationale for reply in answers.parsed.values())
    assert any(reply.rules for reply in answers.parsed.values())
    for answer in answers.by_epoch.values():
        assert sum((answer.raw.probabilities or {}).values()) == pytest.approx(1, abs=1e-4)
