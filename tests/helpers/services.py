"""Real PostgreSQL and Redis for a test process, in a folder that goes with it.

Loaded with `-p`, before pytest-django reads the settings, because those name the servers. Every
process of a parallel run has servers of its own, so that no worker meets another's tasks.
"""

import gc
import os
import shutil
import tempfile
from contextlib import nullcontext
from pathlib import Path

import pytest

# Nothing of what collecting loads goes again; looking for it takes a third of the time. The hook
# `pytest_collection_finish` lets the collector begin.
gc.disable()

os.environ["EPOCHWISE_VAR"] = tempfile.mkdtemp(prefix="epochwise-test-")
os.environ["EPOCHWISE_DATABASE_UNSAFE"] = "1"
os.environ.setdefault("OMP_NUM_THREADS", "1")  # threads of two processes would wait for each other
for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "EPOCHWISE_DEMO"):
    os.environ.pop(name, None)
Path(os.environ["EPOCHWISE_VAR"]).chmod(0o755)  # the server's account passes through
Path(os.environ["EPOCHWISE_VAR"], "static").mkdir()

from epochwise.embedded import Servers, paths  # noqa: E402  the environment comes first


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> object:
    """Hold the servers around the whole run; who only hands out tests needs none."""
    try:
        with nullcontext() if config.getoption("numprocesses") else Servers():
            return (yield)
    finally:
        for folder in {paths.data_dir(), paths.socket_dir(), paths.var_dir()}:
            shutil.rmtree(folder, ignore_errors=True)
