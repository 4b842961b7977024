"""What of the pages needs no browser, tested in JavaScript with the Node of Playwright."""

from pathlib import Path

import pytest

from annotations.templatetags.registries import registries_for_browser
from tests.helpers.node import run_node

HERE = Path(__file__).parent


def name_of(path: Path) -> str:
    return str(path.relative_to(HERE)).removesuffix(".test.mjs")


@pytest.mark.parametrize("module", sorted(HERE.rglob("*.test.mjs")), ids=name_of)
def test_module(module: Path) -> None:
    run = run_node("--test", str(module), registries=registries_for_browser())
    assert run.returncode == 0, run.stdout + run.stderr
