"""Real PostgreSQL and Redis for a test process, in a folder that goes with it.

Loaded with `-p`, before pytest-django reads the settings, because those name the servers. Every
process of a parallel run has servers of its own, so that no worker meets another's tasks.
"""

import gc
import os
import shutil
import sys
import tempfile
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

MIGRATED = pytest.StashKey[Future[None]]()
# Tests of the library and of JavaScript alone. They may not take a database.
WITHOUT_SERVERS = [Path(__file__).parents[1] / name for name in ("psg", "js")]

# Nothing of what collecting loads goes again; looking for it takes a third of the time. The hook
# `pytest_collection_finish` lets the collector begin.
gc.disable()

# Programs that tests start would compile every module again, and so would pytest each test file.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

os.environ["EPOCHWISE_VAR"] = tempfile.mkdtemp(prefix="epochwise-test-")
os.environ["EPOCHWISE_DATABASE_UNSAFE"] = "1"
os.environ.setdefault("OMP_NUM_THREADS", "1")  # threads of two processes would wait for each other
for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "EPOCHWISE_DEMO"):
    os.environ.pop(name, None)
Path(os.environ["EPOCHWISE_VAR"]).chmod(0o755)  # the server's account passes through
Path(os.environ["EPOCHWISE_VAR"], "static").mkdir()

from epochwise.embedded import Servers, paths  # noqa: E402  the environment comes first
from tests.helpers import migrated  # noqa: E402

Path(os.environ["EPOCHWISE_VAR"], "database_password").write_text(migrated.PASSWORD)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_cmdline_main() -> object:
    """Leave no files."""
    try:
        return (yield)
    finally:
        for folder in {paths.data_dir(), paths.socket_dir(), paths.var_dir()}:
            shutil.rmtree(folder, ignore_errors=True)


def _need_servers(config: pytest.Config) -> bool:
    """Whether some of the tests that were asked for may need servers."""
    option = config.option
    if option.collectonly or option.numprocesses:  # who only hands out or lists tests
        return False
    asked = [Path(arg.split("::")[0]).resolve() for arg in config.args]
    return not all(any(path.is_relative_to(f) for f in WITHOUT_SERVERS) for path in asked)


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Make the migrated database while tests are collected."""
    if _need_servers(session.config):
        beside = ThreadPoolExecutor(1)
        session.config.stash[MIGRATED] = beside.submit(migrated.make)
        beside.shutdown(wait=False)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> object:
    """Hold the servers while tests run."""
    if not _need_servers(session.config):
        return (yield)
    session.config.stash[MIGRATED].result()
    migrated.copy(["postgres", "media"], paths.data_dir())
    with Servers():
        return (yield)
