"""Flags of servers, from the bundle and its checkpoint."""

import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from epochwise.serving.model import serving_of
from epochwise.serving.programs import PROGRAMS, Launch, server_environment, visible_cards
from inference.bundles import BundleError, read_bundle
from tests.helpers.model_server import write_server_bundle

KEY = "sk-only-for-tests"


@pytest.fixture
def bundle(tmp_path):
    def write(serving="", config=None, preprocessor=None, **changes):
        write_server_bundle(tmp_path)
        text = (tmp_path / "bundle.toml").read_text()
        text = 'checkpoint = "checkpoint"\n' + text + "\n" + serving
        for old, new in changes.values():
            assert old in text
            text = text.replace(old, new)
        (tmp_path / "bundle.toml").write_text(text)
        checkpoint = tmp_path / "checkpoint"
        checkpoint.mkdir()
        config = {"architectures": ["Qwen2_5_VLForConditionalGeneration"], **(config or {})}
        (checkpoint / "config.json").write_text(json.dumps(config))
        if preprocessor is not None:
            (checkpoint / "preprocessor_config.json").write_text(preprocessor)
        return tmp_path

    return write


@pytest.fixture(autouse=True)
def any_checkpoint(monkeypatch):
    monkeypatch.setattr("inference.bundles.reading.check_checkpoint", lambda folder: None)


def flags_of(folder, name="vllm"):
    arguments = PROGRAMS[name].arguments(serving_of(read_bundle(folder)), Launch(8101, KEY, "1"))
    return dict(zip(arguments[1::2], arguments[2::2], strict=True))


def test_flags_come_from_the_bundle(bundle):
    serving = (
        '[serving]\ncontext = 6000\nmin_pixels = 3136\nmax_pixels = 1003520\ndtype = "float16"\n'
        'quantisation = "auto-round"\nrequests = 256\nmemory_percent = 45'
    )
    flags = flags_of(bundle(serving))
    assert flags["--max-model-len"] == "6000"
    assert json.loads(flags["--mm-processor-kwargs"]) == {
        "min_pixels": 3136,
        "max_pixels": 1003520,
    }
    assert (flags["--dtype"], flags["--quantization"]) == ("float16", "auto-round")
    assert (flags["--max-num-seqs"], flags["--gpu-memory-utilization"]) == ("256", "0.45")
    assert (flags["--host"], flags["--port"]) == ("127.0.0.1", "8101")
    assert flags["--served-model-name"] == "tiny"
    assert json.loads(flags["--limit-mm-per-prompt"]) == {"image": 3}


def test_without_settings_the_checkpoint_decides(bundle):
    folder = bundle(
        config={"text_config": {"max_position_embeddings": 128_000}},
        preprocessor='{"min_pixels": 3136, "size": {"longest_edge": 1003520}}',
    )
    flags = flags_of(folder)
    assert flags["--max-model-len"] == str(4096 + 1024)
    assert json.loads(flags["--mm-processor-kwargs"]) == {
        "min_pixels": 3136,
        "max_pixels": 1003520,
    }
    assert flags["--dtype"] == "auto"
    assert "--quantization" not in flags


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"max_position_embeddings": 2048}, 2048),
        ({"max_position_embeddings": "many"}, 5120),
        ({"text_config": [], "max_position_embeddings": 4000}, 4000),
        ({}, 5120),
    ],
)
def test_the_context_is_never_longer_than_that_of_the_model(bundle, config, expected):
    assert flags_of(bundle(config=config))["--max-model-len"] == str(expected)


def test_the_key_is_in_no_command_and_nothing_is_fetched_or_reported(bundle):
    serving = serving_of(read_bundle(bundle()))
    launch = Launch(8101, KEY, "1")
    for program in PROGRAMS.values():
        assert KEY not in " ".join(program.arguments(serving, launch))
        environment = program.environment(launch)
        assert environment["HF_HUB_OFFLINE"] == "1"
        assert environment["CUDA_VISIBLE_DEVICES"] == "1"
    vllm = PROGRAMS["vllm"].environment(launch)
    assert (vllm["VLLM_API_KEY"], vllm["VLLM_NO_USAGE_STATS"]) == (KEY, "1")


@pytest.mark.parametrize(
    ("serving", "says"),
    [
        ("[serving]\ncontext = -1", "context"),
        ("[serving]\nrequests = 0", "requests"),
        ("[serving]\nmemory_percent = 100", "memory_percent"),
        ('[serving]\ndtype = "int4"', "dtype"),
        ('[serving]\nquantisation = "awq --trust-remote-code"', "quantisation"),
        ("[serving]\nflags = 3", "flags"),
    ],
)
def test_settings_that_are_none_are_refused(bundle, serving, says):
    with pytest.raises(BundleError, match=says):
        read_bundle(bundle(serving))


def test_a_checkpoint_whose_settings_cannot_be_read_is_refused(bundle):
    with pytest.raises(BundleError, match="not valid JSON"):
        flags_of(bundle(preprocessor="{"))


def test_a_bundle_that_a_worker_loads_itself_is_refused(bundle):
    folder = bundle(adapter=('adapter = "openai"', 'adapter = "sleepvlm"'))
    with pytest.raises(BundleError, match="needs no server"):
        serving_of(read_bundle(folder))


def test_a_bundle_without_weights_is_refused(bundle):
    folder = bundle(checkpoint=('checkpoint = "checkpoint"\n', ""))
    with pytest.raises(BundleError, match="no checkpoint"):
        serving_of(read_bundle(folder))


@pytest.mark.parametrize(
    ("named", "cards"), [("", []), ("-1", []), ("0", ["0"]), ("2, 3", ["2", "3"])]
)
def test_cards_that_this_process_may_not_use_get_no_server(monkeypatch, named, cards):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", named)
    assert visible_cards() == cards


def test_a_server_gets_no_secret_of_the_site_and_none_of_its_packages():
    given = {
        "PATH": "/bin",
        "HF_HOME": "/models",
        "SECRET_KEY": "a",
        "DATABASE_URL": "b",
        "MODEL_SERVERS_W4A16_KEY": "c",
        "PYTHONPATH": "platform",
    }
    assert server_environment(given) == {"PATH": "/bin", "HF_HOME": "/models"}


@pytest.mark.django_db
def test_the_command_refuses_in_words(bundle, monkeypatch):
    folder = bundle()
    monkeypatch.setattr("epochwise.serving.programs.shutil.which", lambda name: None)
    monkeypatch.setattr("inference.bundles.checkpoint.weights_sha256", lambda folder: "")
    with pytest.raises(CommandError, match="There is no bundle “nobody”"):
        call_command("serve_model", "nobody")
    with pytest.raises(CommandError, match="numbers of cards"):
        call_command("serve_model", str(folder), "--cards", "0,all")
    with pytest.raises(CommandError, match=r"vllm is not installed.*pip install vllm"):
        call_command("serve_model", str(folder))
