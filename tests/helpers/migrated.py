"""The folder of a site whose database is migrated, made once for all processes and later runs.

To initialise a server and to migrate takes some seven seconds of a CPU. The folder is kept in
`.pytest_cache` until code or pins change.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / ".pytest_cache" / "migrated"
# Whoever copies the folder needs it before the folder is made.
PASSWORD = "of databases that hold nothing but what tests write"


def make() -> None:
    """Make the folder if it is not there; another process that makes it is waited for."""
    with _locked():
        _existing()


def copy(names: list[str], target: Path) -> None:
    """Copy files and folders of the migrated site into a folder."""
    with _locked():
        made = _existing()
        _copy([made / name for name in names], target)


def copy_site(var: Path) -> None:
    """Make a folder a site that is migrated."""
    var.mkdir(exist_ok=True)
    var.chmod(0o755)  # the server's account passes through
    with _locked():
        _copy(sorted(_existing().iterdir()), var)


@contextmanager
def _locked() -> Iterator[None]:
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _existing() -> Path:
    made = _place()
    if not made.exists():
        _make(made)
    return made


def _make(made: Path) -> None:
    for old in KEPT.glob("*/"):
        shutil.rmtree(old)
    with tempfile.TemporaryDirectory(prefix="epochwise-migrated-") as folder:
        var = Path(folder) / "var"
        var.mkdir()
        for passed in (var.parent, var):
            passed.chmod(0o755)  # the server's account passes through
        (var / "database_password").write_text(PASSWORD)
        migrating = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(
            migrating, cwd=ROOT, env={**os.environ, "EPOCHWISE_VAR": str(var)}, check=True
        )
        shutil.rmtree(var / "log", ignore_errors=True)
        draft = made.with_suffix(".new")
        _copy([var], draft)
        draft.rename(made)


def _copy(what: list[Path], target: Path) -> None:
    """Keep owners: the files of the server belong to its account."""
    subprocess.run(["cp", "-a", *what, target], check=True)


@cache
def _place() -> Path:
    """Name the folder by what it follows from: a database holds the built-in model, too."""
    digest = hashlib.sha256(f"{ROOT} {sys.executable}".encode())
    digest.update((ROOT / "constraints.txt").read_bytes())
    for app in ("annotations", "inference", "platform"):
        for path in sorted((ROOT / app).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                digest.update(path.read_bytes())
    return KEPT / digest.hexdigest()[:16]
