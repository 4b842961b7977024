"""Names of accounts: which are accepted, and by what they are compared.

Two names that a person cannot tell apart belong to one account: `V-LEAD` and `v-lead`, or a Latin
`a` and its Cyrillic look-alike.
"""

import unicodedata
from functools import cache

LONGEST_NAME = 150
# Figures that look like letters once a name is in small letters.
_FIGURES = str.maketrans({"0": "o", "1": "l"})


def username_key(username: str) -> str:
    """Return what user names are compared by: one spelling of all that look the same."""
    folded = _folded(username)
    if not folded.isascii():
        folded = _folded("".join(_latin_look(letter) for letter in folded))
    return folded.translate(_FIGURES)


def email_key(email: str) -> str:
    """Return what e-mail addresses are compared by."""
    return _folded(email)


def kept_or_new(present: str, key: str) -> str:
    """Return the key to store. A number after a space marks a name older than this comparison.

    Such a name looks like an earlier one; both accounts keep working.
    """
    return present if present.split(" ")[0] == key else key


def why_not_a_username(username: str) -> str:
    """Return why a new account cannot have this name, or ""."""
    if len(unicodedata.normalize("NFKC", username)) > LONGEST_NAME:
        return f"Use at most {LONGEST_NAME} characters."
    if "@" in username:
        return "Use a name without @; you can sign in with your e-mail as well."
    if _mixes_scripts(username):
        return "Use letters of one alphabet only, such as Latin or Cyrillic, not of several."
    return ""


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text.strip()).casefold())


# The tables of look-alikes take 16 MB, so they are loaded for names that need them.


@cache
def _latin_look(letter: str) -> str:
    """Return the ASCII letter that looks like `letter`, or `letter` itself."""
    from confusable_homoglyphs.confusables import confusables_data

    looks = (other["c"] for other in confusables_data.get(letter, ()))
    return letter if letter.isascii() else next((c for c in looks if c.isascii()), letter)


def _mixes_scripts(text: str) -> bool:
    if text.isascii():
        return False
    from confusable_homoglyphs.confusables import is_mixed_script

    return bool(is_mixed_script(unicodedata.normalize("NFKC", text), ["COMMON", "INHERITED"]))
