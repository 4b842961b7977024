"""Folders and account of the embedded servers."""

import os
import tempfile

import pytest

from epochwise.embedded import paths


def test_the_socket_folder_is_short_enough_for_a_socket(monkeypatch, tmp_path):
    monkeypatch.setenv("EPOCHWISE_VAR", str(tmp_path / ("deep" * 20)))
    assert len(str(paths.socket_dir() / ".s.PGSQL.5432.lock")) < 107


@pytest.mark.parametrize("depth", [1, 20])
def test_the_socket_folder_does_not_follow_tmpdir(monkeypatch, tmp_path, depth):
    monkeypatch.setenv("EPOCHWISE_VAR", str(tmp_path / ("deep" * depth)))
    before = paths.socket_dir()
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert paths.socket_dir() == before


def test_the_folder_of_a_site_is_closed_to_others(monkeypatch, tmp_path):
    monkeypatch.setenv("EPOCHWISE_VAR", str(tmp_path / "var"))
    assert paths.make_var().stat().st_mode & 0o777 == 0o750
    (tmp_path / "var").chmod(0o755)
    assert paths.make_var().stat().st_mode & 0o777 == 0o750, "one of an earlier version, too"
    (tmp_path / "var" / "log").write_text("")
    assert (tmp_path / "var" / "log").stat().st_mode & 0o777 == 0o640


def test_a_folder_that_cannot_be_written_is_said_with_advice(monkeypatch, tmp_path):
    monkeypatch.setenv("EPOCHWISE_VAR", str(tmp_path / "file" / "var"))
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(paths.EmbeddedError, match="EPOCHWISE_VAR"):
        paths.make_var()


def test_two_installations_never_share_a_socket(monkeypatch, tmp_path):
    monkeypatch.setenv("EPOCHWISE_VAR", str(tmp_path / "a"))
    first = paths.socket_dir()
    monkeypatch.setenv("EPOCHWISE_VAR", str(tmp_path / "b"))
    assert paths.socket_dir() != first


def test_a_private_folder_lets_nobody_else_in(tmp_path):
    made = paths.make_private(tmp_path / "private")
    assert made.stat().st_mode & 0o777 == 0o700


def test_a_planted_link_is_not_taken_for_our_folder(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "private").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PermissionError, match="somebody else"):
        paths.make_private(tmp_path / "private")


def test_a_folder_below_a_closed_one_is_out_of_reach(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "inner").mkdir(mode=0o755)
    assert not paths.reachable(closed / "inner")


@pytest.fixture
def server_account(monkeypatch) -> paths.Account:
    """An account of the servers that is not this one, whoever runs the tests."""
    account = paths.Account(os.geteuid() + 1, os.getegid(), switch=True)
    monkeypatch.setattr(paths, "server_account", lambda: account)
    return account


@pytest.mark.parametrize("before", ["missing", "closed"])
def test_data_outside_of_a_closed_folder_can_be_reached(
    monkeypatch, tmp_path, server_account, before
):
    """Also after a start that left the folder of the data closed."""
    var, elsewhere = tmp_path / "var", tmp_path / "elsewhere"
    var.mkdir(mode=0o700)
    monkeypatch.setenv("EPOCHWISE_VAR", str(var))
    monkeypatch.setattr(paths, "ELSEWHERE", elsewhere)
    previous = os.umask(0o077)
    try:
        if before == "closed":
            (elsewhere / paths._digest()).mkdir(parents=True)
        folder = paths.data_dir()
    finally:
        os.umask(previous)
    assert folder.parent == elsewhere
    assert folder.stat().st_mode & elsewhere.stat().st_mode & 0o001
