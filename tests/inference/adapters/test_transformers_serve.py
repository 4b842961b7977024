"""The adapter for model servers with `transformers serve` and a real checkpoint."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from inference.adapters import AdapterAwayError, NightToScore
from inference.adapters.openai.adapter import load
from inference.bundles import BundleSpec
from psg.montage import DERIVATIONS
from psg.night import ArrayNight
from tests.helpers.model_server import served_spec
from tests.helpers.prescoring import TINY_REPLY

pytestmark = [pytest.mark.torch, pytest.mark.long]
WITHIN_S = 120
CHAT = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{% for p in m.content %}"
    "{% if p.type == 'image' %}<|vision_start|><|image_pad|><|vision_end|>"
    "{% else %}{{ p.text }}{% endif %}{% endfor %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


@pytest.fixture
def checkpoint(taught_bundle: Path, tmp_path: Path) -> Path:
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
    return folder


@pytest.fixture
def address(checkpoint: Path, tmp_path: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "transformers.cli.transformers", "serve", str(checkpoint)]
    command += ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    env = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path), "OMP_NUM_THREADS": "1"}
    with (tmp_path / "serve.log").open("wb") as log:
        process = subprocess.Popen(command, env=env, stdout=log, stderr=log)
    yield f"http://127.0.0.1:{port}/v1"
    process.kill()
    process.wait()


def loaded(spec: BundleSpec, address: str):  # the first answer may take as long as the loading
    deadline = time.monotonic() + WITHIN_S
    while True:
        try:
            return load(spec, {"MODEL_SERVERS": address})
        except AdapterAwayError:
            assert time.monotonic() < deadline, "the server did not come up"
            time.sleep(0.3)


def test_a_real_server_that_cannot_guide_replies_answers_in_plain_mode(
    address, checkpoint, noise_epochs, tmp_path
):
    spec = served_spec(tmp_path, concurrency=2)
    spec = replace(spec, server=spec.server.model_copy(update={"model": str(checkpoint)}))
    adapter = loaded(spec, address)
    assert adapter.about["guided"] == "none"
    night = NightToScore("three", ArrayNight(DERIVATIONS, noise_epochs[:3]))
    replies = [reply for group in adapter.replies(night, [0, 1]) for reply in group]
    assert {(reply.text, reply.error) for reply in replies} == {(TINY_REPLY, "")}
