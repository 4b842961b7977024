"""What can go wrong with the embedded servers."""


class EmbeddedError(Exception):
    """One line that says what failed and what to do."""
