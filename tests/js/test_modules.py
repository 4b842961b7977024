"""What of the pages needs no browser, tested in JavaScript with the Node of Playwright."""

import subprocess
from pathlib import Path

import pytest
from playwright._impl._driver import compute_driver_executable

HERE = Path(__file__).parent
NODE = compute_driver_executable()[0]


def name_of(path: Path) -> str:
    return str(path.relative_to(HERE)).removesuffix(".test.mjs")


@pytest.mark.parametrize("module", sorted(HERE.rglob("*.test.mjs")), ids=name_of)
def test_module(module: Path) -> None:
    run = subprocess.run(
        [NODE, "--test", str(module)], capture_output=True, text=True, timeout=300, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
