"""The signing key: never a key that can be guessed."""

import stat

import pytest
from django.core.exceptions import ImproperlyConfigured

from epochwise.secrets import private_text, secret_key
from tests.helpers.full_disk import no_file_beyond


def test_a_deployment_without_a_key_refuses_to_start(monkeypatch, tmp_path):
    monkeypatch.delenv("SECRET_KEY", raising=False)
    monkeypatch.setenv("DATABASE_URL", "postgres://db.example/x")
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY"):
        secret_key(tmp_path)


def test_a_short_key_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("SECRET_KEY", "changeme")
    with pytest.raises(ImproperlyConfigured, match="32"):
        secret_key(tmp_path)


def test_the_embedded_key_is_random_private_and_stays(monkeypatch, tmp_path):
    monkeypatch.delenv("SECRET_KEY", raising=False)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    first = secret_key(tmp_path / "one")
    assert first == secret_key(tmp_path / "one")
    assert first != secret_key(tmp_path / "two")
    assert stat.S_IMODE((tmp_path / "one" / "secret_key").stat().st_mode) == 0o600


def test_whoever_comes_second_reads_the_text_of_the_first(tmp_path):
    first = private_text(tmp_path / "x", advice="")
    assert private_text(tmp_path / "x", advice="") == first
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_a_full_disk_leaves_no_key_and_no_part_of_it(monkeypatch, tmp_path):
    monkeypatch.delenv("SECRET_KEY", raising=False)
    with no_file_beyond(10), pytest.raises(ImproperlyConfigured, match="room"):
        secret_key(tmp_path)
    assert not list(tmp_path.iterdir())
    assert len(secret_key(tmp_path)) > 32


@pytest.mark.parametrize("cut_off", ["", "short", " " * 40])
def test_a_key_that_is_cut_off_is_refused_with_advice(monkeypatch, tmp_path, cut_off):
    monkeypatch.delenv("SECRET_KEY", raising=False)
    (tmp_path / "secret_key").write_text(cut_off)
    with pytest.raises(ImproperlyConfigured, match="delete it"):
        secret_key(tmp_path)
