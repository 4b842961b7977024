"""Web processes import no library of models or tables."""

import subprocess
import sys

import pytest

WEB = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "epochwise.settings"
import django
django.setup()
import epochwise.urls, epochwise.wsgi, inference.tasks, inference.runs.entry
from django.urls import get_resolver
get_resolver().url_patterns
import sys
print(sorted({"torch", "transformers", "tokenizers", "pandas", "pyarrow"} & set(sys.modules)))
"""


@pytest.mark.long
def test_the_web_imports_no_library_of_models_or_of_tables():
    path = ["import sys", "sys.path[:0] = ['.', 'platform']", WEB]
    done = subprocess.run([sys.executable, "-c", "\n".join(path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
