"""Logs of child processes: bounded, whole, and no reason for a child to end."""

import signal
import sys
from pathlib import Path

from epochwise.embedded import rotation
from epochwise.embedded.process import last_lines, spawn
from epochwise.embedded.rotation import RotatingFile, wait_for_log

LINES = 20_000
CHATTER = f"for n in range({LINES}): print(f'line {{n:06}} of a process that says a lot')"


def kept(file: RotatingFile) -> list[str]:
    paths = [*reversed(list(file.older())), file.path]
    return [line for path in paths if path.exists() for line in path.read_text().splitlines()]


def chatter(log: Path) -> int:
    child = spawn([sys.executable, "-c", CHATTER], log=log, death_signal=signal.SIGTERM)
    return child.wait()


def test_a_log_is_replaced_without_losing_or_cutting_a_line(tmp_path, monkeypatch):
    file = RotatingFile(tmp_path / "web.log", largest=200_000, older_files=9)
    monkeypatch.setitem(rotation._files, file.path, file)
    assert chatter(file.path) == 0
    wait_for_log(file.path)
    assert [int(line.split()[1]) for line in kept(file)] == list(range(LINES))
    assert all(path.stat().st_size <= file.largest for path in tmp_path.iterdir())
    assert len(list(tmp_path.iterdir())) > 3


def test_a_log_never_grows_without_bound(tmp_path, monkeypatch):
    file = RotatingFile(tmp_path / "web.log", largest=100_000, older_files=2)
    monkeypatch.setitem(rotation._files, file.path, file)
    chatter(file.path)
    assert last_lines(file.path).endswith(f"line {LINES - 1:06} of a process that says a lot")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["web.log", "web.log.1", "web.log.2"]
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 300_000


def test_a_full_disk_ends_no_child_and_is_told_when_there_is_room(tmp_path, monkeypatch):
    file = RotatingFile(tmp_path / "web.log")
    monkeypatch.setitem(rotation._files, file.path, file)
    file.path.symlink_to("/dev/full")
    assert chatter(file.path) == 0
    wait_for_log(file.path)
    assert file.lost > LINES
    file.path.unlink()
    file.write(b"room again\n")
    told, line = file.path.read_text().splitlines()
    assert "bytes of this log could not be written" in told
    assert line == "room again"
