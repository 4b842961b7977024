"""The source tree keeps its promises."""

import platform
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_the_platform_folder_does_not_shadow_the_standard_library():
    assert platform.system()
    assert not list((ROOT / "platform").glob("*.py"))


def test_the_web_site_runs_without_torch_or_transformers():
    """Web processes must start on machines where neither is installed."""
    code = (
        "import sys, django; django.setup();"
        "import epochwise.urls, epochwise.wsgi;"
        "sys.exit(', '.join({'torch', 'transformers'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
