"""Rules for new passwords, and how they are stored."""

import os
import re
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.exceptions import ValidationError

from psg.errors import RefusedError

HASHING_WITHIN_S = 20
T = TypeVar("T")
LEAST_SCORE = 3  # of zxcvbn's 0 to 4: more than 10^8 guesses
SITE_WORDS = ("epochwise", "sleepvlm")
# zxcvbn takes longer than a blink for more, and refuses more than 72.
CHECKED_LETTERS = 72
OWN_LETTERS = 6
# What other keyboards have where a US keyboard has these keys.
_US = "`1234567890-=qwertyuiop[]asdfghjkl;'zxcvbnm,./"
_LAYOUTS = (
    "^1234567890ß´qwertzuiopü+asdfghjklöäyxcvbnm,.-",
    "²&é\"'(-è_çà)=azertyuiop^$qsdfghjklmùwxcvbn,;:!",
    "ё1234567890-=йцукенгшщзхъфывапролджэячсмитьбю.",
)


class TooManyAtOnceError(RefusedError):
    """More passwords wait to be checked than the server can check in time."""

    code = "too_many_at_once"
    status = 429
    default = "Too many people are signing in at this moment. Try again in a minute."


class BoundedArgon2(Argon2PasswordHasher):
    """Argon2id with 19 MiB, two passes and one lane, as OWASP recommends; one at a time.

    One process hashes one password at a time, so that many people signing in at once cost time
    (some 30 ms each) and not memory. Hashes with other parameters still verify, and are replaced
    at the next sign-in.
    """

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        return _one_at_a_time(super().encode, password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        return _one_at_a_time(super().verify, password, encoded)


def _new_thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="passwords")


# One thread and not a lock: each thread that hashes would keep 19 MiB for its next time.
_hashing = _new_thread()


def _after_fork() -> None:
    global _hashing
    _hashing = _new_thread()  # the thread itself is not copied


os.register_at_fork(after_in_child=_after_fork)


def _one_at_a_time(work: Callable[[str, str], T], password: str, known: str) -> T:
    waiting = _hashing.submit(work, password, known)
    try:
        return waiting.result(timeout=HASHING_WITHIN_S)
    except TimeoutError:
        waiting.cancel()
        raise TooManyAtOnceError from None


class NotOnlyFigures:
    """Refuse passwords of figures, such as dates and telephone numbers."""

    def validate(self, password: str, user: Any = None) -> None:
        if not any(letter.isalpha() for letter in password):
            raise ValidationError(
                "This password has no letter. Use letters too, for example several words.",
                code="password_without_letters",
            )

    def get_help_text(self) -> str:
        return "It cannot consist of figures only."


class NotEasyToGuess:
    """Refuse keyboard rows, repeats, sequences, common passwords, and names of people and site."""

    def validate(self, password: str, user: Any = None) -> None:
        words = [*SITE_WORDS, *_words_about(user)]
        if any(_score(spelling, words) < LEAST_SCORE for spelling in _on_us_keys(password)):
            raise ValidationError(
                "This password is easy to guess: a common word, a row of keys, a sequence or a"
                " repeat. Use several words that do not belong together.",
                code="password_easy_to_guess",
            )
        if _without(words, password) < OWN_LETTERS:
            raise ValidationError(
                "This password is little more than your name or the name of the site.",
                code="password_is_name",
            )

    def get_help_text(self) -> str:
        return "It cannot be a row of keys, a sequence, a repeat, or contain mainly your name."


def _words_about(user: Any) -> list[str]:
    texts = (getattr(user, field, "") or "" for field in ("username", "name", "email"))
    return [word for text in texts for word in re.split(r"[\W_]+", text.casefold()) if word]


def _without(words: list[str], password: str) -> int:
    """Return how many different letters remain of a password without `words`."""
    rest = password.casefold()
    for word in sorted(filter(lambda word: len(word) > 2, words), key=len, reverse=True):
        rest = rest.replace(word, "")
    return len({letter for letter in rest if letter.isalnum()})


def _on_us_keys(password: str) -> set[str]:
    """Return the password, and what the same keys write on a US keyboard."""
    typed = unicodedata.normalize("NFC", password).lower()
    return {password, *(typed.translate(str.maketrans(layout, _US)) for layout in _LAYOUTS)}


def _score(password: str, words: list[str]) -> int:
    from zxcvbn import zxcvbn  # its lists of words take 12 MiB, and a password is rarely chosen

    return int(zxcvbn(password[:CHECKED_LETTERS], user_inputs=words)["score"])
