"""Programs that serve a model with the OpenAI protocol, and how they are started."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from epochwise.serving.model import Serving
from inference.bundles.reading import SERVERS_VARIABLE

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Launch:
    """A server that is to be started: its port, its key and its card."""

    port: int
    key: str
    card: str = ""


@dataclass(frozen=True)
class ServerProgram:
    """A program that serves a model.

    Attributes
    ----------
    find
        Returns the beginning of the command; None if the program is not installed.
    arguments, environment
        Return the rest of the command, and variables in addition to those of this process.
    takes_key
        Whether it refuses requests without the key.
    served_name
        Returns the name of the model in requests.
    """

    name: str
    install: str
    find: Callable[[], list[str] | None]
    arguments: Callable[[Serving, Launch], Sequence[str]]
    environment: Callable[[Launch], dict[str, str]]
    takes_key: bool
    served_name: Callable[[Serving], str]


_OF_THE_SITE = (
    "PYTHONPATH",  # vLLM lives in an environment of its own
    "SECRET_KEY",
    "DATABASE_URL",
    "REDIS_URL",
    "EMAIL_HOST_PASSWORD",
    SERVERS_VARIABLE,
)


def server_environment(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the variables for a server: those of this process without the secrets of the site."""
    return {name: value for name, value in environment.items() if not name.startswith(_OF_THE_SITE)}


def visible_cards() -> list[str]:
    """Return the graphics cards that this process may use."""
    if (named := os.environ.get("CUDA_VISIBLE_DEVICES")) is not None:
        return [card.strip() for card in named.split(",") if card.strip() not in {"", "-1"}]
    if not (program := shutil.which("nvidia-smi")):
        return []
    command = [program, "--query-gpu=index", "--format=csv,noheader"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    return listed.stdout.split() if listed.returncode == 0 else []


def _of_card(launch: Launch) -> dict[str, str]:
    return {"CUDA_VISIBLE_DEVICES": launch.card} if launch.card else {}


# vLLM.


def _find_vllm() -> list[str] | None:
    beside = Path(sys.executable).with_name("vllm")
    program = str(beside) if beside.exists() else shutil.which("vllm")
    return [program, "serve"] if program else None


def _vllm_arguments(serving: Serving, launch: Launch) -> list[str]:
    flags = {
        "--host": HOST,
        "--port": str(launch.port),
        "--served-model-name": serving.model,
        "--max-model-len": str(serving.context),
        "--limit-mm-per-prompt": json.dumps({"image": 3}),
        "--dtype": serving.dtype,
        "--max-num-seqs": str(serving.requests),
        "--gpu-memory-utilization": str(serving.memory_percent / 100),
        # Its own defaults, and not those of the checkpoint: bundles set how replies are decoded.
        "--generation-config": "vllm",
    }
    if serving.pixels:
        flags["--mm-processor-kwargs"] = json.dumps(serving.pixels)
    if serving.quantisation:
        flags["--quantization"] = serving.quantisation
    return [str(serving.checkpoint), *(part for flag in flags.items() for part in flag)]


def _vllm_environment(launch: Launch) -> dict[str, str]:
    # The key is not in the command, which every account of the machine can read.
    return {
        **_of_card(launch),
        "VLLM_API_KEY": launch.key,
        "HF_HUB_OFFLINE": "1",
        "VLLM_NO_USAGE_STATS": "1",
        "DO_NOT_TRACK": "1",
    }


# The server of the library transformers, which also runs without a graphics card.


def _find_transformers() -> list[str] | None:
    from importlib.util import find_spec

    needs = ("torch", "transformers", "fastapi", "uvicorn")
    installed = all(find_spec(name) is not None for name in needs)
    return [sys.executable, "-m", "transformers.cli.transformers", "serve"] if installed else None


def _transformers_arguments(serving: Serving, launch: Launch) -> list[str]:
    device = "cuda" if visible_cards() else "cpu"
    flags = ["--host", HOST, "--port", str(launch.port), "--device", device]
    return [str(serving.checkpoint), *flags, "--dtype", serving.dtype]


def _transformers_environment(launch: Launch) -> dict[str, str]:
    return {**_of_card(launch), "HF_HUB_OFFLINE": "1"}


PROGRAMS = {
    program.name: program
    for program in (
        ServerProgram(
            name="vllm",
            install=(
                "vLLM needs a Linux machine with a graphics card and an environment of its own: "
                "python3 -m venv /opt/vllm && /opt/vllm/bin/pip install vllm && "
                "export PATH=$PATH:/opt/vllm/bin"
            ),
            find=_find_vllm,
            arguments=_vllm_arguments,
            environment=_vllm_environment,
            takes_key=True,
            served_name=lambda serving: serving.model,
        ),
        ServerProgram(
            name="transformers",
            install="make install INFERENCE=1 && .venv/bin/pip install 'transformers[serving]'",
            find=_find_transformers,
            arguments=_transformers_arguments,
            environment=_transformers_environment,
            takes_key=False,
            # It knows its model by the path and refuses every other name.
            served_name=lambda serving: str(serving.checkpoint),
        ),
    )
}
