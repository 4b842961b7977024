"""New passwords are hard to guess, and storing one takes little memory."""

from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from studies.accounts.passwords import BoundedArgon2
from studies.models import User

PERSON = User(username="annotator", name="Ana Torres", email="ana.torres@lab.org")
EASY = [
    *("123456789012", "829104756183", "2026-11-30 07:15", "٠١٢٣٤٥٦٧٨٩٠١"),
    *("qwertyuiop[]", "qwertzuiopü+", "azertyuiop^$", "йцукенгшщзхъ", "poiuytrewqlk"),
    *("qsdfghjklmùw", "1q2w3e4r5t6y", "zaq12wsxcde3", "asdfasdfasdf"),
    *("aaaaaaaaaaaa", "abcabcabcabc", "abcdefghijklm", "passwordpassword"),
    *("AnaTorres2026", "annotator-annotator", "Epochwise-Epochwise", "epochwise2026"),
]


@pytest.mark.parametrize("password", EASY)
def test_an_easy_password_is_refused_with_a_sentence(password):
    with pytest.raises(ValidationError) as refused:
        validate_password(password, PERSON)
    assert all(text.endswith(".") for text in refused.value.messages)


@pytest.mark.parametrize(
    "password",
    ["correct horse battery", "a long enough secret", "мама мыла раму вчера", "Tr0ub4dor&3xx"],
)
def test_a_phrase_is_accepted(password):
    validate_password(password, PERSON)


def test_a_very_long_password_is_checked_at_once():
    with pytest.raises(ValidationError):
        validate_password("ab" * 500_000, PERSON)


def test_one_process_hashes_one_password_at_a_time(monkeypatch):
    present, most, lock = 0, 0, Lock()
    plain = Argon2PasswordHasher.encode

    def counted(self, password, salt):
        nonlocal present, most
        with lock:
            present += 1
            most = max(most, present)
        encoded = plain(self, password, salt)
        with lock:
            present -= 1
        return encoded

    monkeypatch.setattr(Argon2PasswordHasher, "encode", counted)
    with ThreadPoolExecutor(16) as threads:
        list(threads.map(make_password, ["a long enough secret"] * 16))
    assert most == 1


def test_the_parameters_are_those_of_owasp_and_an_older_hash_is_replaced(monkeypatch):
    monkeypatch.undo()  # the cheap parameters of all other tests
    hasher = BoundedArgon2()
    assert (hasher.memory_cost, hasher.time_cost, hasher.parallelism) == (19 * 1024, 2, 1)
    older = Argon2PasswordHasher()
    older.memory_cost, older.time_cost, older.parallelism = 1024, 1, 8
    encoded = older.encode("a long enough secret", "saltsaltsalt")
    replaced: list[str] = []
    assert check_password("a long enough secret", encoded, setter=replaced.append)
    assert replaced == ["a long enough secret"]
