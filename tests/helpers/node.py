"""The Node of Playwright, with what the modules of the pages need when they load."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from playwright._impl._driver import compute_driver_executable

NODE = compute_driver_executable()[0]
PRELOAD = Path(__file__).resolve().parents[1] / "js/registries.mjs"


def run_node(*arguments: str, registries: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    """Run Node on modules of the pages, with the registries that a page would carry."""
    return subprocess.run(
        [NODE, "--import", PRELOAD.as_uri(), *arguments],
        env={**os.environ, "REGISTRIES": json.dumps(registries)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
