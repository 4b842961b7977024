"""The commands of the tutorials run as written, and their pictures are drawn by scenes."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.tutorials import TUTORIALS, blocks

ROOT = TUTORIALS.parents[1]
NAMES = sorted(path.stem for path in TUTORIALS.glob("*.md"))
PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)]+)\)")
# What `make` would install is here already: these files say so.
INSTALLED = (".installed", ".installed-inference", ".installed-test", ".installed-dev")
STAYS_UP = "make run"


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy what git tracks into a repository of its own, with the environment of this process."""
    folder = tmp_path_factory.mktemp("clone")
    tracked = subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT, text=True)
    for name in filter(None, tracked.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    _environment(folder / ".venv")
    git = ["git", "-c", "user.name=Test", "-c", "user.email=test@example.org"]
    for act in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message", "All"]):
        subprocess.run([*git, *act], cwd=folder, check=True)
    return folder


def _environment(venv: Path) -> None:
    venv.mkdir()
    for path in Path(sys.prefix).iterdir():
        if path.name not in INSTALLED:
            (venv / path.name).symlink_to(path)
    for name in INSTALLED:
        (venv / name).touch()


def run(block: str, folder: Path) -> None:
    """Run a block as bash would, with settings of no other test; a site only as a dry run."""
    env = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTEST_", "EPOCHWISE_", "DJANGO_"))
    }
    env |= {"PYTHONPATH": f"{folder}:{folder / 'platform'}", "EPOCHWISE_VAR": str(folder / "var")}
    for who in ("AUTHOR", "COMMITTER"):
        env |= {f"GIT_{who}_NAME": "Test", f"GIT_{who}_EMAIL": "test@example.org"}
    if block.strip() == STAYS_UP:
        block = block.replace("make", "make --dry-run", 1)
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", block],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
    if block.startswith("make --dry-run"):
        assert "manage.py up --demo" in done.stdout


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_commands_run_as_they_are_written(name: str, clone: Path) -> None:
    commands = blocks(name, "sh")
    assert commands
    for block in commands:
        run(block, clone)


@pytest.mark.parametrize("name", NAMES)
def test_pictures_exist_are_small_and_described(name: str) -> None:
    pictures = PICTURE.findall((TUTORIALS / f"{name}.md").read_text())
    assert pictures
    for words, target in pictures:
        assert len(words.split()) >= 5, f"{target} needs a description"
        assert (TUTORIALS / target).stat().st_size < 200_000
