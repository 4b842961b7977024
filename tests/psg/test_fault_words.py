"""Faults are named without what Python quotes of a file, and without paths of the server."""

import json

import pytest

from psg.errors import FaultError, fault_words


def fault(work) -> Exception:
    with pytest.raises(Exception) as caught:  # noqa: PT011
        work()
    return caught.value


@pytest.mark.parametrize(
    "work",
    [
        lambda: int("Jane Doe"),
        lambda: {}["Jane Doe"],
        lambda: b"Jane Doe \xff".decode(),
        lambda: open("/nowhere/Jane Doe.edf"),  # noqa: SIM115
        lambda: json.loads("Jane Doe"),
    ],
)
def test_no_fault_quotes_what_was_read(work):
    error = fault(work)
    assert "Jane" not in fault_words(error)
    assert fault_words(error).startswith(type(error).__name__)


def test_words_that_quote_nothing_are_kept():
    assert fault_words(fault(lambda: 1 / 0)) == "ZeroDivisionError: division by zero"
    assert fault_words(OSError(28, "full", "/srv/x")) == "OSError: No space left on device"
    assert fault_words(FaultError("a variable is cut off")) == "a variable is cut off"
