"""Rules for the layout of the source tree."""

import platform
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_platform_folder_does_not_shadow_the_standard_library():
    assert platform.system()
    assert not list((ROOT / "platform").glob("*.py"))
