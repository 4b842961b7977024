"""The tables of formats in the documentation are those of the readers."""

import subprocess
import sys

from psg.readers import FORMATS
from tests.helpers.running_site import ROOT


def test_the_tables_of_formats_are_up_to_date():
    command = [sys.executable, "scripts/format_tables.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_every_format_says_where_it_is_described():
    for format in FORMATS:
        assert format.description.startswith("https://")
        assert format.reads.endswith(".")
        assert format.refuses.endswith(".")
