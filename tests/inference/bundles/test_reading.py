"""Allowed and refused content of a bundle folder, checked before loading."""

import json
import shutil
import struct
from pathlib import Path

import pytest

from inference.bundles import BundleError, read_bundle
from inference.bundles import checkpoint as hashing
from inference.prompts import PUBLISHED_LABELS
from inference.registry.bundles import built_in_folder
from psg.montage import DERIVATIONS, Derivation
from tests.helpers.prescoring import write_bundle


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A bundle with a checkpoint of one tiny tensor."""
    checkpoint = tmp_path / "checkpoint"
    checkpoint.mkdir()
    (checkpoint / "config.json").write_text('{"model_type": "qwen2_5_vl"}')
    (checkpoint / "tokenizer.json").write_text("{}")
    header = b'{"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}'
    weights = struct.pack("<Q", len(header)) + header + b"\0\0\0\0"
    (checkpoint / "model.safetensors").write_bytes(weights)
    return write_bundle(tmp_path)


def change(bundle: Path, old: str, new: str) -> None:
    path = bundle / "bundle.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def refused(bundle: Path) -> str:
    with pytest.raises(BundleError) as error:
        read_bundle(bundle)
    return str(error.value)


def test_the_built_in_bundle_needs_nothing_but_itself():
    spec = read_bundle(built_in_folder("rules"))
    assert (spec.name, spec.adapter, spec.checkpoint) == ("rules", "rules", None)


def test_a_bundle_is_read_with_the_published_form_of_prompt_and_reply(bundle):
    spec = read_bundle(bundle)
    assert spec.prompt.labels == PUBLISHED_LABELS
    assert spec.prompt.labels[0] == "Preceding epoch N\u20111: "
    assert spec.prompt.keys == ("reasoning_text", "applicable_rules", "sleep_stage")
    assert spec.channels == DERIVATIONS
    assert spec.decoding.batch_size == 4


def test_labels_order_and_fence_are_settings_of_the_bundle(bundle):
    change(
        bundle,
        'file = "prompt.md"',
        'file = "prompt.md"\nfence = false\nlabels = ["a", "b", "c"]\nkeys = ["sleep_stage"]',
    )
    prompt = read_bundle(bundle).prompt
    assert (prompt.fence, prompt.labels, prompt.keys) == (False, ("a", "b", "c"), ("sleep_stage",))


def test_a_coarse_bundle_gets_a_prompt_that_asks_for_no_rationale(bundle):
    change(bundle, "[prompt]\nfile", 'track = "coarse"\n[prompt]\nfile')
    change(bundle, 'file = "prompt.md"', "")
    prompt = read_bundle(bundle).prompt
    assert prompt.keys == ("applicable_rules", "sleep_stage")
    assert "reasoning_text" not in prompt.system


def test_the_prompt_names_the_rules_and_the_bands_of_the_night():
    spec = read_bundle(built_in_folder("rules"))
    assert all(f"- {rule} " in spec.prompt.system for rule in spec.edition.rule_ids)
    assert "6. Chin" in spec.prompt.system
    without_chin = spec.prompt_for((Derivation.F4, Derivation.E1)).system
    assert "2. E1-M2" in without_chin
    assert "Chin (EMG" not in without_chin


def test_another_word_in_the_prompt_is_another_hash(bundle):
    before = read_bundle(bundle).prompt.sha256
    assert read_bundle(bundle).prompt.sha256 == before
    (bundle / "prompt.md").write_text("Stage it.")
    assert read_bundle(bundle).prompt.sha256 != before


def test_other_weights_are_another_hash(bundle):
    checkpoint = bundle / "checkpoint"
    before = hashing.weights_sha256(checkpoint)
    weights = checkpoint / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\1")
    assert hashing.weights_sha256(checkpoint) != before


@pytest.mark.parametrize("name", ["pytorch_model.bin", "x.pt", "deep/x.pkl", "x.PTH", "x.ckpt"])
def test_files_that_can_run_code_when_opened_are_refused(bundle, name):
    path = bundle / "checkpoint" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"")
    assert "can run code" in refused(bundle)


def test_code_in_a_checkpoint_is_refused(bundle):
    (bundle / "checkpoint" / "modeling_own.py").write_text("print()")
    assert "must not contain code" in refused(bundle)


def test_a_config_that_asks_for_its_own_code_is_refused(bundle):
    config = {"model_type": "qwen2_5_vl", "auto_map": {"AutoModel": "own.Model"}}
    (bundle / "checkpoint" / "config.json").write_text(json.dumps(config))
    assert "auto_map" in refused(bundle)


@pytest.mark.parametrize("keep", [0, 4, 30, -1])
def test_weights_copied_in_part_are_told_from_whole_ones(bundle, keep):
    weights = bundle / "checkpoint" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:keep])
    assert "only in part" in refused(bundle)


def test_a_missing_shard_is_named(bundle):
    index = {"weight_map": {"a": "model.safetensors", "b": "model-00002.safetensors"}}
    (bundle / "checkpoint" / "model.safetensors.index.json").write_text(json.dumps(index))
    assert "model-00002.safetensors is missing" in refused(bundle)


def test_a_shard_outside_the_folder_is_refused(bundle):
    index = {"weight_map": {"a": "../../secret.safetensors"}}
    (bundle / "checkpoint" / "model.safetensors.index.json").write_text(json.dumps(index))
    assert "missing" in refused(bundle)


def test_another_architecture_is_refused(bundle):
    (bundle / "checkpoint" / "config.json").write_text('{"model_type": "llama"}')
    assert "llama" in refused(bundle)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.safetensors"])
def test_a_missing_file_of_the_checkpoint_is_named(bundle, name):
    (bundle / "checkpoint" / name).unlink()
    assert name.split(".")[-1] in refused(bundle)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('name = "tiny"', "", "“name” is missing"),
        ('name = "tiny"', 'name = "Tiny!"', "not a bundle name"),
        ('licence = "CC0-1.0"', "", "“licence” is missing"),
        ('checkpoint = "checkpoint"', 'checkpoint = "../.."', "not in the bundle folder"),
        ('file = "prompt.md"', 'file = "none.md"', "not in the bundle folder"),
        ('file = "prompt.md"', 'file = "/etc/hostname"', "not in the bundle folder"),
        ("batch_size = 4", "batch_size = 300", "must be 0 to"),
        ("batch_size = 4", "batch_size = true", "wrong type"),
        ("batch_size = 4", 'batch_size = "4"', "wrong type"),
        ("batch_size = 4", "batchsize = 4", "Unknown keys: batchsize"),
        ('name = "tiny"', 'name = "tiny"\ntrust_remote_code = true', "Unknown keys"),
        ('name = "tiny"', 'name = "tiny"\ntrack = "gold"', "Use fine or coarse"),
        ('name = "tiny"', 'name = "tiny"\nrule_edition = "x"', "nknown rule edition"),
        ('name = "tiny"', 'name = "tiny"\nchannels = ["Fz"]', "Fz"),
        ('name = "tiny"', 'name = "tiny', "not valid TOML"),
        ('file = "prompt.md"', 'file = "prompt.md"\nlabels = ["a"]', "three texts"),
    ],
)
def test_a_wrong_setting_is_refused_with_words(bundle, old, new, says):
    change(bundle, old, new)
    assert says in refused(bundle)


def test_a_folder_without_bundle_toml_says_what_is_missing(tmp_path):
    assert "no bundle.toml" in refused(tmp_path)


def test_a_prompt_that_is_not_text_is_refused(bundle):
    (bundle / "prompt.md").write_bytes(b"\xff\xfe\x00")
    assert "UTF-8" in refused(bundle)


def test_a_copied_bundle_has_the_same_hashes(bundle, tmp_path_factory):
    copy = tmp_path_factory.mktemp("copy") / "bundle"
    shutil.copytree(bundle, copy)
    assert hashing.weights_sha256(copy / "checkpoint") == hashing.weights_sha256(
        bundle / "checkpoint"
    )
    assert read_bundle(copy).prompt.sha256 == read_bundle(bundle).prompt.sha256
