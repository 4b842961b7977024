"""A real model server, as `serve_model --program transformers` starts it for a real checkpoint."""

import json
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from epochwise.serving.fleet import Fleet, Place
from epochwise.serving.model import serving_of
from epochwise.serving.programs import PROGRAMS
from inference.adapters import NightToScore, served
from inference.adapters.openai.adapter import load
from inference.bundles import BundleSpec, read_bundle
from psg.montage import DERIVATIONS
from psg.night import ArrayNight
from tests.helpers.model_server import write_server_bundle
from tests.helpers.prescoring import TINY_REPLY

pytestmark = [pytest.mark.torch, pytest.mark.long]
CHAT = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{% for p in m.content %}"
    "{% if p.type == 'image' %}<|vision_start|><|image_pad|><|vision_end|>"
    "{% else %}{{ p.text }}{% endif %}{% endfor %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


@pytest.fixture
def spec(taught_bundle: Path, tmp_path: Path) -> BundleSpec:
    """The taught checkpoint with what a server needs beside it: a chat form and a processor.

    The processor of the architecture needs torchvision; this one does the same to images alone.
    """
    folder = tmp_path / "checkpoint"
    shutil.copytree(taught_bundle / "checkpoint", folder)
    (folder / "chat_template.jinja").write_text(CHAT)
    (folder / "processor_config.json").write_text('{"processor_class": "PaddleOCRVLProcessor"}')
    config = json.loads((folder / "tokenizer_config.json").read_text())
    config["extra_special_tokens"] = {"image_token": "<|image_pad|>"}
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    write_server_bundle(tmp_path, concurrency=2)
    toml = tmp_path / "bundle.toml"
    toml.write_text(
        'checkpoint = "checkpoint"\n' + toml.read_text() + "\n[serving]\nrequests = 2\n"
    )
    return read_bundle(tmp_path)


@pytest.fixture
def fleet(spec: BundleSpec, tmp_path: Path, monkeypatch) -> Iterator[Fleet]:
    monkeypatch.setattr(served, "_folders", [])
    served.look_in(tmp_path / "model-servers")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    fleet = Fleet(
        program=PROGRAMS["transformers"],
        serving=serving_of(spec),
        cards=[],
        place=Place(port, tmp_path / "log", tmp_path / "model-servers"),
        env={**os.environ, "HF_HOME": str(tmp_path), "OMP_NUM_THREADS": "1"},
        say=lambda text: None,
    )
    yield fleet
    fleet.stop()


def test_a_real_server_that_cannot_guide_replies_answers_in_plain_mode(fleet, spec, noise_epochs):
    fleet.start()
    adapter = load(spec, {})
    assert adapter.about == {
        "model": "tiny",
        "servers": 1,
        "guided": "none",
        "repetition_penalty": "as the server sets it",
    }
    night = NightToScore("three", ArrayNight(DERIVATIONS, noise_epochs[:3]))
    replies = [reply for group in adapter.replies(night, [0, 1]) for reply in group]
    assert {(reply.text, reply.error) for reply in replies} == {(TINY_REPLY, "")}
