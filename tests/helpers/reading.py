"""Files from outside are read in the process of a test, and not in a child of it.

To start a child of a test process takes longer than to read most files. What only a child can do
(hang, swell, die) is tested with `forked_reader`, and sites that run read in children as always.
"""

import pickle
import tempfile
from collections.abc import Callable
from typing import Any, Never

import pytest
from django.db import connection

from jobs import reader
from jobs.reader import Reader


class _Stopped(BaseException):
    """Who hears the news of a reader ended the reading; nothing in between may catch that."""

    def __init__(self, error: Exception) -> None:
        self.error = error


@pytest.fixture
def forked_reader() -> None:
    """Let files be read in a child process, as outside of tests."""


@pytest.fixture(autouse=True)
def files_read_here(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read without a database, and pass on news and results as pickles, as the child does."""
    if "forked_reader" not in request.fixturenames:
        monkeypatch.setattr(Reader, "read", _read_here)


def _read_here(
    self: Reader, work: Callable[..., Any], *, heard: Callable[..., None] = lambda: None
) -> Any:
    def tell(*news: object) -> None:
        refusal = connection.execute_wrappers.pop()
        try:
            heard(*_sent(news))
        except Exception as error:
            raise _Stopped(error) from error
        finally:
            connection.execute_wrappers.append(refusal)

    try:
        with connection.execute_wrapper(_no_database), pytest.MonkeyPatch.context() as patched:
            # Work on a night lets temporary files lie in its own folder, for good.
            patched.setattr(tempfile, "tempdir", tempfile.tempdir)
            answer = _sent(reader._outcome(work, tell))
    except _Stopped as stopped:
        raise stopped.error from None
    if isinstance(answer, reader._Failure):
        raise self._said(answer.error)
    return answer.value


def _sent(message: Any) -> Any:
    return pickle.loads(pickle.dumps(message))


def _no_database(*_: object) -> Never:
    raise AssertionError("a reader has no database")
