"""Web processes stay light: what they import brings in no model library."""

import subprocess
import sys

WEB = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "epochwise.settings"
import django
django.setup()
import epochwise.urls, epochwise.wsgi, inference.tasks, inference.entry
from django.urls import get_resolver
get_resolver().url_patterns
import sys
print(sorted({"torch", "transformers", "tokenizers"} & set(sys.modules)))
"""


def test_the_web_imports_neither_torch_nor_transformers():
    path = ["import sys", "sys.path[:0] = ['.', 'platform']", WEB]
    done = subprocess.run([sys.executable, "-c", "\n".join(path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
